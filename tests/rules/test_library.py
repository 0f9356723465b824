"""The protocol library says what its sources say, and the owner's defaults hold in all of it."""

import json
from pathlib import Path

import pytest

from clinic.rules.spans import Span
from plans.rules.course import CareBy, CareKind, CarePhase, Course, Modality
from plans.rules.library import read_library
from plans.rules.library_shared import SHARED_FILES, read_shared, read_sources

LIBRARY = Path(__file__).resolve().parents[2] / "plans" / "library"
PROTOCOLS = read_library(LIBRARY)
BY_KEY = {protocol.key: protocol for protocol in PROTOCOLS}


def spans(interval):
    return str(interval.earliest), str(interval.target), str(interval.latest)


def test_every_file_is_a_protocol_and_none_is_missing():
    assert set(BY_KEY) == {path.stem for path in LIBRARY.glob("*.toml") if path.name not in SHARED_FILES}
    assert set(BY_KEY) == {
        "exosome-single-then-review",
        "exosome-weekly-intensive",
        "exosome-monthly-short",
        "exosome-monthly-standard",
        "exosome-long-interval",
        "prp",
        "exosome-prp-same-day",
        "exosome-prp-staggered",
        "mesotherapy",
        "maintenance",
    }


# key, sessions min and max, interval earliest and latest, source
PUBLISHED = [
    ("exosome-single-then-review", 1, 1, None, "S0"),
    ("exosome-weekly-intensive", 3, 5, ("1 week", "2 weeks"), "S1"),
    ("exosome-monthly-short", 3, 6, ("3 weeks", "4 weeks"), "S3"),
    ("exosome-monthly-standard", 3, 6, ("4 weeks", "6 weeks"), "S3"),
    ("exosome-long-interval", 5, 8, ("3 months", "6 months"), "S3"),
    ("prp", 3, 6, ("4 weeks", "6 weeks"), "S3, P1"),
    ("mesotherapy", 1, 6, ("2 weeks", "4 weeks"), "S3"),
    ("maintenance", 1, 4, ("6 months", "12 months"), "S3"),
]


@pytest.mark.parametrize(("key", "least", "most", "interval", "source"), PUBLISHED, ids=[row[0] for row in PUBLISHED])
def test_a_published_course_keeps_its_sources_numbers(key, least, most, interval, source):
    protocol = BY_KEY[key]
    [component] = protocol.course.components
    assert (component.sessions_min, component.sessions_max, protocol.source) == (least, most, source)
    assert least <= component.sessions_usual <= most
    if interval:
        assert (str(component.interval.earliest), str(component.interval.latest)) == interval


def test_four_weekly_sessions_stay_inside_the_published_four_to_six_weeks():
    [component] = BY_KEY["exosome-weekly-intensive"].course.components
    days = (component.sessions_usual - 1) * component.interval.target.number
    assert str(component.interval.target) == "10 days"
    assert 28 <= days <= 42


def test_the_standard_course_is_the_only_default_and_comes_first():
    assert [protocol.key for protocol in PROTOCOLS if protocol.is_default] == ["exosome-monthly-standard"]
    assert PROTOCOLS[0].key == "exosome-monthly-standard"


def test_the_same_day_combination_shares_its_visits():
    exosome, prp = BY_KEY["exosome-prp-same-day"].course.components
    assert (exosome.modality, prp.modality) == (Modality.EXOSOME, Modality.PRP)
    assert prp.shares_visit_with == exosome.key
    assert spans(exosome.interval) == spans(prp.interval) == ("4 weeks", "5 weeks", "6 weeks")


def test_the_staggered_combination_starts_the_second_later_and_says_that_the_clinic_sets_it():
    protocol = BY_KEY["exosome-prp-staggered"]
    exosome, prp = protocol.course.components
    [gap] = protocol.course.least_gaps
    assert (str(exosome.starts), str(prp.starts), prp.shares_visit_with) == ("0 days", "2 weeks", "")
    assert (gap.first, gap.second, str(gap.span)) == (Modality.EXOSOME, Modality.PRP, "1 week")
    assert "the clinic sets them" in protocol.note


@pytest.mark.parametrize("protocol", PROTOCOLS, ids=lambda protocol: protocol.key)
class TestEveryProtocol:
    def test_reviews_are_promised_at_baseline_three_and_six_months(self, protocol):
        offsets = [(review.key, str(review.offset)) for review in protocol.course.reviews]
        assert offsets == [("baseline", "0 days"), ("month-3", "3 months"), ("month-6", "6 months")]

    def test_no_dye_holds_for_four_weeks_and_no_other_version_is_in_force(self, protocol):
        after = [r for r in protocol.course.care_rules if r.act == "dye" and r.phase is CarePhase.AFTER and r.in_force]
        assert [(rule.key, str(rule.ends), rule.modalities) for rule in after] == [("no-dye", "4 weeks", ())]
        assert "OWNER" in after[0].source

    def test_every_version_a_source_gives_is_shipped(self, protocol):
        off = {rule.key for rule in protocol.course.care_rules if not rule.in_force}
        assert off == {"no-dye-short", "no-dye-long", "no-wash-before"}

    def test_each_choice_is_said(self, protocol):
        assert len(protocol.note) > 40
        assert {"wash-day-before", "no-dye", "no-heat"} <= set(dict(protocol.care_notes))

    def test_maintenance_is_six_to_twelve_months_where_a_source_gives_one(self, protocol):
        if protocol.key == "mesotherapy":
            assert protocol.course.maintenance is None
        else:
            assert spans(protocol.course.maintenance) == ("6 months", "6 months", "12 months")

    def test_a_plans_copy_survives_the_database(self, protocol):
        assert Course.from_json(json.loads(json.dumps(protocol.course.to_json()))) == protocol.course


