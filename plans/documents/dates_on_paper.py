"""A session's and a review's line on the patient's copy: when it is, or between which days it belongs."""

from __future__ import annotations

from datetime import date

from clinic.rules.local_time import local_day
from plans.models import Appointment, Review, Session
from plans.models.facts import modalities_of
from plans.queries.spoken import between_words
from plans.rules.course import Course
from plans.rules.states import ReviewState, SessionState
from plans.rules.wording import clock_words, day_words, list_words, modality_words

Row = dict[str, str]


def session_row(session: Session, course: Course, appointment: Appointment | None, today: date) -> Row:
    what = list_words([modality_words(one) for one in modalities_of(session, course)])
    return {"number": str(session.number), "what": what[:1].upper() + what[1:], **_session(session, appointment, today)}


def review_row(review: Review, appointment: Appointment | None, today: date) -> Row:
    return {"title": review.title, "when": _review(review, appointment, today)}


def _session(session: Session, appointment: Appointment | None, today: date) -> Row:
    held_on = session.started_at or session.ended_at
    if session.state == SessionState.DONE and held_on:
        return _row("done", f"Done on {day_words(local_day(held_on, session.plan.location.zone))}")
    if session.state == SessionState.SKIPPED:
        return _row("skipped", "Left out")
    if appointment:
        return _row("booked", _at(appointment), f"booked with {appointment.practitioner.name}")
    if session.latest < today:
        return _row("late", "To be booked: please call us", f"it belonged on {day_words(session.target)}")
    if session.earliest == session.latest:
        return _row("open", f"On {day_words(session.target)}", "not booked yet")
    between = f"Between {between_words(session.earliest, session.latest)}"
    return _row("open", between, f"best on {day_words(session.target)}; not booked yet")


def _row(state: str, when: str, note: str = "") -> Row:
    return {"state": state, "when": when, "note": note}


def _review(review: Review, appointment: Appointment | None, today: date) -> str:
    if review.state == ReviewState.DECIDED and review.decided_at:
        return f"Done on {day_words(local_day(review.decided_at, review.plan.location.zone))}"
    if review.state == ReviewState.SKIPPED:
        return "Left out"
    if appointment:
        return f"{_at(appointment)}, booked"
    if review.closes < today:
        return "Not done" if review.months == 0 else f"To be booked: please call us. It was due {day_words(review.due)}"
    due = _on(review.due, about=review.is_estimated)
    if review.months == 0:
        return f"{due}, before the first session"
    return f"{due}, or between {between_words(review.opens, review.closes)}"


def _on(day: date, *, about: bool) -> str:
    return f"{'About' if about else 'On'} {day_words(day)}"


def _at(appointment: Appointment) -> str:
    zone = appointment.location.zone
    return f"{day_words(local_day(appointment.starts, zone))}, {clock_words(appointment.starts, zone)}"
