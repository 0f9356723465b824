"""The plan engine in figures: what it costs to date a plan, and to bring very many in line with a changed rule.

    python benchmarks/plan_engine/run.py [bulk ...] [--plans 10000] [--rounds 3]

Each part is a file of this folder with a `measure(asked)`. Without names, all of them run, each in a process of its
own. They work in a database of their own and remove it; DATABASE_URL is used when it is set, and must be empty.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).resolve().parent
PARTS = sorted(file.stem for file in HERE.glob("*.py") if file.stem not in ("run", "clinic_of", "figures"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], metavar="part", help=", ".join(PARTS))
    parser.add_argument("--plans", type=int, default=10_000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    if len(asked.parts) == 1:
        _measure(asked.parts[0], asked)
        return
    for part in asked.parts or PARTS:
        rest = ["--plans", str(asked.plans), "--rounds", str(asked.rounds)]
        subprocess.run([sys.executable, __file__, part, *rest], check=True)


def _measure(part: str, asked: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="plan-engine-benchmark-") as folder:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinic.settings")
        os.environ.setdefault("SECRET_KEY", "only-for-this-benchmark")
        os.environ["VAR_DIR"] = os.environ["MEDIA_ROOT"] = folder
        sys.path[:0] = [str(HERE.parents[1]), str(HERE)]
        print(f"== {part}", flush=True)
        import_module(part).measure(asked)


if __name__ == "__main__":
    main()
