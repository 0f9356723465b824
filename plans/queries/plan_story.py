"""All that stands on a plan's page, narrowed to what the viewer may read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Count

from clinic.models import AuditLine, Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.models import Appointment, ChecklistItem, Plan, Reminder, Review, Session
from plans.models.facts import modalities_of
from plans.models.reminder import OPEN
from plans.queries.allowed import RestrictionLine, Spoken, restriction_lines, speak
from plans.queries.chart import Chart, read_chart
from plans.queries.next_step import NextStep, next_of_plan
from plans.rules.course import CareKind, Course
from plans.rules.states import AppointmentState, PlanState, ReminderState, ReviewState, SessionState
from plans.rules.wording import act_words, list_words, modality_words

DEEDS_SHOWN = 40
LETTERS_SHOWN = 10


@dataclass(frozen=True, slots=True)
class SessionLine:
    """`state` is the chip's colour and `word` its word; `appointment` holds time now; `misses` counts no-shows."""

    session: Session
    given: str
    state: str
    word: str
    appointment: Appointment | None
    misses: int
    done_on: date | None
    is_next: bool
    ticked: int
    items: int
    can_book: bool
    can_complete: bool
    can_skip: bool


@dataclass(frozen=True, slots=True)
class ReviewLine:
    review: Review
    appointment: Appointment | None
    photos: int
    views: int
    can_book: bool


@dataclass(frozen=True, slots=True)
class Letters:
    """`coming` by due time; `gone` newest first, without those that changes made needless."""

    coming: tuple[Reminder, ...]
    gone: tuple[Reminder, ...]


@dataclass(frozen=True, slots=True)
class DeedLine:
    line: AuditLine
    words: str


@dataclass(frozen=True, slots=True)
class PlanStory:
    """`letters` and `deeds` are None for those who may not read them. `acts` are what one may ask about."""

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
    plan = chart.plan(plan_id)
    course, held = plan.course, chart.held()
    periods = chart.restrictions(held)
    given = [ConsentTopic(topic) for topic in plan.patient.consents.in_force().values_list("topic", flat=True)]
    sessions = _sessions(chart, plan, course, by)
    return PlanStory(
        plan=plan,
        zone=chart.zone,
        today=chart.today,
        step=next_of_plan(chart, plan, given, by=by),
        done=sum(line.session.state == SessionState.DONE for line in sessions),
        total=sum(line.session.state in (SessionState.PLANNED, SessionState.DONE) for line in sessions),
        sessions=sessions,
        reviews=tuple(_review(review, chart, by) for review in chart.reviews[plan_id]),
        restrictions=restriction_lines(periods, held, zone=chart.zone, now=now),
        acts=_acts(course),
        chart=chart,
        letters=_letters(plan) if by.can(Deed.SEE_OUTBOX) else None,
        deeds=_deeds(chart, plan, by),
    )


def _sessions(chart: Chart, plan: Plan, course: Course, by: Staff) -> tuple[SessionLine, ...]:
    counts = _ticks(plan)
    rows = chart.sessions[plan.pk]
    to_do = [session for session in rows if session.state == SessionState.PLANNED]
    first = to_do[0].pk if to_do and plan.state == PlanState.ACTIVE else None
    return tuple(_session(session, chart, course, counts, by, is_next=session.pk == first) for session in rows)


def _session(
    session: Session, chart: Chart, course: Course, ticks: Mapping[UUID, tuple[int, int]], by: Staff, *, is_next: bool
) -> SessionLine:
    appointment = chart.live.get(session.pk)
    state, word = _standing(session, appointment, chart.today)
    ticked, items = ticks.get(session.pk, (0, 0))
    is_open = session.plan.state == PlanState.ACTIVE and session.state == SessionState.PLANNED
    held_on = session.started_at or session.ended_at
    may_begin = local_day(appointment.starts, chart.zone) if appointment else session.earliest
    return SessionLine(
        session=session,
        given=list_words([modality_words(modality) for modality in modalities_of(session, course)]),
        state=state,
        word=word,
        appointment=appointment,
        misses=chart.misses(session),
        done_on=local_day(held_on, chart.zone) if session.state == SessionState.DONE and held_on else None,
        is_next=is_next,
        ticked=ticked,
        items=items,
        can_book=is_open and appointment is None and by.can(Deed.BOOK),
        can_complete=is_open and is_next and may_begin <= chart.today and by.can(Deed.COMPLETE_SESSION),
        can_skip=is_open and appointment is None and by.can(Deed.CHANGE_PLAN),
    )


def _standing(session: Session, appointment: Appointment | None, today: date) -> tuple[str, str]:
    if session.state != SessionState.PLANNED:
        return session.state, session.get_state_display()
    if appointment:
        return appointment.state, AppointmentState(appointment.state).label
    if session.plan.state == PlanState.DRAFT:
        return "draft", "Draft"
    return ("late", "Late") if session.latest < today else ("planned", "To book")


def _ticks(plan: Plan) -> dict[UUID, tuple[int, int]]:
    """How many of a session's items are ticked, of how many there are."""
    rows = ChecklistItem.objects.filter(session__plan=plan).order_by().values_list("session_id")
    return {pk: (ticked, items) for pk, ticked, items in rows.annotate(Count("ticked_at"), Count("pk"))}


def _review(review: Review, chart: Chart, by: Staff) -> ReviewLine:
    appointment = chart.live.get(review.pk)
    is_open = review.plan.state == PlanState.ACTIVE and review.state == ReviewState.PROMISED and review.months > 0
    photos, views = review.photos_taken, review.views_wanted  # type: ignore[attr-defined]  # annotated by read_chart
    return ReviewLine(review, appointment, photos, views, is_open and appointment is None and by.can(Deed.BOOK))


def _acts(course: Course) -> tuple[tuple[str, str], ...]:
    """What the course forbids at some time, dyeing first: it is what patients ask."""
    acts = dict.fromkeys(rule.act for rule in course.care_rules if rule.kind is CareKind.AVOID and rule.in_force)
    return tuple((act, act_words(act).capitalize()) for act in sorted(acts, key=lambda act: act != "dye"))


def _letters(plan: Plan) -> Letters:
    rows = list(plan.reminders.select_related("location").defer("mime").order_by("due_at", "id"))
    coming = [row for row in rows if row.state in OPEN]
    gone = [row for row in reversed(rows) if row.state not in OPEN and row.state != ReminderState.CANCELLED]
    return Letters(tuple(coming), tuple(gone[:LETTERS_SHOWN]))


def _deeds(chart: Chart, plan: Plan, by: Staff) -> tuple[DeedLine, ...] | None:
    """What was done to this plan and all that hangs on it, newest first."""
    if not (by.can(Deed.SEE_AUDIT) or by.can(Deed.SEE_OWN_AUDIT)):
        return None
    rows: list[Session | Review] = [*chart.sessions[plan.pk], *chart.reviews[plan.pk]]
    appointments = [appointment.pk for row in rows for appointment in chart.attempts(row)]
    ids = [plan.pk, *(row.pk for row in rows), *appointments]
    lines = AuditLine.objects.as_read_by(by).filter(about_id__in=ids).order_by("-at", "-id")[:DEEDS_SHOWN]
    return tuple(DeedLine(line, _deed_words(line.happened)) for line in lines)


def _deed_words(happened: str) -> str:
    """ "appointment.booked" reads "Appointment booked"."""
    return happened.replace(".", " ").replace("_", " ").capitalize()
