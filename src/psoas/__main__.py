"""``python -m psoas`` is the ``psoas`` command."""

from psoas.cli import main

if __name__ == "__main__":
    main()
