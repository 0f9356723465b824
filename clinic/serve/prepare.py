"""Bring the database up to date before the parts start: tables, protocols, and a demo clinic on the first start."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command, get_commands
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from clinic.serve.supervisor import Say

PATIENCE = 1.0  # seconds after which a step says what it is doing


def demo_logins(var: Path) -> Path:
    """Where the demo people and their password are kept, to be shown at every start."""
    return var / "demo-logins.txt"


@contextmanager
def step(name: str, say: Say) -> Iterator[None]:
    """Say what is being done once it takes longer than a second, and how long it took."""
    began = time.monotonic()
    done = threading.Event()

    def speak() -> None:
        if not done.wait(PATIENCE):
            say(f"{name} …")
        while not done.wait(10):
            say(f"{name} … {time.monotonic() - began:.0f} s")

    voice = threading.Thread(target=speak, daemon=True)
    voice.start()
    try:
        yield
    finally:
        done.set()
        voice.join()
    took = time.monotonic() - began
    if took > PATIENCE:
        say(f"{name}: done in {took:.1f} s")


def prepare(*, demo: bool, say: Say) -> None:
    """Everything the parts expect to find. Harmless when there is nothing left to do."""
    try:
        _migrate(say)
        _run_if_there("load_protocols", "Loading the protocol library", say)
        _run_if_there("load_consent_forms", "Loading the consent forms", say)
        if not settings.DEBUG:
            with step("Collecting the static files", say):
                call_command("collectstatic", interactive=False, verbosity=0)
        if demo and settings.DEBUG and not get_user_model()._default_manager.exists():
            who = _run_if_there("fill_demo", "Filling a demo clinic (only this once)", say)
            demo_logins(settings.VAR_DIR).write_text(who)
    finally:
        connection.close()


def _migrate(say: Say) -> None:
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        with step("Building the tables", say):
            call_command("migrate", interactive=False, verbosity=0)


def _run_if_there(command: str, doing: str, say: Say) -> str:
    """Run one of the program's commands and return what it wrote."""
    said = StringIO()
    if command in get_commands():
        with step(doing, say):
            call_command(command, verbosity=0, stdout=said)
    return said.getvalue()
