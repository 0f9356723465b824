"""What can be changed about a whole plan: more sessions, a pause, another version, a rule, a review, upkeep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from clinic.rules.refusal import Refusal
from clinic.rules.spans import Span, Unit
from plans.rules.changes import under_way
from plans.rules.course import Alongside, CareRule, Course, ReviewPoint
from plans.rules.layout import FEWEST_SESSIONS, MOST_SESSIONS
from plans.rules.plan_facts import PlanFacts
from plans.rules.regrow import counts_of, new_refs, regrown_facts, renumbered_facts, with_counts
from plans.rules.rhythm import Pause
from plans.rules.span_order import LONGEST_YEARS, is_too_long
from plans.rules.states import PlanState, SessionState
from plans.rules.steps import Part, Step, StepKind
from plans.rules.wording import day_words, modality_words

Said = TypeVar("Said", CareRule, ReviewPoint)

LONGEST_PAUSE = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Add:
    """One more session of each of these components: the course is extended."""

    components: tuple[str, ...]

    def applied(self, facts: PlanFacts) -> PlanFacts:
        if not self.components or not _are_of(facts.course, self.components):
            raise Refusal("components", "Choose which treatment of this plan gets one more session.")
        counts = counts_of(facts.course, facts.steps)
        for key in dict.fromkeys(self.components):
            counts[key] += 1
            if counts[key] > MOST_SESSIONS:
                name = modality_words(facts.course.component(key).modality)
                raise Refusal(
                    "session_count",
                    f"A course of {name} has between {FEWEST_SESSIONS} and {MOST_SESSIONS} sessions, "
                    f"not {counts[key]}.",
                )
        return regrown_facts(under_way(replace(facts, course=with_counts(facts.course, counts))))


@dataclass(frozen=True, slots=True)
class PauseFrom:
    """The plan stands still from that day on: nothing is booked until it goes on."""

    day: date

    def applied(self, facts: PlanFacts) -> PlanFacts:
        if facts.state is not PlanState.ACTIVE:
            raise Refusal("wrong_state", "Only a plan that is under way can be paused.")
        last = max((step.done_on for step in facts.steps if step.done_on), default=None)
        if last and self.day < last:
            raise Refusal("day", f"A session was held on {day_words(last)}: pause from that day or later.")
        if facts.pauses and self.day < facts.pauses[-1].ends:
            raise Refusal("day", f"The plan was paused until {day_words(facts.pauses[-1].ends)}: pause from that day.")
        if not min(facts.starts_on, facts.today) <= self.day <= facts.today:
            raise Refusal("day", "A pause begins today, or on a day since the plan's start.")
        return replace(facts, state=PlanState.PAUSED, paused_since=self.day)


@dataclass(frozen=True, slots=True)
class ResumeOn:
    """The plan goes on from that day: what was to come is later by the days it stood still."""

    day: date

    def applied(self, facts: PlanFacts) -> PlanFacts:
        since = facts.paused_since
        if since is None:
            raise Refusal("wrong_state", "This plan is not paused.")
        if self.day < max(since, facts.today):
            raise Refusal("day", "The plan goes on from today or a later day.")
        if self.day > facts.today + LONGEST_PAUSE:
            raise Refusal("day", "Choose a day within the next year: stop the plan if nobody knows when it goes on.")
        pauses = (*facts.pauses, Pause(since, self.day))
        return renumbered_facts(replace(facts, state=PlanState.ACTIVE, paused_since=None, pauses=pauses))


@dataclass(frozen=True, slots=True)
class NewVersion:
    """The plan follows another version of its protocol from here on. What was done stays as it was done; the patient's
    own number of sessions is kept where the new version allows it, and so is a care rule or a review's distance that no
    version ever said: somebody chose it for this patient. `versions` are the courses of the protocol so far."""

    course: Course
    versions: tuple[Course, ...] = ()

    def applied(self, facts: PlanFacts) -> PlanFacts:
        return regrown_facts(replace(facts, course=_adopted(facts, self.course, self.versions)))


@dataclass(frozen=True, slots=True)
class ChangeRule:
    """One care rule is another for this patient; a rule with a new key is added."""

    rule: CareRule

    def applied(self, facts: PlanFacts) -> PlanFacts:
        for span in (self.rule.starts, self.rule.ends):
            if span and is_too_long(span):
                raise Refusal("rule", f"{span} is longer than {LONGEST_YEARS} years: give a shorter time.")
        rules = facts.course.care_rules
        if facts.course.rule(self.rule.key) is None:
            changed = (*rules, self.rule)
        else:
            changed = tuple(self.rule if rule.key == self.rule.key else rule for rule in rules)
        return replace(facts, course=replace(facts.course, care_rules=changed))


@dataclass(frozen=True, slots=True)
class MoveReview:
    """A review is promised for another distance from the first session."""

    key: str
    offset: Span

    def applied(self, facts: PlanFacts) -> PlanFacts:
        points = facts.course.reviews
        point = next((point for point in points if point.key == self.key), None)
        if point is None or point.offset.number == 0:
            raise Refusal("review", "Choose a review after the baseline.")
        if self.offset.number == 0:
            raise Refusal("offset", "A review is later than the first session: write for example “3 months”.")
        if self.offset.unit is Unit.HOURS:
            raise Refusal("offset", "Hours cannot be counted on a calendar: give days, weeks or months.")
        if is_too_long(self.offset):
            raise Refusal("offset", f"{self.offset} is longer than {LONGEST_YEARS} years: give a shorter time.")
        if any(r.key == self.key and not r.is_open for r in facts.reviews):
            raise Refusal("wrong_state", "This review has been decided already.")
        changed = tuple(replace(p, offset=self.offset) if p.key == self.key else p for p in points)
        return replace(facts, course=replace(facts.course, reviews=changed))


@dataclass(frozen=True, slots=True)
class AddBooster:
    """A maintenance session after the course, giving these components. A plan that was completed is under way again."""

    components: tuple[str, ...]

    def applied(self, facts: PlanFacts) -> PlanFacts:
        if facts.course.maintenance is None:
            raise Refusal("no_maintenance", "This protocol has no maintenance.")
        if facts.state not in (PlanState.ACTIVE, PlanState.COMPLETED):
            raise Refusal("wrong_state", "Only a plan that is under way or completed gets a booster.")
        if not self.components or not _are_of(facts.course, self.components):
            raise Refusal("components", "Choose what the booster gives.")
        if any(step.is_to_do and step.kind is StepKind.BOOSTER for step in facts.steps):
            raise Refusal("booster", "A booster is planned already.")
        if any(step.is_to_do for step in facts.steps):
            raise Refusal("booster", "Sessions of the course are still to come: the booster follows the last of them.")
        if facts.first_done is None:
            raise Refusal("booster", "A booster keeps up what sessions have done: none has been held.")
        given = [part for step in facts.steps if step.state is not SessionState.CANCELLED for part in step.parts]
        spent = {key: max((p.ordinal for p in given if p.component == key), default=0) for key in self.components}
        parts = tuple(Part(key, ordinal + 1) for key, ordinal in spent.items())
        steps = (*facts.steps, Step(0, parts, kind=StepKind.BOOSTER, ref=next(new_refs(facts.steps))))
        return renumbered_facts(under_way(replace(facts, steps=steps)))


@dataclass(frozen=True, slots=True)
class SetAlongside:
    """A medicine at home or a referral is added, begun, or stopped."""

    item: Alongside

    def applied(self, facts: PlanFacts) -> PlanFacts:
        item = self.item
        if item.began_on and item.stopped_on and item.stopped_on < item.began_on:
            raise Refusal("stopped_on", "It cannot stop before it began.")
        for name, day in (("began_on", item.began_on), ("stopped_on", item.stopped_on)):
            if day and not abs(day.year - facts.today.year) <= LONGEST_YEARS:
                raise Refusal(name, f"The year {day.year} cannot be meant: check the date.")
        known = {one.key: one for one in facts.course.alongside}
        known[item.key] = item
        return replace(facts, course=replace(facts.course, alongside=tuple(known.values())))


def _adopted(facts: PlanFacts, new: Course, versions: tuple[Course, ...]) -> Course:
    """Return the new version's course with what is the patient's own, and what was given that it no longer has."""
    mine, held = counts_of(facts.course, facts.steps), _given_so_far(facts)
    parts = []
    for part in new.components:
        wanted = min(max(mine.get(part.key, part.sessions_usual), part.sessions_min), part.sessions_max)
        parts.append(replace(part, sessions_usual=max(wanted, held.get(part.key, 0))))
    named = {part.component for step in facts.steps for part in step.parts}
    kept = [
        replace(part, sessions_usual=held.get(part.key, 0), shares_visit_with="", starts_after="")
        for part in facts.course.components
        if part.key in named and part.key not in {one.key for one in new.components}
    ]
    known = {one.key: one for one in (*new.alongside, *(o for o in facts.course.alongside if o.began_on))}
    return replace(
        new,
        components=(*parts, *kept),
        alongside=tuple(known.values()),
        care_rules=_own(facts.course.care_rules, new.care_rules, [one.care_rules for one in versions]),
        reviews=_own(facts.course.reviews, new.reviews, [one.reviews for one in versions]),
    )


def _own(mine: tuple[Said, ...], new: tuple[Said, ...], versions: Sequence[tuple[Said, ...]]) -> tuple[Said, ...]:
    """Return what the new version says, with the patient's own in its place where no version said the same."""
    said = {one for version in versions for one in version}
    own: dict[str, Said] = {one.key: one for one in mine if versions and one not in said}
    found: dict[str, Said] = {one.key: one for one in new}
    return tuple((found | own).values())


def _are_of(course: Course, components: tuple[str, ...]) -> bool:
    return set(components) <= {part.key for part in course.components}


def _given_so_far(facts: PlanFacts) -> dict[str, int]:
    spent = (SessionState.DONE, SessionState.SKIPPED)
    history = [s for s in facts.steps if s.kind is StepKind.COURSE and s.state in spent]
    counted = [part.component for step in history for part in step.parts]
    return {key: counted.count(key) for key in counted}
