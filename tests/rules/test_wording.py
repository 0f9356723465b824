from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from plans.rules.course import Modality
from plans.rules.wording import clock_words, day_words, distance_words, list_words, modality_words

TODAY = date(2026, 10, 22)


def test_a_date_reads_the_way_people_say_it():
    assert day_words(date(2026, 11, 3)) == "Tue 3 Nov 2026"
    assert day_words(date(2028, 2, 29)) == "Tue 29 Feb 2028"


def test_an_hour_is_the_clinics():
    assert clock_words(datetime(2026, 11, 3, 2, 30, tzinfo=UTC), ZoneInfo("Asia/Singapore")) == "10:30"


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (0, "today"), (1, "tomorrow"), (-1, "yesterday"), (12, "in 12 days"), (20, "in 20 days"), (-21, "3 weeks ago"),
        (21, "in 3 weeks"), (28, "in 4 weeks"), (90, "in 12 weeks"), (92, "in 3 months"), (-365, "12 months ago"),
        (731, "in 2 years"),
    ],
)  # fmt: skip
def test_a_distance_reads_from_today(days, words):
    assert distance_words(TODAY + timedelta(days=days), TODAY) == words


@pytest.mark.parametrize(
    ("words", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a, b and c")]
)
def test_a_list_ends_with_and(words, text):
    assert list_words(words) == text


def test_treatments_have_the_fields_names():
    assert [modality_words(m) for m in (Modality.PRP, Modality.EXOSOME)] == ["PRP", "exosome"]
