"""What a change would mean before anybody accepts it: all that is dated, and what no longer fits."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from operator import attrgetter
from typing import Generic, TypeVar

from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from plans.rules.changes import FARTHEST, Change, rebooked, released
from plans.rules.conflicts import Choice, Conflict, conflicts_of
from plans.rules.picture import Picture, ReviewView, SessionView, picture_of
from plans.rules.plan_facts import PlanFacts
from plans.rules.reminders import Wanted
from plans.rules.restrictions import Restriction
from plans.rules.states import SessionState
from plans.rules.trouble import Trouble, troubles_of
from plans.rules.windows import Window

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Pair(Generic[T]):
    """One thing before and after. None: it was not there, or is no longer."""

    before: T | None
    after: T | None

    @property
    def is_changed(self) -> bool:
        return self.before != self.after


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything side by side, what stays the same included, in the order of days."""

    sessions: tuple[Pair[SessionView], ...]
    reviews: tuple[Pair[ReviewView], ...]
    restrictions: tuple[Pair[Restriction], ...]
    letters: tuple[Pair[Wanted], ...]

    @property
    def is_empty(self) -> bool:
        return not any(
            any(pair.is_changed for pair in pairs)
            for pairs in (self.sessions, self.reviews, self.restrictions, self.letters)
        )


@dataclass(frozen=True, slots=True)
class Preview:
    """`facts` are those after the change and its choices. `fingerprint` is the same as long as the same things would
    happen: whoever accepts sends it back, and is told when the world has moved. `open` conflicts wait for a choice."""

    facts: PlanFacts
    before: Picture
    after: Picture
    diff: Diff
    conflicts: tuple[Conflict, ...]
    choices: Mapping[str, str]
    troubles: tuple[Trouble, ...]
    fingerprint: str

    @property
    def open(self) -> tuple[Conflict, ...]:
        """Return the conflicts the change brings and nobody has decided about yet."""
        return tuple(c for c in self.conflicts if c.is_new and c.choices and c.subject not in self.choices)


def preview(facts: PlanFacts, change: Change, choices: Mapping[str, str] | None = None) -> Preview:
    """Return what the change would mean. Writes nothing. Refusal when it cannot be made, or a choice is not offered.

    `choices` by the conflict's subject: "keep", "cancel", or "move:<start>/<end>" in ISO 8601.
    """
    chosen = dict(choices or {})
    before = picture_of(facts)
    known = {(c.kind, c.subject) for c in conflicts_of(facts, before)}
    changed, decided = _with_choices(change.applied(facts), chosen)
    after = picture_of(changed)
    conflicts = tuple(
        replace(c, is_new=(c.kind, c.subject) not in known)
        for c in _with_decided(decided, conflicts_of(changed, after), chosen)
    )
    troubles = troubles_of(changed, after)
    diff = diff_of(before, after)
    print_ = _fingerprint(diff, conflicts, troubles, facts)
    return Preview(changed, before, after, diff, conflicts, chosen, troubles, print_)


def diff_of(before: Picture, after: Picture) -> Diff:
    return Diff(
        sessions=_by_key(before.sessions, after.sessions, lambda view: (_day(view), view.number)),
        reviews=_by_key(before.reviews, after.reviews, lambda view: (view.due, view.key)),
        restrictions=_restrictions(before, after),
        letters=_letters(before.letters, after.letters),
    )


def _with_choices(facts: PlanFacts, chosen: Mapping[str, str]) -> tuple[PlanFacts, list[Conflict]]:
    """Return the facts with what a human chose, and the conflicts that decided.

    A choice may bring the next conflict, about which there is a choice already: go on until none is left to follow.
    """
    decided: dict[tuple[str, str], Conflict] = {}
    while subjects := chosen.keys() - {conflict.subject for conflict in decided.values()}:
        found = [c for c in conflicts_of(facts, picture_of(facts)) if c.subject in subjects and c.choices]
        if not found:
            raise Refusal("choice", "There is nothing to decide about this any more: look at the change again.")
        for conflict in found:
            facts = _decided(facts, conflict, chosen[conflict.subject])
            decided[conflict.kind, conflict.subject] = conflict
    return facts, list(decided.values())


def _decided(facts: PlanFacts, conflict: Conflict, choice: str) -> PlanFacts:
    """Return the facts with what a human chose about one conflict."""
    word, _, times = choice.partition(":")
    if word not in conflict.choices:
        raise Refusal("choice", f"{conflict.sentence} Choose one of what is offered.")
    match Choice(word):
        case Choice.KEEP:
            return facts
        case Choice.CANCEL:
            return released(facts, conflict.subject)
        case Choice.MOVE:
            starts, ends = moved_to(times)
            if not facts.now <= starts <= facts.now + FARTHEST:
                raise Refusal("choice", "Move the appointment to a time from now on, within the next five years.")
            return rebooked(facts, conflict.subject, starts, ends)


def moved_to(times: str) -> tuple[datetime, datetime]:
    """Read "<start>/<end>". Refusal `choice` when it is no such thing."""
    try:
        starts, ends = (datetime.fromisoformat(text) for text in times.split("/"))
        if starts.tzinfo is None or ends.tzinfo is None or ends <= starts:
            raise ValueError
    except ValueError:
        raise Refusal("choice", "Choose a time to move the appointment to.") from None
    return starts, ends


