"""A letter's source as a tree: what is printed, under which condition, and how it looks. No language, no template."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class SourceFault:
    """What is wrong in a source. Lines of the body count from 1; line 0 is the subject or the whole."""

    line: int
    sentence: str


class BrokenSource(ValueError):
    """A source that cannot become a letter, with everything that is wrong with it."""

    def __init__(self, faults: Sequence[SourceFault]) -> None:
        super().__init__("; ".join(f"line {fault.line}: {fault.sentence}" for fault in faults))
        self.faults = tuple(faults)


class Box(StrEnum):
    """What a line stands in."""

    NONE = ""
    PANEL = "panel"
    ALARM = "call"


class Form(StrEnum):
    """What a line is."""

    TITLE = "title"
    HEADING = "heading"
    WORDS = "words"
    ITEM = "item"
    KEY = "key"
    LABELLED = "labelled"
    BUTTON = "button"
    LINK = "link"
    GAP = "gap"


@dataclass(frozen=True, slots=True)
class Text:
    words: str


@dataclass(frozen=True, slots=True)
class Value:
    """A name or a name's part: `day`, `one.hours`."""

    name: str


@dataclass(frozen=True, slots=True)
class Test:
    """`name`, `not name`, or several of them with "and" or "or" between; kept as written."""

    words: str

    @property
    def only(self) -> tuple[str, bool] | None:
        """Return (name, whether it must be there) when it asks about one name alone."""
        parts = self.words.split()
        if len(parts) == 1:
            return parts[0], True
        return (parts[1], False) if len(parts) == 2 else None

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(part for part in self.words.split() if part not in ("not", "and", "or"))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a letter. `label`: what stands before the "|" of a labelled line or of a link; `target`: its link."""

    number: int
    box: Box
    form: Form
    words: tuple[Node, ...] = ()
    label: tuple[Node, ...] = ()
    target: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class If:
    test: Test
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class For:
    each: str
    of: str
    body: tuple[Node, ...]


Node = Text | Value | Line | If | For


def lines_of(node: Node) -> Iterator[Line]:
    """Yield every line under a node, whatever the conditions."""
    match node:
        case Line():
            yield node
        case If():
            for part in (*node.then, *node.otherwise):
                yield from lines_of(part)
        case For():
            for part in node.body:
                yield from lines_of(part)
        case _:
            return


def always_prints(nodes: Sequence[Node], name: str) -> bool:
    """Whether `name` is printed on every path on which it has something to say."""
    return any(_prints(node, name) for node in nodes)


def _prints(node: Node, name: str) -> bool:
    match node:
        case Value():
            return node.name == name
        case Line():
            return always_prints((*node.words, *node.label, *node.target), name)
        case For():
            return node.of == name and bool(node.body)
        case If():
            return _decided(node, name)
        case _:
            return False


def _decided(node: If, name: str) -> bool:
    if node.test.only == (name, True):
        return always_prints(node.then, name)
    if node.test.only == (name, False):
        return always_prints(node.otherwise, name)
    return always_prints(node.then, name) and always_prints(node.otherwise, name)
