"""What holds for every course, in every zone, against an oracle that reads the rules instant by instant."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from clinic.rules.local_time import at_local
from clinic.rules.spans import Span, Unit, earlier, later
from plans.rules.course import CareKind, CarePhase, Modality
from plans.rules.restrictions import (
    Occasion,
    forbidden_at,
    free_days_between,
    may_do,
    next_free_day,
    restrictions,
    union,
)
from tests.rules.courses import NO_CHEMICAL, NO_DYE, NO_WASH, care_rules

ZONES = [
    ZoneInfo(name)
    for name in (
        "Africa/Cairo", "America/New_York", "Europe/Lisbon", "Asia/Singapore", "Australia/Lord_Howe",
        "America/St_Johns", "Pacific/Apia",
    )
]  # fmt: skip
EXO = (Modality.EXOSOME,)
QUARTER = timedelta(minutes=15)
LONG_FOR_EXOSOME = replace(NO_DYE, modalities=EXO)
SHORT_FOR_PRP = replace(NO_DYE, key="no-dye-prp", ends=Span.parse("3 days"), modalities=(Modality.PRP,))


ends_of_sessions = st.one_of(
    st.sampled_from([time(0), time(0, 30), time(1), time(23, 45)]),
    st.builds(time, st.integers(0, 23), st.sampled_from([0, 15, 30, 45])),
)


@st.composite
def occasions(draw, zone, first=0):
    """A course in which sessions often end at midnight, some of them in weeks in which the clocks change."""
    day = draw(st.dates(date(2025, 1, 1), date(2030, 12, 31)))
    found = []
    for number in range(first, first + draw(st.integers(1, 4))):
        ends = at_local(day, draw(ends_of_sessions), zone)
        minutes = timedelta(minutes=draw(st.sampled_from([30, 45, 60])))
        kinds = draw(st.sampled_from([EXO, (Modality.PRP,), (Modality.EXOSOME, Modality.PRP)]))
        found.append(Occasion(number, ends - minutes, ends, kinds, draw(st.booleans())))
        day += timedelta(days=draw(st.integers(3, 50)))
    return found


rule_lists = st.lists(
    st.one_of(st.sampled_from([NO_DYE, NO_CHEMICAL, NO_WASH, LONG_FOR_EXOSOME, SHORT_FOR_PRP]), care_rules),
    min_size=1,
    max_size=4,
)
zones = st.sampled_from(ZONES)


def forbids(rule, occasion, instant, zone):
    """The oracle: does this rule, as written, forbid its act at this instant, by the wall clock or by the hour?"""
    if rule.kind is not CareKind.AVOID or not rule.in_force:
        return False
    if rule.modalities and not set(rule.modalities) & set(occasion.modalities):
        return False
    wall = instant.astimezone(zone).replace(tzinfo=None)
    if rule.phase is CarePhase.AFTER:
        begun = reached(occasion.ends, rule.starts or Span(0, Unit.HOURS), instant, wall, zone, all_ways=True)
        over = rule.ends is not None and reached(occasion.ends, rule.ends, instant, wall, zone, all_ways=True)
        return instant >= occasion.ends and begun and not over
    begun = approached(occasion.starts, rule.starts or Span(0, Unit.HOURS), instant, wall, zone)
    over = rule.ends is not None and approached(occasion.starts, rule.ends, instant, wall, zone)
    return begun and not over and instant < occasion.ends


def reached(anchor, span, instant, wall, zone, *, all_ways):
    if span.unit is Unit.HOURS:
        return instant >= anchor + timedelta(hours=span.number)
    local = anchor.astimezone(zone).replace(tzinfo=None)
    day = later(local.date(), span)
    return wall >= datetime.combine(day, local.time()) and instant >= anchor + (day - local.date())


def approached(anchor, span, instant, wall, zone):
    if span.unit is Unit.HOURS:
        return instant >= anchor - timedelta(hours=span.number)
    local = anchor.astimezone(zone).replace(tzinfo=None)
    day = earlier(local.date(), span)
    return wall >= datetime.combine(day, local.time()) or instant >= anchor - (local.date() - day)


def quarters_of(day, zone):
    instant, found = datetime.combine(day, time.min, tzinfo=UTC) - timedelta(hours=20), []
    while instant < datetime.combine(day, time.min, tzinfo=UTC) + timedelta(hours=44):
        if instant.astimezone(zone).date() == day:
            found.append(instant)
        instant += QUARTER
    return found


@given(zones.flatmap(lambda zone: st.tuples(st.just(zone), rule_lists, occasions(zone))))
def test_the_shown_date_is_never_unsafe(case):
    zone, rules, sessions = case
    for period in restrictions(rules, sessions, zone=zone):
        if period.safe_on is None:
            continue
        for instant in quarters_of(period.safe_on, zone):
            assert instant >= period.ends
            assert not any(
                rule.act == period.act and forbids(rule, occasion, instant, zone)
                for rule in rules
                for occasion in sessions
            )


@given(zones.flatmap(lambda zone: st.tuples(st.just(zone), rule_lists, occasions(zone))), st.data())
def test_what_a_rule_forbids_is_inside_a_restriction(case, data):
    zone, rules, sessions = case
    periods = restrictions(rules, sessions, zone=zone)
    around = data.draw(st.sampled_from(sessions))
    for _ in range(20):
        instant = around.ends + timedelta(minutes=15 * data.draw(st.integers(-2000, 8000)))
        forbidden = {period.act for period in forbidden_at(periods, instant)}
        for rule in rules:
            # A rule whose end is not after its beginning forbids nothing, whatever a clock change makes of it.
            if any(forbids(rule, occasion, instant, zone) for occasion in sessions) and not is_empty(rule):
                assert rule.act in forbidden


def is_empty(rule):
    hours = {Unit.HOURS: 1, Unit.DAYS: 24, Unit.WEEKS: 168, Unit.MONTHS: 720}
    if rule.starts is None or rule.ends is None:
        return False
    begins, ends = (span.number * hours[span.unit] for span in (rule.starts, rule.ends))
    return begins >= ends - 72 if rule.phase is CarePhase.AFTER else begins <= ends + 72


@given(zones.flatmap(lambda zone: st.tuples(st.just(zone), rule_lists, occasions(zone), occasions(zone, 10))))
def test_one_more_session_never_shortens_anything(case):
    zone, rules, sessions, more = case
    before = restrictions(rules, sessions, zone=zone)
    after = restrictions(rules, [*sessions, more[0]], zone=zone)
    for period in before:
        cover = [p for p in after if p.act == period.act and p.begins <= period.begins]
        assert cover
        widest = cover[-1]
        assert widest.ends is None or (period.ends is not None and widest.ends >= period.ends)
        assert set(period.reasons) <= set(widest.reasons)
        assert widest.safe_on is None or (period.safe_on is not None and widest.safe_on >= period.safe_on)


@given(zones.flatmap(lambda zone: st.tuples(st.just(zone), rule_lists, occasions(zone))), st.randoms())
def test_periods_of_one_act_never_meet_and_do_not_hang_on_the_order(case, random):
    zone, rules, sessions = case
    periods = restrictions(rules, sessions, zone=zone)
    for act in {period.act for period in periods}:
        for one, next_one in pairwise(period for period in periods if period.act == act):
            assert one.ends is not None
            assert one.ends < next_one.begins
    shuffled = random.sample(sessions, len(sessions))
    again = restrictions(rules, shuffled, zone=zone)
    assert [(p.act, p.begins, p.ends, p.safe_on) for p in again] == [
        (p.act, p.begins, p.ends, p.safe_on) for p in periods
    ]


@given(zones.flatmap(lambda zone: st.tuples(st.just(zone), rule_lists, occasions(zone))), st.integers(-20, 120))
def test_a_yes_holds_for_every_instant_of_the_day(case, shift):
    zone, rules, sessions = case
    periods = restrictions(rules, sessions, zone=zone)
    day = sessions[0].ends.astimezone(zone).date() + timedelta(days=shift)
    forbidden = any(
        period.act == "dye" for instant in quarters_of(day, zone) for period in forbidden_at(periods, instant)
    )
    answer = may_do("dye", day, periods, zone)
    assert answer.allowed is not forbidden
    assert bool(answer.because) is forbidden
    assert answer.free_on == next_free_day("dye", periods, day, zone)
    if answer.free_on:
        assert may_do("dye", answer.free_on, periods, zone).allowed
        assert not free_days_between("dye", periods, day, answer.free_on - timedelta(days=1), zone)


@given(zones.flatmap(lambda zone: st.tuples(st.just(zone), rule_lists, occasions(zone))))
def test_merging_plans_is_the_same_as_one_plan(case):
    zone, rules, sessions = case
    whole = restrictions(rules, sessions, zone=zone)
    parts = [restrictions(rules, [one], zone=zone) for one in sessions]
    assert [(p.act, p.begins, p.ends, p.safe_on) for p in union(parts, zone=zone)] == [
        (p.act, p.begins, p.ends, p.safe_on) for p in whole
    ]


def test_a_date_of_one_plan_is_not_promised_when_another_plan_has_no_end():
    zone = ZoneInfo("Asia/Singapore")
    ends = {"no-dye": Span(4, Unit.WEEKS), "no-dye-ever": None}
    parts = []
    for number, (key, end) in enumerate(ends.items(), start=1):
        rule = replace(NO_DYE, key=key, ends=end)
        held = datetime(2026, 10, 5 + number, 7, 0, tzinfo=UTC)
        parts.append(restrictions([rule], [Occasion(number, held, held, (Modality.PRP,), True)], zone=zone))
    assert parts[0][0].safe_on == date(2026, 11, 4)
    (both,) = union(parts, zone=zone)
    assert (both.ends, both.safe_on) == (None, None)
