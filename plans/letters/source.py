"""One source per letter and language, for text and HTML alike: read, checked, and compiled once.

A source is a subject and a body in the light markup of `markup`. The house's are English files; in another language
each of their lines is looked up in that language's catalogue. A location may have written its own.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import NamedTuple

from jinja2 import Template, TemplateError

from clinic.language import tongue
from plans.letters import markup, typeset
from plans.letters.names import (
    ALWAYS,
    BLOCKS,
    EVERY_MUST,
    IN_SUBJECTS,
    LISTS,
    MEANINGS,
    MUSTS,
    NAMES,
    NOT_IN_SUBJECTS,
)
from plans.letters.pages import page_source, plain_environment, read, rich_environment
from plans.letters.samples import sample_words
from plans.letters.tree import BrokenSource, For, If, Line, Node, SourceFault, Value, always_prints, lines_of
from plans.rules.letter_kinds import LetterKind

__all__ = ["BrokenSource", "Placeholder", "SourceFault", "Trio", "check", "compiled", "house_source", "names_for"]

LONGEST_SUBJECT, LONGEST_BODY, MOST_LINES = 200, 8000, 300
_MARKS = re.compile(r"^(?:[>!]\s*)?(?:##? |- )?")
_LINK = re.compile(r"^(\[(?:button|link):\s*)(.+?)(\s*\|\s*[^|]+\])$")


class Placeholder(NamedTuple):
    """What can be put into a letter: `{{ day }}`, what it is, and how it reads in the sample letter."""

    placeholder: str
    meaning: str
    sample: str


@dataclass(frozen=True, slots=True)
class Trio:
    """A letter's three templates, ready to be rendered with `words`."""

    subject: Template
    text: Template
    html: Template


@cache
def house_source(kind: LetterKind, language: str = "en") -> tuple[str, str]:
    """Return (subject, body) of the house's letter, as a clinic can take it over and change it."""
    subject, _, body = read(f"{kind}.txt").partition("\n")
    return translated(subject, language), in_language(body.strip("\n"), language) + "\n"


def in_language(body: str, language: str) -> str:
    """Return a source with each of its lines in the language; a line nobody has translated stays as it is."""
    return "\n".join(translated(line, language) for line in body.splitlines())


def translated(line: str, language: str) -> str:
    speak = tongue(language)
    for words in sentences(line):
        line = line.replace(words, speak.say(words), 1)
    return line


def sentences(line: str) -> Iterator[str]:
    """Yield what there is to translate in one line of a source: its words, and a label's apart from them."""
    line = line.strip()
    mark = _MARKS.match(line)
    words = line[mark.end() :] if mark else line
    if found := _LINK.match(words):
        yield found[2]
        return
    pieces = words.split(" | ") if line[:1] in (">", "!") else [words]
    for piece in pieces:
        if re.search(r"[^\s\d~*()]", re.sub(r"{{.*?}}|{%.*?%}", "", piece)):
            yield piece


def names_for(kind: LetterKind, language: str = "en") -> list[Placeholder]:
    """Return what a letter of this kind may print: its facts, then its blocks."""
    words = sample_words(kind, language)
    facts = [Placeholder(f"{{{{ {name} }}}}", MEANINGS[name], _shown(words[name])) for name in _in_order(kind)]
    blocks = [Placeholder(f"{{{{ block.{name} }}}}", BLOCKS[name], "") for name in BLOCKS if _block(name, kind)]
    return facts + blocks


def check(kind: LetterKind, language: str, subject: str, body: str) -> list[SourceFault]:
    """Return everything that is wrong with a source, by line; an empty list means it can be written with."""
    head, tree, faults = _read(subject, body, kind, language)
    return faults or list(_uncompilable(head, tree, language))


@lru_cache(maxsize=512)
def compiled(subject: str, body: str, kind: LetterKind, language: str) -> Trio:
    """Return the templates of a source, compiled once per process. BrokenSource when something is wrong with it."""
    head, tree, faults = _read(subject, body, kind, language)
    if faults:
        raise BrokenSource(faults)
    return _compile(head, tree, language)


def _compile(head: Sequence[Node], tree: Sequence[Node], language: str) -> Trio:
    foot = _foot(language)
    page = page_source(typeset.rich(tree), typeset.rich(foot), language=language, direction=tongue(language).direction)
    plain = plain_environment()
    return Trio(
        subject=plain.from_string(typeset.plain_words(head)),
        text=plain.from_string(f"{typeset.plain(tree)}\n\n--\n{typeset.plain(foot)}"),
        html=rich_environment().from_string(page),
    )


@cache
def _foot(language: str) -> tuple[Node, ...]:
    faults: list[SourceFault] = []
    words = in_language(read("parts/foot.txt"), language)
    tree = markup.read_body(enumerate(words.splitlines(), start=1), faults)
    if faults:
        raise BrokenSource(faults)
    return tree


@lru_cache(maxsize=512)
def _block(name: str, kind: LetterKind) -> str | None:
    """Return a block's source; None where the house has none such, or where this kind has not what it prints."""
    if name not in BLOCKS:
        return None
    source = read(f"parts/{name}.txt")
    known = NAMES[kind] | ALWAYS
    used = set(re.findall(r"(?:{{ |{% if |{% for \w+ in )([a-z_]+)", source)) - {"one", "flag", "item"}
    return source if used <= known | {"phone_link"} else None


