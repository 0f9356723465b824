"""The house's sets are whole, every diagnosis has one, and choosing never goes back to what was retired."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from patients.rules.scalp import HairLossType
from plans.darkroom.scalp_maps import MAPS
from plans.rules.photo_figures import FIGURES, USUAL, fault
from plans.rules.view_set_rules import Version, chosen, diff, faults, in_force, losing, without_a_set
from plans.rules.view_sets import GUIDES, VIEW_SETS, StandardView
from plans.templatetags.guides import guide

PATTERN, PATCHY, SCARRING = VIEW_SETS
KEYS, LOSSES = ("a", "b", "c"), tuple(one.value for one in HairLossType)[:4]


def test_the_houses_sets_can_be_published_as_they_are_and_every_diagnosis_has_exactly_one() -> None:
    assert [faults(one) for one in VIEW_SETS] == [(), (), ()]
    assert sorted(d for one in VIEW_SETS for d in one.diagnoses) == sorted(one.value for one in HairLossType)
    for view in (view for one in VIEW_SETS for view in one.views):
        assert all([view.guide, view.pose, view.distance, view.lighting, view.parting, view.hair]), view.key


def test_the_pattern_sets_views_keep_their_keys_and_order() -> None:
    keys = ["vertex", "midline", "frontal", "left_temporal", "right_temporal", "occipital"]
    assert [view.key for view in PATTERN.views] == keys
    assert [view.key for view in PATCHY.views if view.is_required] == ["top", "back", "left", "right"]


def test_every_drawing_is_there_and_hidden_from_those_who_hear_the_page() -> None:
    for key in GUIDES:
        drawn = guide(key)
        assert drawn.startswith("<svg") and 'aria-hidden="true"' in drawn and "style=" not in drawn
    assert guide("nothing-like-it") == "" == guide("")


@st.composite
def histories(draw: st.DrawFn) -> list[Version]:
    """Some sets, each with versions one after the other, any of them retired; listed in any order."""
    made = []
    for key in draw(st.lists(st.sampled_from(KEYS), unique=True)):
        for number in range(1, draw(st.integers(1, 3)) + 1):
            diagnoses = tuple(draw(st.lists(st.sampled_from(LOSSES), unique=True, max_size=2)))
            made.append(Version(UUID(int=len(made)), key, number, diagnoses, draw(st.booleans())))
    return draw(st.permutations(made))


@given(histories(), st.sampled_from(("", *LOSSES)), st.sampled_from(KEYS))
def test_the_chosen_set_is_in_force_or_the_last_of_the_protocols_own(versions, diagnosis, key) -> None:
    found, forced = chosen(versions, diagnosis=diagnosis, key=key), in_force(versions)
    assert all(not one.is_retired for one in forced)
    assert len({one.key for one in forced}) == len(forced)
    mine = [one for one in versions if one.key == key]
    by_diagnosis = [one for one in forced if diagnosis and diagnosis in one.diagnoses]
    if by_diagnosis:
        assert found in by_diagnosis
    elif mine:
        assert found == max(mine, key=lambda one: one.number)
    else:
        assert found is None


@given(histories(), st.sampled_from(KEYS), st.lists(st.sampled_from(LOSSES), unique=True))
def test_after_a_set_took_its_diagnoses_no_diagnosis_has_two_and_what_was_announced_is_lost(versions, key, taken):
    lost = losing(versions, key=key, diagnoses=taken)
    left = without_a_set(versions, key=key, diagnoses=taken)
    forced = in_force(versions)
    after = {one.key: set(one.diagnoses) - set(lost.get(one.id, ())) for one in forced if one.key != key}
    assert all(not (held & set(taken)) for held in after.values())
    held_before = {d for one in forced for d in one.diagnoses}
    held_after = set(taken).union(*after.values())
    assert set(left) == held_before - held_after


def test_a_comparison_names_what_was_added_removed_changed_and_reordered() -> None:
    vertex, midline, frontal, *others = PATTERN.views
    extra = StandardView("crown", "Crown", "The crown.", guide="vertex")
    changed = replace(frontal, hair="Held back.")
    now = replace(PATTERN, diagnoses=("androgenetic",), views=(midline, vertex, changed, *others[1:], extra))
    said = [(item.title, item.fate.value) for item in diff(PATTERN, now)]
    assert said == [
        ("What it is", "changed"),
        ("Front hairline", "changed"),
        ("Crown", "added"),
        ("Left temple", "removed"),
        ("Order", "changed"),
    ]
    assert diff(PATTERN, replace(PATTERN, note="Another note")) == ()


def test_a_set_that_says_too_little_names_the_place() -> None:
    wrong = replace(PATTERN.views[0], title="", guide="no-such", is_required=False)
    twin = replace(PATTERN.views[1], key=wrong.key, is_required=False)
    found = {(one.place, one.code) for one in faults(replace(PATTERN, views=(wrong, twin)))}
    assert {("views", "nothing_required"), ("0.title", "no_title"), ("0.guide", "guide"), ("1.title", "key")} <= found


def test_every_figure_stays_within_its_bounds_and_the_houses_own_are_fine() -> None:
    assert fault(USUAL) is None
    for one in FIGURES:
        assert one.shown(one.stored(one.shown(one.usual))) == one.shown(one.usual)
        for wrong in (one.least - 1, one.most + 1):
            assert fault({**USUAL, one.name: one.stored(wrong)})[0] == one.name
    assert fault({**USUAL, "least_brightness": 200, "most_brightness": 180})[0] == "most_brightness"


def test_every_view_of_the_houses_sets_can_be_painted_for_the_demo_clinic() -> None:
    for view in (view for one in VIEW_SETS for view in one.views):
        assert 0 <= MAPS[view.key].hair(0.5, 0.5) <= 1
