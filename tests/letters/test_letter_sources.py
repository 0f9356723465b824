"""A clinic may write a letter itself: what would make it wrong, empty or dangerous is refused with its line."""

from __future__ import annotations

import pytest

from clinic.catalogues import languages
from plans.letters.facts import NEEDED
from plans.letters.names import ALWAYS, IN_SUBJECTS, LISTS, MEANINGS, MUSTS, NAMES
from plans.letters.render import render
from plans.letters.samples import sample_facts, sample_words
from plans.letters.source import BrokenSource, check, compiled, house_source, names_for
from plans.letters.tree import SourceFault
from plans.rules.letter_kinds import LetterKind as K

SUBJECT = "Your hair colour date: {{ safe_on }}"
GOOD = """# No dye
Hello {{ first_name }},
> Until
># {{ safe_on }}
{{ block.call }}
[button: Your page | {{ page_url }}]
"""


def faults(body: str, *, subject: str = SUBJECT, kind: K = K.NO_DYE) -> list[SourceFault]:
    return check(kind, "en", subject, body)


def lines(body: str, **more: object) -> list[int]:
    return [fault.line for fault in faults(body, **more)]  # type: ignore[arg-type]


@pytest.mark.parametrize("language", ["en", *languages()])
def test_every_letter_of_the_house_is_whole(language: str):
    assert {kind: check(kind, language, *house_source(kind, language)) for kind in K} == {kind: [] for kind in K}


def test_what_may_be_printed_is_known_by_meaning_and_by_sample():
    assert set(NAMES) == set(MUSTS) == set(NEEDED) == set(K)
    for kind in K:
        known = NAMES[kind] | ALWAYS
        assert known <= set(MEANINGS) and set(MUSTS[kind]) <= known
        assert known <= set(sample_words(kind))
        for one in names_for(kind):
            assert one.meaning and (one.sample or "block." in one.placeholder or one.placeholder != "{{ day }}")
    assert set(LISTS) <= set(MEANINGS) >= IN_SUBJECTS
    offered = {one.placeholder for one in names_for(K.NO_DYE)}
    assert {"{{ safe_on }}", "{{ block.call }}"} <= offered
    assert not offered & {"{{ day }}", "{{ block.when }}", "{{ block.visits }}"}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{{ surname }}", "no {{ surname }}"),
        ("{{ safe_onn }}", "Did you mean {{ safe_on }}?"),
        ("{{ day }}", "no {{ day }}"),
        ("{{ first_name.__class__ }}", "not a name"),
        ("{{ first_name|upper }}", "not a name"),
        ("{{ 7 * 7 }}", "not a name"),
        ("{{ first_name", "both ends"),
        ("{% if safe_on %}", "no {% endif %}"),
        ("{% endfor %}", "nothing that is open"),
        ("{% else %}", "belongs to no"),
        ("{% include 'layout.html' %}", "only if, else"),
        ("{% for x in first_name %}{{ x }}{% endfor %}", "not a list"),
        ("{{ care_items }}", "is a list"),
        ("{% for a in care_items %}{% for b in care_items %}x{% endfor %}{% endfor %}", "inside another"),
        ("{# a note #}", "cannot stand"),
        ("{{ block.when }}", "no block “when”"),
        ("see {{ block.call }}", "line of its own"),
        ("[button: x | javascript:alert(1)]", "begins https://"),
        ("[button: x | {{ phone }}]", "no"),
        ("[button: x]", "is written"),
    ],
)
def test_a_fault_is_named_with_its_line(line: str, says: str):
    body = GOOD.replace("Hello {{ first_name }},", line)
    found = faults(body)
    assert [fault.line for fault in found] == [2] * len(found)
    assert says in found[0].sentence
    with pytest.raises(BrokenSource):
        compiled(SUBJECT, body, K.NO_DYE, "en")


def test_what_a_letter_is_for_must_stand_in_it_whatever_the_case():
    assert lines(GOOD) == []
    for missing in ("{{ safe_on }}", "{{ block.call }}", "[button: Your page | {{ page_url }}]"):
        assert lines(GOOD.replace(missing, "x")) == [0]
    hidden = GOOD.replace("># {{ safe_on }}", "{% if address %}\n># {{ safe_on }}\n{% endif %}")
    assert lines(hidden) == [0]
    asked = GOOD.replace("># {{ safe_on }}", "{% if safe_on %}\n># {{ safe_on }}\n{% endif %}")
    assert lines(asked) == []
    twice = GOOD.replace(
        "># {{ safe_on }}", "{% if address %}\n># {{ safe_on }}\n{% else %}\n{{ safe_on }}\n{% endif %}"
    )
    assert lines(twice) == []


def test_a_letter_that_allows_dye_must_say_until_when():
    subject, body = house_source(K.DYE_AGAIN)
    kept = "\n".join(line for line in body.splitlines() if "until_day" not in line or "{%" in line)
    assert "until_day" in faults(kept, subject=subject, kind=K.DYE_AGAIN)[0].sentence


@pytest.mark.parametrize(
    "subject",
    [
        "",
        "a\nb",
        "x" * 201,
        "Your exosome session",
        "جلستكم القادمة",
        "Dear {{ first_name }}",
        "{{ call_now }}",
        "{{ x }}",
    ],
)
def test_a_subject_tells_nothing_of_health_and_nothing_unknown(subject: str):
    assert lines(GOOD, subject=subject)[0] == 0


def test_a_letter_without_end_is_refused_before_it_is_read():
    assert lines(GOOD + "x" * 8000) == [0]
    assert lines(GOOD + "\n" * 400) == [0]
    long = "{% for item in care_items %}\n- {{ item }}" + "y" * 7000 + "\n{% endfor %}\n"
    facts = sample_facts()[K.NO_DYE]
    trio = compiled(SUBJECT, GOOD + long, K.NO_DYE, "en")
    assert len(render(facts, trio).text) < 8000 * (1 + len(facts.care_items))


def test_words_of_a_clinic_look_the_same_in_both_bodies():
    body = (
        GOOD
        + "**Bold** & ~~gone~~ <b>as typed</b>\n- one\n- two\n! ## Alarm\n[link: more | https://clinic.example/a?b=1&c=2]\n"
    )
    letter = render(sample_facts()[K.NO_DYE], compiled(SUBJECT, body, K.NO_DYE, "en"))
    assert "Bold & gone <b>as typed</b>" in letter.text
    assert ">Bold</b> &amp; <s>gone</s> &lt;b&gt;as typed&lt;/b&gt;" in letter.html
    assert "- one\n- two\n" in letter.text
    assert letter.html.count("<li") == 2 + len(sample_facts()[K.NO_DYE].care_items[:0]) + 4
    assert "https://clinic.example/a?b=1&c=2" in letter.text
    assert 'href="https://clinic.example/a?b=1&amp;c=2"' in letter.html
