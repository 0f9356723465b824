"""Rows become mails: each by itself or a hundred at once, in the patient's language and in the location's own words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clinic.models.ids import new_id
from patients.models import Patient
from plans.letters.compose import compose, for_batch
from plans.letters.gather import facts_of, facts_of_many
from plans.letters.source import house_source
from plans.models import LetterWording, Plan, Reminder
from plans.rules.course import Expectation
from plans.rules.letter_kinds import LetterKind as K
from plans.rules.states import ReminderState, SessionState
from tests.operations.letter_cast import COURSE, DAY, HOUR, MINUTE, NOW, book, location, patient, plan_of, review_of

pytestmark = pytest.mark.django_db
ENDED = NOW - 2 * DAY
VISITS = (K.APPOINTMENT_BOOKED, K.APPOINTMENT_MOVED, K.APPOINTMENT_CANCELLED, K.APPOINTMENT_MISSED, K.WEEK_REMINDER,
          K.SESSION_REMINDER, K.DAY_REMINDER, K.REVIEW_REMINDER, K.PRE_CARE_STOP, K.PRE_CARE, K.PRE_CARE_EVE)  # fmt: skip
AFTER = {K.AFTER_CARE: ENDED.isoformat(), K.SWELLING_CHECK: "2026-10-06", K.NO_WASH: (ENDED + DAY).isoformat(),
         K.WASH_AGAIN: (ENDED + DAY).isoformat(), K.NO_DYE: "2026-11-01", K.NO_DYE_HALF: "2026-11-01",
         K.DYE_AGAIN: "2026-11-01", K.MEDICINE_AGAIN: "2026-10-25", K.EXPECT_2_WEEKS: "2026-10-03",
         K.EXPECT_6_WEEKS: "2026-10-03", K.EXPECT_3_MONTHS: "2026-10-03", K.EXPECT_6_MONTHS: "2026-10-03",
         K.BOOSTER_DUE: "2027-04-05"}  # fmt: skip


def held(who: Patient) -> Plan:
    plan = plan_of(who)
    plan.course = replace(COURSE, expectations=(Expectation("2–4 weeks", "The scalp may feel calmer.", "S2, S3"),))
    plan.save()
    first = plan.sessions.get(number=1)
    first.state, first.started_at, first.ended_at = SessionState.DONE, ENDED - 45 * MINUTE, ENDED
    first.save()
    return plan


def row(who: Patient, kind: K, about: object, facts: str = "x", **more: object) -> Reminder:
    made = Reminder.objects.create(
        kind=kind, patient=who, location=who.home_location, about_id=about, facts=facts, due_at=NOW,
        useful_until=NOW + 9 * DAY, planned_at=NOW, content_version=Reminder.objects.count() + 1, **more,
    )  # fmt: skip
    made.handed_off_at, made.recipient = NOW, who.email
    return made


def rows_of_every_kind(who: Patient) -> list[Reminder]:
    plan = held(who)
    visit = book(who, NOW + 10 * DAY + HOUR, session=plan.sessions.get(number=2), plan_letters=False)
    visit.series = new_id()
    visit.save()
    review = review_of(plan, 3, date(2027, 1, 3))
    first = plan.sessions.get(number=1)
    return [
        *(row(who, kind, visit.pk, visit.starts.isoformat()) for kind in VISITS),
        *(row(who, kind, first.pk, facts) for kind, facts in AFTER.items()),
        *(row(who, kind, review.pk, "2027-01-03") for kind in (K.REVIEW_INVITATION, K.REVIEW_OVERDUE)),
        row(who, K.SERIES_BOOKED, visit.series, visit.series.hex),
    ]


def mail(raw: bytes) -> EmailMessage:
    found = message_from_bytes(raw, policy=policy.default)
    assert isinstance(found, EmailMessage)
    return found


def text(raw: bytes) -> str:
    body = mail(raw).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def compose_many(reminders):
    """The mail of each row by its id, or what it raised, all written from one reading."""
    write, found = for_batch(reminders), {}
    for reminder in reminders:
        try:
            found[reminder.pk] = write(reminder)
        except Exception as error:
            found[reminder.pk] = error
    return found


def test_a_hundred_are_read_in_as_many_queries_as_a_few_and_are_the_same_mails():
    rows = rows_of_every_kind(patient("Mei"))
    with CaptureQueriesContext(connection) as few:
        one_by_one = {one.pk: compose(one) for one in rows}
    with CaptureQueriesContext(connection) as once:
        together = compose_many(rows)
    assert together == one_by_one
    assert len(once) <= 16
    more = [*rows, *rows_of_every_kind(patient("Noor", language="ar")), *rows_of_every_kind(patient("Ravi"))]
    more = [*Reminder.objects.filter(pk__in=[one.pk for one in more])]
    for one in more:
        one.handed_off_at, one.recipient = NOW, "x@example.org"
    with CaptureQueriesContext(connection) as many:
        found = compose_many(more)
    assert not [error for error in found.values() if isinstance(error, Exception)]
    # Beside the rows themselves, their people and places.
    assert len(many) <= 16 + 4
    assert len(few) > 3 * len(once)


def test_a_row_that_cannot_be_written_spoils_no_other():
    rows = rows_of_every_kind(patient("Mei"))
    lost = row(rows[0].patient, K.SESSION_REMINDER, new_id(), "lost")
    undated = row(rows[0].patient, K.NO_DYE, rows[11].about_id, "not a date")
    unheard = row(rows[0].patient, K.NO_WASH, new_id(), "x")
    bad = {lost.pk, undated.pk, unheard.pk}
    found = compose_many([lost, *rows, undated, unheard])
    assert {pk for pk, one in found.items() if isinstance(one, Exception)} == bad
    assert {
        pk for pk, one in facts_of_many([lost, *rows, undated, unheard]).items() if isinstance(one, Exception)
    } == bad
    write = for_batch([lost, rows[0]])
    with pytest.raises(Exception, match="gone"):
        write(lost)
    assert write(rows[0]).subject


def test_a_patient_is_written_to_in_her_own_language():
    rows = rows_of_every_kind(patient("نور", language="ar", email="noor@example.org"))
    for one in rows:
        made = compose(one)
        assert made.language == "ar" and made.wording_id is None
        assert "مرحبًا" in text(made.mime) and "Hello" not in text(made.mime)
    care = next(compose(one) for one in rows if one.kind == K.NO_DYE)
    assert "استعملوا شامبو خاليًا من الكبريتات." in text(care.mime)
    assert "الأحد 1 نوفمبر 2026" in text(care.mime)


def test_the_locations_own_words_win_and_a_broken_wording_does_not_stop_a_letter(caplog: pytest.LogCaptureFixture):
    who, kind = patient("Mei"), K.SWELLING_CHECK
    about = held(who).sessions.get(number=1).pk
    subject, body = house_source(kind)
    own = {"location": location(), "kind": kind, "language": "en", "version": 1, "made_by": None, "made_at": NOW}
    wording = LetterWording.objects.create(subject="How are you?", body=body.replace("Hello", "Dear"), **own)
    made = compose(row(who, kind, about))
    assert made.subject == "How are you?" and "Dear Mei," in text(made.mime)
    assert made.wording_id == wording.pk
    LetterWording.objects.update(body=body + "{{ surname }}")
    broken = compose(row(who, kind, about))
    assert broken.subject == subject and "Hello Mei," in text(broken.mime)
    assert broken.wording_id is None
    assert str(wording.pk) in caplog.text
    LetterWording.objects.update(body=body, language="ar")
    assert compose(row(who, kind, about)).wording_id is None


def test_dates_after_a_session_are_the_strictest_of_all_plans():
    who = patient("Mei")
    plan = held(who)
    first = plan.sessions.get(number=1)
    soon = row(who, K.AFTER_CARE, first.pk, ENDED.isoformat())
    soon.handed_off_at = ENDED + HOUR
    alone = facts_of(soon)
    assert (alone.safe_on, alone.until) == (date(2026, 11, 1), ENDED + DAY)
    book(who, NOW + 5 * DAY, session=plan.sessions.get(number=2), plan_letters=False)
    both = facts_of(row(who, K.AFTER_CARE, first.pk, ENDED.isoformat()))
    assert both.until is None, "the wait for a wash is over when this one is written"
    assert both.safe_on and both.safe_on > date(2026, 11, 1)


def test_a_letter_with_another_date_says_that_it_replaces_the_first():
    who = patient("Mei")
    plan = held(who)
    visit = book(who, NOW + 10 * DAY, session=plan.sessions.get(number=2), plan_letters=False)
    told = {"message_id": "<one@clinic.example>", "state": ReminderState.SENT}
    row(who, K.SESSION_REMINDER, visit.pk, "earlier", **told)
    row(who, K.NO_DYE, new_id(), "2026-10-30", **told)
    row(who, K.NO_DYE_HALF, new_id(), "2026-09-30", **told)
    row(who, K.WASH_AGAIN, plan.sessions.get(number=1).pk, AFTER[K.WASH_AGAIN], **told)
    first = plan.sessions.get(number=1).pk
    says = {
        kind: facts_of(row(who, kind, about, facts)).replaces
        for kind, about, facts in (
            (K.SESSION_REMINDER, visit.pk, visit.starts.isoformat()),
            (K.PRE_CARE, visit.pk, visit.starts.isoformat()),
            (K.NO_DYE, first, "2026-11-01"),
            (K.NO_DYE_HALF, first, "2026-11-01"),
            (K.WASH_AGAIN, first, AFTER[K.WASH_AGAIN]),
        )
    }
    assert [kind for kind, said in says.items() if said] == [K.SESSION_REMINDER, K.NO_DYE]


def test_letters_of_what_to_stop_and_of_the_eve_share_out_the_list():
    who = patient("Mei")
    visit = book(who, NOW + 20 * DAY, session=held(who).sessions.get(number=2), plan_letters=False)
    said = {
        kind: facts_of(row(who, kind, visit.pk, "x")).care_items
        for kind in (K.PRE_CARE, K.PRE_CARE_STOP, K.PRE_CARE_EVE)
    }
    assert said[K.PRE_CARE] == said[K.PRE_CARE_EVE] == ("On Sat 24 Oct 2026: Wash your hair.",)
    assert said[K.PRE_CARE_STOP] == ()
