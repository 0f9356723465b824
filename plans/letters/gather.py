"""From a reminder's row to the facts its letter states, read at the moment it is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import QuerySet

from clinic.models import Location
from patients.links import page_url, unsubscribe_url
from plans.letters.care_words import after_care, pre_care
from plans.letters.facts import LetterFacts, Visit
from plans.models import Appointment, Offer, Reminder, Review, Session
from plans.models.facts import modalities_of, restrictions_of
from plans.rules.course import CareKind
from plans.rules.reminders import DYE, KIND_POLICY, WASH, LetterKind
from plans.rules.states import AppointmentPurpose, AppointmentState

EXPECTED = (AppointmentState.BOOKED, AppointmentState.CONFIRMED)
_NO_NAMES = {"", "localhost", "127.0.0.1", "::1"}


def facts_of(reminder: Reminder) -> LetterFacts:
    """Return what the letter states, dated `reminder.handed_off_at`. DoesNotExist when its subject is gone."""
    match LetterKind(reminder.kind):
        case LetterKind.NO_WASH | LetterKind.NO_DYE | LetterKind.DYE_AGAIN:
            return _about_care(reminder)
        case LetterKind.REVIEW_INVITATION:
            return _about_review(reminder)
        case LetterKind.SERIES_BOOKED:
            return _about_series(reminder)
        case LetterKind.WAITING_OFFER:
            return _about_offer(reminder)
        case _:
            return _about_appointment(reminder)


def mail_domain(location: Location) -> str:
    """What stands behind the @ of a Message-ID: the program's own name, or the desk's when it has none."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    return location.email.rpartition("@")[2] if host in _NO_NAMES else host


def _about_appointment(reminder: Reminder) -> LetterFacts:
    row = _appointments().get(pk=reminder.about_id)
    old, visit = row.rescheduled_from, _visit(row)
    facts = replace(
        _common(reminder, row.location),
        starts=visit.starts,
        ends=visit.ends,
        previous_starts=old.starts if old else None,
        appointment_word=visit.appointment_word,
        practitioner_name=visit.practitioner_name,
        room=visit.room,
        uid=visit.uid,
        sequence=visit.sequence,
        replaces=reminder.kind == LetterKind.APPOINTMENT_MOVED,
    )
    if row.session and reminder.kind in (LetterKind.PRE_CARE, LetterKind.SESSION_REMINDER):
        return replace(facts, care_items=_before(row, row.session, facts))
    return facts


def _about_series(reminder: Reminder) -> LetterFacts:
    """What was booked together and still stands so when the letter is written: the rest has letters of its own."""
    standing = _appointments().filter(series=reminder.about_id, state__in=EXPECTED, is_silent=False)
    rows = list(standing.filter(rescheduled_from=None, starts__gt=reminder.handed_off_at).order_by("starts"))
    location = rows[0].location if rows else reminder.location
    return replace(_common(reminder, location), visits=tuple(_visit(row) for row in rows))


def _about_offer(reminder: Reminder) -> LetterFacts:
    related = ("practitioner", "room", "freed__location", "entry__appointment")
    offer = Offer.objects.select_related(*related).get(pk=reminder.about_id)
    facts = _common(reminder, offer.freed.location)
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


def _appointments() -> QuerySet[Appointment]:
    related = ("practitioner", "room", "location", "session__plan", "review", "rescheduled_from")
    return Appointment.objects.select_related(*related)


def _visit(row: Appointment) -> Visit:
    return Visit(
        starts=row.starts,
        ends=row.ends,
        uid=f"{row.calendar_uid}@{mail_domain(row.location)}",
        sequence=row.calendar_sequence,
        appointment_word=_visit_words(row),
        practitioner_name=row.practitioner.name,
        room=row.room.name if row.room else "",
    )


def _before(row: Appointment, session: Session, facts: LetterFacts) -> tuple[str, ...]:
    course = session.plan.course
    modalities, today = modalities_of(session, course), facts.written_at.astimezone(facts.zone).date()
    return pre_care(course.care_rules, modalities, starts=row.starts, zone=facts.zone, today=today)


def _visit_words(row: Appointment) -> str:
    if row.session:
        return f"session {row.session.number} of {row.session.plan.sessions.count()}"
    if row.review:
        return f"{row.review.months}-month review" if row.review.months else "first photos"
    return AppointmentPurpose(row.purpose).label.lower()


def _about_care(reminder: Reminder) -> LetterFacts:
    session = Session.objects.select_related("plan").get(pk=reminder.about_id)
    # Restrictions are a union over all plans, told in the zone the patient lives by.
    facts = _common(reminder, reminder.patient.home_location)
    course, ended = session.plan.course, session.ended_at or facts.written_at
    modalities = modalities_of(session, course)
    match LetterKind(reminder.kind):
        case LetterKind.NO_WASH:
            avoid = [r for r in course.care_rules if r.kind is CareKind.AVOID and r.act not in (DYE, WASH)]
            items = after_care(avoid, modalities, ended=ended, zone=facts.zone)
            return replace(facts, until=datetime.fromisoformat(reminder.facts), care_items=items)
        case LetterKind.NO_DYE:
            do = [rule for rule in course.care_rules if rule.kind is CareKind.DO]
            items = after_care(do, modalities, ended=ended, zone=facts.zone)
            return replace(_noted(_dated(facts, reminder), reminder), care_items=items)
        case _:
            return replace(_dated(facts, reminder), until=_forbidden_again(reminder))


def _dated(facts: LetterFacts, reminder: Reminder) -> LetterFacts:
    return replace(facts, safe_on=date.fromisoformat(reminder.facts))


def _noted(facts: LetterFacts, reminder: Reminder) -> LetterFacts:
    """One calendar note per patient, which a later session's moves: never two dates in one calendar."""
    earlier = Reminder.objects.filter(patient=reminder.patient_id, kind=reminder.kind, message_id__gt="")
    domain = mail_domain(reminder.patient.home_location)
    return replace(facts, uid=f"dye-{reminder.patient_id}@{domain}", sequence=earlier.count())


def _forbidden_again(reminder: Reminder) -> datetime | None:
    safe_on, zone = date.fromisoformat(reminder.facts), reminder.patient.home_location.zone
    later_ones = (p.begins for p in restrictions_of(reminder.patient) if p.act == DYE)
    return min((begins for begins in later_ones if begins.astimezone(zone).date() >= safe_on), default=None)


def _about_review(reminder: Reminder) -> LetterFacts:
    review = Review.objects.get(pk=reminder.about_id)
    return replace(_common(reminder, reminder.location), months=review.months, review_due=review.due)


def _common(reminder: Reminder, location: Location) -> LetterFacts:
    kind, patient, written_at = LetterKind(reminder.kind), reminder.patient, reminder.handed_off_at
    if written_at is None:
        raise ValueError("A letter is written at its hand-off.")
    return LetterFacts(
        kind=kind,
        patient_first_name=patient.first_name,
        clinic_name=location.name,
        clinic_phone=location.phone,
        clinic_address=location.address,
        reply_to=location.email,
        zone=location.zone,
        page_url=page_url(patient, now=written_at),
        unsubscribe_url=unsubscribe_url(patient, group=KIND_POLICY[kind].group.value, now=written_at),
        written_at=written_at,
    )
