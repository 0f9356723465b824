"""What happens at a session: ticks before it, the record of what was given, and what follows from it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction

from clinic.models import Staff
from clinic.operations.audit import PATIENT, allow, record
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.rules.wording import day_words
from patients.models.facts import newest_assessment, why_no_consent, why_not_treat
from patients.rules.scalp import ScalpArea
from plans.models import ChecklistItem, Lot, LotState, Method, Session, Treatment
from plans.models.facts import modalities_of, window_of, zone_of
from plans.operations.appointment_state import set_state
from plans.operations.plans import complete_when_all_done
from plans.operations.redate import redate_plan
from plans.operations.reminders import lock_patient, replan_reminders
from plans.rules.booking import OVERRIDABLE, why_not_complete, why_not_in_window
from plans.rules.course import CareBy, Modality
from plans.rules.happened import Happened
from plans.rules.states import AppointmentState, Decision, PlanState, ReviewState, SessionState


@dataclass(frozen=True, slots=True, kw_only=True)
class TreatmentGiven:
    """One modality as it was given. Amounts in ml, spin as relative centrifugal force in g, platelets per µl."""

    modality: Modality
    method: Method
    areas: tuple[ScalpArea, ...]
    amount_ml: Decimal
    lot_id: UUID | None = None
    pain: int | None = None
    blood_drawn_ml: Decimal | None = None
    plasma_ml: Decimal | None = None
    spin_g: int | None = None
    spin_minutes: int | None = None
    platelets_blood: int | None = None
    platelets_plasma: int | None = None
    what_happened: str = ""


@transaction.atomic
def complete_session(
    *,
    session_id: UUID,
    started_at: datetime,
    ended_at: datetime,
    treatments: Sequence[TreatmentGiven],
    remarks: str = "",
    override_reason: str = "",
    by: Staff,
    now: datetime,
) -> Session:
    """Record what was given. Later sessions, reviews, restrictions and letters are dated again from it.

    Refusals: wrong_state, not_yet, wrong_times, no_consent, contraindication codes, too_early,
    nothing_given, lot_*, no_baseline. Window, relative contraindications and missing baseline photos yield to a
    clinician's reason; consent and lots never do.
    """
    allow(by, Deed.COMPLETE_SESSION)
    session = _locked(session_id, by)
    plan, zone = session.plan, zone_of(session.plan)
    if plan.state != PlanState.ACTIVE or session.state != SessionState.PLANNED:
        raise Refusal("wrong_state", "Only a session to come of an active plan can be completed.")
    if not started_at < ended_at <= now:
        raise Refusal("wrong_times", "A session ends after it starts, and not in the future.")
    appointment = session.appointments.live().first()
    if appointment and (refusal := why_not_complete(AppointmentState(appointment.state), appointment.starts, now)):
        raise refusal
    _refuse_unready(session, started_at, override_reason=override_reason, by=by)
    _refuse_lots(treatments, local_day(started_at, zone))
    if not treatments:
        raise Refusal("nothing_given", "Write what was given: at least one treatment.")
    session.state, session.started_at, session.ended_at = SessionState.DONE, started_at, ended_at
    session.done_by, session.remarks = by, remarks.strip()
    session.save()
    for given in treatments:
        _write(given, session, by)
    if appointment:
        appointment.began_at, appointment.ended_at = appointment.began_at or started_at, ended_at
        set_state(appointment, AppointmentState.DONE, by=by, now=now)
    # Dated once more before it closes: the day of the first session is then no estimate any longer.
    redate_plan(plan, now=now)
    _close_baseline(session, reason=override_reason, by=by, now=now)
    complete_when_all_done(plan, by=by, now=now)
    record(
        Happened.SESSION_COMPLETED,
        about=session,
        by=by,
        now=now,
        patient_id=plan.patient_id,
        location=plan.location,
        reason=override_reason,
        details={"given": [given.modality.value for given in treatments]},
    )
    return session


@transaction.atomic
def tick_item(*, item_id: UUID, ticked: bool, by: Staff, now: datetime) -> ChecklistItem:
    allow(by, Deed.TICK)
    item = ChecklistItem.objects.visible_to(by).select_for_update(of=("self",)).get(pk=item_id)
    return _tick(item, ticked=ticked, by=by, now=now)


@transaction.atomic
def tick_own_item(*, patient_id: UUID, item_id: UUID, ticked: bool, now: datetime) -> ChecklistItem:
    """A patient ticks her own items; those of the staff are not hers to tick."""
    rows = ChecklistItem.objects.filter(session__plan__patient_id=patient_id, by=CareBy.PATIENT)
    return _tick(rows.select_for_update(of=("self",)).get(pk=item_id), ticked=ticked, by=None, now=now)


def _tick(item: ChecklistItem, *, ticked: bool, by: Staff | None, now: datetime) -> ChecklistItem:
    if bool(item.ticked_at) == ticked:
        return item
    item.ticked_at, item.ticked_by = (now, by) if ticked else (None, None)
    item.save(update_fields=["ticked_at", "ticked_by"])
    record(
        Happened.ITEM_TICKED if ticked else Happened.ITEM_UNTICKED,
        about=item,
        by=by,
        by_name="" if by else PATIENT,
        now=now,
        patient_id=item.session.plan.patient_id,
        details={"rule": item.rule_key},
    )
    return item


def _locked(session_id: UUID, by: Staff) -> Session:
    """First the patient, as everywhere, then the row as it is by then."""
    rows = Session.objects.visible_to(by).select_related(
        "plan__patient__home_location", "plan__location", "plan__assessment"
    )
    lock_patient(rows.get(pk=session_id).plan.patient_id)
    return rows.select_for_update(of=("self",)).get(pk=session_id)


def _refuse_unready(session: Session, started_at: datetime, *, override_reason: str, by: Staff) -> None:
    plan, day = session.plan, local_day(started_at, zone_of(session.plan))
    modalities = tuple(m.value for m in modalities_of(session, plan.course))
    is_first = not plan.sessions.filter(state=SessionState.DONE).exists()
    if refusal := why_no_consent(plan.patient, modalities, first_session=is_first):
        raise refusal
    newest = newest_assessment(plan.patient)
    refusals = [
        why_not_treat(newest, modalities, day=day, override_reason=override_reason) if newest else None,
        _why_too_early(session, started_at),
        _why_no_baseline(session),
    ]
    for refusal in filter(None, refusals):
        yields = refusal.code in OVERRIDABLE or refusal.code == "no_baseline"
        if not (yields and override_reason.strip()):
            raise refusal
        allow(by, Deed.OVERRIDE)


def _why_too_early(session: Session, started_at: datetime) -> Refusal | None:
    """Too late is refused when it is booked; what happened late all the same is recorded without asking again."""
    refusal = why_not_in_window(started_at, window_of(session), zone_of(session.plan))
    return refusal if refusal and refusal.code == "too_early" else None


def _why_no_baseline(session: Session) -> Refusal | None:
    baseline = session.plan.reviews.filter(months=0, state=ReviewState.PROMISED).first()
    others_done = session.plan.sessions.filter(state=SessionState.DONE).exists()
    if baseline is None or others_done or baseline.photos.current().exists():
        return None
    return Refusal("no_baseline", "There are no baseline photos yet: afterwards there is no “before” to compare with.")


def _close_baseline(session: Session, *, reason: str, by: Staff, now: datetime) -> None:
    """With the first session the "before" is over: its photos are evidence from now on, and none can be added."""
    baseline = session.plan.reviews.filter(months=0, state=ReviewState.PROMISED).first()
    if baseline is None:
        return
    baseline.decided_at, baseline.decided_by = now, by
    if baseline.photos.current().exists():
        baseline.state, baseline.decision = ReviewState.DECIDED, Decision.CONTINUE
        baseline.decision_reason = "Baseline, before the first session."
    else:
        baseline.state, baseline.missing_views_reason = ReviewState.SKIPPED, reason
    baseline.save()
    for appointment in baseline.appointments.live():
        appointment.ended_at = now
        set_state(appointment, AppointmentState.DONE, by=by, now=now)
        replan_reminders(session.plan.patient, now=now)


def _refuse_lots(treatments: Sequence[TreatmentGiven], day: date) -> None:
    for given in treatments:
        if given.modality is Modality.EXOSOME and given.lot_id is None:
            raise Refusal("lot_missing", "Exosomes are given from a lot: choose which.")
        if given.lot_id is None:
            continue
        lot = Lot.objects.select_related("product").get(pk=given.lot_id)
        if lot.state != LotState.AVAILABLE:
            raise Refusal(f"lot_{lot.state}", f"{lot} is {lot.get_state_display().lower()} and must not be used.")
        if lot.expires_on < day:
            raise Refusal("lot_expired", f"{lot} expired on {day_words(lot.expires_on)} and must not be used.")
        if lot.product.modality != given.modality:
            raise Refusal("lot_wrong", f"{lot} is not for {given.modality.label}.")


def _write(given: TreatmentGiven, session: Session, by: Staff) -> None:
    fields = {name: getattr(given, name) for name in TreatmentGiven.__slots__ if name != "areas"}
    Treatment.objects.create(session=session, operator=by, areas=[area.value for area in given.areas], **fields)
