"""Why a plan cannot be kept as it stands, asked of what the page has read already."""

from __future__ import annotations

from collections.abc import Sequence

from clinic.rules.local_time import local_day
from plans.models import Plan, Review, Session
from plans.models.facts import modalities_of, window_of
from plans.queries.chart import Chart
from plans.rules.course import Course
from plans.rules.picture import Picture, ReviewView, SessionView
from plans.rules.plan_facts import PlanFacts
from plans.rules.restrictions import Restriction
from plans.rules.states import PlanState, ReviewState, SessionState
from plans.rules.steps import StepKind
from plans.rules.trouble import troubles_of


def troubles_on_page(
    chart: Chart, plan: Plan, course: Course, certain: Sequence[Restriction], with_estimates: Sequence[Restriction]
) -> tuple[str, ...]:
    """Return the sentences, the plan's own dates as they are written down. No query."""
    picture = Picture(
        sessions={str(row.pk): _session(row, chart, course) for row in chart.sessions[plan.pk]},
        reviews={row.key: _review(row, chart) for row in chart.reviews[plan.pk]},
        restrictions=tuple(with_estimates),
        certain=tuple(certain),
        letters=(),
    )
    facts = PlanFacts(
        course=course,
        steps=(),
        starts_on=plan.starts_on,
        zone=chart.zone,
        now=chart.now,
        today=chart.today,
        state=PlanState(plan.state),
    )
    return tuple(trouble.sentence for trouble in troubles_of(facts, picture))


def _session(row: Session, chart: Chart, course: Course) -> SessionView:
    appointment, held = chart.live.get(row.pk), row.started_at or row.ended_at
    at = held if row.state == SessionState.DONE else appointment.starts if appointment else None
    return SessionView(
        ref=str(row.pk),
        number=row.number,
        modalities=modalities_of(row, course),
        kind=StepKind(row.kind),
        state=SessionState(row.state),
        day=local_day(at, row.plan.location.zone) if at else None,
        window=window_of(row),
    )


def _review(row: Review, chart: Chart) -> ReviewView:
    appointment = chart.live.get(row.pk)
    return ReviewView(
        key=row.key,
        title=row.title,
        due=row.due,
        opens=row.opens,
        closes=row.closes,
        state=ReviewState(row.state),
        estimated=row.is_estimated,
        booked_on=local_day(appointment.starts, appointment.location.zone) if appointment else None,
    )
