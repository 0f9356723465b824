"""Giving a plan under way more sessions, or fewer: what is done stays, what is to come is laid out anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import count, islice

from plans.rules.course import Course
from plans.rules.layout import visit_groups
from plans.rules.plan_facts import NEW, PlanFacts
from plans.rules.rhythm import Pause
from plans.rules.states import SessionState
from plans.rules.steps import Part, Step, StepKind
from plans.rules.windows import session_windows


def regrown(course: Course, steps: Iterable[Step]) -> tuple[Step, ...]:
    """Return the steps with as many sessions of every component as the course says (`sessions_usual`).

    Sessions to come keep their record, appointment and pin, in order, and get the parts that are left; those too many
    are cancelled, those missing are new. What is done, skipped or a booster stays as it is. Not numbered yet.
    """
    known = sorted(steps, key=lambda step: step.number)
    fixed = [step for step in known if not _is_open(step)]
    refs = new_refs(known)
    grown = []
    for group in visit_groups(course):
        open_steps = [step for step in known if _is_open(step) and step.parts[0].component in group]
        visits = _visits_left(course, group, fixed)
        kept = [replace(step, parts=parts) for step, parts in zip(open_steps, visits, strict=False)]
        gone = [cancelled(step) for step in open_steps[len(visits) :] if not step.ref.startswith(NEW)]
        added = [Step(0, parts, ref=next(refs)) for parts in visits[len(open_steps) :]]
        grown += [*kept, *gone, *added]
    return (*fixed, *grown)


def numbered(
    course: Course, steps: Iterable[Step], *, starts_on: date, pauses: Iterable[Pause], today: date | None
) -> tuple[Step, ...]:
    """Return the steps with their numbers: history keeps its own, what is to come follows in the order of its days,
    each treatment's sessions in their own order; what was cancelled comes last. Steps that are new get the numbers
    left."""
    known = sorted(steps, key=lambda step: (_is_booster_to_come(step), step.number == 0, step.number))
    rough = {place: replace(step, number=place) for place, step in enumerate(known, start=1)}
    # The windows stand in the order in which the sessions follow each other, so that is asked and not the numbers:
    # a session pinned behind another and given back stands where it stood.
    walked = session_windows(course, rough.values(), starts_on=starts_on, pauses=pauses, today=today)
    kept = [step for step in known if not step.is_to_do and step.state is not SessionState.CANCELLED]
    to_come = [rough[place] for place in walked if rough[place].is_to_do]
    gone = [step for step in known if step.state is SessionState.CANCELLED]
    taken = {step.number for step in kept}
    free = (number for number in range(1, len(known) + max(taken, default=0) + 1) if number not in taken)
    renumbered = [*kept, *(replace(step, number=next(free)) for step in to_come)]
    beyond = max((step.number for step in renumbered), default=0)
    last = [replace(step, number=beyond + place) for place, step in enumerate(gone, start=1)]
    return tuple(sorted((*renumbered, *last), key=lambda step: step.number))


def regrown_facts(facts: PlanFacts) -> PlanFacts:
    return renumbered_facts(replace(facts, steps=regrown(facts.course, facts.steps)))


def renumbered_facts(facts: PlanFacts) -> PlanFacts:
    steps = numbered(facts.course, facts.steps, starts_on=facts.starts_on, pauses=facts.pauses, today=facts.today)
    return replace(facts, steps=steps)


def counts_of(course: Course, steps: Iterable[Step]) -> dict[str, int]:
    """Return how many sessions of each component the plan has now: done, skipped or to come; boosters apart."""
    counted = [s for s in steps if s.kind is StepKind.COURSE and s.state is not SessionState.CANCELLED]
    return {c.key: sum(p.component == c.key for s in counted for p in s.parts) for c in course.components}


def with_counts(course: Course, counts: Mapping[str, int]) -> Course:
    """Return the course whose usual number of sessions is the patient's own."""
    parts = (replace(part, sessions_usual=counts.get(part.key, part.sessions_usual)) for part in course.components)
    return replace(course, components=tuple(parts))


def cancelled(step: Step) -> Step:
    """Return the step taken out of the plan: it has no day and no number that counts."""
    return replace(step, state=SessionState.CANCELLED, booked_on=None, pinned=None)


def new_refs(steps: Iterable[Step]) -> Iterator[str]:
    """Yield refs for sessions that are not written down yet."""
    taken = {step.ref for step in steps}
    return (name for number in count(1) if (name := f"{NEW}{number}") not in taken)


def _is_open(step: Step) -> bool:
    return step.is_to_do and step.kind is StepKind.COURSE


def _visits_left(course: Course, group: Sequence[str], fixed: Iterable[Step]) -> list[tuple[Part, ...]]:
    """Return the parts of each visit still to come, pairing the sessions that components of a group have left."""
    spent = [s for s in fixed if s.kind is StepKind.COURSE and s.state is not SessionState.CANCELLED]
    left: dict[str, list[Part]] = {}
    for key in group:
        taken = [part.ordinal for step in spent for part in step.parts if part.component == key]
        # One left out ahead of its time keeps its place: those before it get the ordinals it leaves free.
        ordinals = (ordinal for ordinal in count(1) if ordinal not in taken)
        wanted = max(course.component(key).sessions_usual - len(taken), 0)
        left[key] = [Part(key, ordinal) for ordinal in islice(ordinals, wanted)]
    length = max(map(len, left.values()))
    return [tuple(parts[i] for parts in left.values() if i < len(parts)) for i in range(length)]


def _is_booster_to_come(step: Step) -> bool:
    return step.is_to_do and step.kind is StepKind.BOOSTER
