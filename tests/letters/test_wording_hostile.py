"""Whoever may write a letter's words can write anything. None of it reaches an object, a file, a loop without end or a
mail program's own tricks: it is refused with its line and a sentence, or it stands in the letter as plain words."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import nodes

from plans.letters import typeset
from plans.letters.pages import plain_environment
from plans.letters.render import Letter, render
from plans.letters.samples import sample_facts
from plans.letters.source import _read, compiled, house_source
from plans.rules.letter_kinds import LetterKind
from plans.views.wording_words import faults_of

KIND = LetterKind.WASH_AGAIN
SUBJECT, BODY = house_source(KIND)
LINES = BODY.rstrip("\n").count("\n") + 1

REFUSED = (
    "{{ first_name.__class__ }}", "{{ first_name.__class__.__mro__[1].__subclasses__() }}", "{{ self._TemplateReference__context }}",
    "{{ cycler.__init__.__globals__.os.popen('id').read() }}", "{{ config }}", "{{ request }}", "{{ settings.SECRET_KEY }}",
    "{{ first_name|attr('__class__') }}", "{{ first_name|upper }}", "{{ first_name * 999999999 }}", "{{ 'a' * 10**9 }}",
    "{{ 7*7 }}", "{{ range(10**9)|list }}", "{{ lipsum(n=10**6) }}", "{{ namespace() }}", "{{ first_name['__class__'] }}",
    "{% for a in range(999999999) %}x{% endfor %}", "{% for a in first_name %}x{% endfor %}",
    "{% for a in care_items %}{% for b in care_items %}x{% endfor %}{% endfor %}", "{% for a in care_items recursive %}x{% endfor %}",
    "{% include 'layout.html' %}", "{% import 'x' as y %}", "{% from 'x' import y %}", "{% extends 'layout.html' %}",
    "{% macro a() %}{{ a() }}{% endmacro %}{{ a() }}", "{% call a() %}{% endcall %}", "{% set a = 1 %}", "{% raw %}{{ x }}{% endraw %}",
    "{% block x %}{% endblock %}", "{% filter upper %}x{% endfilter %}", "{% autoescape false %}x{% endautoescape %}", "{% do x %}",
    "{% if first_name.__class__ %}x{% endif %}", "{% if 10**9**9 %}x{% endif %}", "{% if replaces %}x", "{% endfor %}", "{# note #}",
    "{{ first_name", "{{{ first_name }}}", "{% if replaces %}x{% else %}y{% else %}z{% endif %}", "{{ block.nothing }}",
    "{{% if replaces %}x{% endif %}", "x {{ block.care }}",
    "[button: x | javascript:alert(1)]", "[link: x | data:text/html,<script>]", "[button: x | http://plain.example]",
    "[button: x | //evil.example]", "[button: x | {{ first_name }}]", '[button: x | https://a" onmouseover="x]', "[link: x | vbscript:x]",
)  # fmt: skip

HARMLESS = (
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "<a href='javascript:alert(1)'>x</a>", "<style>body{display:none}</style>",
    "</td></tr></table><form action=https://evil.example><input>", "<iframe src=https://evil.example></iframe>", "<svg onload=alert(1)>",
    "&lt;script&gt;", "<!-- <b>x</b> -->", "**<b onclick=x>**", "~~<meta http-equiv=refresh>~~", "> Label | <script>x</script>",
    "- <link rel=stylesheet href=https://evil.example>", "# <h1 onclick=x>", "__letter__ __foot__ __lang__", "</style><script>x</script>",
    "\u202e\u2066 turned", "a\u2028b\u0085c\x0bd\x0ce", "\x00\x07\x1b[31m",
)  # fmt: skip

# Signs of the template language with the bold's and the struck-out's between them, which are taken out in the text.
BRACES = (
    "{**{ 9*9 }**}", "{~~{ first_name.__class__ }~~}", "{**{ 'a' * 10**9 }**}", "{**# x", "{~~# x", "{**{first_name}**}",
    "{**% for a in care_items %**}x{**% endfor %**}", "{**% include 'x' %**}", "{****{ 9*9 }****}", "{{**{ 9*9 }**}}",
)  # fmt: skip


class Seen(HTMLParser):
    """What a mail program finds: tags, attributes and where links lead."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}


def written(body: str, subject: str = SUBJECT) -> Letter:
    facts = sample_facts()[KIND]
    return render(facts, compiled(subject, body, KIND, "en"))


ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.If, nodes.For, nodes.Not, nodes.And,
    nodes.Or,
)  # fmt: skip
SHAPES = {"b", "s", "ul", "li", "h1", "h2", "div", "span", "br"}
PLAIN = Seen(written(BODY).html)


