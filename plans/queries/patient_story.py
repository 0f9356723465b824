"""All that stands on the patient's page, narrowed to what the viewer may read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Assessment, Consent, Patient
from patients.models.consent_facts import ConsentBook, published_forms
from plans.models import Appointment, Plan, Reminder, Review
from plans.models.appointment import LIVE
from plans.queries.allowed import RestrictionLine, restriction_lines
from plans.queries.chart import Chart, read_chart
from plans.queries.last_session import LastSession, last_session
from plans.queries.next_step import NextStep, next_of_patient
from plans.queries.requests import RequestLine, requests_of
from plans.rules.states import AppointmentState, PlanState, ReminderState, ReviewState, SessionState
from plans.rules.wording import list_words

LETTERS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class PlanLine:
    plan: Plan
    done: int
    to_do: int
    total: int

    @property
    def progress(self) -> str:
        return f"{self.done} of {self.total} sessions done"


@dataclass(frozen=True, slots=True)
class PatientStory:
    """`assessments` and `letters` are None for those who may not read them: the page then has no such part."""

    patient: Patient
    age: int | None
    zone: ZoneInfo
    today: date
    step: NextStep
    last: LastSession | None
    restrictions: tuple[RestrictionLine, ...]
    plans: tuple[PlanLine, ...]
    coming: tuple[Appointment, ...]
    past: tuple[Appointment, ...]
    no_shows: int
    mails: str
    reviews: tuple[Review, ...]
    consents: tuple[Consent, ...]
    letters: tuple[Reminder, ...] | None
    assessments: tuple[Assessment, ...] | None
    requests: tuple[RequestLine, ...]


def patient_story(by: Staff, patient_id: UUID, *, now: datetime) -> PatientStory:
    """Return the page. Forbidden without the right to see patients; DoesNotExist for somebody else's."""
    if not by.can(Deed.SEE_PATIENT):
        raise Forbidden(Deed.SEE_PATIENT)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    chart = read_chart(patient, now=now)
    consents = tuple(patient.consents.in_force().select_related("form").order_by("topic"))
    assessments = tuple(patient.assessments.select_related("made_by").order_by("-made_at", "-id"))
    book = ConsentBook({patient.pk: tuple(consent.agreed for consent in consents)}, published_forms())
    held = chart.held()
    coming, past = _appointments(chart)
    return PatientStory(
        patient=patient,
        age=patient.age_on(chart.today),
        zone=chart.zone,
        today=chart.today,
        step=next_of_patient(chart, book, assessed=bool(assessments), by=by),
        last=last_session(chart, by=by),
        restrictions=restriction_lines(chart.restrictions(held), held, zone=chart.zone, now=now),
        plans=tuple(_plan_line(chart, plan) for plan in chart.plans),
        coming=coming,
        past=past,
        no_shows=sum(appointment.state == AppointmentState.NO_SHOW for appointment in past),
        mails=_mails_words(patient),
        reviews=_reviews(chart),
        consents=consents,
        letters=_letters(patient) if by.can(Deed.SEE_OUTBOX) else None,
        assessments=assessments if by.can(Deed.SEE_CLINICAL) else None,
        requests=requests_of(patient, by=by, now=now),
    )


def _appointments(chart: Chart) -> tuple[tuple[Appointment, ...], tuple[Appointment, ...]]:
    """Split into what is to come, soonest first, and what has been or was called off, newest first."""
    coming = [a for a in chart.appointments if a.state in LIVE and a.ends > chart.now]
    past = [a for a in reversed(chart.appointments) if a not in coming]
    return tuple(coming), tuple(past)


def _plan_line(chart: Chart, plan: Plan) -> PlanLine:
    states = [session.state for session in chart.sessions[plan.pk]]
    counted = [state for state in states if state in (SessionState.PLANNED, SessionState.DONE)]
    return PlanLine(plan, states.count(SessionState.DONE), states.count(SessionState.PLANNED), len(counted))


def _reviews(chart: Chart) -> tuple[Review, ...]:
    """Reviews of plans that were started; those of a draft are nobody's promise yet."""
    started = [plan for plan in chart.plans if plan.state != PlanState.DRAFT]
    found = [review for plan in started for review in chart.reviews[plan.pk]]
    return tuple(sorted(found, key=lambda review: (review.state != ReviewState.PROMISED, review.due)))


def _letters(patient: Patient) -> tuple[Reminder, ...]:
    """What went out or should have: not what is still to come, nor what the plans made needless."""
    rows = patient.reminders.select_related("location").defer("mime")
    told = rows.exclude(state__in=(ReminderState.PLANNED, ReminderState.CANCELLED))
    return tuple(told.order_by("-due_at", "-id")[:LETTERS_SHOWN])


def _mails_words(patient: Patient) -> str:
    wanted = {
        "appointments": patient.wants_appointment_mail, "care": patient.wants_care_mail,
        "reviews": patient.wants_review_mail,
    }  # fmt: skip
    return list_words([group for group, wants in wanted.items() if wants]) or "none wanted"
