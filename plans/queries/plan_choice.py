"""Choosing a protocol: what there is, what is suggested, and the dates a choice would mean. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Assessment, Patient
from patients.models.facts import assessment_facts, newest_assessment
from patients.rules.suggestions import suggest_protocols
from patients.rules.suitability import Reason, Suitability, blocking, judge
from plans.models import Plan, Protocol
from plans.models.plan_facts import facts_of_a_new_plan
from plans.models.protocol_course import course_of
from plans.rules.course import CareKind, CareRule, Component, Course
from plans.rules.decisions import further_print
from plans.rules.layout import lay_out
from plans.rules.picture import ReviewView, picture_of
from plans.rules.regrow import with_counts
from plans.rules.states import PlanState
from plans.rules.trouble import troubles_of
from plans.rules.windows import Window
from plans.rules.wording import list_words, modality_words


@dataclass(frozen=True, slots=True)
class ProtocolCard:
    """`why` and `why_source` are filled where the sources suggest it for what was found."""

    protocol: Protocol
    course: Course
    counts: str
    interval: str
    why: str = ""
    why_source: str = ""

    @property
    def components(self) -> tuple[Component, ...]:
        return self.course.components


@dataclass(frozen=True, slots=True)
class Choice:
    """What the page starts from; suggested protocols stand first."""

    patient: Patient
    today: date
    now: datetime
    assessment: Assessment | None
    cards: tuple[ProtocolCard, ...]
    under_way: tuple[Plan, ...]

    def card(self, key: str) -> ProtocolCard | None:
        return next((card for card in self.cards if card.protocol.key == key), None)


@dataclass(frozen=True, slots=True)
class SessionDates:
    number: int
    given: str
    window: Window


@dataclass(frozen=True, slots=True)
class CareLine:
    text: str
    span: str
    source: str
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """The course as it would be dated. `warnings` speak of dates, `against` of the patient; `seen`: its fingerprint."""

    sessions: tuple[SessionDates, ...]
    reviews: tuple[ReviewView, ...]
    avoid: tuple[CareLine, ...]
    warnings: tuple[str, ...]
    against: tuple[Reason, ...]
    last: date
    seen: str


def plan_choice(by: Staff, patient_id: UUID, *, now: datetime) -> Choice:
    if not by.can(Deed.CHANGE_PLAN):
        raise Forbidden(Deed.CHANGE_PLAN)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    today = local_day(now, patient.home_location.zone)
    newest = newest_assessment(patient)
    why = _suggested(newest, patient, today) if newest else {}
    cards = [_card(protocol, why) for protocol in Protocol.objects.published().whole().order_by("title")]
    order = list(why)
    cards.sort(key=lambda card: order.index(card.protocol.key) if card.why else len(order))
    under_way = patient.plans.filter(state__in=(PlanState.ACTIVE, PlanState.PAUSED))
    return Choice(patient, today, now, newest, tuple(cards), tuple(under_way))


def preview_plan(choice: Choice, card: ProtocolCard, *, starts_on: date, counts: Mapping[str, int]) -> Preview:
    """Date the protocol from `starts_on`, beside the patient's other plans. Refusal `session_count` when the course
    cannot be laid out."""
    course = with_counts(card.course, counts)
    steps = lay_out(course)
    facts = facts_of_a_new_plan(choice.patient, course, steps, starts_on=starts_on, now=choice.now)
    picture = picture_of(facts)
    dates = tuple(
        SessionDates(view.number, list_words([modality_words(one) for one in view.modalities]), view.window)
        for view in picture.sessions.values()
        if view.window
    )
    return Preview(
        sessions=dates,
        reviews=tuple(sorted(picture.reviews.values(), key=lambda view: view.due)),
        avoid=_avoid(course),
        warnings=tuple(trouble.sentence for trouble in troubles_of(facts, picture)),
        against=_against(choice, course),
        last=max(line.window.target for line in dates),
        seen=further_print(facts),
    )


def _suggested(assessment: Assessment, patient: Patient, today: date) -> dict[str, tuple[str, str]]:
    facts = assessment_facts(assessment, assessment.findings.all(), age=patient.age_on(today), day=today)
    return {key: (why, source) for key, why, source in suggest_protocols(judge(facts), facts)}


def _card(protocol: Protocol, why: Mapping[str, tuple[str, str]]) -> ProtocolCard:
    course = course_of(protocol)
    parts = course.components
    counts = _counts_words(parts)
    intervals = dict.fromkeys(_interval_words(part) for part in parts if part.sessions_max > 1)
    return ProtocolCard(protocol, course, counts, "; ".join(intervals), *why.get(protocol.key, ("", "")))


def _counts_words(parts: Sequence[Component]) -> str:
    """Return "4 exosome and 4 PRP sessions (3–6)"."""
    counts = list_words([f"{part.sessions_usual} {modality_words(part.modality)}" for part in parts])
    word = "session" if sum(part.sessions_usual for part in parts) == 1 else "sessions"
    ranges = {f"{p.sessions_min}–{p.sessions_max}" for p in parts if p.sessions_min < p.sessions_max}
    return f"{counts} {word} ({', '.join(sorted(ranges))})" if ranges else f"{counts} {word}"


def _interval_words(part: Component) -> str:
    interval = part.interval
    if interval.earliest == interval.latest:
        return f"every {interval.target}"
    if interval.earliest.unit is interval.latest.unit:
        return f"{interval.earliest.number}–{interval.latest} apart"
    return f"{interval.earliest} to {interval.latest} apart"


def _avoid(course: Course) -> tuple[CareLine, ...]:
    rules = [rule for rule in course.care_rules if rule.kind is CareKind.AVOID and rule.in_force]
    return tuple(CareLine(rule.text, _span_words(rule), rule.source, tuple(_others(rule, course))) for rule in rules)


def _span_words(rule: CareRule) -> str:
    side = "before" if rule.phase == "pre" else "after"
    if side == "before":
        return f"from {rule.starts} before" if rule.starts and rule.starts.number else "on the day, before"
    if rule.ends:
        return f"for {rule.ends} after"
    return "as long as the treatment goes on" if rule.ongoing else "after, until the clinic says otherwise"


def _others(rule: CareRule, course: Course) -> Sequence[str]:
    """What another source says instead, which is not in force."""
    others = [other for other in course.care_rules if not other.in_force and rule.key == other.conflicts_with]
    return [f"{other.source} says otherwise ({other.text.rstrip('.')}, {_span_words(other)})" for other in others]


def _against(choice: Choice, course: Course) -> tuple[Reason, ...]:
    if choice.assessment is None:
        return ()
    age = choice.patient.age_on(choice.today)
    facts = assessment_facts(choice.assessment, choice.assessment.findings.all(), age=age, day=choice.today)
    found: Suitability = judge(facts, [part.modality.value for part in course.components])
    return blocking(found.reasons)
