"""A preview in two columns: every session, review, restriction and mail as it was and as it would be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from clinic.rules.local_time import local_day
from plans.rules.cascade import Pair, Preview
from plans.rules.diff_words import (
    NOTHING,
    letter_when,
    restriction_when,
    review_when,
    session_name,
    session_when,
)
from plans.rules.picture import Picture, ReviewView, SessionView
from plans.rules.plan_facts import PlanFacts
from plans.rules.reminders import Wanted
from plans.rules.restrictions import Restriction
from plans.rules.states import SessionState
from plans.rules.wording import act_words


class Mark(StrEnum):
    SAME = "same"
    NEW = "new"
    GONE = "gone"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Row:
    """`word` says in one or two words what changes ("14 days later"), empty where nothing does. `ref` is the session's
    ref, the review's key, what a mail is about, or the act."""

    ref: str
    name: str
    was: str
    will: str
    mark: Mark
    word: str
    notes: tuple[str, ...] = ()

    @property
    def is_changed(self) -> bool:
        return self.mark is not Mark.SAME


@dataclass(frozen=True, slots=True)
class Section:
    """`what` is one of "session", "review", "restriction", "mail"."""

    what: str
    title: str
    rows: tuple[Row, ...]

    @property
    def changed(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.is_changed)

    @property
    def same(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if not row.is_changed)


def sections_of(preview: Preview) -> tuple[Section, ...]:
    """Return all four, those without a row included."""
    facts, diff = preview.facts, preview.diff
    names = {**_abouts(facts, preview.before), **_abouts(facts, preview.after)}
    return (
        Section("session", "Sessions", tuple(_session(pair) for pair in diff.sessions)),
        Section("review", "Reviews", tuple(_review(pair) for pair in diff.reviews)),
        Section("restriction", "Not allowed", tuple(_restriction(pair, facts) for pair in diff.restrictions)),
        Section("mail", "Mails", tuple(_letter(pair, facts, names) for pair in diff.letters)),
    )


def _row(
    ref: str, name: str, was: str, will: str, *, days: int = 0, word: str = "", notes: tuple[str, ...] = ()
) -> Row:
    """`days`: by how many it is later. `word`: what to say instead."""
    if was == will:
        return Row(ref, name, was, will, Mark.SAME, "", notes)
    if was == NOTHING:
        return Row(ref, name, was, will, Mark.NEW, word or "new", notes)
    if will == NOTHING:
        return Row(ref, name, was, will, Mark.GONE, word or "no longer", notes)
    return Row(ref, name, was, will, Mark.CHANGED, word or _moved(days) or "changed", notes)


def _moved(days: int) -> str:
    length = f"{abs(days)} day{'' if abs(days) == 1 else 's'}"
    return f"{length} {'later' if days > 0 else 'earlier'}" if days else ""


# -- sessions ----------------------------------------------------------------------------------------------------------
def _session(pair: Pair[SessionView]) -> Row:
    before, after = pair.before, pair.after
    is_gone = after is None or (before and after.state is SessionState.CANCELLED)
    view = before if is_gone else after
    assert view is not None, "a pair has one of the two"
    was, will = session_when(before), session_when(after)
    if before and after and not is_gone and before.number != after.number:
        was = f"as session {before.number}: {was}"
    days, word = _days_between(_day_of(before), _day_of(after)), ""
    if before and after and before.state is not after.state:
        word = "to be held again" if after.state is SessionState.PLANNED else after.state.label.lower()
    elif before and after and after.day and not before.day:
        word = "booked"
    elif before and after and not days and before.number != after.number:
        word = "another number"
    row = _row(view.ref, session_name(view), was, will, days=days, word=word, notes=_notes(after))
    # A cancelled session is no longer part of the course, though its record stays.
    if word == SessionState.CANCELLED.label.lower():
        return Row(row.ref, row.name, row.was, NOTHING, Mark.GONE, "no longer", ())
    return row


def _notes(view: SessionView | None) -> tuple[str, ...]:
    return view.window.notes if view and view.window and view.state is SessionState.PLANNED else ()


def _day_of(view: SessionView | None) -> date | None:
    if view is None:
        return None
    return view.day or (view.window.target if view.window else None)


def _days_between(was: date | None, will: date | None) -> int:
    return (will - was).days if was and will else 0


