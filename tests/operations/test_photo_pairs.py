"""Pairs of photos: laid on each other once and for all, and told apart by what is written of them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from clinic.rules.refusal import Forbidden
from patients.operations.consents import withdraw_consent
from plans.darkroom import aligner
from plans.models import Alignment, Photo, PhotoRules, Plan, Review
from plans.operations import alignment
from plans.operations.alignment import align_pair
from plans.queries.pairs import Pair, pairs_of
from plans.rules.states import AlignmentState
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(settings: Any, tmp_path: Any) -> Cast:
    settings.MEDIA_ROOT = tmp_path
    return open_clinic()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """The baseline with all its views, and two of them four months later, after the first session."""
    plan = cast.active_plan("Ada", "prp")
    cast.photograph(plan.reviews.get(months=0))
    first = plan.sessions.get(number=1)
    cast.hold(first, cast.at(first.target, 15))
    cast.now += timedelta(days=120)
    cast.photograph(plan.reviews.get(months=3), views=2)
    return plan


def both(plan: Plan, position: int = 0) -> tuple[Photo, Photo]:
    before, after = (list(plan.reviews.get(months=months).photos.order_by("view__position")) for months in (0, 3))
    return before[position], after[position]


def lay(cast: Cast, before: Photo, after: Photo, **more: Any) -> Alignment:
    return align_pair(before_id=before.pk, after_id=after.pk, **{"by": cast.doctor, "now": cast.now, **more})


def test_a_pair_is_measured_once_and_the_photos_stay_as_they_are(
    cast: Cast, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = both(plan)
    files = {name: default_storage.open(name).read() for name in (before.large.name, after.original.name)}
    row = lay(cast, before, after)
    assert (row.state, row.reason, row.made_at) == (AlignmentState.ALIGNED, "", cast.now)
    assert row.matrix == pytest.approx([1, 0, 0, 0, 1, 0, 0, 0, 1], abs=1e-3)
    assert row.scale == pytest.approx(1, abs=1e-3)
    assert {name: default_storage.open(name).read() for name in files} == files
    monkeypatch.setattr(alignment, "align", None)
    assert lay(cast, before, after) == row
    [first, second, *_] = pairs_of(*reviews_of(plan), zone=cast.here.zone)
    assert (first.alignment, second.alignment) == (row, None)


def test_a_refused_pair_says_why_and_without_the_extra_nothing_is_kept(
    cast: Cast, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, after = both(plan)
    with monkeypatch.context() as without:
        without.setattr(aligner, "find_spec", lambda _: None)
        told = lay(cast, before, after)
    assert (told.state, told.reason) == (AlignmentState.REFUSED, "Alignment is not installed on this server.")
    assert not Alignment.objects.exists()
    default_storage.delete(after.large.name)
    with refused("photo_missing"):
        lay(cast, before, after)
    with default_storage.open(after.large.name, "wb") as file:
        file.write(b"no picture")
    row = lay(cast, before, after)
    assert (row.state, row.matrix, row.reason) == (AlignmentState.REFUSED, [], "The picture could not be opened.")


def test_only_one_patients_same_view_and_only_for_who_may_see_it(cast: Cast, plan: Plan) -> None:
    before, after = both(plan)
    for wrong in (both(plan, 1)[1], before):
        with refused("wrong_pair"):
            lay(cast, before, wrong)
    other = cast.active_plan("Bea", "prp")
    cast.photograph(other.reviews.get(months=0), views=1)
    with refused("wrong_pair"):
        lay(cast, other.reviews.get(months=0).photos.get(), after)
    for person in (cast.desk, cast.manager):
        with pytest.raises(Forbidden):
            lay(cast, before, after, by=person)
    with pytest.raises(Photo.DoesNotExist):
        lay(cast, before, after, by=cast.outsider)
    consent = plan.patient.consents.in_force().get(topic="photo_record")
    withdraw_consent(consent_id=consent.pk, withdrawn_on=cast.today, by=cast.desk, now=cast.now)
    with refused("no_photo_consent"):
        lay(cast, before, after)
    assert not Alignment.objects.exists()


def test_the_page_is_told_in_figures_or_in_a_sentence(cast: Cast, plan: Plan) -> None:
    before, after = both(plan)
    cast.doctor.is_staff = True
    cast.doctor.save()
    client = Client()
    client.force_login(cast.doctor)
    told = client.post(f"/photos/{after.pk}/on/{before.pk}/").json()
    keys = ("state", "matrix", "residual_px", "reason", "scale", "turn_degrees", "shift_percent", "points")
    assert told == {key: getattr(Alignment.objects.get(), key) for key in keys}
    assert (told["state"], len(told["matrix"])) == ("aligned", 9)
    no = client.post(f"/photos/{after.pk}/on/{after.pk}/")
    assert (no.status_code, no.json()["code"]) == (422, "wrong_pair")


def test_a_pair_says_what_differs_and_what_nobody_knows(cast: Cast, plan: Plan) -> None:
    before, after = both(plan)
    session = plan.sessions.get(number=1)
    asked = session.target + timedelta(days=1)
    Photo.objects.filter(pk=before.pk).update(parting="centre", flash=True, brightness=140)
    Photo.objects.filter(pk=after.pk).update(parting="left", flash=None, brightness=95, last_dyed_on=asked)
    pair = first_pair(cast, plan)
    days = (after.taken_at.astimezone(cast.here.zone).date() - asked).days
    assert pair.differs == (
        "Parting differs: “centre”, now “left”.",
        "Darker now by 45 of 255: skin and hair look different. Use the same light.",
        f"Dyed {days} days before one of the two, although the plan asked for no dye then.",
    )
    assert "flash" in pair.unknown
    Photo.objects.filter(pk=after.pk).update(last_dyed_on=asked + timedelta(days=60))
    PhotoRules.objects.create(location=cast.here, light_steps=60)
    assert first_pair(cast, plan).differs == ("Parting differs: “centre”, now “left”.",)
    Alignment.objects.create(
        before=before, after=after, state=AlignmentState.ALIGNED, method="by hand", made_at=cast.now,
        scale=0.75, turn_degrees=1, shift_percent=2,
    )  # fmt: skip
    assert "nearer: everything is 33 % larger" in " ".join(first_pair(cast, plan).differs)
    Alignment.objects.update(state=AlignmentState.REFUSED)
    assert len(first_pair(cast, plan).differs) == 1


def first_pair(cast: Cast, plan: Plan) -> Pair:
    return pairs_of(*reviews_of(plan), zone=cast.here.zone)[0]


def reviews_of(plan: Plan) -> tuple[Review, Review]:
    """As a page reads them: what is next to them is there already."""
    reviews = Review.objects.select_related("plan__location", "plan__patient__home_location", "view_set")
    return reviews.get(plan=plan, months=3), reviews.get(plan=plan, months=0)


def test_pairs_cost_the_same_however_many(cast: Cast, plan: Plan, django_assert_num_queries: Any) -> None:
    for views in (2, 6):
        cast.photograph(plan.reviews.get(months=3), views=views)
        Photo.objects.update(last_dyed_on=None)
        now, baseline = reviews_of(plan)
        # photos now and then, alignments, tolerances, views
        with django_assert_num_queries(5):
            pairs = pairs_of(now, baseline, zone=cast.here.zone)
        assert sum(pair.now is not None for pair in pairs) == views
        Photo.objects.update(last_dyed_on=cast.today - timedelta(days=40))
        now, baseline = reviews_of(plan)
        # and what the plans asked for: plans, sessions, what is booked
        with django_assert_num_queries(8):
            pairs_of(now, baseline, zone=cast.here.zone)
