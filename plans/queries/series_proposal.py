"""All that is left of a plan, laid out at once: its sessions and reviews, each inside its window."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from uuid import UUID

from clinic.models import Practitioner, Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Plan
from plans.queries.series_facts import USUAL_MINUTES, SeriesFacts, read_series
from plans.queries.spoken import between_words, window_words
from plans.rules.finder import Vacancy
from plans.rules.series import Line, Proposal
from plans.rules.series_layout import Laid, Wanted, lay_out_series, others_for
from plans.rules.states import PlanState
from plans.rules.wishes import Wishes
from plans.rules.wording import clock_words, day_words

ANYTHING = Wishes()
ONE_DAY = timedelta(days=1)
HOW_LATE = 60
Days = tuple[date, date, date]


def propose_series(
    *, by: Staff, plan: Plan, wishes: Wishes = ANYTHING, now: datetime, keep: Mapping[UUID, Vacancy] | None = None
) -> Proposal:
    """Return times for every session and review to come that holds none, each inside its window, as near to its target
    as can be, on one weekday, at one hour and with one person where possible. What is booked stays and binds the rest.

    `keep`: times somebody chose instead, by session or review; the rest is laid out around them. When there is no whole
    series, the proposal says which visit finds no time and what would make one. DoesNotExist for a foreign plan.
    """
    if not by.can(Deed.BOOK):
        raise Forbidden(Deed.BOOK)
    plan = Plan.objects.visible_to(by).select_related("patient", "location").get(pk=plan.pk)
    if plan.state in (PlanState.DRAFT, PlanState.STOPPED, PlanState.PAUSED):
        return Proposal((), whole=False, trouble=_why_not(PlanState(plan.state)))
    facts = read_series(by, plan, keep or {}, now)
    if not facts.sessions and not facts.reviews:
        return Proposal((), whole=True)
    finder = facts.finder(wishes)
    if finder is None:
        return Proposal((), whole=False, trouble=f"Nobody can be booked at {plan.location.name} with these wishes.")
    wanted = facts.wanted(finder, wishes)
    laid = lay_out_series(wanted)
    lines = tuple(_lines(facts, wanted, laid))
    wrong = next(_wrong_choices(facts, lines), "")
    if laid.whole:
        return Proposal(lines, whole=not wrong, trouble=wrong)
    return Proposal(lines, False, wrong or _trouble(facts, laid, wishes), tuple(_would_help(facts, laid, wishes)))


def _why_not(state: PlanState) -> str:
    if state is PlanState.PAUSED:
        return "This plan is paused: nothing is booked before it goes on."
    return "Only an active plan can be booked: activate it first."


def _lines(facts: SeriesFacts, wanted: Wanted, laid: Laid) -> Iterator[Line]:
    for ref, session in facts.sessions.items():
        window = laid.windows[session.number]
        days = window.earliest, window.target, window.latest
        if ref == laid.stuck and laid.stuck_days:
            days = laid.stuck_days
        notes = [note for note in window.notes if note]
        if facts.has_baseline and session.number == min(one.number for one in facts.quest.steps if one.is_to_do):
            notes.append("The baseline photos are taken at this visit.")
        yield Line(
            session.pk, "session", f"Session {session.number} of {facts.total}", window_words(*days), days[0], days[1],
            days[2], wanted.minutes[ref], laid.times.get(ref), others_for(wanted, laid, ref, days), " ".join(notes),
        )  # fmt: skip
    for key, review in facts.reviews.items():
        due = laid.dues.get(key)
        days = (due.opens, due.due, due.closes) if due else (review.opens, review.due, review.closes)
        yield Line(
            review.pk, "review", review.title, window_words(*days), *days, USUAL_MINUTES, laid.times.get(key),
            others_for(wanted, laid, key, days), "",
        )  # fmt: skip


def _wrong_choices(facts: SeriesFacts, lines: tuple[Line, ...]) -> Iterator[str]:
    """A time chosen by hand may have been taken meanwhile, or be one that booking refuses."""
    finder = facts.finder(ANYTHING)
    zone = facts.plan.location.zone
    rows = {**facts.sessions, **facts.reviews}
    chosen = {rows[key].pk for key in facts.kept}
    for line in lines:
        if line.subject not in chosen or line.vacancy is None:
            continue
        day = local_day(line.vacancy.starts, zone)
        free = finder.on(day, line.minutes, ANYTHING) if finder else ()
        at = {(one.practitioner, one.starts) for one in free}
        if (line.vacancy.practitioner, line.vacancy.starts) not in at:
            when = f"{day_words(day)}, {clock_words(line.vacancy.starts, zone)},"
            yield f"{line.name}: {when} is not free any more. Choose another time."
        elif not line.first <= day <= line.last:
            yield f"{line.name}: {day_words(day)} is outside its window, {between_words(line.first, line.last)}."


def _name(facts: SeriesFacts, subject: str) -> str:
    if session := facts.sessions.get(subject):
        return f"Session {session.number} of {facts.total}"
    return f"The review “{facts.reviews[subject].title}”"


def _trouble(facts: SeriesFacts, laid: Laid, wishes: Wishes) -> str:
    assert laid.stuck_days is not None
    first, _, last = laid.stuck_days
    name = _name(facts, laid.stuck)
    if last < facts.today:
        return f"{name} should have been by {day_words(last)}: book it by itself first, late and with a reason."
    first = max(first, facts.today)
    when = f"on {day_words(last)}" if first == last else f"between {between_words(first, last)}"
    names = dict(Practitioner.objects.filter(pk__in=wishes.practitioners).values_list("pk", "name"))
    asked = "" if wishes.are_none else f" that suits ({wishes.in_words(names)})"
    unsure = "" if laid.is_sure else " Not every combination of days was tried: choose a day for one, then try again."
    return f"{name} finds no free time{asked} {when}.{unsure}"


def _would_help(facts: SeriesFacts, laid: Laid, wishes: Wishes) -> Iterator[str]:
    """Say what would make a whole series, each tried; then the soonest late time for the visit that finds none."""
    assert laid.stuck_days is not None
    helped = False
    for words, other in _relaxed(wishes):
        if sentence := _tried(facts, words, other):
            helped = True
            yield sentence
    if not helped and sum(map(bool, _parts(wishes))) > 1 and (sentence := _tried(facts, "With no wishes", ANYTHING)):
        helped = True
        yield sentence
    if not helped and (sentence := _tried(facts, "Without a room", ANYTHING, needs_room=False)):
        yield sentence
    if laid.stuck in facts.sessions and (sentence := _late(facts, laid)):
        yield sentence


def _parts(wishes: Wishes) -> tuple[bool, bool, bool]:
    return bool(wishes.practitioners), bool(wishes.weekdays), bool(wishes.begins or wishes.until)


def _relaxed(wishes: Wishes) -> Iterator[tuple[str, Wishes]]:
    has_people, has_days, has_hours = _parts(wishes)
    if has_people:
        yield "With any practitioner", wishes.with_anybody()
    if has_days:
        yield "On any weekday", wishes.with_any_weekday()
    if has_hours:
        yield "At any hour", wishes.with_any_hour()


def _tried(facts: SeriesFacts, words: str, wishes: Wishes, *, needs_room: bool = True) -> str:
    finder = facts.finder(wishes, needs_room=needs_room)
    laid = lay_out_series(facts.wanted(finder, wishes)) if finder else None
    if not laid or not laid.whole:
        return ""
    first = min(one.starts for one in laid.times.values())
    return f"{words} there is one: first on {day_words(local_day(first, facts.plan.location.zone))}."


def _late(facts: SeriesFacts, laid: Laid) -> str:
    assert laid.stuck_days is not None
    finder, last = facts.finder(ANYTHING), max(laid.stuck_days[2], facts.today - ONE_DAY)
    minutes = facts.wanted(finder, ANYTHING).minutes[laid.stuck] if finder else 0
    for number in range(1, HOW_LATE + 1):
        day = last + number * ONE_DAY
        if finder and finder.on(day, minutes):
            return f"Later than it should be, and with a written reason, it could be on {day_words(day)}."
    return ""
