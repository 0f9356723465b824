"""How fast free times are found: the program's finder, the bare SQL, a plain merge and django-appointment in one run.

    python benchmarks/slots/run.py [--rounds 15] [--only sqlite|postgresql] [--peer PYTHON]

`--peer` is the Python of an environment with benchmarks/slots/requirements.txt in it; without one the peer is left out.
Each database is made new in a folder of its own and removed again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--peer", default="", help="the peer's Python")
    asked = parser.parse_args()
    for vendor in [asked.only] if asked.only else ["sqlite", "postgresql"]:
        with ExitStack() as stack:
            measure(vendor, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="slots-"))), stack, asked)


def measure(vendor: str, folder: Path, stack: ExitStack, asked: argparse.Namespace) -> None:
    sys.path.insert(0, str(ROOT))
    from tests.servers import Postgres

    url = f"sqlite:///{folder / 'clinic.sqlite3'}"
    if vendor == "postgresql":
        url = stack.enter_context(Postgres()).url
    words = [sys.executable, str(Path(__file__).with_name("measure.py")), str(folder), asked.peer, str(asked.rounds)]
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "SECRET_KEY": "only-for-this-benchmark",
        "VAR_DIR": str(folder),
        "DATABASE_URL": url,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
    }
    subprocess.run(words, env=env, check=True)


if __name__ == "__main__":
    main()
