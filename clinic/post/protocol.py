"""What every way of posting mail can do."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Protocol, Self

from clinic.post.outcome import Outcome

Ready = Callable[[], bool]
"""Asked once, when everything is agreed and the first byte of the mail itself would leave next. False: it stays."""


def always() -> bool:
    return True


class Post(Protocol):
    """Opened once for a batch (`with open_post(...) as post`), then `send` for each mail.

    `send` never raises for what the world does: every end is an `Outcome`. What `ready` raises goes through.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, recipient: str, sender: str, message: bytes, key: str, ready: Ready = always) -> Outcome:
        """Post the bytes of one mail. `key` names the mail for ever: the same key is the same mail."""
        ...
