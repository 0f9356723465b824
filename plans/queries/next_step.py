"""The one thing to do next for a plan or a patient, in words, with the page where it is done."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from patients.models.consent_facts import ConsentBook
from plans.models import Appointment, Plan, Review, Session
from plans.queries.chart import Chart
from plans.queries.spoken import day_and_distance, window_words
from plans.rules.states import AppointmentState, PlanState, ReviewState, SessionState
from plans.rules.wording import clock_words, day_words, distance_words, first_up


@dataclass(frozen=True, slots=True)
class NextStep:
    """`url_name` and `pk` lead to the page; empty where there is none or it is not the viewer's. `on` orders steps.

    `series`: the plan of which more than this one is left to book.
    """

    what: str
    text: str
    on: date
    url_name: str = ""
    pk: UUID | None = None
    action: str = ""
    deed: Deed | None = None
    series: UUID | None = None

    def seen_by(self, by: Staff) -> NextStep:
        if self.deed is None or by.can(self.deed):
            return self
        return NextStep(self.what, self.text, self.on)


def next_of_patient(chart: Chart, book: ConsentBook, *, assessed: bool, by: Staff) -> NextStep:
    """Return the soonest step over the plans under way and in draft; without one, how to begin."""
    steps = [step for plan in chart.plans if (step := next_of_plan(chart, plan, book, by=by))]
    if steps:
        return min(steps, key=lambda step: step.on)
    patient = chart.patient.pk
    if not assessed:
        step = NextStep(
            "Assess the patient", "A plan stands on what was found.", chart.today,
            "patients:assess", patient, "Assess", Deed.ASSESS,
        )  # fmt: skip
    else:
        step = NextStep(
            "Make a plan", "No plan is under way.", chart.today, "plans:plan-new", patient, "Choose a protocol",
            Deed.CHANGE_PLAN,
        )  # fmt: skip
    return step.seen_by(by)


def next_of_plan(chart: Chart, plan: Plan, book: ConsentBook, *, by: Staff) -> NextStep | None:
    """Return the plan's next step, None when it has ended."""
    if plan.state == PlanState.DRAFT:
        return _of_draft(plan, book, chart).seen_by(by)
    if plan.state == PlanState.PAUSED:
        # Whatever another plan of the patient asks for comes before waiting.
        return NextStep("The plan is paused", "Resume it before anything else of it is booked.", date.max)
    if plan.state != PlanState.ACTIVE:
        return None
    steps = sorted(_of_active(chart, plan), key=lambda step: step.on)
    return steps[0].seen_by(by) if steps else None


def _of_draft(plan: Plan, book: ConsentBook, chart: Chart) -> NextStep:
    today = chart.today
    modalities = tuple(component.modality.value for component in plan.course.components)
    if plan.assessment_id is None:
        return NextStep(
            "Assess the patient", "This plan stands on no assessment: make one, then a plan from it.", today,
            "patients:assess", plan.patient_id, "Assess", Deed.ASSESS,
        )  # fmt: skip
    if faults := book.faults(chart.patient, modalities, first_session=True):
        words = " ".join(fault.sentence for fault in faults)
        return NextStep(
            "Record consent", f"Before this plan can be activated. {words}", today, "patients:consent",
            plan.patient_id, "Record consent", Deed.RECORD_CONSENT,
        )  # fmt: skip
    return NextStep(
        "Activate the plan", "It is a draft: nothing can be booked yet.", today, "plans:plan-activate", plan.pk,
        "Look and activate", Deed.ACTIVATE_PLAN,
    )  # fmt: skip


