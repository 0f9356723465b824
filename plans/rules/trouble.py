"""Why a plan cannot be kept as it stands, each reason with the rule that causes it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from plans.rules.picture import Picture
from plans.rules.plan_facts import PlanFacts
from plans.rules.restrictions import no_free_day_sentence
from plans.rules.states import PlanState, ReviewState, SessionState
from plans.rules.wording import day_words, distance_words

# Shorter than this, a spell without the act is what the aftercare means and nobody needs to be warned.
LONG_SPELL = timedelta(days=62)
WATCHED_ACTS = ("dye", "wash")


@dataclass(frozen=True, slots=True)
class Trouble:
    """`code`: late, gap, no_free_day, review_over."""

    code: str
    sentence: str


def troubles_of(facts: PlanFacts, picture: Picture) -> tuple[Trouble, ...]:
    if facts.state not in (PlanState.DRAFT, PlanState.ACTIVE):
        return ()
    return (*_late(facts, picture), *_pushed(picture), *_no_free_day(facts, picture), *_over(facts, picture))


def _late(facts: PlanFacts, picture: Picture) -> Iterator[Trouble]:
    for view in picture.sessions.values():
        window = view.window
        if view.state is SessionState.PLANNED and view.day is None and window and window.latest < facts.today:
            yield Trouble(
                "late",
                f"Session {view.number} is late: it should have been by {day_words(window.latest)}, "
                f"{distance_words(window.latest, facts.today)}. {window.basis}. "
                "Book it, skip it, or change the plan: what follows is counted from today.",
            )


def _pushed(picture: Picture) -> Iterator[Trouble]:
    """Rules that cannot both be kept: a least gap or a shared visit forces a session beyond its own interval."""
    for view in picture.sessions.values():
        if view.state is SessionState.PLANNED and view.window:
            yield from (Trouble("gap", f"Session {view.number}: {note}") for note in view.window.notes)


def _no_free_day(facts: PlanFacts, picture: Picture) -> Iterator[Trouble]:
    days = [
        view.day or view.window.target for view in picture.sessions.values() if _is_held(view.state) and view.window
    ]
    first, last = max(min(days, default=facts.today), facts.today), max(days, default=facts.today)
    # A plan that is being made says it in any case: the patient decides whether to begin.
    if len(days) < 2 or (last - first < LONG_SPELL and facts.state is not PlanState.DRAFT):
        return
    for act in WATCHED_ACTS:
        if sentence := no_free_day_sentence(act, picture.restrictions, first, last, facts.zone):
            yield Trouble("no_free_day", sentence)


def _over(facts: PlanFacts, picture: Picture) -> Iterator[Trouble]:
    for view in picture.reviews.values():
        if view.state is ReviewState.PROMISED and not view.booked_on and view.closes < facts.today:
            yield Trouble(
                "review_over",
                f"The review “{view.title}” was to be held by {day_words(view.closes)}, "
                f"{distance_words(view.closes, facts.today)}: hold it now, or decide it without the patient.",
            )


def _is_held(state: SessionState) -> bool:
    return state in (SessionState.PLANNED, SessionState.DONE)
