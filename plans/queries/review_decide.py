"""Deciding a review: the ways a decision can be carried out, and what stands before each of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Plan, Review, View
from plans.models.plan_facts import read_plan_facts
from plans.queries.change_kinds import Kind
from plans.queries.change_story import NEW_ITEM, ChangeStory, change_story
from plans.queries.plan_choice import Choice, ProtocolCard, plan_choice
from plans.rules.decisions import Fate, Settled
from plans.rules.plan_facts import PlanFacts
from plans.rules.states import Decision, PlanState, ReviewState
from plans.rules.wording import clock_words, day_words

LATER = "later"
COURSE = "course-"
ADJUSTING = (
    Kind.ADD, Kind.REMOVE, Kind.SKIP, Kind.UNSKIP, Kind.PIN, Kind.PAUSE, Kind.RESUME, Kind.REVIEW, Kind.CARE_RULE,
    Kind.ALONGSIDE, Kind.VERSION,
)  # fmt: skip
NAMES = {
    Kind.ADD: "Add a session", Kind.REMOVE: "Remove a session", Kind.SKIP: "Skip a session",
    Kind.UNSKIP: "Hold a skipped session", Kind.PIN: "Set a session’s day", Kind.PAUSE: "Pause the plan",
    Kind.RESUME: "Resume the plan", Kind.REVIEW: "Move a review", Kind.CARE_RULE: "Change a care rule",
    Kind.ALONGSIDE: "A medicine or a referral", Kind.VERSION: "Another rhythm: a newer version of the protocol",
    Kind.BOOSTER: "Plan a booster",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Way:
    """One way to carry a decision out; `key` stands in the address."""

    key: str
    name: str
    detail: str = ""
    more: str = ""


@dataclass(frozen=True, slots=True)
class DecideStory:
    """`way` is None where the decision is carried out in one way only. `change`: what of the plan is changed;
    `card`: the course that is added beside it, with `choice` around it. `why_not`: nothing can be decided here."""

    review: Review
    plan: Plan
    decision: Decision
    zone: ZoneInfo
    today: date
    now: datetime
    ways: tuple[Way, ...]
    way: Way | None
    facts: PlanFacts
    missing: tuple[View, ...]
    why_not: str
    change: ChangeStory | None = None
    choice: Choice | None = None
    card: ProtocolCard | None = None

    @property
    def why_no_change(self) -> str:
        return self.change.why_not if self.change else ""

    @property
    def must_choose(self) -> bool:
        return self.change is not None and self.change.must_choose

    @property
    def stops(self) -> bool:
        return self.decision is Decision.STOP_AND_REFER


@dataclass(frozen=True, slots=True)
class AppointmentLine:
    name: str
    when: str
    fate: Fate
    words: str


def decide_story(
    by: Staff, review_id: UUID, decision: Decision, asked: Mapping[str, str], *, now: datetime
) -> DecideStory:
    """Return what stands before the decision. `asked`: what stands behind the question mark."""
    for deed in (Deed.REVIEW, Deed.SEE_PHOTOS, Deed.CHANGE_PLAN):
        if not by.can(deed):
            raise Forbidden(deed)
    rows = Review.objects.visible_to(by).select_related(
        "plan__patient__home_location", "plan__location", "plan__protocol", "view_set"
    )
    review = rows.get(pk=review_id)
    plan, zone = review.plan, review.plan.location.zone
    choice = plan_choice(by, plan.patient_id, now=now) if decision is Decision.ADD_TREATMENT else None
    ways = tuple(_ways(decision, plan, choice))
    way = next((one for one in ways if one.key == asked.get("way")), None) or _first(ways, plan, choice)
    change = _change(by, plan, way, asked, now)
    needed = review.view_set.views.filter(is_required=True)
    return DecideStory(
        review=review,
        plan=plan,
        decision=decision,
        zone=zone,
        today=local_day(now, zone),
        now=now,
        ways=ways,
        way=way,
        facts=change.facts if change else read_plan_facts(plan, now=now),
        missing=tuple(needed.exclude(photos__in=review.photos.current()).order_by("position")),
        why_not=_why_not(review),
        change=change,
        choice=choice,
        card=choice.card(way.key.removeprefix(COURSE)) if choice and way else None,
    )


def appointment_lines(settled: Iterator[Settled], facts: PlanFacts) -> Iterator[AppointmentLine]:
    """Yield what becomes of every appointment, by name."""
    numbers = {step.ref: f"Session {step.number}" for step in facts.steps}
    titles = {row.key: row.title for row in facts.reviews}
    for one in settled:
        name = numbers.get(one.subject) or titles.get(one.subject, "Appointment")
        yield AppointmentLine(name, _when(one.was.starts, facts.zone), one.fate, _fate_words(one, facts.zone))


def _fate_words(one: Settled, zone: ZoneInfo) -> str:
    match one.fate:
        case Fate.DONE:
            return "Is done with the decision."
        case Fate.CANCELLED:
            return "Is cancelled; the patient is told by mail."
        case Fate.MOVED:
            return f"Moves to {_when(one.now.starts, zone)}." if one.now else ""
    return "Stays."


def _when(instant: datetime, zone: ZoneInfo) -> str:
    return f"{day_words(local_day(instant, zone))}, {clock_words(instant, zone)}"


def _why_not(review: Review) -> str:
    if review.state != ReviewState.PROMISED:
        return "This review has been decided already."
    if review.months == 0:
        return "The baseline closes by itself when the first session is completed."
    if review.plan.state == PlanState.DRAFT:
        return "This plan is a draft: activate it, then results can be looked at."
    return ""


def _ways(decision: Decision, plan: Plan, choice: Choice | None) -> Iterator[Way]:
    match decision:
        case Decision.ADJUST:
            for kind in ADJUSTING:
                if kind.is_open_in(PlanState(plan.state)):
                    yield Way(kind.value, NAMES[kind])
        case Decision.ADD_TREATMENT:
            given = ", ".join(dict.fromkeys(part.modality.label for part in plan.course.components))
            yield Way(Kind.ADD.value, "One more session of this course", given)
            for card in choice.cards if choice else ():
                yield Way(f"{COURSE}{card.protocol.key}", card.protocol.title, card.counts)
            yield Way(Kind.ALONGSIDE.value, "A medicine or a referral", more=f"&item={NEW_ITEM}")
        case Decision.MAINTENANCE:
            yield Way(Kind.BOOSTER.value, NAMES[Kind.BOOSTER])
        case _:
            return
    yield Way(LATER, "Only write the decision down", "Nothing of the plan changes yet.")


def _first(ways: tuple[Way, ...], plan: Plan, choice: Choice | None) -> Way | None:
    """What is meant most often: of a treatment, the simplest course that gives something this one does not."""
    if choice is None:
        return ways[0] if ways else None
    given = {part.modality for part in plan.course.components}
    new = [card for card in choice.cards if not given & {part.modality for part in card.components}]
    if not new:
        return ways[0]
    key = f"{COURSE}{min(new, key=lambda card: (not card.why, len(card.components))).protocol.key}"
    return next(one for one in ways if one.key == key)


def _change(by: Staff, plan: Plan, way: Way | None, asked: Mapping[str, str], now: datetime) -> ChangeStory | None:
    if way is None or way.key not in set(Kind):
        return None
    return change_story(by, plan.pk, Kind(way.key), asked, now=now)
