"""Every mistake in a protocol is a sentence at its field; what has no mistake can be dated from any day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.spans import Span, Unit, later
from plans.rules.course import (
    Alongside,
    CareKind,
    CarePhase,
    CareRule,
    Course,
    LeastGap,
    Maintenance,
    Modality,
    ReviewPoint,
)
from plans.rules.layout import lay_out
from plans.rules.library import LIBRARY, read_library
from plans.rules.protocol_check import faults, why_not_start
from plans.rules.protocol_concerns import contradictions
from plans.rules.protocol_trial import try_out
from plans.rules.protocol_warnings import warnings
from plans.rules.reviews import review_dates
from plans.rules.span_order import days_of, is_never_more, may_meet
from plans.rules.windows import session_windows
from tests.rules import courses as some

SINGAPORE = ZoneInfo("Asia/Singapore")
COURSE = some.STANDARD
TODAY = date(2026, 11, 23)
spans = st.builds(Span, st.integers(0, 40), st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS]))


def component(**changes: object) -> Course:
    return replace(COURSE, components=(replace(some.EXOSOME, **changes),))


def two(**changes: object) -> Course:
    return replace(COURSE, components=(some.EXOSOME, replace(some.PRP, **changes)))


def rule(**changes: object) -> Course:
    return replace(COURSE, care_rules=(replace(some.NO_DYE, **changes),))


def reviews(*points: tuple[str, str]) -> Course:
    return replace(COURSE, reviews=tuple(ReviewPoint(key, key, Span.parse(offset)) for key, offset in points))


def gap(first: Modality, second: Modality, span: str, course: Course = some.SAME_DAY) -> Course:
    return replace(course, least_gaps=(LeastGap(first, second, Span.parse(span)),))


def beside(**changes: object) -> Course:
    minoxidil = Alongside("minoxidil", Modality.MEDICAL, "Minoxidil 5 %")
    return replace(COURSE, alongside=(replace(minoxidil, **changes),))


EXO, PRP = Modality.EXOSOME, Modality.PRP
BAD = {
    "no components": (replace(COURSE, components=()), "components", "no_components"),
    "eleven components": (
        replace(COURSE, components=tuple(replace(some.EXOSOME, key=f"c{n}") for n in range(11))), "components", "too_many",
    ),
    "zero sessions": (component(sessions_min=0), "components[0].sessions_min", "session_count"),
    "500 sessions": (component(sessions_max=500), "components[0].sessions_max", "session_count"),
    "usual below fewest": (component(sessions_min=5), "components[0].sessions_usual", "session_order"),
    "most below usual": (component(sessions_max=3), "components[0].sessions_max", "session_order"),
    "no interval": (component(interval=some.interval("0 days", "1 week", "1 week")), "components[0].interval.earliest", "no_interval"),
    "target first": (component(interval=some.interval("4 weeks", "3 weeks", "5 weeks")), "components[0].interval.target", "order"),
    "latest first": (component(interval=some.interval("4 weeks", "5 weeks", "4 weeks")), "components[0].interval.latest", "order"),
    "31 days and a month": (component(interval=some.interval("31 days", "1 month", "2 months")), "components[0].interval.target", "order"),
    "a month and 4 weeks": (component(interval=some.interval("1 month", "1 month", "4 weeks")), "components[0].interval.latest", "order"),
    "hours between sessions": (component(interval=some.interval("1 week", "200 hours", "2 weeks")), "components[0].interval.target", "hours"),
    "starts in hours": (component(starts=Span.parse("5 hours")), "components[0].starts", "hours"),
    "a thousand years": (component(starts=Span.parse("12000 months")), "components[0].starts", "too_long"),
    "60 sessions 3 years apart": (
        component(sessions_max=60, interval=some.interval("36 months", "36 months", "36 months")),
        "components[0].interval.latest", "too_long",
    ),
    "no minutes": (component(minutes=0), "components[0].minutes", "minutes"),
    "a day in the chair": (component(minutes=481), "components[0].minutes", "minutes"),
    "a medicine at a session": (component(modality=Modality.MEDICAL), "components[0].modality", "not_at_a_session"),
    "a transplant at a session": (component(modality=Modality.TRANSPLANT), "components[0].modality", "not_at_a_session"),
    "a key twice": (two(key="exosome"), "components[1].key", "key_twice"),
    "a key with blanks": (component(key="my key"), "components[0].key", "key"),
    "shares with itself": (two(shares_visit_with="prp"), "components[1].shares_visit_with", "itself"),
    "shares with nobody": (two(shares_visit_with="serum"), "components[1].shares_visit_with", "unknown_key"),
    "starts after itself": (two(starts_after="prp"), "components[1].starts_after", "itself"),
    "starts after nobody": (two(starts_after="serum"), "components[1].starts_after", "unknown_key"),
    "shares and waits": (two(shares_visit_with="exosome", starts_after="exosome"), "components[1].starts_after", "shares_and_waits"),
    "shares in a circle": (
        replace(COURSE, components=(replace(some.EXOSOME, shares_visit_with="prp"), replace(some.PRP, shares_visit_with="exosome"))),
        "components[0].shares_visit_with", "circle",
    ),
    "waits in a circle": (
        replace(COURSE, components=(replace(some.EXOSOME, starts_after="prp"), replace(some.PRP, starts_after="exosome"))),
        "components[1].starts_after", "circle",
    ),
    "two reviews on one day": (reviews(("a", "3 months"), ("b", "3 months")), "reviews[1].offset", "same_day"),
    "two reviews on some days": (reviews(("a", "4 weeks"), ("b", "1 month")), "reviews[1].offset", "same_day"),
    "a review on the baseline's day": (reviews(("baseline", "0 days"), ("b", "0 weeks")), "reviews[1].offset", "same_day"),
    "a baseline afterwards": (reviews(("baseline", "1 week")), "reviews[0].offset", "baseline_later"),
    "reviews overlap": (reviews(("a", "6 weeks"), ("b", "10 weeks")), "reviews[1].opens_before", "windows_overlap"),
    "a review opens before the first session": (reviews(("base", "0 days"), ("b", "1 week")), "reviews[1].opens_before", "windows_overlap"),
    "a review in hours": (reviews(("a", "99 hours"),), "reviews[0].offset", "hours"),
    "a review key twice": (reviews(("a", "3 months"), ("a", "6 months")), "reviews[1].key", "key_twice"),
    "ends before it starts": (rule(starts=Span.parse("5 weeks")), "care_rules[0].ends", "ends_first"),
    "ends in the month it starts": (rule(starts=Span.parse("1 month"), ends=Span.parse("30 days")), "care_rules[0].ends", "ends_first"),
    "ends at once": (rule(ends=Span.parse("0 hours")), "care_rules[0].ends", "no_length"),
    "ongoing with an end": (rule(ongoing=True), "care_rules[0].ends", "ongoing_ends"),
    "forbidden from nowhere on": (rule(phase=CarePhase.PRE, starts=None, ends=None), "care_rules[0].starts", "no_start"),
    "ongoing before": (rule(phase=CarePhase.PRE, ongoing=True, ends=None), "care_rules[0].ongoing", "ongoing_before"),
    "before, ends first": (
        rule(phase=CarePhase.PRE, starts=Span.parse("1 day"), ends=Span.parse("2 days")), "care_rules[0].ends", "ends_first",
    ),
    "before, no start": (rule(phase=CarePhase.PRE, ends=Span.parse("2 days")), "care_rules[0].starts", "no_start"),
    "for a thousand years": (rule(ends=Span.parse("60000 weeks")), "care_rules[0].ends", "too_long"),
    "a rule's key twice": (replace(COURSE, care_rules=(some.NO_DYE, some.NO_DYE)), "care_rules[1].key", "key_twice"),
    "no act": (rule(act=" "), "care_rules[0].act", "no_act"),
    "no text": (rule(text=""), "care_rules[0].text", "no_text"),
    "no source": (rule(source=""), "care_rules[0].source", "no_source"),
    "conflicts with nothing": (rule(conflicts_with="gone"), "care_rules[0].conflicts_with", "unknown_key"),
    "conflicts with itself": (rule(conflicts_with="no-dye"), "care_rules[0].conflicts_with", "unknown_key"),
    "a gap of what is not given": (gap(EXO, Modality.FILLER, "1 week"), "least_gaps[0].second", "not_given"),
    "a gap longer than the interval": (gap(EXO, PRP, "7 weeks"), "least_gaps[0].span", "gap_too_long"),
    "a gap to itself longer than the interval": (gap(EXO, EXO, "7 weeks", COURSE), "least_gaps[0].span", "gap_too_long"),
    "a gap of hours": (gap(EXO, PRP, "12 hours"), "least_gaps[0].span", "hours"),
    "no gap": (gap(EXO, PRP, "0 days"), "least_gaps[0].span", "no_gap"),
    "a gap of two years": (gap(EXO, PRP, "24 months", some.STAGGERED), "least_gaps[0].span", "too_long"),
    "a pair twice": (
        replace(some.STAGGERED, least_gaps=(*some.STAGGERED.least_gaps, LeastGap(PRP, EXO, Span.parse("4 days")))),
        "least_gaps[1].second", "pair_twice",
    ),
    "maintenance out of order": (
        replace(COURSE, maintenance=Maintenance(Span.parse("6 months"), Span.parse("5 months"), Span.parse("12 months"))),
        "maintenance.target", "order",
    ),
    "an exosome alongside": (beside(modality=EXO), "alongside[0].modality", "at_a_session"),
    "nameless": (beside(name=" "), "alongside[0].name", "no_name"),
    "a referral for a month": (beside(modality=Modality.TRANSPLANT, lasts=Span.parse("1 month")), "alongside[0].lasts", "referral_lasts"),
    "a medicine for no time": (beside(lasts=Span.parse("0 days")), "alongside[0].lasts", "no_length"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_a_mistake_is_one_sentence_at_its_field(name: str) -> None:
    course, place, code = BAD[name]
    found = [(fault.place, fault.code) for fault in faults(course)]
    assert (place, code) in found
    assert all(fault.sentence.endswith(".") for fault in faults(course))
    assert len(found) <= 2, "one mistake is not told in three ways"


GOOD = {
    "the default": COURSE,
    "same day": some.SAME_DAY,
    "staggered": some.STAGGERED,
    "4 weeks before a month": component(interval=some.interval("4 weeks", "1 month", "31 days")),
    "after another": two(starts_after="exosome", starts=Span.parse("3 months")),
    "the longest": component(sessions_max=60, interval=some.interval("12 months", "12 months", "12 months")),
    "a minoxidil beside it": beside(lasts=Span.parse("12 months")),
    "a rest of the day": rule(ends=Span.parse("0 days")),
    "a day's pause before it begins": rule(starts=Span.parse("24 hours"), ends=Span.parse("1 day")),
}


@pytest.mark.parametrize("name", GOOD)
def test_what_a_clinic_may_want_is_no_mistake(name: str) -> None:
    assert faults(GOOD[name]) == ()


@pytest.mark.parametrize("protocol", read_library(LIBRARY), ids=lambda protocol: protocol.key)
def test_the_library_has_neither_faults_nor_contradictions(protocol) -> None:
    assert faults(protocol.course) == ()
    assert contradictions(protocol.course) == ()


# -- anything at all ---------------------------------------------------------------------------------------------------
@st.composite
def likely_courses(draw):
    """Courses close to good ones: one part of any course is put into a good one, now and then two."""
    wild = draw(some.courses())
    names = draw(
        st.sets(st.sampled_from(["components", "reviews", "care_rules", "least_gaps", "maintenance"]), max_size=2)
    )
    parts = [replace(part, modality=draw(st.sampled_from([EXO, PRP]))) for part in wild.components]
    points = [replace(point, key=f"r{n}", title="Review") for n, point in enumerate(wild.reviews)]
    rules = [
        replace(one, key=f"k{n}", text="T", source="S", conflicts_with="") for n, one in enumerate(wild.care_rules)
    ]
    tidy = replace(wild, components=tuple(parts), reviews=tuple(points), care_rules=tuple(rules))
    base = draw(st.sampled_from([some.STANDARD, some.SAME_DAY, some.STAGGERED]))
    course = replace(base, **{name: getattr(tidy, name) for name in names})
    waits = draw(st.lists(st.sampled_from(["", "a", "b", "c", "exosome", "prp"]), min_size=3, max_size=3))
    parts = [replace(part, starts_after=first) for part, first in zip(course.components, waits, strict=False)]
    return replace(course, components=tuple(parts)) if draw(st.booleans()) else course


@given(likely_courses() | some.courses(), some.days)
def test_what_has_no_fault_can_be_dated_from_any_day(course, day) -> None:
    if faults(course):
        return
    for most in (False, True):
        steps = lay_out(course, {part.key: part.sessions_max for part in course.components} if most else None)
        windows = session_windows(course, steps, starts_on=day)
        assert all(window.earliest <= window.target <= window.latest for window in windows.values())
        assert all(window.latest.year < 2200 for window in windows.values())
    dates = review_dates(course, first_done=None, first_target=windows[1].target)
    assert len({review.due for review in dates}) == len(dates)
    assert all(one.closes < other.opens for one, other in pairwise(dates))


@given(likely_courses())
def test_what_has_no_fault_can_be_tried_out_and_warned_about(course) -> None:
    if faults(course):
        return
    trial = try_out(course, starts_on=TODAY, zone=SINGAPORE)
    assert len(trial.sessions) == len(lay_out(course))
    for concern in (*warnings(course, trial), *contradictions(course)):
        assert concern.sentence.endswith(".")
        assert concern.settle.endswith(".")


def test_courses_without_faults_are_common_enough_to_mean_something() -> None:
    good = []

    @given(likely_courses())
    def count(course) -> None:
        good.append(not faults(course))

    count()
    assert sum(good) > len(good) / 5


@given(spans, spans, some.days)
def test_a_span_never_more_than_another_is_no_later_on_any_day(one, other, day) -> None:
    if is_never_more(one, other):
        assert later(day, one) <= later(day, other)
    if later(day, one) == later(day, other):
        assert may_meet(one, other)


@given(spans, some.days)
def test_no_span_lasts_longer_or_shorter_than_it_can(span, day) -> None:
    fewest, most = days_of(span)
    assert fewest <= (later(day, span) - day).days <= most


def test_a_month_lasts_28_to_31_days() -> None:
    assert days_of(Span.parse("1 month")) == (28, 31)
    assert days_of(Span.parse("3 months")) == (89, 92)
    assert days_of(Span.parse("12 months")) == (365, 366)


@pytest.mark.parametrize(
    ("day", "word"),
    [
        (date(1900, 1, 1), "over"),
        (date(2200, 1, 1), "year 2200"),
        (date(1, 1, 1), "year 1:"),
        (date(2026, 11, 22), "over"),
        (date(2027, 11, 24), "12 months"),
    ],
)
def test_a_day_no_plan_can_start_on_says_why(day: date, word: str) -> None:
    assert word in why_not_start(day, TODAY)


@pytest.mark.parametrize("day", [TODAY, date(2027, 11, 23)])
def test_a_plan_starts_within_a_year(day: date) -> None:
    assert why_not_start(day, TODAY) is None


# -- contradictions ----------------------------------------------------------------------------------------------------
WASH = CareRule("wash", CarePhase.PRE, CareKind.DO, "wash", "Wash the day before.", "S3", starts=Span.parse("1 day"))
DONT = CareRule("dont", CarePhase.PRE, CareKind.AVOID, "wash", "Do not wash.", "S1", starts=Span.parse("0 days"))


def codes(*rules: CareRule, course: Course = COURSE) -> list[str]:
    return [concern.code for concern in contradictions(replace(course, care_rules=rules))]


def test_wash_the_day_before_and_do_not_wash_contradict_until_one_gives_way() -> None:
    (concern,) = contradictions(replace(COURSE, care_rules=(WASH, DONT)))
    assert concern.rules == ("wash", "dont")
    assert "S3" in concern.sentence
    assert "S1" in concern.sentence
    assert codes(WASH, replace(DONT, in_force=False)) == []
    assert codes(replace(WASH, ends=Span.parse("1 day")), DONT) == []


def test_rules_that_name_each_other_contradict_whatever_they_say() -> None:
    long = replace(some.NO_DYE, key="no-dye-long", ends=Span.parse("6 weeks"), conflicts_with="no-dye")
    assert codes(some.NO_DYE, long) == codes(long, some.NO_DYE) == ["conflict"]
    assert codes(some.NO_DYE, replace(long, in_force=False)) == []


def test_rules_for_treatments_that_are_never_given_together_do_not_contradict() -> None:
    mine, theirs = replace(WASH, modalities=(EXO,)), replace(DONT, modalities=(PRP,))
    assert codes(mine, theirs, course=some.STAGGERED) == []
    assert codes(mine, theirs, course=some.SAME_DAY) == ["asked_and_forbidden"]


def test_before_and_after_do_not_contradict_around_one_session() -> None:
    assert codes(WASH, some.NO_WASH) == []
    assert codes(replace(WASH, kind=CareKind.ASK_DOCTOR), DONT) == []


# -- warnings ----------------------------------------------------------------------------------------------------------
def warned(course: Course) -> dict[str, str]:
    assert faults(course) == ()
    trial = try_out(course, starts_on=TODAY, zone=SINGAPORE)
    return {concern.code: concern.sentence for concern in warnings(course, trial)}


def test_sessions_too_close_for_a_day_to_dye_say_how_far_apart_they_would_have_to_be() -> None:
    sentence = warned(COURSE)["no_free_day"]
    assert "35 days apart" in sentence
    assert "at least 37 days" in sentence
    apart = component(interval=some.interval("37 days", "37 days", "40 days"))
    assert "no_free_day" not in warned(apart)


def test_a_heat_rule_without_an_end_is_named() -> None:
    assert "No heat" in warned(COURSE)["no_end"]
    assert "no_end" not in warned(replace(COURSE, care_rules=(replace(some.NO_HEAT, ongoing=True),)))


def test_a_least_gap_that_forces_a_session_late_is_named() -> None:
    assert "forced_late" not in warned(some.STAGGERED)
    forced = replace(some.STAGGERED, least_gaps=(LeastGap(EXO, PRP, Span.parse("5 weeks")),))
    assert "5 weeks between exosome and PRP" in warned(forced)["forced_late"]


def test_no_baseline_and_a_session_inside_a_review_are_named() -> None:
    assert "no_baseline" in warned(reviews(("a", "6 months")))
    assert "Session 4" in warned(COURSE)["session_in_review"]
    assert "session_in_review" not in warned(reviews(("baseline", "0 days"), ("a", "6 months")))


def test_a_wash_that_the_aftercare_forbids_is_named() -> None:
    daily = component(interval=some.interval("3 days", "3 days", "5 days"))
    long = replace(some.NO_WASH, ends=Span.parse("4 days"))
    assert "session 2" in warned(replace(daily, care_rules=(WASH, long)))["cannot_do"]
    assert "cannot_do" not in warned(replace(COURSE, care_rules=(WASH, long)))


def test_minoxidil_alongside_a_rule_that_forbids_it_is_named() -> None:
    wait = CareRule(
        "w", CarePhase.AFTER, CareKind.AVOID, "regrowth_medicine", "Wait.", "S1", ends=Span.parse("3 weeks")
    )
    assert "Minoxidil 5 %" in warned(replace(beside(), care_rules=(wait,)))["medicine_paused"]
    assert "medicine_paused" not in warned(beside())
