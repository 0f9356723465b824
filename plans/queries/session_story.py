"""What stands on the page of a session that is being held: what to know, what to tick, and what may be given."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden, Refusal
from clinic.rules.roles import Deed
from plans.models import Appointment, ChecklistItem, Lot, LotState, Plan, Session, Treatment
from plans.models.facts import minutes_of, modalities_of, window_of
from plans.queries.allowed import restriction_lines
from plans.queries.chart import read_chart
from plans.queries.readiness import Readiness, readiness
from plans.queries.spoken import window_words
from plans.rules.booking import why_not_in_window
from plans.rules.course import CarePhase, Modality
from plans.rules.spin import concentration
from plans.rules.states import PlanState, SessionState
from plans.rules.wording import day_words, list_words, modality_words

SAID_AFTERWARDS = ("dye", "wash")


@dataclass(frozen=True, slots=True)
class LotChoice:
    """`why_not` is empty for a lot that may be used."""

    lot: Lot
    why_not: str


@dataclass(frozen=True, slots=True)
class SessionStory:
    """`lots` and `last` (what was given the time before) by modality; `is_open`: it can still be completed."""

    session: Session
    plan: Plan
    zone: ZoneInfo
    today: date
    now: datetime
    modalities: tuple[Modality, ...]
    given: str
    minutes: int
    appointment: Appointment | None
    readiness: Readiness | None
    checklist: tuple[ChecklistItem, ...]
    lots: Mapping[Modality, Sequence[LotChoice]]
    last: Mapping[str, Treatment]
    is_open: bool
    outside: Refusal | None


def session_story(by: Staff, session_id: UUID, *, now: datetime) -> SessionStory:
    if not by.can(Deed.COMPLETE_SESSION):
        raise Forbidden(Deed.COMPLETE_SESSION)
    session = session_row(by, session_id)
    plan, zone = session.plan, session.plan.location.zone
    today = local_day(now, zone)
    modalities = modalities_of(session, plan.course)
    live = session.appointments.live().select_related(
        "patient__home_location", "location", "practitioner", "room", "session__plan", "review"
    )
    appointment = live.first()
    return SessionStory(
        session=session,
        plan=plan,
        zone=zone,
        today=today,
        now=now,
        modalities=modalities,
        given=list_words([modality_words(modality) for modality in modalities]),
        minutes=minutes_of(session, plan.course),
        appointment=appointment,
        readiness=readiness([appointment], by=by)[appointment.pk] if appointment else None,
        checklist=pre_care(session),
        lots=_lots(modalities, today),
        last=_last_given(plan),
        is_open=plan.state == PlanState.ACTIVE and session.state == SessionState.PLANNED,
        # A booked one says so in its readiness.
        outside=None if appointment else why_not_in_window(now, window_of(session), zone),
    )


def session_row(by: Staff, session_id: UUID) -> Session:
    rows = Session.objects.visible_to(by).select_related("plan__patient__home_location", "plan__location")
    return rows.get(pk=session_id)


def pre_care(session: Session) -> tuple[ChecklistItem, ...]:
    items = session.checklist.filter(phase=CarePhase.PRE).select_related("ticked_by")
    return tuple(items.order_by("position"))


def what_follows(by: Staff, session_id: UUID, *, now: datetime) -> str:
    """Say what a session that was just completed leads to: what is forbidden until when, and when the next one is."""
    session = session_row(by, session_id)
    chart = read_chart(session.plan.patient, now=now)
    held = chart.held()
    lines = restriction_lines(chart.restrictions(held), held, zone=chart.zone, now=now)
    said = [f"{line.heading}: {line.until}." for line in lines if line.is_now and line.act in SAID_AFTERWARDS]
    to_do = [one for one in chart.sessions[session.plan_id] if one.state == SessionState.PLANNED]
    if to_do:
        following = to_do[0]
        when = window_words(following.earliest, following.target, following.latest)
        said.append(f"Session {following.number}: {when[0].lower()}{when[1:]}")
    else:
        said.append("It was the last session of this plan.")
    return " ".join([*_richer(session), *said])


def _richer(session: Session) -> list[str]:
    prp = session.treatments.filter(modality=Modality.PRP).first()
    factor = concentration(blood=prp.platelets_blood, plasma=prp.platelets_plasma) if prp else None
    return [f"The plasma held {factor} times the platelets of the blood."] if factor else []


def _lots(modalities: Sequence[Modality], today: date) -> dict[Modality, list[LotChoice]]:
    """Usable ones first, then those on the shelf that must not be used, and why."""
    rows = Lot.objects.filter(product__modality__in=modalities, product__is_active=True).select_related("product")
    found: dict[Modality, list[LotChoice]] = {modality: [] for modality in modalities}
    for lot in rows.order_by("expires_on", "number"):
        found[Modality(lot.product.modality)].append(LotChoice(lot, _why_not(lot, today)))
    return {modality: sorted(lots, key=lambda one: bool(one.why_not)) for modality, lots in found.items()}


def _why_not(lot: Lot, today: date) -> str:
    if lot.state != LotState.AVAILABLE:
        return lot.get_state_display().lower()
    return f"expired {day_words(lot.expires_on)}" if lot.expires_on < today else ""


def _last_given(plan: Plan) -> dict[str, Treatment]:
    rows = Treatment.objects.filter(session__plan__patient=plan.patient_id).select_related("lot__product", "session")
    return {row.modality: row for row in rows.order_by("session__ended_at")}
