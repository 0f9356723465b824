"""All that stands on a plan's page, narrowed to what the viewer may read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models.consent_facts import ConsentBook
from plans.models import Pause, Plan
from plans.queries.allowed import RestrictionLine, Spoken, restriction_lines, speak
from plans.queries.at_home import HomeLine, home_lines
from plans.queries.chart import Chart, read_chart
from plans.queries.next_step import NextStep, left_to_book, next_of_plan
from plans.queries.plan_history import DeedLine, Letters, deeds_of, letters_of
from plans.queries.plan_lines import CHANGEABLE, ReviewLine, SessionLine, review_lines, session_lines
from plans.queries.plan_troubles import troubles_on_page
from plans.queries.spoken import between_words
from plans.queries.timeline import plan_timeline
from plans.queries.timeline_key import Key, timeline_key
from plans.rules.course import CareKind, Course
from plans.rules.states import PlanState, SessionState
from plans.rules.timeline import Drawing
from plans.rules.windows import booster_window
from plans.rules.wording import act_words


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change the plan: the kind its page is called by, and the words on its button."""

    kind: str
    words: str


@dataclass(frozen=True, slots=True)
class PlanStory:
    """`letters` and `deeds` are None for those who may not read them. `acts` are what one may ask about.

    `troubles` say why the plan cannot be kept as it stands. `booster` says when one belongs after the course.
    """

    plan: Plan
    zone: ZoneInfo
    today: date
    step: NextStep | None
    done: int
    total: int
    sessions: tuple[SessionLine, ...]
    reviews: tuple[ReviewLine, ...]
    restrictions: tuple[RestrictionLine, ...]
    acts: tuple[tuple[str, str], ...]
    letters: Letters | None
    deeds: tuple[DeedLine, ...] | None
    chart: Chart
    timeline: Drawing
    home: tuple[HomeLine, ...]
    pauses: tuple[Pause, ...]
    changes: tuple[Change, ...]
    booster: str
    troubles: tuple[str, ...]

    @property
    def key(self) -> Key:
        """What the shapes on the time line mean."""
        return timeline_key(self.timeline)

    @property
    def left_to_book(self) -> int:
        """How many sessions and reviews have no appointment yet."""
        return left_to_book(self.chart, self.plan)

    @property
    def pause(self) -> Pause | None:
        """The pause it stands in now."""
        return next((pause for pause in self.pauses if pause.ends is None), None)

    def may(self, act: str, day: date) -> Spoken:
        """ "May I dye on this day?", from all the patient's plans. No query."""
        held, estimated = self.chart.held(), self.chart.restrictions(self.chart.held(with_estimates=True))
        return speak(act, day, self.chart.restrictions(held), estimated, held, zone=self.zone)


def plan_story(by: Staff, plan_id: UUID, *, now: datetime) -> PlanStory:
    """Return the page. Forbidden without the right to see plans; DoesNotExist for somebody else's."""
    if not by.can(Deed.SEE_PLAN):
        raise Forbidden(Deed.SEE_PLAN)
    found = Plan.objects.visible_to(by).select_related("patient__home_location").only("patient").get(pk=plan_id)
    chart = read_chart(found.patient, now=now)
    plan, zone, today = chart.plan(plan_id), chart.zone, chart.today
    course, held = plan.course, chart.held()
    certain = chart.restrictions(held)
    estimated = chart.restrictions(chart.held(with_estimates=True, as_if_active=plan_id))
    book = ConsentBook.read([plan.patient_id])
    pauses = tuple(plan.pauses.all())
    sessions, reviews = session_lines(chart, plan, course, by), review_lines(chart, plan, by)
    home = home_lines(
        course.alongside, starts_on=plan.starts_on, today=today, certain=certain, with_estimates=estimated, zone=zone
    )
    return PlanStory(
        plan=plan,
        zone=zone,
        today=today,
        step=next_of_plan(chart, plan, book, by=by),
        done=sum(line.session.state == SessionState.DONE for line in sessions),
        total=sum(line.session.state in (SessionState.PLANNED, SessionState.DONE) for line in sessions),
        sessions=sessions,
        reviews=reviews,
        restrictions=restriction_lines(certain, held, zone=zone, now=now),
        acts=_acts(course),
        letters=letters_of(plan, by),
        deeds=deeds_of(chart, plan, by),
        chart=chart,
        timeline=plan_timeline(
            sessions, reviews, home, pauses, certain, estimated,
            starts_on=plan.starts_on, today=today, zone=zone, by=by,
        ),
        home=home,
        pauses=pauses,
        changes=tuple(_changes(plan, course)) if by.can(Deed.CHANGE_PLAN) else (),
        booster=_booster(plan, course, sessions),
        troubles=troubles_on_page(chart, plan, course, certain, estimated),
    )  # fmt: skip


def _acts(course: Course) -> tuple[tuple[str, str], ...]:
    """What the course forbids at some time, dyeing first: it is what patients ask."""
    acts = dict.fromkeys(rule.act for rule in course.care_rules if rule.kind is CareKind.AVOID and rule.in_force)
    return tuple((act, act_words(act).capitalize()) for act in sorted(acts, key=lambda act: act != "dye"))


def _changes(plan: Plan, course: Course) -> Iterable[Change]:
    """What can be changed about the plan as it stands; what belongs to one session stands beside that session."""
    state = PlanState(plan.state)
    if state is PlanState.ACTIVE:
        yield Change("pause", "Pause the plan")
    if state is PlanState.PAUSED:
        yield Change("resume", "Resume the plan")
    if state in CHANGEABLE:
        yield Change("add", "Add a session")
    if course.maintenance and state in (PlanState.ACTIVE, PlanState.COMPLETED):
        yield Change("booster", "Plan a booster")
    if state in CHANGEABLE:
        yield Change("review", "Change a review's date")
        yield Change("alongside", "Medicine at home")
        yield Change("care-rule", "Change a care rule")
        yield Change("version", "Follow another protocol version")


def _booster(plan: Plan, course: Course, sessions: Iterable[SessionLine]) -> str:
    """When the next booster belongs, once the course is done and none is planned."""
    done = [line.done_on for line in sessions if line.done_on]
    is_planned = any(line.session.state == SessionState.PLANNED for line in sessions)
    if not done or is_planned or plan.state not in (PlanState.ACTIVE, PlanState.COMPLETED):
        return ""
    window = booster_window(course, max(done))
    return f"A booster belongs between {between_words(window.earliest, window.latest)}." if window else ""
