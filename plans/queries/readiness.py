"""Whether what is booked can go ahead, and what is missing: for one appointment or a whole day, in few queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.roles import Deed
from patients.models import Assessment
from patients.models.consent_facts import ConsentBook
from patients.models.facts import why_not_treat
from patients.rules.consent import ConsentTopic
from patients.rules.contraindications import may_override
from plans.models import Appointment, ChecklistItem, Review, Session
from plans.models.facts import modalities_of, window_of
from plans.models.visit_facts import numbing_keys
from plans.queries.no_shows import no_shows
from plans.rules.booking import why_not_in_window
from plans.rules.course import CarePhase
from plans.rules.no_shows import is_phoned_before, phone_words
from plans.rules.numbing import numbing
from plans.rules.states import AppointmentPurpose, AppointmentState, PlanState, ReviewState, SessionState
from plans.rules.wording import clock_words

CLINICIAN_DECIDES = "The clinician has to look at this first."


class Standing(StrEnum):
    """`not_ready`: it cannot go ahead like this. `wait`: somebody should ask or look. The values are chips' names."""

    READY = "ready"
    CHECK = "wait"
    NOT_READY = "not_ready"

    @property
    def label(self) -> str:
        return {"ready": "Ready", "wait": "To check", "not_ready": "Not ready"}[self.value]


@dataclass(frozen=True, slots=True)
class Why:
    """What is missing, and the page where it is put right (empty: none, or not the viewer's)."""

    sentence: str
    standing: Standing
    url_name: str = ""
    pk: UUID | None = None
    action: str = ""


@dataclass(frozen=True, slots=True)
class Readiness:
    whys: tuple[Why, ...]

    @property
    def standing(self) -> Standing:
        grave = (Standing.NOT_READY, Standing.CHECK)
        found = {why.standing for why in self.whys}
        return next((standing for standing in grave if standing in found), Standing.READY)


@dataclass(frozen=True, slots=True)
class _Facts:
    """Everything about the day's patients, read at once. `ticks`: of each session, what is ticked by its rule's key."""

    consents: ConsentBook
    begun: Collection[UUID]
    baselines: Mapping[UUID, Review]
    ticks: Mapping[UUID, Mapping[str, bool]]
    assessments: Mapping[UUID, Assessment]
    missed: Mapping[UUID, int]
    now: datetime | None


def readiness(
    appointments: Collection[Appointment], *, by: Staff, now: datetime | None = None
) -> dict[UUID, Readiness]:
    """Return how each stands. Appointments come with patient__home_location, location and session__plan.

    `now`: also what the hour asks for, numbing cream before a needle and a call the day before to who often stays
    away. Six queries, one more with `now`, or none.
    """
    if not appointments:
        return {}
    facts = _read(appointments, now)
    return {row.pk: Readiness(tuple(_whys(row, facts, by))) for row in appointments}


def _read(appointments: Collection[Appointment], now: datetime | None) -> _Facts:
    patients = {row.patient_id for row in appointments}
    sessions = {row.session_id for row in appointments if row.session_id}
    plans = {row.session.plan_id for row in appointments if row.session}
    to_come = {row.patient_id for row in appointments if now and _is_another_day(row, now)}
    return _Facts(
        ConsentBook.read(patients),
        *_beginnings(plans),
        _ticks(sessions),
        _assessments(patients),
        no_shows(to_come, now) if now and to_come else {},
        now,
    )


def _is_another_day(row: Appointment, now: datetime) -> bool:
    zone = row.location.zone
    return local_day(row.starts, zone) > local_day(now, zone)


def _whys(row: Appointment, facts: _Facts, by: Staff) -> Iterable[Why]:
    given = facts.consents.given(row.patient_id)
    missed = facts.missed.get(row.patient_id, 0)
    if is_phoned_before(missed) and row.state == AppointmentState.BOOKED:
        yield Why(f"{phone_words(missed)}.", Standing.CHECK)
    if row.purpose == AppointmentPurpose.SESSION and row.session:
        yield from _of_session(row, row.session, facts, given, by)
    elif row.purpose == AppointmentPurpose.REVIEW and ConsentTopic.PHOTO_RECORD not in given:
        yield _consent("Consent to photos is missing.", row, Standing.NOT_READY, by)


def _of_session(
    row: Appointment, session: Session, facts: _Facts, given: Collection[ConsentTopic], by: Staff
) -> Iterable[Why]:
    plan = session.plan
    if plan.state != PlanState.ACTIVE:
        yield Why(f"The plan is {plan.get_state_display().lower()}.", Standing.NOT_READY, "plans:plan", plan.pk, "Open")
        return
    modalities = tuple(modality.value for modality in modalities_of(session, plan.course))
    is_first = plan.pk not in facts.begun
    if faults := facts.consents.faults(row.patient, modalities, first_session=is_first):
        yield _consent(" ".join(fault.sentence for fault in faults), row, Standing.NOT_READY, by)
    if assessment := facts.assessments.get(row.patient_id):
        assessment.patient = row.patient
        yield from _of_assessment(row, assessment, modalities, by)
    if baseline := facts.baselines.get(plan.pk):
        yield _baseline(baseline, row, given, by)
    if refusal := why_not_in_window(row.starts, window_of(session), row.location.zone):
        yield Why(refusal.sentence, Standing.CHECK, "plans:appointment-move", row.pk, "Move")
    yield from _of_list(row, facts.ticks.get(session.pk, {}), facts.now)