# -- the others --------------------------------------------------------------------------------------------------------
def _review(pair: Pair[ReviewView]) -> Row:
    view = pair.after or pair.before
    assert view is not None, "a pair has one of the two"
    days = _days_between(*(one.due if one else None for one in (pair.before, pair.after)))
    return _row(view.key, view.title, review_when(pair.before), review_when(pair.after), days=days)


def _restriction(pair: Pair[Restriction], facts: PlanFacts) -> Row:
    period = pair.after or pair.before
    assert period is not None, "a pair has one of the two"
    was, will = restriction_when(pair.before, facts.zone), restriction_when(pair.after, facts.zone)
    days = _days_between(*(one.safe_on if one else None for one in (pair.before, pair.after)))
    return _row(period.act, f"No {act_words(period.act)}", was, will, days=days)


def _letter(pair: Pair[Wanted], facts: PlanFacts, names: Mapping[UUID, str]) -> Row:
    letter = pair.after or pair.before
    assert letter is not None, "a pair has one of the two"
    about = names.get(letter.about, "")
    ref, name = str(letter.about), f"{letter.kind.label}: {about}" if about else letter.kind.label
    was, will = letter_when(pair.before, facts.zone), letter_when(pair.after, facts.zone)
    has_left = pair.before is not None and pair.before.due_at <= facts.now
    if pair.after is None and has_left:
        # Nothing takes back a mail whose time has come.
        return _row(ref, name, was, was)
    if pair.after and was != will and pair.after.due_at <= facts.now:
        will = f"at once{will[will.index(',') :] if ',' in will else ''}"
        return _row(ref, name, was, will, word="sent again" if has_left else "")
    days = 0
    if pair.before and pair.after:
        days = _days_between(local_day(pair.before.due_at, facts.zone), local_day(pair.after.due_at, facts.zone))
    return _row(ref, name, was, will, days=days, word="" if pair.after else "not sent")


def _abouts(facts: PlanFacts, picture: Picture) -> dict[UUID, str]:
    """What a mail is about, by the id it carries: an appointment's, a held session's or a review's."""
    sessions = {ref: f"session {view.number}" for ref, view in picture.sessions.items()}
    reviews = {key: view.title for key, view in picture.reviews.items()}
    subjects = {**sessions, **reviews}
    done = {
        UUID(step.ref): subjects[step.ref] for step in facts.steps if step.ref in facts.times and step.ref in subjects
    }
    booked = {b.facts.id: subjects[b.subject] for b in facts.bookings if b.subject in subjects}
    return {**done, **booked, **{row.id: reviews[row.key] for row in facts.reviews if row.key in reviews}}


# -- the sentence before the columns -----------------------------------------------------------------------------------
_VERBS: Mapping[str, tuple[tuple[Mark, str, str], ...]] = {
    "session": ((Mark.NEW, "is added", "are added"), (Mark.GONE, "is taken out", "are taken out")),
    "review": ((Mark.NEW, "is added", "are added"), (Mark.GONE, "is no longer promised", "are no longer promised")),
}


def summary_of(sections: Sequence[Section], *, misfits: int) -> str:
    """Return what changes in one sentence, counted. `misfits`: how many appointments no longer fit."""
    parts = [words for section in sections for words in _counted(section)] or ["nothing that has a date changes"]
    if misfits:
        parts.append(f"{misfits} appointment{'' if misfits == 1 else 's'} no longer fit{'s' if misfits == 1 else ''}")
    elif any(section.changed for section in sections):
        parts.append("nothing is booked outside its time")
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}."


def _counted(section: Section) -> Iterator[str]:
    if section.what in ("restriction", "mail"):
        if count := len(section.changed):
            yield _number(count, section.what, "changes", "change")
        return
    for mark, one, many in _VERBS[section.what]:
        if count := sum(row.mark is mark for row in section.rows):
            yield _number(count, section.what, one, many)
    yield from _moves(section)


def _moves(section: Section) -> Iterator[str]:
    changed = [row for row in section.rows if row.mark is Mark.CHANGED]
    moved = sum(row.word.endswith(("later", "earlier")) for row in changed)
    skipped = sum(row.word == SessionState.SKIPPED.label.lower() for row in changed)
    others = len(changed) - moved - skipped
    if skipped:
        yield _number(skipped, section.what, "is skipped", "are skipped")
    if moved:
        yield _number(moved, section.what, "moves", "move")
    if others:
        yield _number(others, section.what, "changes", "change")


def _number(count: int, what: str, one: str, many: str) -> str:
    return f"{count} {what} {one}" if count == 1 else f"{count} {what}s {many}"
