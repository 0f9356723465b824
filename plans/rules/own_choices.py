"""What a patient may do about her appointment on her own page, and how her wishes read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from clinic.rules.refusal import Refusal
from clinic.rules.wording import list_words
from plans.rules.states import AppointmentState
from plans.rules.waiting import EXPECTED
from plans.rules.wishes import WEEKDAYS

WISHES_LENGTH, WORDS_LENGTH, REPORT_LENGTH = 300, 300, 1000
# A list nobody could work through helps nobody: from here on, the telephone.
MOST_OPEN = 12
PARTS = {"morning": "mornings", "afternoon": "afternoons", "evening": "evenings"}


@dataclass(frozen=True, slots=True)
class OwnChoices:
    """`cancel`: at once and by herself; otherwise she may ask for it."""

    confirm: bool
    ask_to_move: bool
    cancel: bool
    ask_to_cancel: bool


NOTHING = OwnChoices(confirm=False, ask_to_move=False, cancel=False, ask_to_cancel=False)


def own_choices(
    state: AppointmentState, starts: datetime, now: datetime, *, may_ask_to_move: bool, cancel_before: int | None
) -> OwnChoices:
    """Return what is hers to choose. `cancel_before`: hours before the start; None: she may only ask.

    Nothing any more once it has begun, or once she is there.
    """
    if state not in EXPECTED or starts <= now:
        return NOTHING
    return OwnChoices(
        confirm=state is AppointmentState.BOOKED,
        ask_to_move=may_ask_to_move,
        cancel=cancel_before is not None and starts - now >= timedelta(hours=cancel_before),
        ask_to_cancel=True,
    )


def why_not_cancel_herself(choices: OwnChoices) -> Refusal | None:
    """Codes: over, ask."""
    if not choices.ask_to_cancel:
        return Refusal("over", "This appointment cannot be cancelled any more.")
    if not choices.cancel:
        return Refusal("ask", "It is too late to cancel it here yourself: ask us, or call.")
    return None


def wish_words(parts: Iterable[str], weekdays: Iterable[int]) -> str:
    """Return what suits her as the desk reads it: "Mondays and Thursdays, mornings"; "" when she named nothing."""
    days = list_words([WEEKDAYS[one] for one in sorted(set(weekdays)) if 0 <= one < len(WEEKDAYS)])
    hours = list_words([words for part, words in PARTS.items() if part in set(parts)])
    return ", ".join(filter(None, (days, hours)))[:WISHES_LENGTH]
