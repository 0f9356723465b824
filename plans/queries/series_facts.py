"""What is left of a plan, read from its rows, and a finder for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from uuid import UUID

from clinic.models import Staff
from clinic.rules.local_time import local_day
from plans.models import Plan, Review, Session
from plans.models.facts import live_appointments, minutes_of, step_of
from plans.queries.open_clinic import HORIZON, finder_at
from plans.rules.finder import Finder, Vacancy
from plans.rules.rhythm import Pause
from plans.rules.series_layout import Wanted
from plans.rules.series_search import Quest
from plans.rules.states import PlanState, SessionState
from plans.rules.wishes import Wishes

USUAL_MINUTES = 30


@dataclass(slots=True)
class SeriesFacts:
    """`sessions` and `reviews`: those to come that hold no time yet, by ref and key. A baseline is none of them: its
    photos are taken when the first session is. `kept`: what somebody chose, by ref or key."""

    by: Staff
    plan: Plan
    now: datetime
    quest: Quest
    sessions: Mapping[str, Session]
    reviews: Mapping[str, Review]
    kept: Mapping[str, Vacancy]
    total: int
    usual: UUID | None
    has_baseline: bool
    _finders: dict[tuple[frozenset[UUID], bool], Finder | None] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.quest.today

    def finder(self, wishes: Wishes, *, needs_room: bool = True) -> Finder | None:
        """Return who looks for times, with those only whom the patient would see."""
        key = wishes.practitioners, needs_room
        if key not in self._finders:
            to_do = [one.target for one in self.sessions.values()] or [one.due for one in self.reviews.values()]
            self._finders[key] = finder_at(
                self.plan.location, by=self.by, patient=self.plan.patient, first=self.today, last=self.today + HORIZON,
                around=max(min(to_do, default=self.today), self.today), now=self.now, needs_room=needs_room,
                practitioners=wishes.practitioners or None, usual=self.usual,
            )  # fmt: skip
        return self._finders[key]

    def wanted(self, finder: Finder, wishes: Wishes) -> Wanted:
        course = self.quest.course
        minutes = {ref: minutes_of(one, course) for ref, one in self.sessions.items()}
        resources = [*finder.people, *(finder.rooms or ())]
        last = self.today + HORIZON
        return Wanted(
            quest=self.quest,
            reviews=tuple(self.reviews),
            minutes={**minutes, **dict.fromkeys(self.reviews, USUAL_MINUTES)},
            zone=finder.zone,
            find=lambda day, length: finder.on(day, length, wishes) if day <= last else (),
            kept=self.kept,
            buffers={one.id: one.buffer for one in resources},
            usual=self.usual,
        )


def read_series(by: Staff, plan: Plan, keep: Mapping[UUID, Vacancy], now: datetime) -> SeriesFacts:
    """Five queries."""
    zone, course = plan.location.zone, plan.course
    today = local_day(now, zone)
    rows = list(plan.sessions.order_by("number"))
    live = live_appointments([plan])
    pauses = tuple(Pause(row.begins, row.ends) for row in plan.pauses.all() if row.ends)
    for row in rows:
        row.plan = plan
    if plan.state != PlanState.ACTIVE:
        rows = [row for row in rows if row.state != SessionState.PLANNED]
    open_ = {str(row.pk): row for row in rows if row.state == SessionState.PLANNED and row.pk not in live}
    promised = list(plan.reviews.open())
    reviews = {row.key: row for row in promised if row.months and row.pk not in live}
    kept = {ref: keep[row.pk] for ref, row in {**open_, **reviews}.items() if row.pk in keep}
    steps = []
    for row in rows:
        step = step_of(row, live.get(row.pk), zone)
        chosen = kept.get(step.ref)
        steps.append(replace(step, booked_on=local_day(chosen.starts, zone)) if chosen else step)
    mine = {row.pk for row in rows}
    held = [one.starts for one in kept.values()] + [one.starts for pk, one in live.items() if pk in mine]
    before = plan.patient.appointments.filter(location=plan.location).order_by("-starts").values_list("practitioner")
    usual = before.first()
    return SeriesFacts(
        by=by,
        plan=plan,
        now=now,
        quest=Quest(
            course=course,
            steps=tuple(steps),
            starts_on=plan.starts_on,
            today=today,
            pauses=pauses,
            weekday=local_day(held[0], zone).weekday() if held else None,
        ),
        sessions=open_,
        reviews=reviews,
        kept=kept,
        total=sum(row.state in (SessionState.PLANNED, SessionState.DONE) for row in rows),
        usual=usual[0] if usual else None,
        has_baseline=any(not row.months for row in promised),
    )
