"""Courses for the rules' tests: the library's default by hand, and any other by chance."""

from dataclasses import replace
from datetime import date

from hypothesis import strategies as st

from clinic.rules.spans import Span, Unit
from plans.rules.course import (
    CareBy,
    CareKind,
    CarePhase,
    CareRule,
    Component,
    Course,
    Expectation,
    Interval,
    LeastGap,
    Maintenance,
    Modality,
    ReviewPoint,
)

NO_DYE = CareRule(
    "no-dye", CarePhase.AFTER, CareKind.AVOID, "dye", "No dye for 4 weeks.", "owner", ends=Span.parse("4 weeks")
)
NO_CHEMICAL = CareRule(
    "no-chemical", CarePhase.PRE, CareKind.AVOID, "dye", "No dye for a week before.", "S3", starts=Span.parse("1 week")
)
NO_WASH = CareRule(
    "no-wash", CarePhase.AFTER, CareKind.AVOID, "wash", "No washing for 24 hours.", "S3", ends=Span.parse("24 hours")
)
NO_HEAT = CareRule("no-heat", CarePhase.AFTER, CareKind.AVOID, "heat", "No heat.", "S3")
HAT = CareRule("hat", CarePhase.PRE, CareKind.DO, "hat", "Bring a hat.", "S1", starts=Span.parse("0 days"))

REVIEWS = (
    ReviewPoint("baseline", "Baseline", Span.parse("0 days")),
    ReviewPoint("month-3", "3 months", Span.parse("3 months")),
    ReviewPoint("month-6", "6 months", Span.parse("6 months")),
)


def interval(earliest, target, latest):
    return Interval(Span.parse(earliest), Span.parse(target), Span.parse(latest))


MONTHLY = interval("4 weeks", "5 weeks", "6 weeks")
EXOSOME = Component("exosome", Modality.EXOSOME, 3, 4, 6, MONTHLY)
PRP = Component("prp", Modality.PRP, 3, 4, 6, MONTHLY)

STANDARD = Course((EXOSOME,), REVIEWS, (NO_DYE, NO_CHEMICAL, NO_WASH, NO_HEAT, HAT))
SAME_DAY = replace(STANDARD, components=(EXOSOME, replace(PRP, shares_visit_with="exosome")))
STAGGERED = replace(
    STANDARD,
    components=(EXOSOME, replace(PRP, starts=Span.parse("2 weeks"))),
    least_gaps=(LeastGap(Modality.EXOSOME, Modality.PRP, Span.parse("1 week")),),
)

calendar_units = st.sampled_from([Unit.DAYS, Unit.WEEKS, Unit.MONTHS])
days = st.dates(date(2024, 1, 1), date(2034, 12, 31))
texts = st.text(max_size=12)


@st.composite
def intervals(draw, kind=Interval):
    """Rising numbers of one unit: nothing promises that "4 weeks, 1 month, 31 days" rises every month."""
    unit = draw(calendar_units)
    numbers = sorted(draw(st.lists(st.integers(1, 12), min_size=3, max_size=3)))
    return kind(*(Span(number, unit) for number in numbers))


@st.composite
def components(draw, key, hosts=()):
    usual = draw(st.integers(1, 6))
    return Component(
        key=key,
        modality=draw(st.sampled_from(list(Modality))),
        sessions_min=1,
        sessions_usual=usual,
        sessions_max=8,
        interval=draw(intervals()),
        starts=Span(draw(st.integers(0, 8)), draw(calendar_units)),
        shares_visit_with=draw(st.sampled_from(["", *hosts])),
        minutes=draw(st.integers(15, 90)),
    )


gaps = st.builds(
    LeastGap,
    st.sampled_from(list(Modality)),
    st.sampled_from(list(Modality)),
    st.builds(Span, st.integers(1, 30), st.just(Unit.DAYS)),
)
spans = st.builds(Span, st.integers(0, 60), st.sampled_from(list(Unit)))
care_rules = st.builds(
    CareRule,
    key=st.uuids().map(str),
    phase=st.sampled_from(list(CarePhase)),
    kind=st.sampled_from(list(CareKind)),
    act=st.sampled_from(["dye", "wash", "heat"]),
    text=texts,
    source=texts,
    starts=st.none() | spans,
    ends=st.none() | spans,
    ongoing=st.booleans(),
    by=st.sampled_from(list(CareBy)),
    modalities=st.lists(st.sampled_from(list(Modality)), max_size=2, unique=True).map(tuple),
    conflicts_with=texts,
    in_force=st.booleans(),
)
review_points = st.builds(ReviewPoint, texts, texts, st.builds(Span, st.integers(0, 12), st.just(Unit.MONTHS)))


@st.composite
def courses(draw):
    keys = ["a", "b", "c"][: draw(st.integers(1, 3))]
    return Course(
        components=tuple(draw(components(key, keys[:i])) for i, key in enumerate(keys)),
        reviews=tuple(draw(st.lists(review_points, max_size=3))),
        care_rules=tuple(draw(st.lists(care_rules, max_size=4))),
        least_gaps=tuple(draw(st.lists(gaps, max_size=3))),
        maintenance=draw(st.none() | intervals(Maintenance)),
        view_set=draw(texts),
        expectations=tuple(draw(st.lists(st.builds(Expectation, texts, texts, texts), max_size=2))),
    )
