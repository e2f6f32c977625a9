"""``python -m psoas.study``: run everything, and write ``evidence/runs.json`` anew."""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Run, say what runs, and write."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # before numpy is loaded
    from psoas.study import Bench, everything

    found = everything(Bench(say=lambda words: print(f"  {words}", file=sys.stderr, flush=True)))
    path = Path(__file__).parent.parent / "evidence" / "runs.json"
    path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    print(f"{len(found['runs'])} runs in {path.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
