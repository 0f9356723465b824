"""View sets as the rules want them, and the one a new review is promised with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields

from django.db.models import Exists, OuterRef, QuerySet

from clinic.models import Staff
from plans.models.photo import Photo, Upload
from plans.models.review import Review
from plans.models.view_set import View, ViewSet
from plans.rules.view_set_rules import Version, chosen
from plans.rules.view_sets import StandardSet, StandardView

VIEW_FIELDS = tuple(field.name for field in fields(StandardView))


def versions_of(rows: Iterable[ViewSet]) -> tuple[Version, ...]:
    return tuple(
        Version(row.pk, row.key, row.version, tuple(row.diagnoses), row.retired_at is not None) for row in rows
    )


def content_of(row: ViewSet) -> StandardSet:
    """Everything one version says. One query, none where its views are prefetched."""
    views = tuple(StandardView(**{name: getattr(view, name) for name in VIEW_FIELDS}) for view in row.views.all())
    return StandardSet(row.key, row.title, tuple(row.diagnoses), views, row.note)


def write_views(row: ViewSet, views: Iterable[StandardView]) -> None:
    View.objects.bulk_create(
        View(view_set=row, position=place, **{name: getattr(view, name) for name in VIEW_FIELDS})
        for place, view in enumerate(views)
    )


def view_set_for(*, diagnosis: str, key: str) -> ViewSet:
    """Return the set for a new review. One query. Raises ViewSet.DoesNotExist when there is none of that key."""
    rows = {row.pk: row for row in ViewSet.objects.order_by("key", "-version")}
    found = chosen(versions_of(rows.values()), diagnosis=diagnosis, key=key)
    if found is None:
        raise ViewSet.DoesNotExist
    return rows[found.id]


def outdated_reviews(row: ViewSet, by: Staff) -> QuerySet[Review]:
    """Open reviews this person may see that were promised with an older version, and have nothing photographed yet.

    Versions that ask for the very same views are left alone: for the photographer nothing is different.
    """
    wanted = content_of(row).views
    older = ViewSet.objects.filter(key=row.key, version__lt=row.version).prefetch_related("views")
    behind = [one.pk for one in older if content_of(one).views != wanted]
    on_the_way = Upload.objects.open().filter(review=OuterRef("pk"))
    photos = Photo.objects.filter(review=OuterRef("pk"))
    reviews = Review.objects.visible_to(by).open().filter(view_set__in=behind)
    return reviews.filter(~Exists(photos), ~Exists(on_the_way))
