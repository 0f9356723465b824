"""Which form a patient reads, and when what they agreed to is outdated."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.jurisdictions import Jurisdiction
from patients.rules.consent import ConsentTopic, needed_for_treatment
from patients.rules.consent_forms import (
    Agreed,
    FormFacts,
    consent_faults,
    form_that_applies,
    is_outdated,
    label_of_version,
)
from patients.rules.consent_text import compare_texts, sentences_of, why_not_text

HERE, THERE = UUID(int=1), UUID(int=2)
TREATMENT = ConsentTopic.TREATMENT
OWN = FormFacts(UUID(int=10), TREATMENT, HERE, "", 1, "2026-1")
OF_THE_UK = FormFacts(UUID(int=11), TREATMENT, None, "uk", 1, "2026-1")
FOR_ALL = FormFacts(UUID(int=12), TREATMENT, None, "", 1, "2026-1")
IN_THE_UK = {"location": HERE, "jurisdiction": "uk"}


@st.composite
def families(draw: st.DrawFn) -> FormFacts:
    place = draw(st.sampled_from([None, HERE, THERE]))
    law = "" if place else draw(st.sampled_from(["", *Jurisdiction]))
    version = draw(st.integers(1, 9))
    topic = draw(st.sampled_from(list(ConsentTopic)))
    return FormFacts(draw(st.uuids()), topic, place, law, version, f"2026-{version}")


def test_the_places_own_form_comes_before_its_jurisdictions_and_that_before_the_one_for_all() -> None:
    for order in ([OWN, OF_THE_UK, FOR_ALL], [FOR_ALL, OF_THE_UK, OWN]):
        assert form_that_applies(order, TREATMENT, **IN_THE_UK) is OWN
    assert form_that_applies([FOR_ALL, OF_THE_UK], TREATMENT, **IN_THE_UK) is OF_THE_UK
    assert form_that_applies([FOR_ALL, OF_THE_UK], TREATMENT, location=HERE, jurisdiction="sg") is FOR_ALL
    assert form_that_applies([OWN], TREATMENT, location=THERE, jurisdiction="uk") is None


@given(st.lists(families(), max_size=12), st.sampled_from(list(ConsentTopic)), st.sampled_from(list(Jurisdiction)))
def test_what_applies_reaches_the_patient_and_nothing_nearer_or_newer_does(
    forms: list[FormFacts], topic: ConsentTopic, law: Jurisdiction
) -> None:
    found = form_that_applies(forms, topic, location=HERE, jurisdiction=law)
    reaching = [f for f in forms if f.topic == topic and f.location in (None, HERE) and f.jurisdiction in ("", law)]
    assert (found is None) == (not reaching)
    if found:
        assert found in reaching
        nearness = [(f.location is not None, f.jurisdiction != "", f.version) for f in reaching]
        assert (found.location is not None, found.jurisdiction != "", found.version) == max(nearness)


@given(st.lists(families(), max_size=12), st.randoms())
def test_the_order_in_which_forms_are_read_does_not_matter(forms: list[FormFacts], chance: object) -> None:
    shuffled = list(forms)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    for topic in ConsentTopic:
        one = form_that_applies(forms, topic, **IN_THE_UK)
        other = form_that_applies(shuffled, topic, **IN_THE_UK)
        assert (one and (one.family, one.version)) == (other and (other.family, other.version))


def test_a_newer_version_of_the_same_form_makes_a_consent_outdated() -> None:
    agreed = Agreed(TREATMENT, "2026-1", FOR_ALL)
    assert not is_outdated(agreed, FOR_ALL)
    assert is_outdated(agreed, replace(FOR_ALL, version=2, label="2026-2"))


def test_another_familys_text_was_never_read() -> None:
    assert is_outdated(Agreed(TREATMENT, "2026-9", replace(FOR_ALL, version=9)), OWN)
    assert is_outdated(Agreed(TREATMENT, "2026-1"), FOR_ALL)


@given(families(), st.one_of(st.none(), families()))
def test_nothing_is_outdated_where_nothing_is_published(form: FormFacts, other: FormFacts | None) -> None:
    assert not is_outdated(Agreed(form.topic, form.label, other), None)


@given(st.lists(families(), max_size=12), st.sets(st.sampled_from(list(ConsentTopic))), st.booleans(), st.booleans())
def test_only_topics_that_are_needed_refuse_and_outdated_ones_the_first_session_alone(
    forms: list[FormFacts], given_topics: set[ConsentTopic], first: bool, exosomes: bool
) -> None:
    modalities = ("exosome",) if exosomes else ("prp",)
    agreed = [Agreed(topic, "old") for topic in given_topics]
    faults = consent_faults(agreed, forms, modalities, **IN_THE_UK, first_session=first)
    needed = needed_for_treatment(modalities)
    assert {fault.topic for fault in faults} <= set(needed)
    missing = [fault.topic for fault in faults if fault.code == "no_consent"]
    assert missing == [topic for topic in needed if topic not in given_topics]
    outdated = {fault.topic for fault in faults if fault.code == "consent_outdated"}
    with_form = {t for t in needed if t in given_topics and form_that_applies(forms, t, **IN_THE_UK)}
    assert outdated == (with_form if first else set())


def test_an_outdated_consent_names_both_versions() -> None:
    newer = replace(FOR_ALL, version=2, label="2026-2")
    [fault] = consent_faults([Agreed(TREATMENT, "2026-1", FOR_ALL)], [newer], ("prp",), **IN_THE_UK, first_session=True)
    assert fault.sentence == "Treatment: agreed to version 2026-1, in force is version 2026-2."


def test_versions_are_counted_within_a_year() -> None:
    assert label_of_version(2026, []) == "2026-1"
    assert label_of_version(2026, ["2026-1", "2025-4"]) == "2026-2"
    assert label_of_version(2027, ["2026-1", "2026-2"]) == "2027-1"


def test_a_comparison_says_what_went_and_what_came() -> None:
    changes = compare_texts("One.\nTwo.\nI agree.", "One.\nTwo, really.\nI agree.")
    assert [(c.kind, c.sentence) for c in changes] == [
        ("same", "One."), ("gone", "Two."), ("new", "Two, really."), ("same", "I agree."),
    ]  # fmt: skip


@given(st.lists(st.text("ab.", min_size=1)), st.lists(st.text("ab.", min_size=1)))
def test_a_comparison_holds_both_texts_whole(before: list[str], after: list[str]) -> None:
    old, new = "\n".join(before), "\n".join(after)
    changes = compare_texts(old, new)
    assert tuple(c.sentence for c in changes if c.kind != "new") == sentences_of(old)
    assert tuple(c.sentence for c in changes if c.kind != "gone") == sentences_of(new)


def test_a_form_without_words_is_none() -> None:
    assert why_not_text(" ", "I agree.")[0] == "title"
    assert why_not_text("Treatment", " \n ")[0] == "text"
    assert why_not_text("Treatment", "x" * 6_001)[0] == "text"
    assert why_not_text("Treatment", "I agree.") is None
