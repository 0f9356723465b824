"""The house's own times: complete, within their own limits, and as the documentation says."""

from datetime import time
from pathlib import Path

import pytest

from clinic.rules.spans import Span
from plans.rules.letter_kinds import KIND_POLICY, Doubt, LetterKind
from plans.rules.letter_times import TIMINGS, KindTimes, LetterTimes, fault, when_words

K = LetterKind
DOCUMENT = Path(__file__).parents[2] / "docs" / "letters-when.md"
OFF = {K.WEEK_REMINDER, K.DAY_REMINDER, K.PRE_CARE_EVE, K.NO_WASH}
AT_ONCE = {K.APPOINTMENT_BOOKED, K.APPOINTMENT_MOVED, K.APPOINTMENT_CANCELLED, K.SERIES_BOOKED, K.WAITING_OFFER,
           K.AFTER_CARE}  # fmt: skip


def test_every_kind_has_its_times_and_they_are_within_their_limits():
    assert set(TIMINGS) == set(K)
    assert {kind for kind in K if not TIMINGS[kind].times.is_on} == OFF
    assert {kind for kind in K if not TIMINGS[kind].waits} == AT_ONCE
    for kind, timing in TIMINGS.items():
        assert fault(kind, timing.times) is None
        assert (timing.spans is None) == (timing.times.lead is None)
        for lead in timing.spans or ():
            assert fault(kind, KindTimes(True, lead, timing.times.hour)) is None
        assert LetterTimes().of(kind) == timing.times


def test_the_documentation_says_what_the_rules_say():
    lines = [line for line in DOCUMENT.read_text().splitlines() if line.startswith("| ")]
    said = {line.removeprefix("| ").split(" | ")[0]: line for line in lines}
    for kind, timing in TIMINGS.items():
        cells = said[kind.label].removesuffix(" |").split(" | ")
        doubt = "a human decides" if KIND_POLICY[kind].in_doubt is Doubt.ASK else "sent again"
        spans = f"{timing.spans[0]} – {timing.spans[1]}" if timing.spans else "–"
        assert [*cells[1:3], *cells[4:]] == [
            "yes" if timing.times.is_on else "no", when_words(kind, timing.times), doubt, spans,
        ]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "lead", "words"),
    [
        (K.SESSION_REMINDER, "2 hours", "Choose between 3 hours and 60 days."),
        (K.SESSION_REMINDER, "9 weeks", "Choose between 3 hours and 60 days."),
        (K.REVIEW_INVITATION, "72 hours", "A letter that goes at an hour of the day is counted in days or weeks."),
        (K.REVIEW_INVITATION, "2 months", "Choose between 3 days and 60 days."),
        (K.SESSION_REMINDER, "8 weeks", None),
        (K.DYE_AGAIN, "1 day", None),
    ],
)
def test_a_lead_outside_its_limits_is_refused_in_a_sentence(kind, lead, words):
    assert fault(kind, KindTimes(True, Span.parse(lead), time(9))) == words
