"""Every view of a plan over all its reviews, in date order: what a patient's head looked like, row by row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import Alignment, Photo, Plan, Review, View
from plans.models.photo_answers import photo_answers
from plans.models.photo_rules import tolerances_of
from plans.queries.pairs import conditions_of, lie_of, no_dye_windows
from plans.queries.photo_words import condition_line
from plans.rules.comparable import Tolerances, why_not_comparable
from plans.rules.photo_use import PhotoUse, why_not_used
from plans.rules.restrictions import Restriction
from plans.rules.states import ReviewState
from plans.rules.wording import day_words


@dataclass(frozen=True, slots=True)
class StripCell:
    """`photo` None: missing, or (`is_asked` False) never asked for. `differs`: against the row's first photo.

    `opens` and `against`: the two reviews that stand side by side when the picture is opened.
    """

    review: Review
    photo: Photo | None
    is_asked: bool
    is_first: bool
    day: str
    conditions: str
    differs: tuple[str, ...]
    opens: UUID
    against: UUID | None


@dataclass(frozen=True, slots=True)
class StripRow:
    key: str
    title: str
    cells: tuple[StripCell, ...]

    @property
    def taken(self) -> int:
        return sum(one.photo is not None for one in self.cells)


@dataclass(frozen=True, slots=True)
class StripStory:
    """`reviews`: those that stand in the strip. `why_hidden`: why no picture may be shown."""

    plan: Plan
    patient: Patient
    zone: ZoneInfo
    rows: tuple[StripRow, ...]
    reviews: tuple[Review, ...]
    why_hidden: str
    is_all: bool
    has_others: bool
    next_review: Review | None

    @property
    def has_photos(self) -> bool:
        return any(row.taken for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Judge:
    """What every pair of one strip is judged by, read once."""

    bar: Tolerances
    no_dye: tuple[Restriction, ...]
    lies: dict[tuple[UUID, UUID], Alignment]
    zone: ZoneInfo

    def differs(self, before: Photo, now: Photo) -> tuple[str, ...]:
        then, later = (conditions_of(one, self.zone, no_dye=self.no_dye) for one in (before, now))
        return why_not_comparable(then, later, self.bar, lie=lie_of(self.lies.get((before.pk, now.pk))))


def strip_story(by: Staff, plan_id: UUID, *, all_plans: bool, now: datetime) -> StripStory:
    """Return the strip of one plan, or of all the patient's plans together. The same queries, however many reviews.

    Forbidden for who may not see photos; DoesNotExist for somebody else's.
    """
    if not by.can(Deed.SEE_PHOTOS):
        raise Forbidden(Deed.SEE_PHOTOS)
    rows = Plan.objects.visible_to(by).select_related("patient__home_location", "location")
    plan = rows.get(pk=plan_id)
    zone, patient = plan.location.zone, plan.patient
    today = local_day(now, zone)
    known = list(Review.objects.visible_to(by).filter(plan__patient=patient).select_related("plan"))
    mine = [one for one in known if all_plans or one.plan_id == plan.pk]
    why_hidden = why_not_used(PhotoUse.RECORD, photo_answers(patient.pk), patient.name)
    photos = _photos([] if why_hidden else mine)
    shown = _shown(mine, photos, today)
    return StripStory(
        plan=plan,
        patient=patient,
        zone=zone,
        rows=() if why_hidden else _rows(shown, photos, _judge(plan, photos, zone)),
        reviews=tuple(shown),
        why_hidden=why_hidden,
        is_all=all_plans,
        has_others=any(one.plan_id != plan.pk for one in known),
        next_review=next((one for one in sorted(mine, key=_order) if one.state == ReviewState.PROMISED), None),
    )


def _photos(reviews: Iterable[Review]) -> list[Photo]:
    found = Photo.objects.current().filter(review__in=[one.pk for one in reviews])
    return list(found.select_related("view").order_by("view__position", "view__key"))


def _order(review: Review) -> tuple[date, int, str]:
    return (review.due, review.months, str(review.pk))


def _shown(reviews: list[Review], photos: list[Photo], today: date) -> list[Review]:
    """Those with photos, and those whose time has come: what they lack is named. What is to come is left out."""
    have = {one.review_id for one in photos}
    came = (one for one in reviews if one.state != ReviewState.SKIPPED and one.opens <= today)
    return sorted({one.pk: one for one in (*came, *(r for r in reviews if r.pk in have))}.values(), key=_order)


def _judge(plan: Plan, photos: list[Photo], zone: ZoneInfo) -> _Judge:
    ids = [one.pk for one in photos]
    lies = {(one.before_id, one.after_id): one for one in Alignment.objects.filter(before__in=ids, after__in=ids)}
    return _Judge(tolerances_of(plan.location), no_dye_windows(plan, photos), lies, zone)


def _rows(reviews: list[Review], photos: list[Photo], judge: _Judge) -> tuple[StripRow, ...]:
    """One row for each view that any of the reviews asks for, in the sets' order."""
    taken = {(one.review_id, one.view.key): one for one in photos}
    views = View.objects.filter(view_set__in={one.view_set_id for one in reviews}).order_by("position", "key")
    wanted: dict[UUID, set[str]] = {}
    titles: dict[str, str] = {}
    for view in views:
        wanted.setdefault(view.view_set_id, set()).add(view.key)
        titles[view.key] = view.title
    titles = {one.view.key: one.view.title for one in photos} | titles
    return tuple(_row(key, title, reviews, taken, wanted, judge) for key, title in titles.items())


def _row(
    key: str,
    title: str,
    reviews: list[Review],
    taken: dict[tuple[UUID, str], Photo],
    wanted: dict[UUID, set[str]],
    judge: _Judge,
) -> StripRow:
    have = [one for one in reviews if (one.pk, key) in taken]
    first, last = (have[0], have[-1]) if have else (None, None)
    cells = []
    for review in reviews:
        photo = taken.get((review.pk, key))
        is_first = first is not None and review.pk == first.pk
        # The first picture is opened beside the last one: alone there would be nothing to compare.
        opens = last if is_first and last else review
        compared = first if first and opens.pk != first.pk else None
        differs = judge.differs(taken[first.pk, key], photo) if photo and first and not is_first else ()
        cells.append(
            StripCell(
                review=review,
                photo=photo,
                is_asked=key in wanted.get(review.view_set_id, ()),
                is_first=is_first,
                day=day_words(local_day(photo.taken_at, judge.zone)) if photo else "",
                conditions=condition_line(photo, judge.zone) if photo else "",
                differs=differs,
                opens=opens.pk,
                against=compared.pk if compared else None,
            )
        )
    return StripRow(key, title, tuple(cells))