def _of_active(chart: Chart, plan: Plan) -> Iterator[NextStep]:
    """Yield the baseline photos where they are due now, the next session's step and the next review's."""
    to_do = [session for session in chart.sessions[plan.pk] if session.state == SessionState.PLANNED]
    reviews = [review for review in chart.reviews[plan.pk] if review.state == ReviewState.PROMISED]
    booked = [session for session in to_do if session.pk in chart.live]
    yield from _baseline(reviews, booked, chart)
    if to_do and to_do[0].pk not in chart.live:
        yield _book(to_do[0], chart)
    elif booked:
        soonest = min(booked, key=lambda session: chart.live[session.pk].starts)
        name = f"session {soonest.number}"
        complete = NextStep(
            f"Complete {name}", "The patient is here.", chart.today, "plans:session-complete", soonest.pk,
            f"Complete {name}", Deed.COMPLETE_SESSION,
        )  # fmt: skip
        yield _held(name, chart.live[soonest.pk], chart, complete)
    for review in [review for review in reviews if review.months][:1]:
        yield _review(review, chart)


def _baseline(reviews: Iterable[Review], booked: Iterable[Session], chart: Chart) -> Iterator[NextStep]:
    """On the day of the first session: afterwards there is no "before" to photograph."""
    days = [local_day(chart.live[session.pk].starts, chart.zone) for session in booked]
    for review in reviews:
        if review.months == 0 and not review.photos_taken and days and min(days) <= chart.today:  # type: ignore[attr-defined]  # annotated by read_chart
            yield NextStep(
                "Take the baseline photos", "Before the session: afterwards there is no “before” to compare with.",
                min(days), "plans:review", review.pk, "Take photos", Deed.ADD_PHOTO,
            )  # fmt: skip


def left_to_book(chart: Chart, plan: Plan) -> int:
    """Return how many sessions and reviews of a plan under way have no appointment yet."""
    if plan.state != PlanState.ACTIVE:
        return 0
    sessions = [one.pk for one in chart.sessions[plan.pk] if one.state == SessionState.PLANNED]
    reviews = [one.pk for one in chart.reviews[plan.pk] if one.state == ReviewState.PROMISED and one.months]
    return sum(one not in chart.live for one in (*sessions, *reviews))


def _book(session: Session, chart: Chart) -> NextStep:
    again = " again: the last appointment was missed" if chart.misses(session) else ""
    window = window_words(session.earliest, session.target, session.latest)
    if session.latest < chart.today:
        window = f"Late: it should have been by {day_and_distance(session.latest, chart.today)}."
    return NextStep(
        f"Book session {session.number}{again}", window, max(session.earliest, chart.today), "plans:session-book",
        session.pk, f"Book session {session.number}", Deed.BOOK,
        series=session.plan_id if left_to_book(chart, session.plan) > 1 else None,
    )  # fmt: skip


def _held(name: str, appointment: Appointment, chart: Chart, once_here: NextStep) -> NextStep:
    zone = appointment.location.zone
    day = local_day(appointment.starts, zone)
    when = f"{day_words(day)}, {clock_words(appointment.starts, zone)} with {appointment.practitioner.name}"
    if appointment.state == AppointmentState.ARRIVED:
        return once_here
    page, pk = "plans:appointment", appointment.pk
    if appointment.ends < chart.now:
        text = f"It was booked on {when}. Complete it, or mark it as a no-show."
        return NextStep(f"Was {name} held?", text, day, page, pk, "Open the appointment", Deed.CHECK_IN)
    if day == chart.today:
        return NextStep(f"Check in for {name}", f"Today: {when}.", day, page, pk, "Check in", Deed.CHECK_IN)
    text = f"{when}, {distance_words(day, chart.today)}."
    return NextStep(f"{first_up(name)} is booked", text, day, page, pk, "Open the appointment", Deed.BOOK)


def _review(review: Review, chart: Chart) -> NextStep:
    name = f"the review “{review.title}”"
    if appointment := chart.live.get(review.pk):
        hold = NextStep(
            f"Hold {name}", "The patient is here.", chart.today, "plans:review", review.pk, "Open the review",
            Deed.REVIEW,
        )  # fmt: skip
        return _held(name, appointment, chart, hold)
    when = f"Due {day_words(review.due)}, {distance_words(review.due, chart.today)}."
    return NextStep(f"Book {name}", when, review.opens, "plans:review-book", review.pk, "Book the review", Deed.BOOK)