def _with_decided(
    decided: Iterable[Conflict], left: Iterable[Conflict], chosen: Mapping[str, str]
) -> Iterator[Conflict]:
    """Yield the conflicts that were decided, then those nobody has decided about.

    Refusal when an appointment does not fit where it was moved to, either.
    """
    settled = {(c.kind, c.subject) for c in decided}
    yield from decided
    for conflict in left:
        if conflict.choices and chosen.get(conflict.subject, "").startswith(Choice.MOVE):
            raise Refusal("choice", conflict.sentence)
        if (conflict.kind, conflict.subject) not in settled:
            yield conflict


def _by_key(before: Mapping[str, T], after: Mapping[str, T], order: Callable[[T], Hashable]) -> tuple[Pair[T], ...]:
    pairs = [Pair(before.get(key), after.get(key)) for key in {**before, **after}]
    return tuple(sorted(pairs, key=lambda pair: order(pair.after or pair.before)))  # type: ignore[arg-type, return-value]


def _day(view: SessionView) -> date:
    """Where it stands among the others; what was cancelled comes last."""
    if view.day:
        return view.day
    return view.window.target if view.window and view.state is not SessionState.CANCELLED else date.max


def _restrictions(before: Picture, after: Picture) -> tuple[Pair[Restriction], ...]:
    """Pair periods of one act that some same session causes; the sessions' refs see through renumbering."""
    was: dict[str, list[tuple[Restriction, set[str | int]]]] = {}
    for period, causes in _with_causes(before):
        was.setdefault(period.act, []).append((period, causes))
    pairs = []
    for period, causes in _with_causes(after):
        mine = was.get(period.act, [])
        match = next((one for one in mine if not causes.isdisjoint(one[1])), None)
        if match:
            mine.remove(match)
        pairs.append(Pair(_unnumbered(match[0]) if match else None, _unnumbered(period)))
    pairs += [Pair(_unnumbered(period), None) for mine in was.values() for period, _ in mine]
    return tuple(sorted(pairs, key=_period_order))


def _period_order(pair: Pair[Restriction]) -> tuple[str, datetime]:
    period = pair.after or pair.before
    assert period is not None
    return period.act, period.begins


def _with_causes(picture: Picture) -> list[tuple[Restriction, set[str | int]]]:
    refs: dict[int, str] = {view.number: ref for ref, view in picture.sessions.items()}
    return [
        (period, {refs.get(reason.session, reason.session) for reason in period.reasons})
        for period in picture.restrictions
    ]


def _unnumbered(period: Restriction) -> Restriction:
    """What people see of it: which sessions it comes from changes with every number and is no change for her."""
    return replace(period, reasons=(), decided_by=None)


def _letters(before: Iterable[Wanted], after: Iterable[Wanted]) -> tuple[Pair[Wanted], ...]:
    """Pair letters of one kind about one thing: another date in it is the same letter, changed."""
    was = {(letter.kind, letter.about): letter for letter in before}
    now = {(letter.kind, letter.about): letter for letter in after}
    pairs = [Pair(was.get(key), now.get(key)) for key in {**was, **now}]
    return tuple(sorted(pairs, key=_letter_order))


def _letter_order(pair: Pair[Wanted]) -> tuple[datetime, str]:
    letter = pair.after or pair.before
    assert letter is not None
    return letter.due_at, letter.kind


def _fingerprint(diff: Diff, conflicts: Iterable[Conflict], troubles: Iterable[Trouble], facts: PlanFacts) -> str:
    """Letters count by day: that a minute passed between looking and accepting changes nothing."""

    lines = [
        *(_line(side) for pair in diff.sessions if pair.is_changed for side in (pair.before, pair.after)),
        *(_line(side) for pair in diff.reviews if pair.is_changed for side in (pair.before, pair.after)),
        *(_line(side) for pair in diff.restrictions if pair.is_changed for side in (pair.before, pair.after)),
        *(_letter_line(side, facts) for pair in diff.letters if pair.is_changed for side in (pair.before, pair.after)),
        *map(_line, conflicts),
        *map(_line, troubles),
    ]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


# What a class shows, all at once: a `repr` of every value would take longer than dating the plan.
_SHOWN: dict[type, Callable[[object], tuple[object, ...]]] = {
    kind: attrgetter(*(name for name in kind.__dataclass_fields__ if name != "window"))
    for kind in (SessionView, Window, ReviewView, Restriction, Conflict, Trouble)
}


def _line(shown: object) -> str:
    if shown is None:
        return ""
    words = "\x1f".join(map(str, _SHOWN[type(shown)](shown)))
    return f"{words}\x1f{_line(shown.window)}" if isinstance(shown, SessionView) else words


def _letter_line(letter: Wanted | None, facts: PlanFacts) -> str:
    if letter is None:
        return ""
    return f"{letter.kind}\x1f{letter.about}\x1f{letter.facts}\x1f{local_day(letter.due_at, facts.zone)}"
