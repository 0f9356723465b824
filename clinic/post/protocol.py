"""What every way of posting mail can do."""

from __future__ import annotations

from types import TracebackType
from typing import Protocol, Self

from clinic.post.outcome import Outcome


class Post(Protocol):
    """Opened once for a batch (`with open_post(...) as post`), then `send` for each mail.

    `send` never raises for what the world does: every end is an `Outcome`.
    """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, recipient: str, sender: str, message: bytes, key: str) -> Outcome:
        """Post the bytes of one mail. `key` names the mail for ever: the same key is the same mail."""
        ...
