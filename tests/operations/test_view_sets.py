"""Versions of view sets: reviews keep what they were promised with, and what the clinic made stays the clinic's."""

from __future__ import annotations

from dataclasses import replace

import pytest

from clinic.models import AuditLine
from clinic.rules.refusal import Forbidden
from plans.models import Photo, Protocol, Review, ViewSet
from plans.models.photo_rules import figures_of, thresholds_of, tolerances_of
from plans.models.protocol_course import course_of
from plans.models.view_set_facts import content_of
from plans.operations.photo_rules import change_photo_rules, figures_mark
from plans.operations.protocol_versions import draft_next_version, write_draft
from plans.operations.protocols import load_library
from plans.operations.view_sets import copy_view_set, publish_view_set, renew_reviews, retire_view_set
from plans.queries.photo_advice import advice_of
from plans.queries.photo_rules import foresee_photo_rules
from plans.rules.photo_figures import USUAL
from plans.rules.view_sets import PATCHY, PATTERN, SCARRING, VIEW_SETS
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db
CHANGED = replace(PATTERN, title="Our pattern set", views=PATTERN.views[:4], note="Fewer views")


@pytest.fixture
def cast() -> Cast:
    return open_clinic(keys=("prp",))


def newest(key: str) -> ViewSet:
    return ViewSet.objects.filter(key=key).order_by("-version")[:1].get()


def publish(cast: Cast, wanted=CHANGED, key: str = "") -> ViewSet:
    base = newest(key or wanted.key)
    return publish_view_set(view_set_id=base.pk, wanted=wanted, by=cast.manager, now=cast.now)


def plan_with(cast: Cast, diagnosis: str):
    patient = cast.patient()
    return cast.draft(patient, cast.assess(patient, hair_loss_type=diagnosis), "prp")


def set_of(plan) -> ViewSet:
    return plan.reviews.first().view_set


def test_a_review_gets_the_set_of_its_diagnosis_else_the_one_its_protocol_names(cast: Cast) -> None:
    patient = cast.patient()
    without = cast.draft(patient, None, "prp")
    found = [set_of(plan_with(cast, one)).key for one in ("androgenetic", "areata", "scarring")]
    assert found == [PATTERN.key, PATCHY.key, SCARRING.key]
    assert set_of(without).key == PATTERN.key


def test_a_new_version_holds_for_new_reviews_and_the_old_one_stays_for_those_promised_with_it(cast: Cast) -> None:
    before = plan_with(cast, "diffuse")
    old = newest("pattern")
    made = publish(cast)
    assert (made.version, made.made_by, content_of(made)) == (old.version + 1, cast.manager, CHANGED)
    assert set_of(before) == old
    assert content_of(old) == PATTERN
    assert set_of(plan_with(cast, "diffuse")) == made
    line = AuditLine.objects.get(happened="view_set.changed")
    assert (line.by, line.reason, line.details["version"]) == (cast.manager, "Fewer views", 2)


def test_a_diagnosis_has_one_set_and_the_one_that_loses_it_says_so_in_a_version_of_its_own(cast: Cast) -> None:
    publish(cast, replace(CHANGED, diagnoses=("androgenetic", "areata")))
    patchy = newest("patchy")
    assert (patchy.version, patchy.diagnoses) == (2, [])
    assert content_of(patchy).views == PATCHY.views
    assert set_of(plan_with(cast, "areata")).key == "pattern"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        ("nothing_changed", replace(PATTERN, note="Nothing really")),
        ("change_note", replace(CHANGED, note=" ")),
        ("nothing_required", replace(CHANGED, views=())),
    ],
)
def test_a_version_that_says_nothing_new_or_too_little_is_refused(cast: Cast, code: str, wanted) -> None:
    with refused(code):
        publish(cast, wanted)
    assert ViewSet.objects.count() == len(VIEW_SETS)


def test_whoever_began_from_an_older_version_is_told(cast: Cast) -> None:
    old = newest("pattern")
    publish(cast)
    with refused("changed_meanwhile"):
        publish_view_set(view_set_id=old.pk, wanted=replace(CHANGED, title="X"), by=cast.manager, now=cast.now)
    with pytest.raises(Forbidden):
        publish_view_set(view_set_id=old.pk, wanted=CHANGED, by=cast.doctor, now=cast.now)


def test_the_library_never_writes_over_what_the_clinic_made_retired_or_gave_to_another_set(cast: Cast) -> None:
    rename = lambda one: replace(one, title=f"{one.title}, new")  # noqa: E731
    load_library([], VIEW_SETS, now=cast.now)
    assert ViewSet.objects.count() == 3
    publish(cast, replace(CHANGED, diagnoses=(*PATTERN.diagnoses, "scarring")))
    load_library([], [rename(one) for one in VIEW_SETS], now=cast.now)
    assert newest("pattern").title == "Our pattern set"
    assert newest("patchy").title == "Patchy loss (SALT quadrants), new"
    assert "scarring" not in newest("frontal-fibrosing").diagnoses
    retire_view_set(view_set_id=newest("frontal-fibrosing").pk, reason="Not needed", by=cast.manager, now=cast.now)
    count = ViewSet.objects.count()
    load_library([], VIEW_SETS[2:], now=cast.now)
    assert ViewSet.objects.count() == count


def test_a_set_a_protocol_names_or_the_last_for_a_diagnosis_is_not_retired(cast: Cast) -> None:
    with refused("named_by_protocol"):
        retire_view_set(view_set_id=newest("pattern").pk, reason="Old", by=cast.manager, now=cast.now)
    patchy = newest("patchy")
    with refused("last_for_diagnosis"):
        retire_view_set(view_set_id=patchy.pk, reason="Old", by=cast.manager, now=cast.now)
    assert not ViewSet.objects.filter(retired_at__isnull=False).exists()


