"""What may stand in a message to a worker: JSON, ids and nothing else, and no hour to wait for."""

from __future__ import annotations

import ast
import inspect
import re
from functools import cache
from pathlib import Path

from django.conf import settings

from clinic.beat import Beat
from clinic.celery import app

SENDING = {"send_task", "delay", "apply_async", "signature", "s", "si"}
WAITING = {"eta", "countdown"}
WORTH_A_LOOK = re.compile(r"pickle|dill|marshal|shelve|celery|send_task|apply_async|\.delay\(|eta=|countdown=")


@cache
def trees() -> tuple[tuple[Path, ast.Module], ...]:
    """What sends messages or might pickle; thousands of other files need not be read as trees."""
    files = (
        file for package in ("clinic", "patients", "plans") for file in Path(settings.BASE_DIR, package).rglob("*.py")
    )
    texts = ((file, file.read_text()) for file in files)
    return tuple((file, ast.parse(text)) for file, text in texts if WORTH_A_LOOK.search(text))


def test_nothing_is_pickled_and_no_message_waits_for_an_hour() -> None:
    found, sent = [], 0
    for file, tree in trees():
        for node in ast.walk(tree):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if {name.split(".")[0] for name in names} & {"pickle", "cPickle", "dill", "marshal", "shelve"}:
                found.append(f"{file}: {names}")
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in SENDING:
                sent += node.func.attr == "send_task"
                found += [f"{file}:{node.lineno} {word.arg}" for word in node.keywords if word.arg in WAITING]
    assert found == []
    assert sent > 0, "the search looks where messages are sent"
    assert app.conf.accept_content == ["json"]
    assert (app.conf.task_serializer, app.conf.result_serializer) == ("json", "json")
    assert app.conf.task_ignore_result


def test_a_task_takes_ids_and_nothing_else() -> None:
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}
    assert "plans.tasks.tick" in ours
    for name, task in ours.items():
        for word in inspect.signature(task.run).parameters.values():
            assert word.annotation in (str, "str", "UUID"), f"{name} takes {word}"
            assert word.name in ("key", "pk") or word.name.endswith("_id"), f"{name} takes {word}"


def test_no_message_carries_more_than_ids() -> None:
    """Whatever a call hands over is `[str(something)]`, the id of a row."""
    for file, tree in trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "send_task":
                args = next((word.value for word in node.keywords if word.arg == "args"), None)
                assert not any(word.arg == "kwargs" for word in node.keywords), f"{file}:{node.lineno}"
                for one in args.elts if isinstance(args, ast.List) else []:
                    assert isinstance(one, ast.Call) and getattr(one.func, "id", "") == "str", f"{file}:{node.lineno}"


def test_a_beat_that_has_just_been_started_ticks_at_once() -> None:
    """One that is started again every half minute would otherwise never tick."""
    for entry in Beat(app).schedule.values():
        assert entry.is_due().is_due, entry.name
