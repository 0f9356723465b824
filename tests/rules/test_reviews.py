from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.spans import Span, later
from plans.rules.course import ReviewPoint
from plans.rules.reviews import review_dates
from tests.rules.courses import STANDARD, courses, days

MONDAY = date(2026, 10, 5)


def test_reviews_count_from_the_first_session_done():
    _, third, sixth = review_dates(STANDARD, first_done=date(2026, 11, 30), first_target=MONDAY)
    assert (third.due, third.opens, third.closes) == (date(2027, 2, 28), date(2027, 2, 14), date(2027, 3, 28))
    assert sixth.due == date(2027, 5, 30)
    assert (third.key, third.title, third.estimated) == ("month-3", "3 months", False)


def test_before_the_first_session_they_are_estimated():
    reviews = review_dates(STANDARD, first_done=None, first_target=MONDAY)
    assert [review.due for review in reviews] == [MONDAY, date(2027, 1, 5), date(2027, 4, 5)]
    assert all(review.estimated for review in reviews)


def test_the_baseline_opens_before_the_first_session_and_closes_with_its_day():
    baseline = review_dates(STANDARD, first_done=None, first_target=MONDAY)[0]
    assert (baseline.opens, baseline.due, baseline.closes) == (date(2026, 9, 21), MONDAY, MONDAY)


@given(courses(), days)
def test_reviews_are_in_order_and_each_is_inside_its_own_window(course, first):
    reviews = review_dates(course, first_done=first, first_target=MONDAY)
    assert sorted(review.due for review in reviews) == [review.due for review in reviews]
    assert all(first <= review.due and review.opens <= review.due <= review.closes for review in reviews)


@given(days, st.integers(1, 24))
def test_monthly_reviews_never_drift(first, count):
    points = tuple(ReviewPoint(str(n), "", Span.parse(f"{n} months")) for n in range(1, count + 1))
    reviews = review_dates(replace(STANDARD, reviews=points), first_done=first, first_target=MONDAY)
    assert [r.due for r in reviews] == [later(first, Span.parse(f"{n} months")) for n in range(1, count + 1)]
