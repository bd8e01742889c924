"""`make bench`: every benchmark, one after the other. Ratios within a run hold; absolute seconds are this machine's."""

import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Runs each `bench_*` module in a process of its own."""
    for file in sorted(Path(__file__).parent.glob("bench_*.py")):
        print(f"\n== {file.stem}", flush=True)
        subprocess.run([sys.executable, "-m", f"tests.{file.stem}"], cwd=Path(__file__).parent.parent, check=True)


if __name__ == "__main__":
    main()
