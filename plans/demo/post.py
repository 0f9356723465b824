"""The demo's post: the same folder as always, but one domain refuses its mail, as in real life."""

from __future__ import annotations

from pathlib import Path

from clinic.post import FolderPost, Outcome, OutcomeKind, Ready, always

NOWHERE = "@nowhere.test"


class DemoPost(FolderPost):
    def __init__(self, folder: Path) -> None:
        super().__init__(folder)

    def send(self, recipient: str, sender: str, message: bytes, key: str, ready: Ready = always) -> Outcome:
        if recipient.endswith(NOWHERE):
            return Outcome(OutcomeKind.REFUSED_FOR_GOOD, 550, "5.1.1 no such mailbox")
        return super().send(recipient, sender, message, key, ready)
