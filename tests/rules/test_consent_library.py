"""The shipped forms: every topic has words, every statement a source that is known."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from patients.rules.consent import ConsentTopic
from patients.rules.consent_library import LIBRARY, read_consent_library, read_consent_sources
from patients.rules.consent_text import sentences_of, why_not_text
from plans.rules.library import LIBRARY as PROTOCOLS
from plans.rules.library_shared import read_sources

FORMS = {(form.topic, form.jurisdiction): form for form in read_consent_library()}


def test_every_topic_has_a_form_for_everybody() -> None:
    assert {topic for topic, law in FORMS if not law} == set(ConsentTopic)


def test_the_general_forms_end_in_what_is_asked_elsewhere_too() -> None:
    for topic in (ConsentTopic.OFF_LABEL, ConsentTopic.EXPERIMENTAL):
        assert sentences_of(FORMS[topic, ""].text)[-1] == topic.sentence
        assert FORMS[topic, ""].source == topic.source


@pytest.mark.parametrize(
    ("law", "says"), [("us", "no FDA-approved exosome product"), ("eu", "1223/2009"), ("uk", "not authorised")]
)
def test_a_jurisdiction_says_more_and_names_who_says_so(law: str, says: str) -> None:
    general, own = FORMS[ConsentTopic.OFF_LABEL, ""], FORMS[ConsentTopic.OFF_LABEL, law]
    assert says in own.text
    assert set(sentences_of(general.text)) < set(sentences_of(own.text))
    assert len(own.source) > len(general.source)


def test_what_vendors_and_the_press_say_is_shown_as_theirs() -> None:
    sources = read_consent_sources()
    assert all("check it before use" in sources[key].note for key in ("V1", "V2", "N1"))
    for law in ("eu", "uk"):
        assert "Vendors and the press report" in FORMS[ConsentTopic.OFF_LABEL, law].text


def test_both_libraries_name_the_same_source_by_the_same_key() -> None:
    ours, theirs = read_consent_sources(), read_sources(PROTOCOLS)
    shared = set(ours) & set(theirs)
    assert {"S0", "S1", "S2", "S3", "S4"} <= shared
    assert all((ours[key].title, ours[key].note) == (theirs[key].title, theirs[key].note) for key in shared)


@pytest.mark.parametrize("form", FORMS.values(), ids=str)
def test_a_form_is_short_and_promises_nothing(form: object) -> None:
    assert why_not_text(form.title, form.text) is None  # type: ignore[attr-defined]
    words = form.text.lower()  # type: ignore[attr-defined]
    assert not [word for word in ("guarantee", "cure", "will grow", "safe ", "proven") if word in words]


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("treatment.toml", 'title = "x"', "“declaration” is missing"),
        ("treatment.toml", "title = ", "not readable as TOML"),
        ("treatment.toml", 'title = "x"\ndeclaration = "y"\nsentences = "z"', "must be a list"),
        ("treatment.toml", 'title = "x"\ndeclaration = "y"\nsentences = ["z"]\nsource = "S77"', "unknown source “S77”"),
        ("treatment.toml", 'title = "x"\nwords = 1', "“words” is not a key"),
        (
            "treatment.toml",
            'title = "x"\ndeclaration = "y"\nsentences = ["z"]\n[variants.mars]\nsentences = ["q"]',
            "“mars” is no jurisdiction",
        ),
    ],
)
def test_a_mistake_in_one_file_refuses_the_library_and_names_the_place(
    tmp_path: Path, file: str, content: str, says: str
) -> None:
    folder = Path(copytree(LIBRARY, tmp_path / "forms"))
    (folder / file).write_text(content)
    with pytest.raises(ValueError, match=says) as said:
        read_consent_library(folder)
    assert file in str(said.value)