@pytest.mark.parametrize("source", REFUSED)
def test_what_is_no_plain_wording_is_refused_with_its_line(source: str) -> None:
    found = faults_of(KIND, "en", SUBJECT, f"{BODY}{source}\n")
    assert found
    assert all(fault.sentence.strip() for fault in found)
    assert {fault.line for fault in found} <= {0, LINES + 1}
    assert source.startswith("[") or faults_of(KIND, "en", f"{SUBJECT} {source}", BODY)


@pytest.mark.parametrize("source", HARMLESS)
def test_markup_of_other_kinds_stands_in_the_letter_as_words(source: str) -> None:
    body = f"{BODY}{source}\n"
    if faults_of(KIND, "en", SUBJECT, body):
        return  # refused is as good
    letter = written(body)
    seen = Seen(letter.html)
    assert seen.tags <= PLAIN.tags | SHAPES
    assert seen.attributes <= PLAIN.attributes
    assert seen.links <= PLAIN.links
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", letter.text)


@pytest.mark.parametrize("source", BRACES)
def test_signs_hidden_in_bold_do_not_become_a_template(source: str) -> None:
    for subject, body in ((SUBJECT, f"{BODY}{source}\n"), (f"{SUBJECT} {source}", BODY)):
        if faults_of(KIND, "en", subject, body):
            continue
        letter = written(body, subject)
        for said in (letter.text, letter.html, letter.subject):
            assert "81" not in said.replace("&#", "")
        shown = letter.text if body != BODY else letter.subject
        assert source.replace("*", "").replace("~", "") in shown.replace("*", "").replace("~", "")


@pytest.mark.parametrize(
    "subject",
    [
        "Hello\nBcc: all@example.org", "Hello\r\nX-Evil: 1", "Hello\rX", "", "   ", "x" * 201, "{{ first_name }}, your hair", "{{ until }}",
        "Hello\u2028Bcc: x", "Hello\x0bX", "Hello\x1cX", "Hello\x85X", "Hello\x00X", "Hello\tX", "Your PRP", "Your exosome appointment", "Your hair loss", "Minoxidil again", "جلسة", "{{ visit }}",
    ],
)  # fmt: skip
def test_a_subject_is_one_line_that_says_nothing_of_health(subject: str) -> None:
    found = faults_of(KIND, "en", subject, BODY)
    assert found
    assert all(fault.in_subject and fault.place == "Subject" for fault in found)


def test_a_letter_is_never_much_longer_than_its_source() -> None:
    loop = "{% for one in care_items %}{{ one }}{% endfor %}\n"
    body = BODY + loop * ((8000 - len(BODY)) // len(loop))
    facts = sample_facts()[KIND]
    most = sum(len(item) for item in facts.care_items) or 1
    if not faults_of(KIND, "en", SUBJECT, body):
        assert len(written(body).text) < len(body) * (most + 10)
    assert faults_of(KIND, "en", SUBJECT, BODY + "x" * 8000)
    assert faults_of(KIND, "en", SUBJECT, BODY + "\n" * 2000 + "x")


def test_the_line_is_the_one_on_the_screen_with_empty_lines_before_it() -> None:
    found = faults_of(KIND, "en", SUBJECT, f"\n\n{BODY}{{{{ nothing }}}}\n")
    assert [fault.place for fault in found] == [f"Line {LINES + 3}"]


SIGNS = (
    "{{", "}}", "{%", "%}", "{#", "{", "}", "**", "~~", "> ", ">#", "! ", "# ", "## ", "- ", " | ", "[button: ", "]", "[link: ",
    " endif ", " else ", " endfor ", " if ", " for ", " in ", " not ", " and ", "first_name", "until", "care_items", "one",
    "{{ block.care }}", "{{ phone }}", "{{ page_url }}", "{% if replaces %}", "{% endif %}", "{% for one in care_items %}",
    "{% endfor %}", "{{ one }}", "https://x.example", "\n", "\r\n", " ",
)  # fmt: skip
WORDS = st.one_of(st.text(max_size=12), st.sampled_from(SIGNS), st.sampled_from(SIGNS))


def only_prints_names(subject: str, body: str) -> bool:
    """Whether the templates made of it print, ask and walk, and do nothing else: no call, no filter, no arithmetic."""
    head, tree, _ = _read(subject, body, KIND, "en")
    made = (typeset.plain(tree), typeset.plain_words(head), typeset.rich(tree))
    parts = [part for one in made for part in plain_environment().parse(one).find_all(nodes.Node)]
    return all(isinstance(part, ALLOWED) or getattr(part, "value", "") == "{" for part in parts)


@given(st.lists(WORDS, max_size=30).map("".join), st.booleans())
def test_no_source_breaks_the_editor(typed: str, is_subject: bool) -> None:
    subject, body = (typed, BODY) if is_subject else (SUBJECT, BODY + typed)
    if not faults_of(KIND, "en", subject, body):
        letter = written(body, subject)
        assert only_prints_names(subject, body)
        assert letter.subject
        assert "\n" not in letter.subject
        assert Seen(letter.html).tags <= PLAIN.tags | SHAPES
