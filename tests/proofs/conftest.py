from __future__ import annotations

from datetime import datetime

import pytest

from tests.operations.letter_cast import NOW
from tests.post.conftest import certificate, server_context  # noqa: F401 - the same certificate as the post's own tests


class Hour:
    """The program's one clock in a test's hand: `hour.now = …`."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def hour(monkeypatch: pytest.MonkeyPatch) -> Hour:
    found = Hour()
    monkeypatch.setattr("clinic.clock.now", found)
    return found