def _of_list(row: Appointment, ticks: Mapping[str, bool], now: datetime | None) -> Iterable[Why]:
    """What is to be done beforehand. Numbing cream has its own hour and is asked for then."""
    creams = numbing_keys(row.session) & ticks.keys()
    others = [is_ticked for key, is_ticked in ticks.items() if key not in creams]
    if left := others.count(False):
        yield Why(f"{left} of {len(others)} things to do before the session not ticked.", Standing.CHECK)
    is_begun = row.state in (AppointmentState.IN_TREATMENT, AppointmentState.DONE)
    is_noted = row.numbed_at is not None or not all(ticks[key] for key in creams)
    zone = row.location.zone
    if row.numbed_at and is_begun:
        yield Why(f"Numbing cream since {clock_words(row.numbed_at, zone)}.", Standing.READY)
    if now is None or not creams or is_begun or not is_noted or local_day(row.starts, zone) != local_day(now, zone):
        return
    if cream := numbing(starts=row.starts, numbed_at=row.numbed_at, now=now, zone=zone):
        yield Why(cream.sentence, Standing.CHECK if cream.is_to_check else Standing.READY)


def _consent(sentence: str, row: Appointment, standing: Standing, by: Staff) -> Why:
    if not by.can(Deed.RECORD_CONSENT):
        return Why(sentence, standing)
    return Why(sentence, standing, "patients:consent", row.patient_id, "Record")


def _of_assessment(row: Appointment, assessment: Assessment, modalities: tuple[str, ...], by: Staff) -> Iterable[Why]:
    day = local_day(row.starts, row.location.zone)
    refusal = why_not_treat(assessment, modalities, day=day, override_reason="")
    if refusal is None:
        return
    standing = Standing.CHECK if may_override(refusal.code) else Standing.NOT_READY
    if by.can(Deed.SEE_CLINICAL):
        yield Why(refusal.sentence, standing, "patients:assess", row.patient_id, "Assess")
    else:
        # That something speaks against it is readiness; what it is, is not for the desk.
        yield Why(CLINICIAN_DECIDES, standing)


def _baseline(baseline: Review, row: Appointment, given: Collection[ConsentTopic], by: Staff) -> Why:
    if ConsentTopic.PHOTO_RECORD not in given:
        return _consent("Baseline photos are missing, and the consent to take them.", row, Standing.NOT_READY, by)
    words = "Baseline photos are missing: afterwards there is no “before”."
    if not by.can(Deed.ADD_PHOTO):
        return Why(words, Standing.NOT_READY)
    return Why(words, Standing.NOT_READY, "plans:review", baseline.pk, "Take photos")


def _ticks(sessions: Iterable[UUID]) -> dict[UUID, dict[str, bool]]:
    rows = ChecklistItem.objects.filter(session__in=sessions, phase=CarePhase.PRE).order_by()
    found: dict[UUID, dict[str, bool]] = {}
    for session, key, ticked_at in rows.values_list("session_id", "rule_key", "ticked_at"):
        found.setdefault(session, {})[key] = ticked_at is not None
    return found


def _beginnings(plans: Collection[UUID]) -> tuple[frozenset[UUID], dict[UUID, Review]]:
    """Plans whose first session has been held; and baselines still without any photo of those where it has not."""
    photos = Count("photos", filter=Q(photos__superseded_at__isnull=True))
    held = Exists(Session.objects.filter(plan=OuterRef("plan"), state=SessionState.DONE))
    rows = list(Review.objects.filter(plan__in=plans, months=0).annotate(taken=photos, has_begun=held))
    begun = {row.plan_id for row in rows if row.has_begun}  # type: ignore[attr-defined]  # annotated above
    if without := set(plans) - {row.plan_id for row in rows}:
        done = Session.objects.filter(plan__in=without, state=SessionState.DONE)
        begun |= set(done.values_list("plan_id", flat=True))
    bare = (row for row in rows if row.state == ReviewState.PROMISED and not row.taken)  # type: ignore[attr-defined]
    return frozenset(begun), {row.plan_id: row for row in bare if row.plan_id not in begun}


def _assessments(patients: Iterable[UUID]) -> dict[UUID, Assessment]:
    """Everybody's newest."""
    rows = Assessment.objects.filter(patient__in=patients).order_by("made_at", "id").prefetch_related("findings")
    return {row.patient_id: row for row in rows}
