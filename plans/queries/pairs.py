"""Each view of a review with its photo then and now, how one lies on the other, and why they are hard to compare."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from clinic.rules.local_time import local_day, start_of_day
from plans.models import Alignment, Photo, Plan, Review, View
from plans.models.facts import held_sessions, restrictions_from
from plans.models.photo_rules import thresholds_of, tolerances_of
from plans.queries.photo_advice import advice_of
from plans.rules.comparable import Conditions, Lie, Tolerances, what_is_unknown, why_not_comparable
from plans.rules.restrictions import Restriction
from plans.rules.states import AlignmentState

DYE = "dye"
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """`before` is of the earlier review, `now` of this one; either None. `differs`: why they are hard to compare.

    `unknown`: what nobody wrote down for both, as words ("parting", "flash"); no difference, but not compared either.
    `advice`: what is weak about the photo now, by the figures that hold today.
    """

    view: View
    before: Photo | None
    now: Photo | None
    retakes: int
    differs: tuple[str, ...]
    alignment: Alignment | None = None
    unknown: tuple[str, ...] = ()
    advice: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return str(self.view.pk)


def baseline_of(review: Review) -> Review | None:
    """Return the review everything is compared with; None for the baseline itself."""
    return review.plan.reviews.filter(months=0).exclude(pk=review.pk).first() if review.months else None


def pairs_of(review: Review, against: Review | None, *, zone: ZoneInfo) -> tuple[Pair, ...]:
    """Return the views in the set's order, each beside the photo `against` has of the view of the same key.

    Five queries, however many views: views, photos now, photos then, alignments, the location's figures; four more
    where a photo says when the hair was dyed: what the plans asked for then.
    """
    photos = list(review.photos.select_related("view", "added_by").order_by("-added_at"))
    # By the view's key: a newer view set has a row of its own for the same view.
    before = {one.view.key: one for one in against.photos.current().select_related("view")} if against else {}
    current = {one.view_id: one for one in photos if one.superseded_at is None}
    lies = {
        (one.before_id, one.after_id): one
        for one in Alignment.objects.filter(before__in=before.values(), after__in=current.values())
    } if before and current else {}  # fmt: skip
    location = review.plan.location
    bar = tolerances_of(location) if before and current else Tolerances()
    weak = {view: advice_of(one, thresholds_of(location)) for view, one in current.items()}
    windows = no_dye_windows(review.plan, (*before.values(), *current.values())) if before and current else ()
    found = []
    for view in review.view_set.views.order_by("position"):
        now, then = current.get(view.pk), before.get(view.key)
        retakes = sum(one.view_id == view.pk and one.superseded_at is not None for one in photos)
        if not then or not now:
            found.append(Pair(view, then, now, retakes, (), advice=weak.get(view.pk, ())))
            continue
        alignment = lies.get((then.pk, now.pk))
        sides = conditions_of(then, zone, no_dye=windows), conditions_of(now, zone, no_dye=windows)
        differs = why_not_comparable(*sides, bar, lie=lie_of(alignment))
        unknown = what_is_unknown(*sides)
        found.append(Pair(view, then, now, retakes, differs, alignment, unknown, weak.get(view.pk, ())))
    return tuple(found)


def conditions_of(photo: Photo, zone: ZoneInfo, *, no_dye: Iterable[Restriction] = ()) -> Conditions:
    """`no_dye`: when the plans ask for no dye; a last dye in such a time is told with the photo."""
    dyed = photo.last_dyed_on
    return Conditions(
        taken_on=local_day(photo.taken_at, zone),
        is_wet=photo.is_wet,
        parting=photo.parting,
        lighting=photo.lighting,
        distance_cm=photo.distance_cm,
        last_dyed_on=dyed,
        flash=photo.flash,
        hair_length_cm=photo.hair_length_cm,
        product=photo.product,
        brightness=photo.brightness,
        view=photo.view.key,
        was_asked_not_to=dyed is not None and any(_covers(window, dyed, zone) for window in no_dye),
    )


def lie_of(alignment: Alignment | None) -> Lie | None:
    """Return what an alignment measured; None where there is none, or it was refused."""
    if alignment is None or alignment.state != AlignmentState.ALIGNED or alignment.scale is None:
        return None
    return Lie(alignment.scale, alignment.turn_degrees or 0.0, alignment.shift_percent or 0.0)


def no_dye_windows(plan: Plan, photos: Iterable[Photo]) -> tuple[Restriction, ...]:
    """Asked only where somebody dyed: of sessions done or booked, never of estimates."""
    if all(one.last_dyed_on is None for one in photos):
        return ()
    zone = plan.patient.home_location.zone
    return restrictions_from(held_sessions(plan.patient), zone=zone, acts={DYE})


def _covers(window: Restriction, day: date, zone: ZoneInfo) -> bool:
    """Only a whole day says for sure that she dyed within it: the time of the day is not known."""
    ends = start_of_day(day + ONE_DAY, zone)
    return window.begins <= start_of_day(day, zone) and (window.ends is None or window.ends >= ends)
