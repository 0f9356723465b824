"""The light markup of a letter's source, read into a tree.

    # the title             - an item of a list           [button: words | {{ page_url }}]
    ## a heading            > a line in a panel           [link: words | {{ unsubscribe_url }}]
    anything else is a      ># the panel's large line     **bold**   ~~no longer valid~~
    paragraph of its own    > Label | words               ! as >, in the alarm's colour

`{{ name }}` prints a fact, `{{ block.name }}` on a line of its own puts a part of the house there, and
`{% if name %} … {% else %} … {% endif %}`, `{% for one in names %} … {% endfor %}` stand on lines of their own or
inside one line. That is all of the language: nothing in it can call, count or reach anything, and a list is walked
once, so a letter is never longer than its source times its longest list.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from plans.letters.tree import Box, For, Form, If, Line, Node, SourceFault, Test, Text, Value

_NAME = r"[a-z][a-z_0-9]*(?:\.[a-z][a-z_0-9]*)?"
_TOKEN = re.compile(r"({{.*?}}|{%.*?%}|{#.*?#})")
_VALUE = re.compile(rf"{{{{\s*({_NAME})\s*}}}}")
_BLOCK = re.compile(r"\s*{{\s*block\.([a-z_]+)\s*}}\s*")
_IF = re.compile(rf"{{%\s*if ((?:not )?{_NAME}(?: (?:and|or) (?:not )?{_NAME})*)\s*%}}")
_FOR = re.compile(r"{%\s*for ([a-z][a-z_0-9]*) in ([a-z][a-z_0-9]*)\s*%}")
_PLAIN = re.compile(r"{%\s*(else|endif|endfor)\s*%}")
_ACTION = re.compile(r"\[(button|link):\s*(.+?)\s*\|\s*(.+?)\s*\]")
_ADDRESS = re.compile(r"https://[A-Za-z0-9.-]+(?:[/?#][^\s<>\"'{}|\\^`]*)?")
_ENDS = {"endif": "if", "endfor": "for"}

Fault = Callable[[int, str], None]


@dataclass(slots=True)
class _Open:
    """A condition or a loop whose end has not been read yet."""

    number: int
    word: str
    head: Test | tuple[str, str] | None
    nodes: list[Node] = field(default_factory=list)
    otherwise: list[Node] | None = None

    @property
    def here(self) -> list[Node]:
        return self.nodes if self.otherwise is None else self.otherwise


def numbered(body: str, part: Callable[[str], str | None], faults: list[SourceFault]) -> Iterator[tuple[int, str]]:
    """Yield the lines of a body with their numbers, blocks replaced by their lines under the block's own number."""
    for number, line in enumerate(re.split(r"\r\n|\r|\n", body), start=1):
        if not (block := _BLOCK.fullmatch(line)):
            yield number, line
            continue
        words = part(block[1])
        if words is None:
            faults.append(SourceFault(number, f"This letter has no block “{block[1]}”."))
            continue
        yield from ((number, inner) for inner in words.splitlines())


def read_body(lines: Iterable[tuple[int, str]], faults: list[SourceFault]) -> tuple[Node, ...]:
    """Return the tree of a body; what is wrong is added to `faults`."""
    stack = [_Open(0, "", None)]
    number = 0
    for number, raw in lines:
        line = raw.strip()
        tag = _TOKEN.match(line)
        if tag and line.startswith("{%") and tag.end() == len(line):
            _tag(line, number, stack, faults)
        else:
            stack[-1].here.append(_line(line, number, faults))
    return _closed(stack, faults)


def read_words(words: str, number: int, faults: list[SourceFault]) -> tuple[Node, ...]:
    """Return the tree of one line's words, conditions inside it included."""
    stack = [_Open(number, "", None)]
    pieces = list(filter(None, _TOKEN.split(words)))
    if any(one[-1] == "{" and other[0] == "{" for one, other in itertools.pairwise(pieces)):
        faults.append(SourceFault(number, "There is one “{” too many."))
    for piece in pieces:
        if not _TOKEN.fullmatch(piece):
            stack[-1].here.append(_text(piece, number, faults))
        elif piece.startswith("{{"):
            stack[-1].here.append(_value(piece, number, faults))
        elif piece.startswith("{%"):
            _tag(piece, number, stack, faults)
        else:
            faults.append(SourceFault(number, "Notes in {# … #} cannot stand in a letter."))
    return _closed(stack, faults)


