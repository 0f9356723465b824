"""A location's own words: published in versions, never over somebody's head, given up without being lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from clinic.models import AuditLine, Location, Staff
from clinic.rules.refusal import Forbidden
from plans.models import LetterWording, Reminder
from plans.operations.wording import TESTS_A_MINUTE, allow_test_letter, drop_wording, publish_wording
from plans.queries.wording import letters_to_try, people_to_try, wording_story, wordings
from plans.queries.wording_diff import compare_lines
from plans.rules.letter_kinds import LetterKind
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db
KIND = LetterKind.APPOINTMENT_BOOKED


@dataclass(frozen=True)
class Wrong:
    place: str
    sentence: str


def strict(kind: LetterKind, language: str, subject: str, body: str) -> Sequence[Wrong]:
    return [Wrong("Line 2", "Mend this.")] if "broken" in body else []


@pytest.fixture
def cast() -> Cast:
    return open_clinic(keys=("prp",))


def publish(cast: Cast, body: str = "Ours", **more: Any) -> LetterWording:
    wish = {
        "location_id": cast.here.pk, "kind": KIND, "language": "en", "subject": "Hello", "body": body,
        "note": "Warmer", "seen": 0, "check": strict, "by": cast.manager, "now": cast.now, **more,
    }  # fmt: skip
    return publish_wording(**wish)


def drop(cast: Cast, **more: Any) -> LetterWording:
    wish = {"location_id": cast.here.pk, "kind": KIND, "language": "en", "seen": 1, "by": cast.manager, **more}
    return drop_wording(now=cast.now, **wish)


def in_use() -> list[tuple[int, str]]:
    return list(LetterWording.objects.current().values_list("version", "body"))


def test_the_newest_version_is_in_use_and_the_older_ones_are_kept(cast: Cast) -> None:
    publish(cast)
    publish(cast, "Ours, better", seen=1)
    assert in_use() == [(2, "Ours, better")]
    assert LetterWording.objects.get(version=1).body == "Ours"
    drop(cast, seen=2)
    assert in_use() == []
    assert publish(cast, "Third").version == 3
    lines = AuditLine.objects.filter(happened__startswith="wording.").order_by("pk")
    said = [(line.happened, line.details["version"]) for line in lines]
    assert sorted(said) == [
        ("wording.dropped", 2), ("wording.published", 1), ("wording.published", 2), ("wording.published", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("newer", {"seen": 0}),
        ("broken", {"body": "a\nbroken"}),
        ("note", {"note": "  "}),
        ("nothing_changed", {"body": "Ours"}),
    ],
)
def test_what_may_not_be_published_changes_nothing(cast: Cast, code: str, said: dict[str, Any]) -> None:
    publish(cast)
    with refused(code):
        publish(cast, **{"body": "Ours, better", "seen": 1, **said})
    assert in_use() == [(1, "Ours")]


def test_who_goes_back_to_the_house_is_told_when_somebody_published_meanwhile(cast: Cast) -> None:
    with refused("house"):
        drop(cast, seen=0)
    publish(cast)
    publish(cast, "Better", seen=1)
    with refused("newer"):
        drop(cast)
    assert in_use() == [(2, "Better")]


def test_only_managers_of_the_place_write_its_words(cast: Cast) -> None:
    for person in (cast.desk, cast.doctor):
        with pytest.raises(Forbidden):
            publish(cast, by=person)
        with pytest.raises(Forbidden):
            drop(cast, by=person)
        with pytest.raises(Forbidden):
            wordings(person)
    with pytest.raises(Location.DoesNotExist):
        publish(cast, by=cast.outsider)
    with pytest.raises(Location.DoesNotExist):
        wording_story(cast.outsider, cast.here.pk, KIND, "en")
    for kind, language in (("nonsense", "en"), (KIND, "xx")):
        with pytest.raises(LetterWording.DoesNotExist):
            wording_story(cast.manager, cast.here.pk, kind, language)


def test_the_list_tells_which_letters_have_own_words(cast: Cast, django_assert_max_num_queries: Any) -> None:
    publish(cast)
    publish(cast, language="ar")
    publish(cast, location_id=cast.there.pk)
    with django_assert_max_num_queries(2):
        told = wordings(cast.manager, cast.here.pk)
        own = [
            (line.kind, one.made_by.username)
            for _, lines in told.groups
            for line in lines
            for _, one in line.own
            if one
        ]
    assert own == [(KIND, "manager")] * 2
    assert {line.kind for _, lines in told.groups for line in lines} == set(LetterKind)


def test_letters_to_come_are_counted_and_those_handed_off_are_not(cast: Cast) -> None:
    plan = cast.active_plan(key="prp")
    session = plan.sessions.order_by("number")[0]
    cast.book(session, cast.at(session.target, 11))
    story = wording_story(cast.manager, cast.here.pk, KIND, "en")
    assert story.planned == 1
    assert wording_story(cast.manager, cast.here.pk, KIND, "ar").planned == 0
    row = Reminder.objects.get(kind=KIND)
    assert letters_to_try(plan.patient, KIND, now=cast.now) == (row,)
    Reminder.objects.filter(pk=row.pk).update(handed_off_at=cast.now)  # tried once, and to be tried again
    assert wording_story(cast.manager, cast.here.pk, KIND, "en").planned == 0


def test_patients_to_try_it_on_are_those_of_the_place(cast: Cast) -> None:
    here = cast.patient("Noor", last_name="Sample")
    assert people_to_try(cast.manager, cast.here, "noor") == (here,)
    assert people_to_try(cast.manager, cast.there, "noor") == ()
    assert people_to_try(cast.outsider, cast.here, "noor") == ()
    assert people_to_try(cast.manager, cast.here, " ") == ()


def test_test_letters_go_to_an_address_and_five_a_minute_are_enough(cast: Cast) -> None:
    def ask(now: Any = cast.now, patient_id: Any = None, by: Staff = cast.manager) -> None:
        allow_test_letter(location_id=cast.here.pk, kind=KIND, language="en", patient_id=patient_id, by=by, now=now)

    with refused("no_address"):
        ask()
    Staff.objects.update(email="me@example.org")
    patient = cast.patient()
    ask(patient_id=patient.pk)
    for _ in range(TESTS_A_MINUTE - 1):
        ask()
    with refused("too_many"):
        ask()
    ask(now=cast.now + timedelta(seconds=61))
    lines = AuditLine.objects.filter(happened="letter.tested")
    assert lines.count() == TESTS_A_MINUTE + 1
    assert lines.get(patient_id=patient.pk).location == cast.here
    with pytest.raises(Forbidden):
        ask(by=cast.desk)
    elsewhere = open_patient(cast)
    with pytest.raises(type(patient).DoesNotExist):
        ask(patient_id=elsewhere, now=cast.now + timedelta(hours=1))


def open_patient(cast: Cast) -> Any:
    other = cast.patient("Elsewhere")
    type(other).objects.filter(pk=other.pk).update(home_location=cast.there)
    return other.pk


@pytest.mark.parametrize(
    ("was", "now", "fates", "changed"),
    [
        ("a\nb", "a\nb", "same same", []),
        ("Come on {{ day }}.", "Do come on {{ day }}.", "gone new", ["Come ", "Do come "]),
        ("one\ntwo", "one\nfull of other things", "same gone new", ["two", "full of other things"]),
        ("a", "a\nb", "same new", ["b"]),
    ],
)
def test_versions_are_compared_line_by_line(was: str, now: str, fates: str, changed: list[str]) -> None:
    lines = compare_lines(was, now)
    assert " ".join(line.fate for line in lines) == fates
    assert [piece.words for line in lines for piece in line.pieces if piece.changed] == changed
    assert [line.text for line in lines if line.fate != "gone"] == now.split("\n")
    assert [line.text for line in lines if line.fate != "new"] == was.split("\n")
