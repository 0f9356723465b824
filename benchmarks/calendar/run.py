"""What a very large day costs in the calendar, against one raw query of its rows and Django's own admin list.

    python benchmarks/calendar/run.py [--rounds 9] [--only sqlite|postgresql] [--days 180]

Sixty practitioners and 1,200 appointments on the day, and as many on each of `--days` days before it and after it. Each
database is made new in a folder of its own and removed again.
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
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--days", type=int, default=180)
    asked = parser.parse_args()
    for vendor in [asked.only] if asked.only else ["sqlite", "postgresql"]:
        with ExitStack() as stack:
            measure(vendor, Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="calendar-"))), stack, asked)


def measure(vendor: str, folder: Path, stack: ExitStack, asked: argparse.Namespace) -> None:
    sys.path.insert(0, str(ROOT))
    from tests.servers import Postgres

    url = f"sqlite:///{folder / 'clinic.sqlite3'}"
    if vendor == "postgresql":
        url = stack.enter_context(Postgres()).url
    here = Path(__file__).parent
    env = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "clinic.settings",
        "SECRET_KEY": "only-for-this-benchmark",
        "DEBUG": "false",
        "PUBLIC_URL": "http://localhost",
        "VAR_DIR": str(folder),
        "DATABASE_URL": url,
        "PYTHONPATH": f"{ROOT}{os.pathsep}{here}",
        "PYTHONUNBUFFERED": "1",
    }
    collect = ["-m", "django", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run([sys.executable, *collect], env=env, check=True, cwd=ROOT)
    words = [sys.executable, str(here / "measure.py"), str(asked.days), str(asked.rounds)]
    subprocess.run(words, env=env, check=True)


if __name__ == "__main__":
    main()
