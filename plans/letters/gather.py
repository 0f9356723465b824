"""From a reminder's row to the facts its letter states, read at the moment it is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from uuid import UUID

from clinic.language import Tongue, tongue
from clinic.models import Location
from clinic.rules.local_time import local_day
from patients.links import page_url, unsubscribe_url
from plans.letters.after_session import AFTER, Care
from plans.letters.care_words import is_early, is_late, is_today, pre_care
from plans.letters.expect_words import expectations_for
from plans.letters.facts import LetterFacts, Visit
from plans.letters.mail_domain import mail_domain
from plans.letters.reading import Reading, read_for
from plans.models import Appointment, Offer, Reminder, Review, Session
from plans.models.facts import modalities_of
from plans.rules.letter_kinds import KIND_POLICY
from plans.rules.letter_kinds import LetterKind as K
from plans.rules.states import AppointmentPurpose

__all__ = ["facts_in", "facts_of", "facts_of_many", "mail_domain"]

_CHOSEN = {K.PRE_CARE_STOP: is_early, K.WEEK_REMINDER: is_early, K.PRE_CARE_EVE: is_late, K.DAY_REMINDER: is_today}
_WITH_CARE = frozenset({*_CHOSEN, K.PRE_CARE, K.SESSION_REMINDER})
_EXPECTS = frozenset({K.EXPECT_2_WEEKS, K.EXPECT_6_WEEKS, K.EXPECT_3_MONTHS, K.EXPECT_6_MONTHS})
# Days on which dye is allowed: a later session's takes the place of an earlier one's.
_DATED = frozenset({K.NO_DYE, K.NO_DYE_HALF})


def facts_of(reminder: Reminder, *, language: str = "") -> LetterFacts:
    """Return what the letter states, dated `reminder.handed_off_at`, in the patient's language unless another is named.

    ObjectDoesNotExist when its subject is gone.
    """
    return facts_in(read_for([reminder]), reminder, language=language)


def facts_of_many(reminders: Sequence[Reminder]) -> dict[UUID, LetterFacts | Exception]:
    """The same for many, by their ids, in as many queries as for a few. A row that cannot be read spoils no other."""
    reading, found = read_for(reminders), dict[UUID, LetterFacts | Exception]()
    for reminder in reminders:
        try:
            found[reminder.pk] = facts_in(reading, reminder)
        except Exception as error:
            found[reminder.pk] = error
    return found


def facts_in(reading: Reading, reminder: Reminder, *, language: str = "") -> LetterFacts:
    speak = tongue(language or reminder.patient.language)
    match kind := K(reminder.kind):
        case K.SERIES_BOOKED:
            return _about_series(reading, reminder, speak)
        case K.WAITING_OFFER:
            return _about_offer(reading, reminder, speak)
        case K.REVIEW_INVITATION | K.REVIEW_OVERDUE:
            return _about_review(reading, reminder, speak)
        case K.BOOSTER_DUE:
            due_on = date.fromisoformat(reminder.facts)
            return replace(_common(reading, reminder, reminder.location, speak), due_on=due_on)
        case _ if kind in _EXPECTS:
            return _about_expectations(reading, reminder, speak)
        case _ if kind in AFTER:
            return _about_care(reading, reminder, speak)
        case _:
            return _about_appointment(reading, reminder, speak)


def _about_appointment(reading: Reading, reminder: Reminder, speak: Tongue) -> LetterFacts:
    row = reading.appointments.get(reminder.about_id)
    if row is None:
        raise Appointment.DoesNotExist("The appointment a letter speaks of is gone.")
    old, visit = row.rescheduled_from, _visit(reading, row, speak)
    facts = replace(
        _common(reading, reminder, row.location, speak),
        starts=visit.starts,
        ends=visit.ends,
        previous_starts=old.starts if old else None,
        appointment_word=visit.appointment_word,
        practitioner_name=visit.practitioner_name,
        room=visit.room,
        uid=visit.uid,
        sequence=visit.sequence,
    )
    if row.session and facts.kind in _WITH_CARE:
        return replace(facts, care_items=_before(reading, row, row.session, facts, speak))
    return facts


def _before(reading: Reading, row: Appointment, session: Session, facts: LetterFacts, speak: Tongue) -> tuple[str, ...]:
    course = reading.course_of(session.plan)
    return pre_care(
        course.care_rules,
        modalities_of(session, course),
        starts=row.starts,
        zone=facts.zone,
        today=local_day(facts.written_at, facts.zone),
        speak=speak,
        chosen=_CHOSEN.get(facts.kind, lambda *_: True),
    )


def _about_series(reading: Reading, reminder: Reminder, speak: Tongue) -> LetterFacts:
    """What still lies ahead when the letter is written."""
    written_at = _written_at(reminder)
    rows = [row for row in reading.series[reminder.about_id] if row.starts > written_at]
    facts = _common(reading, reminder, rows[0].location if rows else reminder.location, speak)
    return replace(facts, visits=tuple(_visit(reading, row, speak) for row in rows))


def _about_offer(reading: Reading, reminder: Reminder, speak: Tongue) -> LetterFacts:
    offer = reading.offers.get(reminder.about_id)
    if offer is None:
        raise Offer.DoesNotExist("The offer a letter speaks of is gone.")
    facts = _common(reading, reminder, offer.freed.location, speak)
    return replace(
        facts,
        page_url=f"{facts.page_url}offer/{offer.pk}/",
        starts=offer.starts,
        ends=offer.ends,
        previous_starts=offer.entry.appointment.starts,
        practitioner_name=offer.practitioner.name,
        room=offer.room.name if offer.room else "",
        until=offer.useful_until,
    )


def _visit(reading: Reading, row: Appointment, speak: Tongue) -> Visit:
    return Visit(
        starts=row.starts,
        ends=row.ends,
        uid=f"{row.calendar_uid}@{mail_domain(row.location)}",
        sequence=row.calendar_sequence,
        appointment_word=_visit_words(reading, row, speak),
        practitioner_name=row.practitioner.name,
        room=row.room.name if row.room else "",
    )


def _visit_words(reading: Reading, row: Appointment, speak: Tongue) -> str:
    if row.session:
        count = reading.counts[row.session.plan_id]
        return speak.say("session {number} of {count}", number=row.session.number, count=count)
    if row.review:
        months = row.review.months
        return speak.plural("{n}-month review", "{n}-month review", months) if months else speak.say("first photos")
    return speak.say(AppointmentPurpose(row.purpose).label.lower())


def _about_review(reading: Reading, reminder: Reminder, speak: Tongue) -> LetterFacts:
    review = reading.reviews.get(reminder.about_id)
    if review is None:
        raise Review.DoesNotExist("The review a letter speaks of is gone.")
    facts = _common(reading, reminder, reminder.location, speak)
    return replace(facts, months=review.months, due_on=review.due)


def _about_expectations(reading: Reading, reminder: Reminder, speak: Tongue) -> LetterFacts:
    facts = _common(reading, reminder, reminder.patient.home_location, speak)
    course = reading.course_of(_session(reading, reminder).plan)
    return replace(facts, expectations=expectations_for(facts.kind, course.expectations, speak))


def _about_care(reading: Reading, reminder: Reminder, speak: Tongue) -> LetterFacts:
    """Restrictions are a union over all plans, told in the zone the patient lives by."""
    facts = _common(reading, reminder, reminder.patient.home_location, speak)
    return AFTER[facts.kind](Care(reading, reminder, _session(reading, reminder), facts, speak))


def _session(reading: Reading, reminder: Reminder) -> Session:
    session = reading.sessions.get(reminder.about_id)
    if session is None:
        raise Session.DoesNotExist("The session a letter speaks of is gone.")
    return session


def _common(reading: Reading, reminder: Reminder, location: Location, speak: Tongue) -> LetterFacts:
    kind, patient, written_at = K(reminder.kind), reminder.patient, _written_at(reminder)
    return LetterFacts(
        kind=kind,
        language=speak.code,
        patient_first_name=patient.first_name,
        clinic_name=location.name,
        clinic_phone=location.phone,
        clinic_address=location.address,
        reply_to=location.email,
        zone=location.zone,
        page_url=page_url(patient, now=written_at),
        unsubscribe_url=unsubscribe_url(patient, group=KIND_POLICY[kind].group.value, now=written_at),
        written_at=written_at,
        replaces=kind is K.APPOINTMENT_MOVED or _replaces(reading, reminder, kind),
    )


def _written_at(reminder: Reminder) -> datetime:
    if reminder.handed_off_at is None:
        raise ValueError("A letter is written at its hand-off.")
    return reminder.handed_off_at


def _replaces(reading: Reading, reminder: Reminder, kind: K) -> bool:
    """Whether a letter of the same kind left before with another date: about the same thing, or, for the day on which
    dye is allowed, about an earlier session whose date has not come yet."""
    about = reading.chains.get(reminder.about_id, frozenset({reminder.about_id}))
    today = _written_at(reminder).date().isoformat()
    for one in reading.earlier[reminder.patient_id]:
        if one.kind != kind or one.facts == reminder.facts or one.id == reminder.pk:
            continue
        if one.about_id in about or (kind in _DATED and one.facts > today):
            return True
    return False
