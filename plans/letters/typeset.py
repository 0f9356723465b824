"""A letter's tree as the source of two templates, plain and rich: one tree, so that they state the same.

Static words are escaped here, values when the letter is rendered. Lines that stand together share their panel or list;
where all of them hang on conditions, so does the panel, and it is never empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby

from plans.letters.tree import Box, For, Form, If, Line, Node, Text, Value, lines_of

_BOLD, _STRUCK = re.compile(r"\*\*(.+?)\*\*"), re.compile(r"~~(.+?)~~")
_NAMES_OF_PEOPLE = frozenset({"first_name", "practitioner", "one.practitioner", "clinic"})
_PHONE = '<a class="phone" href="tel:{{ phone_link }}">{{ phone }}</a>'
_ENDS = (":", "?", "!", ".", "؟", "…")


def plain(nodes: Sequence[Node]) -> str:
    """Return the source of the text body. Gaps may come out several lines high: whoever renders it closes them."""
    return "".join(_plain(node) for node in nodes)


def plain_words(nodes: Sequence[Node]) -> str:
    """Return one line's words as they stand in a text."""
    return _STRUCK.sub(r"\1", _BOLD.sub(r"\1", "".join(_inline(node, rich=False) for node in nodes)))


def rich(nodes: Sequence[Node]) -> str:
    """Return the source of the HTML body, without the page around it."""
    return "".join(_boxed(nodes))


def _plain(node: Node) -> str:
    match node:
        case Line():
            return _plain_line(node)
        case If():
            otherwise = f"{{% else %}}{plain(node.otherwise)}" if node.otherwise else ""
            return f"{{% if {node.test.words} %}}{plain(node.then)}{otherwise}{{% endif %}}"
        case For():
            return f"{{% for {node.each} in {node.of} %}}{plain(node.body)}{{% endfor %}}"
        case _:
            return ""


def _plain_line(line: Line) -> str:
    words = plain_words(line.words)
    match line.form:
        case Form.GAP:
            return "\n"
        case Form.BUTTON | Form.LINK:
            return f"\n{_with_colon(words)}\n{plain_words(line.target)}\n\n"
        case Form.ITEM:
            return f"- {words}\n"
        case Form.HEADING:
            return f"\n{_with_colon(words)}\n"
        case Form.LABELLED:
            return f"{plain_words(line.label)}: {words}\n"
        case Form.KEY:
            return f"{words}\n"
        case _:
            return f"{words}\n" if line.box else f"\n{words}\n\n"


def _with_colon(words: str) -> str:
    return words if words.endswith(_ENDS) else f"{words}:"


def _boxed(nodes: Sequence[Node]) -> Iterator[str]:
    """Yield what stands in each box, with the box around it. A gap in the source parts two boxes."""
    for box, run in groupby(nodes, key=_box_of):
        together = list(run)
        inside = "".join(_listed(together, box))
        yield _hanging(together, f'<div class="{box}">\n{inside}</div>\n') if box else inside


def _listed(nodes: Sequence[Node], box: Box) -> Iterator[str]:
    for is_list, run in groupby(nodes, key=_is_list):
        together = list(run)
        inside = "".join(_rich(node, box, in_list=is_list) for node in together)
        yield _hanging(together, f"<ul>{inside}</ul>\n") if is_list else inside


def _hanging(nodes: Sequence[Node], words: str) -> str:
    """Return the words, under a condition where everything in them hangs on one."""
    tests = []
    for node in nodes:
        if isinstance(node, For):
            tests.append(node.of)
        elif isinstance(node, If) and not node.otherwise:
            tests.append(node.test.words)
        else:
            return words
    return f"{{% if {' or '.join(tests)} %}}{words}{{% endif %}}"


def _box_of(node: Node) -> Box:
    """The box all of a node's lines stand in; none where they stand in several."""
    boxes = {line.box for line in lines_of(node) if line.form is not Form.GAP}
    return boxes.pop() if len(boxes) == 1 else Box.NONE


def _is_list(node: Node) -> bool:
    return {line.form for line in lines_of(node) if line.form is not Form.GAP} == {Form.ITEM}


def _rich(node: Node, box: Box, *, in_list: bool) -> str:
    """`box` and `in_list`: what is open around it already."""
    match node:
        case Line():
            return _rich_line(node)
        case If():
            otherwise = f"{{% else %}}{_inner(node.otherwise, box, in_list)}" if node.otherwise else ""
            return f"{{% if {node.test.words} %}}{_inner(node.then, box, in_list)}{otherwise}{{% endif %}}"
        case For():
            return f"{{% for {node.each} in {node.of} %}}{_inner(node.body, box, in_list)}{{% endfor %}}"
        case _:
            return ""


def _inner(nodes: Sequence[Node], box: Box, in_list: bool) -> str:
    if in_list:
        return "".join(_rich(node, box, in_list=True) for node in nodes)
    return "".join(_listed(nodes, box) if box else _boxed(nodes))


def _rich_line(line: Line) -> str:
    words = _rich_words(line.words)
    match line.form:
        case Form.GAP:
            return ""
        case Form.TITLE:
            return f"<h1>{words}</h1>\n"
        case Form.HEADING:
            return f"<h2>{words}</h2>\n"
        case Form.ITEM:
            return f"<li>{words}</li>"
        case Form.KEY:
            return f'<p class="key">{words}</p>\n'
        case Form.LABELLED:
            label = _rich_words(line.label)
            return f'<p class="fact"><span class="label">{label}</span><br>{words}</p>\n'
        case Form.BUTTON:
            return f'<p class="act"><a class="button" href="{_target(line)}">{words}</a></p>\n'
        case Form.LINK:
            return f'<p><a href="{_target(line)}">{words}</a></p>\n'
        case _:
            return f'<p class="fact">{words}</p>\n' if line.box is Box.PANEL else f"<p>{words}</p>\n"


def _target(line: Line) -> str:
    return "".join(_inline(node, rich=False) if isinstance(node, Value) else _escaped(node) for node in line.target)


def _rich_words(nodes: Sequence[Node]) -> str:
    words = "".join(_inline(node, rich=True) for node in nodes)
    return _STRUCK.sub(r"<s>\1</s>", _BOLD.sub(r"<b>\1</b>", words))


def _inline(node: Node, *, rich: bool) -> str:
    match node:
        case Text():
            return _escaped(node) if rich else _without_braces(node.words)
        case Value(name):
            if rich and name == "phone":
                return _PHONE
            return f"<bdi>{{{{ {name} }}}}</bdi>" if rich and name in _NAMES_OF_PEOPLE else f"{{{{ {name} }}}}"
        case If():
            then, otherwise = ("".join(_inline(n, rich=rich) for n in part) for part in (node.then, node.otherwise))
            return f"{{% if {node.test.words} %}}{then}{{% else %}}{otherwise}{{% endif %}}"
        case For():
            body = "".join(_inline(n, rich=rich) for n in node.body)
            return f"{{% for {node.each} in {node.of} %}}{body}{{% endfor %}}"
        case _:
            return ""


def _escaped(node: Node) -> str:
    return _without_braces(escape(node.words)) if isinstance(node, Text) else ""


def _without_braces(words: str) -> str:
    """A brace somebody typed is printed by the template, so that no two of them ever begin a tag of their own."""
    return words.replace("{", "{{ '{' }}")
