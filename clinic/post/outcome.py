"""How one attempt to post a mail ended, in the words the reminder's life needs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

LONGEST_TEXT = 200
# Short words ("a", "jo") would eat letters out of the server's own sentence.
SHORTEST_HIDDEN = 2

_ADDRESS = re.compile(r"[^\s<>()\[\]\"',;:=]+@[^\s<>()\[\]\"',;:]+")
_UNPRINTABLE = re.compile(r"[\x00-\x20\x7f-\xa0\u2028\u2029]+")
_ENHANCED = re.compile(r"([245]\.\d{1,3}\.\d{1,3})\b")


class OutcomeKind(StrEnum):
    SENT = "sent"
    REFUSED_FOR_NOW = "refused_for_now"
    REFUSED_FOR_GOOD = "refused_for_good"
    IN_DOUBT = "in_doubt"
    """Every byte had left and no clear answer came: the mail may have arrived."""
    OURS = "ours"
    """Our connection, certificate, password or sender: try again, and do not count it against the mail."""
    WITHDRAWN = "withdrawn"
    """`ready` said no at the last moment: nothing of the mail left."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """`code` is the server's last reply code, None when it gave none. `text` never holds a mail address."""

    kind: OutcomeKind
    code: int | None = None
    text: str = ""

    @property
    def enhanced(self) -> str:
        """Return the enhanced status ("5.1.1") the server's text began with, or ""."""
        found = _ENHANCED.match(self.text)
        return found[1] if found else ""

    @property
    def blames_address(self) -> bool:
        """Whether this mailbox does not exist, so that other mails to it are hopeless too.

        A full mailbox (552, 5.2.2), a refused text (554) and a policy (5.7.x) fail this mail only.
        """
        if self.kind is not OutcomeKind.REFUSED_FOR_GOOD:
            return False
        if self.enhanced:
            return self.enhanced.startswith("5.1.") or self.enhanced == "5.2.1"
        return self.code in {None, 550, 551, 553}

    @property
    def is_policy(self) -> bool:
        """Whether the server refuses us by policy (5.7.x): the next mail may fare the same, tell the manager."""
        return self.enhanced.startswith("5.7.")


def tame(text: str, *, hide: Iterable[str] = ()) -> str:
    """Return a server's text on one line of at most 200 characters, without mail addresses and without `hide`."""
    hide = [word for word in hide if len(word) > SHORTEST_HIDDEN]
    if "@" not in text and text.isascii() and text.isprintable() and not _has_any(text.lower(), hide):
        return text.strip()[:LONGEST_TEXT]
    line = _ADDRESS.sub("(address)", _UNPRINTABLE.sub(" ", text).strip())
    for word in hide:
        line = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "(address)", line, flags=re.IGNORECASE)
    return line[:LONGEST_TEXT]


def _has_any(text: str, words: Iterable[str]) -> bool:
    return any(word.lower() in text for word in words)