def test_a_retired_set_is_kept_by_its_reviews_and_chosen_for_no_new_one(cast: Cast) -> None:
    before = plan_with(cast, "areata")
    publish(cast, replace(CHANGED, diagnoses=(*PATTERN.diagnoses, "areata")))
    patchy = newest("patchy")
    with refused("reason"):
        retire_view_set(view_set_id=patchy.pk, reason=" ", by=cast.manager, now=cast.now)
    retire_view_set(view_set_id=patchy.pk, reason="Old", by=cast.manager, now=cast.now)
    with refused("not_in_force"):
        retire_view_set(view_set_id=patchy.pk, reason="Old", by=cast.manager, now=cast.now)
    assert set_of(before).key == "patchy"
    assert set_of(plan_with(cast, "areata")).key == "pattern"
    again = publish(cast, replace(PATCHY, note="Back again"))
    assert set_of(plan_with(cast, "areata")) == again


def test_a_copy_is_a_set_of_its_own_and_takes_a_diagnosis_when_it_is_told_to(cast: Cast) -> None:
    base = newest("patchy")
    with refused("same_title"):
        copy_view_set(view_set_id=base.pk, title="patchy loss (SALT quadrants)", by=cast.manager, now=cast.now)
    own = copy_view_set(view_set_id=base.pk, title="Patches, ours", by=cast.manager, now=cast.now)
    assert (own.key, own.version, own.diagnoses) == ("patches-ours", 1, [])
    assert content_of(own).views == PATCHY.views
    assert set_of(plan_with(cast, "areata")) == base
    publish(cast, replace(content_of(own), diagnoses=("areata",), note="From now on"))
    assert set_of(plan_with(cast, "areata")) == newest("patches-ours")
    retire_view_set(view_set_id=newest("patchy").pk, reason="Ours is used", by=cast.manager, now=cast.now)
    protocol = Protocol.objects.published().get(key="prp")
    draft = draft_next_version(protocol_id=protocol.pk, by=cast.manager, now=cast.now)
    with refused("view_set"):
        write_draft(
            protocol_id=draft.pk, course=replace(course_of(draft), view_set="patchy"), by=cast.manager, now=cast.now
        )


def test_only_open_reviews_without_a_photo_take_a_new_version(cast: Cast) -> None:
    plan = cast.active_plan(key="prp")
    photographed, skipped, *others = plan.reviews.order_by("due")
    cast.photograph(photographed, views=1)
    Review.objects.filter(pk=skipped.pk).update(state="skipped")
    old = newest("pattern")
    made = publish(cast)
    with refused("not_in_force"):
        renew_reviews(view_set_id=old.pk, by=cast.manager, now=cast.now)
    assert renew_reviews(view_set_id=made.pk, by=cast.manager, now=cast.now) == len(others) > 0
    assert renew_reviews(view_set_id=made.pk, by=cast.manager, now=cast.now) == 0
    assert set(plan.reviews.filter(view_set=made)) == set(others)
    assert set(plan.reviews.filter(view_set=old)) == {photographed, skipped}
    photo = Photo.objects.get()
    assert photo.view.view_set == photo.review.view_set


def test_a_location_judges_by_its_own_figures_and_the_count_before_is_what_is_said_after(cast: Cast) -> None:
    plan = cast.active_plan(key="prp")
    cast.photograph(plan.reviews.first())
    spoil = [
        {}, {"sharpness": 5}, {"tilt": -12.0}, {"tilt": 3.0}, {"width": 1200, "height": 900}, {"clipped_light": 0.2},
    ]  # fmt: skip
    for photo, change in zip(Photo.objects.order_by("pk"), spoil, strict=True):
        usual = {
            "sharpness": 90,
            "brightness": 120,
            "clipped_dark": 0,
            "clipped_light": 0,
            "width": 2000,
            "height": 1500,
        }
        Photo.objects.filter(pk=photo.pk).update(**{**usual, **change})
    wanted = {**USUAL, "least_long_edge": 1500, "most_tilt": 2, "least_sharpness": 4, "fresh_dye_days": 60}

    def weak() -> set[object]:
        return {one.pk for one in Photo.objects.all() if advice_of(one, thresholds_of(cast.here))}

    effect, before = foresee_photo_rules(cast.manager, cast.here, wanted), weak()
    seen = figures_mark(figures_of(cast.here))
    change_photo_rules(location_id=cast.here.pk, figures=wanted, seen=seen, by=cast.manager, now=cast.now)
    cast.here.refresh_from_db()
    assert (effect.photos, effect.weak) == (6, len(weak()))
    assert (effect.newly_weak, effect.no_longer) == (len(weak() - before), len(before - weak())) == (2, 1)
    assert tolerances_of(cast.here).fresh_dye_days == 60
    assert AuditLine.objects.get(happened="photo_rules.changed").details["figures"]["most_tilt"] == "8 → 2"
    assert thresholds_of(cast.there) == type(thresholds_of(cast.there))()
    with refused("changed_meanwhile"):
        change_photo_rules(location_id=cast.here.pk, figures=USUAL, seen=seen, by=cast.manager, now=cast.now)
    mark = figures_mark(figures_of(cast.here))
    with refused("nothing_changed"):
        change_photo_rules(location_id=cast.here.pk, figures=wanted, seen=mark, by=cast.manager, now=cast.now)
    change_photo_rules(location_id=cast.here.pk, figures=USUAL, seen=mark, by=cast.manager, now=cast.now)
    cast.here.refresh_from_db()
    assert figures_of(cast.here) == USUAL
    assert not hasattr(cast.here, "photo_rules")