def test_only_an_exosome_session_holds_back_regrowth_medicine():
    with_rule = {protocol.key for protocol in PROTOCOLS if protocol.course.rule("no-regrowth-medicine")}
    assert with_rule == set(BY_KEY) - {"prp", "mesotherapy"}
    rule = BY_KEY["exosome-prp-same-day"].course.rule("no-regrowth-medicine")
    assert (rule.modalities, str(rule.ends)) == ((Modality.EXOSOME,), "3 weeks")


@pytest.mark.parametrize(
    ("key", "phase", "kind", "act", "starts", "ends", "source"),
    [
        ("no-chemical", "pre", "avoid", "dye", "1 week", None, "S3"),
        ("wash-day-before", "pre", "do", "wash", "1 day", None, "S3"),
        ("no-wash-before", "pre", "avoid", "wash", "0 days", None, "S1"),
        ("no-product", "pre", "avoid", "products", "1 day", None, "S3, S1"),
        ("medicines", "pre", "ask_doctor", "medicines", None, None, "S1, S3"),
        ("scalp-balm", "pre", "do", "scalp_balm", "3 days", None, "S3"),
        ("rest", "pre", "do", "rest", "1 day", None, "S3"),
        ("hat", "pre", "do", "hat", "0 days", None, "S1"),
        ("numbing-cream", "pre", "do", "numbing", "1 hour", None, "S3"),
        ("no-dye", "after", "avoid", "dye", None, "4 weeks", "OWNER, S3"),
        ("no-dye-short", "after", "avoid", "dye", None, "1 week", "S3"),
        ("no-dye-long", "after", "avoid", "dye", None, "6 weeks", "S3"),
        ("no-wash", "after", "avoid", "wash", None, "24 hours", "S3"),
        ("no-heat", "after", "avoid", "heat", None, None, "S3"),
        ("gentle-shampoo", "after", "do", "shampoo", None, None, "S3"),
        ("less-heat-styling", "after", "do", "heat_styling", None, None, "S3"),
        ("loose-hair", "after", "avoid", "tight_hairstyles", None, None, "S3"),
        ("diet", "after", "do", "diet", None, None, "S3"),
        ("stress", "after", "do", "stress", None, None, "S3"),
    ],
)
def test_a_care_rule_says_what_its_source_says(key, phase, kind, act, starts, ends, source):
    rule = BY_KEY["exosome-monthly-standard"].course.rule(key)
    assert (rule.phase, rule.kind, rule.act, rule.source) == (CarePhase(phase), CareKind(kind), act, source)
    assert rule.starts == (Span.parse(starts) if starts else None)
    assert rule.ends == (Span.parse(ends) if ends else None)


def test_heat_has_no_end_until_the_clinic_sets_one():
    rule = BY_KEY["prp"].course.rule("no-heat")
    assert (rule.ends, rule.ongoing, rule.in_force) == (None, False, True)


def test_ongoing_rules_are_marked_and_staff_do_the_numbing():
    rules = BY_KEY["prp"].course.care_rules
    ongoing = {rule.key for rule in rules if rule.ongoing}
    assert ongoing == {"gentle-shampoo", "less-heat-styling", "loose-hair", "diet", "stress"}
    assert {rule.key for rule in rules if rule.by is CareBy.STAFF} == {"numbing-cream"}


def test_the_two_wash_versions_name_each_other():
    rules = read_shared(LIBRARY).care_rules
    assert rules["wash-day-before"].conflicts_with == "no-wash-before"
    assert rules["no-wash-before"].conflicts_with == "wash-day-before"


def test_the_final_look_is_offered_only_where_a_source_gives_twelve_months():
    offered = {protocol.key for protocol in PROTOCOLS if protocol.reviews_offered}
    assert offered == {
        "exosome-monthly-short",
        "exosome-monthly-standard",
        "exosome-long-interval",
        "exosome-prp-same-day",
        "exosome-prp-staggered",
    }


def test_expectations_speak_of_what_is_given():
    told = {(e.when, e.source) for e in BY_KEY["exosome-monthly-standard"].course.expectations}
    assert {("2–4 weeks", "S3"), ("6–8 weeks", "S2, S3"), ("2–3 months", "S3"), ("about 12 months", "S3")} <= told
    assert {("1–2 months", "S0"), ("3–6 months", "S0"), ("3–6 months", "S2"), ("after 6 months", "S0")} <= told
    assert not any("PRP" in e.text for e in BY_KEY["exosome-monthly-standard"].course.expectations)
    assert ("about 12 months", "S3") not in {(e.when, e.source) for e in BY_KEY["prp"].course.expectations}


def test_sources_have_titles():
    sources = read_sources(LIBRARY)
    assert {"OWNER", "S0", "S1", "S2", "S3", "S4", "P1"} <= set(sources)
    assert all(source.title for source in sources.values())
