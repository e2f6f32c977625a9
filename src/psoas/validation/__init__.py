"""Published numbers against ours, and random bodies: ``python -m psoas.validation`` prints an honest report."""
