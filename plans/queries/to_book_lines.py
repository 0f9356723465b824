"""One row of a list of what is to be booked: whom, what, why now, and the page where it is done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from clinic.models import Location
from clinic.rules.local_time import local_day
from patients.models import Patient
from plans.models import Appointment, Plan, Review, Session
from plans.queries.day_rows import is_to_phone, what_words
from plans.queries.spoken import between_words, day_and_distance, window_words
from plans.rules.no_shows import is_phoned_before, ordinal, phone_words
from plans.rules.wording import clock_words, day_words, distance_words


@dataclass(frozen=True, slots=True)
class Line:
    """`state` and `word` are a chip's; `when` says the window; `url_name` and `pk` lead to the deed named `action`."""

    patient: Patient
    location: Location
    to_phone: bool
    what: str
    state: str
    word: str
    when: str
    url_name: str
    pk: UUID
    action: str

    @classmethod
    def of_session(cls, row: Session, now: datetime) -> Line:
        plan, today = row.plan, _today(row.plan, now)
        when, state, word = window_words(row.earliest, row.target, row.latest), "good", "Open now"
        if row.latest < today:
            when, state = f"It should have been by {day_and_distance(row.latest, today)}.", "late"
            word = "Late"
        elif row.earliest > today:
            state, word = "calm", f"Opens {distance_words(row.earliest, today)}"
        return cls(
            plan.patient, plan.location, is_to_phone(plan.patient), f"Session {row.number}", state, word, when,
            "plans:session-book", row.pk, "Book",
        )  # fmt: skip

    @classmethod
    def of_review(cls, row: Review, now: datetime) -> Line:
        plan, today = row.plan, _today(row.plan, now)
        state, word = (
            ("good", "Open now") if row.opens <= today else ("calm", f"Opens {distance_words(row.opens, today)}")
        )
        if row.closes < today:
            state, word = "late", "Its time is over"
        when = f"Due {day_and_distance(row.due, today)}. Between {between_words(row.opens, row.closes)}."
        return cls(
            plan.patient, plan.location, is_to_phone(plan.patient), row.title, state, word, when,
            "plans:review-book", row.pk, "Book",
        )  # fmt: skip

    @classmethod
    def of_missed(cls, row: Appointment, now: datetime) -> Line:
        zone = row.location.zone
        day = local_day(row.starts, zone)
        when = f"Missed on {day_words(day)}, {clock_words(row.starts, zone)}."
        if row.session:
            when += f" {window_words(row.session.earliest, row.session.target, row.session.latest)}"
        word = f"{ordinal(max(1, row.missed))} no-show"  # type: ignore[attr-defined]  # annotated by its list
        return cls._of(row, "no_show", word, when, "plans:missed", "Book again")

    @classmethod
    def of_misplaced(cls, row: Appointment, now: datetime) -> Line:
        session, zone = row.session, row.location.zone
        day = local_day(row.starts, zone)
        is_early = session is not None and day < session.earliest
        when = f"Booked for {day_words(day)}, {clock_words(row.starts, zone)}."
        if session:
            when += f" {window_words(session.earliest, session.target, session.latest)}"
        return cls._of(row, "wait", "Too early" if is_early else "Too late", when, "plans:appointment-move", "Move")

    @classmethod
    def of_call(cls, row: Appointment, now: datetime) -> Line:
        zone, missed = row.location.zone, row.missed  # type: ignore[attr-defined]  # annotated by its list
        when = f"{day_words(local_day(row.starts, zone))}, {clock_words(row.starts, zone)}."
        word = f"{missed} no-shows" if is_phoned_before(missed) else "No e-mail"
        when += f" {phone_words(missed)}." if is_phoned_before(missed) else " No mail reaches this patient."
        return cls._of(row, "wait", word, when, "plans:appointment", "Open")

    @classmethod
    def _of(cls, row: Appointment, state: str, word: str, when: str, url_name: str, action: str) -> Line:
        patient = row.patient
        what = what_words(row)
        return cls(patient, row.location, is_to_phone(patient), what, state, word, when, url_name, row.pk, action)


LineOf = Callable[[Any, datetime], Line]


def _today(plan: Plan, now: datetime) -> date:
    return local_day(now, plan.location.zone)
