"""Every check of the program, one after the other. Ends what it starts, and says last what it could not run."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests import migrated  # noqa: E402
from tests.conftest import CHROMIUM_NAMES  # noqa: E402
from tests.servers import Postgres  # noqa: E402

PACKAGES = ["clinic", "patients", "plans"]
NO_TESTS = 5
# What a clinic in earnest sets, so that the deployment check judges the settings it would run with.
IN_EARNEST = {
    "DEBUG": "false",
    "SECRET_KEY": "checked-but-never-used-" + "0123456789abcdefghijklmnopqrstuvwxyz" * 2,
    "PUBLIC_URL": "https://clinic.example.org",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}


class Checks:
    def __init__(self, place: Path) -> None:
        self.failed: list[str] = []
        self.not_run: list[str] = []
        self.ran_tests = False
        self._place = place
        mine = {"TEST_PLACE": str(place / "tests"), "VAR_DIR": str(place / "var"), "TMPDIR": str(place)}
        self._env = {**os.environ, **mine, "PYTHONDONTWRITEBYTECODE": ""}
        for name in ("DATABASE_URL", "REDIS_URL", "EMAIL_URL", "CLOCK_FILE", "SECRET_KEY", "DEBUG"):
            self._env.pop(name, None)

    def migrate_ahead(self, postgres: str | None) -> Ahead:
        return Ahead(self._place, self._env, postgres)

    def run(self, name: str, *words: str, **env: str) -> int:
        """One check, with its output as it comes; remembers a failure."""
        print(f"\n--- {name}", flush=True)
        began = time.monotonic()
        code = run_child([sys.executable, "-m", *words], {**self._env, **env})
        print(f"--- {name}: {'ok' if code == 0 else f'exit code {code}'}, {time.monotonic() - began:.1f} s", flush=True)
        if code:
            self.failed.append(name)
        return code

    def tests(self, name: str, *words: str, **env: str) -> None:
        """One run of pytest. A run for which no test was chosen is no failure as long as another run had some."""
        code = self.run(name, "pytest", "-q", *words, **env)
        if code == NO_TESTS:
            print("(no test belongs to this run)", flush=True)
            self.failed.remove(name)
        self.ran_tests |= code != NO_TESTS


class Ahead:
    """Databases migrated while the static checks run; the tests then begin with copies of them."""

    def __init__(self, place: Path, env: dict[str, str], postgres: str | None) -> None:
        self._file = place / "migrated.sqlite3"
        self._at_work = {migrated.FILE: (str(self._file), migrated.migrate_file(self._file, env))}
        if postgres:
            self._at_work[migrated.DATABASE] = (migrated.NAME, migrated.migrate_database(postgres, env))

    def names(self) -> dict[str, str]:
        """Wait, and return what the tests are told. One that failed is left out: the tests will say why themselves."""
        return {name: made for name, (made, child) in self._at_work.items() if child.wait() == 0}

    def __enter__(self) -> Ahead:
        return self

    def __exit__(self, *_: object) -> None:
        for _made, child in self._at_work.values():
            if child.poll() is None:
                child.kill()
                child.wait()


def run_child(command: list[str], env: dict[str, str]) -> int:
    """Run and wait; an interrupted wait ends the child, too."""
    child = subprocess.Popen(command, cwd=ROOT, env=env)
    try:
        return child.wait()
    except BaseException:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        raise


def static_checks(checks: Checks) -> None:
    checks.run("ruff check", "ruff", "check", ".")
    checks.run("ruff format", "ruff", "format", "--check", ".")
    checks.run("mypy --strict", "mypy", "--strict", *PACKAGES)
    manage = ["django", "--settings=clinic.settings"]
    checks.run("check --deploy", *manage[:1], "check", "--deploy", "--fail-level", "WARNING", *manage[1:], **IN_EARNEST)
    checks.run(
        "makemigrations --check", *manage[:1], "makemigrations", "--check", "--dry-run", *manage[1:], **IN_EARNEST
    )


def have_chromium(*, install: bool) -> bool:
    if any(map(shutil.which, CHROMIUM_NAMES)):
        return True
    if install and os.geteuid() == 0 and shutil.which("apt-get"):
        print("\n--- installing Chromium", flush=True)
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        run_child(["apt-get", "-qq", "update"], quiet)
        run_child(["apt-get", "-qq", "-y", "install", "--no-install-recommends", "chromium"], quiet)
    return any(map(shutil.which, CHROMIUM_NAMES))


def all_runs(checks: Checks, *, long: bool, browser: bool, rest: list[str]) -> None:
    more = {"TEST_LONG": "1"} if long else {}
    with ExitStack() as stack:
        postgres = start_postgres(stack, checks)
        if postgres:
            more["TEST_POSTGRES_URL"] = postgres
        ahead = stack.enter_context(checks.migrate_ahead(postgres))
        if not rest:
            static_checks(checks)
        else:
            checks.not_run.append("ruff, mypy and Django's checks (tests were named)")
        more |= ahead.names()
        # Whoever names a test wants to see it run, not two processes started for it.
        side_by_side = ["-n", "2"] if not rest else []
        checks.tests("tests on SQLite", *side_by_side, "-m", "not browser", *rest, **more)
        if postgres:
            second = {"DATABASE_URL": postgres, "TEST_SECOND_DATABASE": "1"}
            checks.tests("tests on PostgreSQL", *side_by_side, "-m", "not browser", *rest, **more, **second)
        if have_chromium(install=browser):
            checks.tests("tests in Chromium", *side_by_side, "-m", "browser", *rest, **more)
        else:
            checks.not_run.append("the browser tests (no Chromium; --browser installs it as root on Debian)")


def start_postgres(stack: ExitStack, checks: Checks) -> str | None:
    try:
        return stack.enter_context(Postgres()).url
    except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", b"") or str(error).encode()
        checks.failed.append("PostgreSQL")
        checks.not_run.append(f"the tests on PostgreSQL (it did not start: {said.decode(errors='replace').strip()})")
        return None


def main(words: list[str]) -> int:
    long, browser = "--long" in words, "--browser" in words
    rest = [word for word in words if word not in {"--long", "--browser"}]
    began = time.monotonic()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with tempfile.TemporaryDirectory(prefix="clinic-checks-", ignore_cleanup_errors=True) as place:
        Path(place).chmod(0o711)
        checks = Checks(Path(place))
        all_runs(checks, long=long, browser=browser, rest=rest)
    if not checks.ran_tests:
        checks.failed.append("no test ran")
    print(f"\n{'Failed: ' + ', '.join(checks.failed) if checks.failed else 'All checks passed'}", end="")
    more = "" if long else " (--long adds the long tests, and the details of pages on PostgreSQL)"
    print(f" after {time.monotonic() - began:.0f} s{more}.")
    print(f"not run here: {'; '.join(checks.not_run)}" if checks.not_run else "everything ran")
    return 1 if checks.failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
