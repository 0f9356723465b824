"""What a change would mean, ready for the page: two columns, what has to be decided, what does not fit."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256

from clinic.rules.local_time import local_day
from clinic.rules.opening import Period
from clinic.rules.refusal import Refusal
from plans.models import Appointment, Plan
from plans.models.facts import live_appointments
from plans.models.plan_facts import read_plan_facts
from plans.queries.change_slots import Need, next_free
from plans.rules.cascade import Preview, moved_to, preview
from plans.rules.changes import Change, Complete, Move
from plans.rules.conflicts import Choice, Conflict, ConflictKind
from plans.rules.diff_rows import Section, sections_of, summary_of
from plans.rules.picture import Picture
from plans.rules.plan_facts import PlanFacts
from plans.rules.trouble import Trouble, troubles_of
from plans.rules.wording import clock_words, day_words

# "Tue 3 Nov 2026", as the house writes it.
DAY = re.compile(r"[A-Z][a-z]{2} \d{1,2} [A-Z][a-z]{2} \d{4}")


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """One appointment that no longer fits. `subject` is its session's ref or its review's key."""

    subject: str
    sentences: tuple[str, ...]
    options: tuple[Option, ...]
    is_full: bool

    @property
    def is_open(self) -> bool:
        return not any(option.is_chosen for option in self.options)


@dataclass(frozen=True, slots=True)
class Meaning:
    """`misfits`, `troubles`: what the change brings and nobody can decide here; `already`: what was so before.

    `seen` goes with the answer, and so does `answers`: which answers it was worked out for.
    """

    preview: Preview
    sections: tuple[Section, ...]
    summary: str
    decisions: tuple[Decision, ...]
    misfits: tuple[str, ...]
    troubles: tuple[str, ...]
    already: tuple[str, ...]
    is_real: bool
    seen: str
    answers: str

    @property
    def is_dated(self) -> bool:
        return any(section.changed for section in self.sections)

    @property
    def days(self) -> tuple[Section, ...]:
        """What a patient comes for."""
        return tuple(one for one in self.sections if one.changed and one.what in ("session", "review"))

    @property
    def others(self) -> tuple[Section, ...]:
        return tuple(one for one in self.sections if one.changed and one.what not in ("session", "review"))

    @property
    def is_quiet(self) -> bool:
        return not (self.is_dated or self.misfits or self.troubles)


def meaning_of(plan: Plan, facts: PlanFacts, change: Change, choices: Mapping[str, str], *, now: datetime) -> Meaning:
    """Return what the change would mean with those choices; what is no longer offered of them counts as not chosen.

    Refusal when the change cannot be made. At most three queries, and none where every appointment fits.
    """
    shown = preview(facts, change)
    if not _to_decide(shown):
        return _meaning(facts, change, shown, ())
    chosen: dict[str, str] = {}
    seen: set[str] = set()
    # A choice about one appointment can free, or trouble, the next: each is taken into account before the next is read.
    while fresh := next((s for s in _to_decide(shown) if s in choices and s not in seen), None):
        seen.add(fresh)
        if _is_offered(shown, fresh, choices[fresh], now):
            shown = _with_choice(facts, change, chosen, fresh, choices[fresh]) or shown
            chosen = dict(shown.choices)
    return _meaning(facts, change, shown, tuple(_decisions(shown, plan, now)))


def _with_choice(
    facts: PlanFacts, change: Change, chosen: Mapping[str, str], subject: str, choice: str
) -> Preview | None:
    """None where it does not go together with what was chosen before it."""
    try:
        return preview(facts, change, {**chosen, subject: choice})
    except Refusal:
        return None


def consequences(plan: Plan, change: Complete | Move, *, now: datetime) -> Meaning | None:
    """Return what else would follow from holding or booking a session then; None where it cannot be done."""
    facts = read_plan_facts(plan, now=now)
    try:
        shown = preview(facts, change)
    except Refusal:
        return None
    own = [str(booking.facts.id) for booking in shown.facts.bookings if booking.subject == change.ref]
    return _meaning(facts, change, shown, (), besides=(change.ref, *own))


def _meaning(
    facts: PlanFacts, change: Change, shown: Preview, decisions: tuple[Decision, ...], *, besides: tuple[str, ...] = ()
) -> Meaning:
    """`besides`: whose rows are left out, a session that is held or booked and its own appointment."""
    sections = tuple(
        replace(one, rows=tuple(row for row in one.rows if row.ref not in besides)) for one in sections_of(shown)
    )
    decided = {*besides, *(decision.subject for decision in decisions)}
    before = {_kind_of(trouble) for trouble in troubles_of(facts, shown.before)}
    misfits = [c.sentence for c in shown.conflicts if c.is_new and c.subject not in decided]
    old = [c.sentence for c in shown.conflicts if not c.is_new]
    answers = repr((change, sorted(shown.choices.items())))
    return Meaning(
        preview=shown,
        sections=sections,
        summary=summary_of(sections, misfits=len(_misfitting(shown) - {*besides})),
        decisions=decisions,
        misfits=tuple(misfits),
        troubles=tuple(t.sentence for t in shown.troubles if _kind_of(t) not in before),
        already=(*old, *(t.sentence for t in shown.troubles if _kind_of(t) in before)),
        is_real=shown.facts != facts,
        seen=shown.fingerprint,
        answers=sha256(answers.encode()).hexdigest(),
    )


def _kind_of(trouble: Trouble) -> str:
    """The same trouble with other dates in it was there before."""
    return trouble.code + DAY.sub("", trouble.sentence)


def _misfitting(shown: Preview) -> set[str]:
    """Appointments that stay where they no longer fit, as chosen so far."""
    settled = {subject for subject, choice in shown.choices.items() if choice != Choice.KEEP}
    return {c.subject for c in shown.conflicts if c.is_new and c.choices} - settled


def _to_decide(shown: Preview) -> dict[str, list[Conflict]]:
    """What the change makes somebody decide, by subject, in the order of the appointments."""
    open_ones = [conflict for conflict in shown.conflicts if conflict.is_new and conflict.choices]
    found: dict[str, list[Conflict]] = {}
    for conflict in open_ones:
        found.setdefault(conflict.subject, []).append(conflict)
    return found


def _choices_for(conflicts: Iterable[Conflict]) -> tuple[Choice, ...]:
    """Only what every one of them offers: a session that is skipped cannot be moved."""
    offered = [conflict.choices for conflict in conflicts]
    return tuple(choice for choice in offered[0] if all(choice in others for others in offered))


def _is_offered(shown: Preview, subject: str, choice: str, now: datetime) -> bool:
    word, _, times = choice.partition(":")
    if word not in {str(one) for one in _choices_for(_to_decide(shown)[subject])}:
        return False
    if word != Choice.MOVE:
        return not times
    fits, held = _fits(shown.after, _to_decide(shown)[subject], now, shown.facts), shown.facts.live(subject)
    try:
        starts, ends = moved_to(times)
        day = local_day(starts, shown.facts.zone)
    except (Refusal, OverflowError):
        return False
    is_as_long = held is not None and ends - starts == held.ends - held.starts
    return bool(fits and is_as_long and starts >= now and fits[0] <= day <= fits[1])


def _fits(after: Picture, conflicts: Iterable[Conflict], now: datetime, facts: PlanFacts) -> tuple[date, date] | None:
    """Return the days on which the appointment would fit, None where there are none to come."""
    conflicts = list(conflicts)
    subject = conflicts[0].subject
    if view := after.sessions.get(subject):
        window = (view.window.earliest, view.window.latest) if view.window else None
    else:
        review = after.reviews[subject]
        window = (review.opens, review.closes)
    if window is None:
        return None
    freed = [conflict.first for conflict in conflicts if conflict.kind is ConflictKind.RESTRICTED]
    if None in freed:
        return None
    first = max(window[0], facts.today, *(day for day in freed if day))
    return (first, window[1]) if first <= window[1] else None


def _decisions(shown: Preview, plan: Plan, now: datetime) -> Iterator[Decision]:
    groups, booked = _to_decide(shown), _by_subject(plan, shown.facts)
    needs = {
        subject: Need(booked[subject], *fits)
        for subject, conflicts in groups.items()
        if Choice.MOVE in _choices_for(conflicts) and subject in booked
        if (fits := _fits(shown.after, conflicts, now, shown.facts))
    }
    free = next_free(needs.values(), now=now)
    for subject, conflicts in groups.items():
        times = free.get(booked[subject].pk, ()) if subject in booked else ()
        options = tuple(_options(conflicts, times, shown))
        is_full = Choice.MOVE in _choices_for(conflicts) and not times
        yield Decision(subject, tuple(dict.fromkeys(c.sentence for c in conflicts)), options, is_full)


def _options(conflicts: Sequence[Conflict], times: Iterable[Period], shown: Preview) -> Iterator[Option]:
    chosen, zone = shown.choices.get(conflicts[0].subject, ""), shown.facts.zone
    moved = moved_to(chosen.partition(":")[2]) if chosen.startswith(f"{Choice.MOVE}:") else None
    for choice in _choices_for(conflicts):
        if choice is not Choice.MOVE:
            is_over = conflicts[0].kind is ConflictKind.NOT_NEEDED
            yield Option(choice.value, "Cancel it" if is_over else choice.label, chosen == choice.value)
            continue
        for starts, ends in sorted({*times, *([moved] if moved else [])}):
            value = f"{Choice.MOVE}:{starts.isoformat()}/{ends.isoformat()}"
            label = f"Move it to {day_words(local_day(starts, zone))}, {clock_words(starts, zone)}"
            yield Option(value, label, (starts, ends) == moved)


def _by_subject(plan: Plan, facts: PlanFacts) -> dict[str, Appointment]:
    """Live appointments by what they hold. One query."""
    keys = {row.id: row.key for row in facts.reviews}
    return {keys.get(held) or str(held): one for held, one in live_appointments([plan]).items()}