def _text(piece: str, number: int, faults: list[SourceFault]) -> Text:
    for sign in ("{{", "}}", "{%", "%}", "{#", "#}"):
        if sign in piece:
            faults.append(
                SourceFault(number, f"“{sign}” stands alone: every {{{{ … }}}} and {{% … %}} needs both ends.")
            )
            break
    return Text(piece)


def _value(piece: str, number: int, faults: list[SourceFault]) -> Node:
    if found := _VALUE.fullmatch(piece):
        if found[1].startswith("block."):
            faults.append(SourceFault(number, f"“{piece}” must stand on a line of its own."))
            return Text("")
        return Value(found[1])
    faults.append(SourceFault(number, f"“{piece}” is not a name: only {{{{ name }}}} can stand there."))
    return Text("")


def _tag(piece: str, number: int, stack: list[_Open], faults: list[SourceFault]) -> None:
    if found := _IF.fullmatch(piece):
        stack.append(_Open(number, "if", Test(found[1])))
    elif found := _FOR.fullmatch(piece):
        if any(one.word == "for" for one in stack):
            faults.append(SourceFault(number, "A {% for %} cannot stand inside another one."))
        stack.append(_Open(number, "for", (found[1], found[2])))
    elif found := _PLAIN.fullmatch(piece):
        _turn(found[1], number, stack, faults)
    else:
        faults.append(SourceFault(number, f"“{piece}” is not known: only if, else, endif, for and endfor can be used."))


def _turn(word: str, number: int, stack: list[_Open], faults: list[SourceFault]) -> None:
    last = stack[-1]
    if word == "else":
        if last.word == "if" and last.otherwise is None:
            last.otherwise = []
        else:
            faults.append(SourceFault(number, "{% else %} belongs to no {% if %}."))
        return
    if last.word != _ENDS[word]:
        faults.append(SourceFault(number, f"{{% {word} %}} ends nothing that is open here."))
        return
    stack.pop()
    stack[-1].here.append(_node(last))


def _node(done: _Open) -> Node:
    if isinstance(done.head, Test):
        return If(done.head, tuple(done.nodes), tuple(done.otherwise or ()))
    each, of = done.head or ("", "")
    return For(each, of, tuple(done.nodes))


def _closed(stack: Sequence[_Open], faults: list[SourceFault]) -> tuple[Node, ...]:
    faults.extend(
        SourceFault(one.number, f"This {{% {one.word} %}} has no {{% end{one.word} %}}.") for one in stack[1:]
    )
    return tuple(stack[0].nodes)


def _line(line: str, number: int, faults: list[SourceFault]) -> Line:
    box, rest = Box.NONE, line
    if line[:1] in (">", "!"):
        box, rest = Box.PANEL if line[0] == ">" else Box.ALARM, line[1:].strip()
    if action := _ACTION.fullmatch(rest):
        form = Form.BUTTON if action[1] == "button" else Form.LINK
        words = read_words(action[2], number, faults)
        return Line(number, box, form, words, target=_target(action[3], number, faults))
    if rest.startswith(("[button", "[link")):
        faults.append(SourceFault(number, "A button is written [button: words | {{ page_url }}]."))
    form, rest = _form(box, rest)
    label: tuple[Node, ...] = ()
    if form is Form.WORDS and box and " | " in rest:
        before, rest = rest.split(" | ", 1)
        form, label = Form.LABELLED, read_words(before, number, faults)
    return Line(number, box, form, read_words(rest, number, faults), label)


def _form(box: Box, rest: str) -> tuple[Form, str]:
    if not rest:
        return Form.GAP, ""
    if box is Box.PANEL and rest.startswith("# "):
        return Form.KEY, rest[2:].strip()
    for sign, form in (("## ", Form.HEADING), ("# ", Form.TITLE), ("- ", Form.ITEM)):
        if rest.startswith(sign):
            return form, rest[len(sign) :].strip()
    return Form.WORDS, rest


def _target(words: str, number: int, faults: list[SourceFault]) -> tuple[Node, ...]:
    if found := _VALUE.fullmatch(words):
        if not found[1].endswith("_url"):
            faults.append(SourceFault(number, f"A button leads to an address, and “{words}” is none."))
        return (Value(found[1]),)
    if not _ADDRESS.fullmatch(words):
        faults.append(SourceFault(number, "A button leads to {{ page_url }} or to an address that begins https://."))
        return (Text(""),)
    return (Text(words),)