def _read(
    subject: str, body: str, kind: LetterKind, language: str
) -> tuple[tuple[Node, ...], tuple[Node, ...], list[SourceFault]]:
    if faults := _too_long(subject, body):
        return (), (), faults

    def part(name: str) -> str | None:
        source = _block(name, kind)
        return None if source is None else in_language(source, language)

    head = markup.read_words(subject.strip(), 0, faults)
    tree = markup.read_body(list(markup.numbered(body.strip("\n"), part, faults)), faults)
    known = NAMES[kind] | ALWAYS
    faults += _unknown(head, known & IN_SUBJECTS, known, 0)
    faults += _unknown(tree, known, known, 0)
    faults += _told_too_much(subject)
    if not faults:
        faults += _missing(tree, kind)
    return head, tree, sorted(set(faults), key=lambda fault: (fault.line, fault.sentence))


def _too_long(subject: str, body: str) -> list[SourceFault]:
    faults = []
    if not subject.strip() or "\n" in subject.strip() or len(subject) > LONGEST_SUBJECT:
        faults.append(SourceFault(0, f"The subject is one line of at most {LONGEST_SUBJECT} characters."))
    if len(body) > LONGEST_BODY or body.count("\n") > MOST_LINES:
        faults.append(SourceFault(0, f"A letter has at most {MOST_LINES} lines and {LONGEST_BODY} characters."))
    return faults


def _unknown(
    nodes: Sequence[Node], allowed: frozenset[str], known: frozenset[str], number: int, loop: tuple[str, str] = ("", "")
) -> Iterator[SourceFault]:
    """Yield a fault for every name that cannot be printed here."""
    for node in nodes:
        match node:
            case Line():
                yield from _unknown((*node.words, *node.label, *node.target), allowed, known, node.number, loop)
            case Value(name):
                yield from _wrong_name(name, allowed, known, number, loop)
            case If(test):
                at = number or _first_line(node)
                for name in test.names:
                    yield from _wrong_name(name, allowed, known, at, loop, asked=True)
                yield from _unknown((*node.then, *node.otherwise), allowed, known, number, loop)
            case For(each, of):
                at = number or _first_line(node)
                if of not in LISTS or of not in allowed:
                    yield SourceFault(at, f"“{of}” is not a list in this letter.")
                elif each in known:
                    yield SourceFault(at, f"“{each}” is a fact already: call the one of {of} something else.")
                yield from _unknown(node.body, allowed, known, number, (each, of))
            case _:
                pass


def _wrong_name(
    name: str,
    allowed: frozenset[str],
    known: frozenset[str],
    number: int,
    loop: tuple[str, str],
    *,
    asked: bool = False,
) -> Iterator[SourceFault]:
    first, _, part = name.partition(".")
    if first == loop[0] and loop[0]:
        parts = LISTS.get(loop[1], frozenset())
        if part not in parts if parts else part:
            yield SourceFault(number, f"“{first}” has no “{part}”: it has {', '.join(sorted(parts)) or 'no parts'}.")
        elif part == "" and parts and not asked:
            yield SourceFault(number, f"“{first}” has parts: write for example {{{{ {first}.{min(parts)} }}}}.")
    elif name not in known:
        near = difflib.get_close_matches(name, sorted(known), 1)
        hint = f" Did you mean {{{{ {near[0]} }}}}?" if near else ""
        yield SourceFault(number, f"This letter has no {{{{ {name} }}}}.{hint}")
    elif name not in allowed:
        yield SourceFault(number, f"{{{{ {name} }}}} cannot stand in a subject: others may see it.")
    elif name in LISTS and not asked:
        yield SourceFault(number, f"{{{{ {name} }}}} is a list: walk through it with {{% for one in {name} %}}.")


def _first_line(node: Node) -> int:
    return min((line.number for line in lines_of(node)), default=0)


def _told_too_much(subject: str) -> Iterator[SourceFault]:
    folded = subject.casefold()
    for word in NOT_IN_SUBJECTS:
        if word in folded:
            yield SourceFault(0, f"A subject names no treatment, medicine or diagnosis: “{word}” stands in it.")


def _missing(tree: Sequence[Node], kind: LetterKind) -> Iterator[SourceFault]:
    for name in (*MUSTS[kind], *EVERY_MUST):
        if not always_prints(tree, name):
            yield SourceFault(0, f"This letter must print {{{{ {name} }}}} ({MEANINGS[name]}) whatever the case.")


def _uncompilable(head: Sequence[Node], tree: Sequence[Node], language: str) -> Iterator[SourceFault]:
    try:
        _compile(head, tree, language)
    except (TemplateError, ValueError) as error:
        yield SourceFault(0, f"The letter cannot be put together: {error}")


def _in_order(kind: LetterKind) -> list[str]:
    known = NAMES[kind] | ALWAYS
    return [name for name in MEANINGS if name in known]


def _shown(value: object) -> str:
    if isinstance(value, list):
        return f"{len(value)} of them"
    return "yes" if value is True else str(value or "")
