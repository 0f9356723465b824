"""A course as a story: things are done at their hours, and in between the mail goes out."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from plans.models import Appointment, Plan, Reminder, Session
from plans.operations.reviews import ReviewOutcome, decide_review
from plans.operations.visits import check_in
from plans.queries.own_page import own_page
from plans.rules.states import Decision, ReminderState
from tests.cast import Cast
from tests.journeys.crew import MINUTE, Crew

QUIET = timedelta(days=5)


class Story:
    """The clinic and its crew on one time line."""

    def __init__(self, cast: Cast, crew: Crew) -> None:
        self.cast, self.crew = cast, crew
        self._ticked = cast.now
        self.plan: Plan

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        """Let time pass until then: every mail goes out at its own minute, and none a minute before."""
        moment = self.cast.at(day, hour, minute)
        while (due := self._next_due()) and due <= moment:
            if due - MINUTE > self.cast.now:
                self._nothing_leaves_until(due - MINUTE)
                assert self.crew.tick_at(due - MINUTE) == []
            self.cast.now = max(due, self.cast.now)
            assert self.crew.tick_at(self.cast.now, beats=2)
            self._ticked = self.cast.now
        self._nothing_leaves_until(moment)
        self.cast.now = moment
        return moment

    def _nothing_leaves_until(self, moment: datetime) -> None:
        """The clock ticks in quiet weeks, too: after a week without any, letters would be held."""
        while moment - self._ticked > QUIET:
            self._ticked += QUIET
            assert self.crew.tick_at(self._ticked) == []

    def _next_due(self) -> datetime | None:
        planned = Reminder.objects.filter(state=ReminderState.PLANNED).order_by("due_at")
        return planned.values_list("due_at", flat=True).first()

    def session(self, number: int) -> Session:
        return Session.objects.select_related("plan__patient", "plan__location").get(plan=self.plan, number=number)

    def window(self, number: int) -> tuple[date, date, date]:
        session = self.session(number)
        return session.earliest, session.target, session.latest

    def book(self, number: int, day: date, hour: int, minute: int = 0, **more: object) -> Appointment:
        return self.cast.book(self.session(number), self.cast.at(day, hour, minute), **more)

    def hold(self, appointment: Appointment) -> None:
        """The patient comes, is treated for the whole booked time, and it is written down at once."""
        self.at(*self._clock(appointment.starts))
        check_in(appointment_id=appointment.pk, by=self.cast.desk, now=self.cast.now)
        self.at(*self._clock(appointment.ends))
        self.cast.hold(Session.objects.select_related("plan").get(pk=appointment.session_id), appointment.ends)

    def free_on(self, act: str) -> date | None:
        """The day from which the patient's own page allows it; None when it is allowed, or nobody knows."""
        page = own_page(self.cast.people[0], now=self.cast.now)
        return next(answer.free_on for answer in page.answers if answer.act == act)

    def decide(self, appointment: Appointment, decision: Decision) -> None:
        self.at(*self._clock(appointment.ends))
        self.cast.photograph(appointment.review)
        outcome = ReviewOutcome(decision=decision, decision_reason="As hoped.")
        decide_review(review_id=appointment.review_id, outcome=outcome, by=self.cast.doctor, now=self.cast.now)

    def _clock(self, instant: datetime) -> tuple[date, int, int]:
        local = instant.astimezone(self.cast.here.zone)
        return local.date(), local.hour, local.minute
