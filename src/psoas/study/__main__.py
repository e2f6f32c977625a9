"""``python -m psoas.study``: run everything, and write ``evidence/postures.json`` and ``evidence/runs.json`` anew."""

import json
import os
import sys
from pathlib import Path


def main() -> None:
    """Run, say what runs, and write."""
    for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(name, "1")  # before numpy is loaded
    from psoas.study import Bench, postures, runs

    bench = Bench(say=lambda words: print(f"  {words}", file=sys.stderr, flush=True))
    folder = Path(__file__).parent.parent / "evidence"
    for name, found in (("postures", postures.everything(bench)), ("runs", runs.everything(bench))):
        path = folder / f"{name}.json"
        path.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"wrote {path.name}", file=sys.stderr)


if __name__ == "__main__":
    main()
