"""A form's text: one sentence on each line. What a patient reads, and what differs between two versions."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import SequenceMatcher

LONGEST = 6_000


@dataclass(frozen=True, slots=True)
class LineChange:
    """One sentence of a comparison. `kind`: same, gone or new."""

    kind: str
    sentence: str


def sentences_of(text: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in text.splitlines() if line.strip())


def tidy(text: str) -> str:
    """Return the text as it is stored: a sentence a line, no blank ones."""
    return "\n".join(sentences_of(text))


def compare_texts(before: str, after: str) -> tuple[LineChange, ...]:
    """Return both texts merged, in reading order: what went stands before what came in its place."""
    old, new = sentences_of(before), sentences_of(after)
    found: list[LineChange] = []
    for kind, i, j, k, m in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [LineChange("same", line) for line in old[i:j]]
        else:
            found += [LineChange("gone", line) for line in old[i:j]]
            found += [LineChange("new", line) for line in new[k:m]]
    return tuple(found)


def why_not_text(title: str, text: str) -> tuple[str, str] | None:
    """Return (code, sentence) of what is wrong with a form's words, or None."""
    if not title.strip():
        return "title", "Give the form a title: patients read it first."
    if not sentences_of(text):
        return "text", "Write at least one sentence for the patient to read."
    if len(text) > LONGEST:
        return "text", f"The text is over {LONGEST:,} characters long: nobody reads that much before signing."
    return None
