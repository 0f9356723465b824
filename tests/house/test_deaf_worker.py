"""A worker that lives and hears nothing is started anew, once, and nobody else is."""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path
from typing import Any

import pytest

from clinic.serve.parts import Part
from clinic.serve.run import DEAF_LOOKS, Program
from clinic.serve.supervisor import Supervisor

DEEP = {"faults": ["tick"]}


@pytest.fixture
def program(monkeypatch: pytest.MonkeyPatch) -> Program:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        made = Program(door=door, say=lambda _: None, verbose=False)
    made.restarted: list[str] = []
    monkeypatch.setattr(made._supervisor, "restart", made.restarted.append)
    return made


def _answers(program: Program, monkeypatch: pytest.MonkeyPatch, **answers: dict[str, Any]) -> None:
    paths = {"/healthz": answers["quick"], "/healthz/deep": answers["deep"]}
    monkeypatch.setattr(program, "_get", paths.__getitem__)


def test_after_some_looks_in_a_row_both_that_make_the_tick_are_started_anew(program, monkeypatch):
    _answers(program, monkeypatch, quick={"status": "ok"}, deep=DEEP)
    for _ in range(DEAF_LOOKS - 1):
        program._wake_the_deaf()
    assert program.restarted == []
    program._wake_the_deaf()
    assert program.restarted == ["worker", "beat"]
    program._wake_the_deaf()
    assert program.restarted == ["worker", "beat"], "the new ones get their time"


@pytest.mark.parametrize(
    ("quick", "deep"),
    [
        ({"status": "ok"}, {"faults": ["held"]}),
        ({"status": "missing", "missing": ["broker"]}, DEEP),  # not deaf: there is nothing to hear
        ({}, {}),  # the web part does not answer
    ],
)
def test_whoever_is_not_deaf_is_left_alone(program, monkeypatch, quick, deep):
    _answers(program, monkeypatch, quick=quick, deep=deep)
    for _ in range(DEAF_LOOKS * 3):
        program._wake_the_deaf()
    assert program.restarted == []


def test_a_part_is_started_anew_in_its_place(tmp_path: Path) -> None:
    supervisor = Supervisor(say=lambda _: None)
    command = [sys.executable, "-c", "import time; time.sleep(600)"]
    part = Part(
        name="worker", command=command, log=tmp_path / "log", env=os.environ, folder=tmp_path, patience=2
    )  # fmt: skip
    supervisor.add(part)
    try:
        supervisor.restart("worker")
        assert part.ended
        (new,) = supervisor._parts
        assert new.pid != part.pid
        assert not new.ended
    finally:
        supervisor.end_all()
    assert new.ended
