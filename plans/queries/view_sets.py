"""View sets to read: the list, one version with its views and users, and what a change of it would mean."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Count

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from plans.models import Protocol, Review, View, ViewSet
from plans.models.view_set_facts import content_of, outdated_reviews, versions_of
from plans.queries.protocol_trial import zone_of_staff
from plans.rules.protocol_diff import Item
from plans.rules.view_set_rules import diagnoses_words, diff, in_force, losing, without_a_set
from plans.rules.view_sets import StandardSet


@dataclass(frozen=True, slots=True)
class SetLine:
    """One set by its newest version. `open_reviews`: promised with any version of it, as far as this person sees."""

    row: ViewSet
    chosen_for: str
    views: tuple[View, ...]
    is_in_force: bool
    open_reviews: int

    @property
    def needed(self) -> int:
        return sum(view.is_required for view in self.views)

    @property
    def optional(self) -> int:
        return len(self.views) - self.needed


def view_set_lines(by: Staff) -> tuple[SetLine, ...]:
    """Return every set, those in force first. Three queries."""
    _may_see(by)
    rows = list(ViewSet.objects.order_by("key", "-version").prefetch_related("views"))
    forced, used = {one.id for one in in_force(versions_of(rows))}, _open_reviews(by)
    newest = {row.key: row for row in reversed(rows)}
    lines = [
        SetLine(
            row=row,
            chosen_for=diagnoses_words(row.diagnoses),
            views=tuple(row.views.all()),
            is_in_force=row.pk in forced,
            open_reviews=sum(used.get(one.pk, 0) for one in rows if one.key == key),
        )
        for key, row in newest.items()
    ]
    return tuple(sorted(lines, key=lambda line: (not line.is_in_force, line.row.title.casefold())))


@dataclass(frozen=True, slots=True)
class VersionLine:
    row: ViewSet
    made_on: date | None
    retired_on: date | None
    open_reviews: int


@dataclass(frozen=True, slots=True)
class ViewSetPage:
    """`behind`: open reviews without a photo that could take this version; 0 unless it is in force."""

    row: ViewSet
    chosen_for: str
    views: tuple[View, ...]
    versions: tuple[VersionLine, ...]
    protocols: tuple[Protocol, ...]
    is_in_force: bool
    behind: int
    may_change: bool

    @property
    def here(self) -> VersionLine:
        return next(line for line in self.versions if line.row.pk == self.row.pk)

    @property
    def newest(self) -> ViewSet:
        return self.versions[0].row

    @property
    def is_newest(self) -> bool:
        return self.newest.pk == self.row.pk


def view_set_page(by: Staff, view_set_id: UUID) -> ViewSetPage:
    """Read one version. Forbidden for who may not see protocols."""
    _may_see(by)
    row = ViewSet.objects.select_related("made_by").prefetch_related("views").get(pk=view_set_id)
    rows = list(ViewSet.objects.filter(key=row.key).select_related("made_by").order_by("-version"))
    zone, used = zone_of_staff(by), _open_reviews(by)
    lines = tuple(
        VersionLine(
            row=one,
            made_on=local_day(one.made_at, zone) if one.made_at else None,
            retired_on=local_day(one.retired_at, zone) if one.retired_at else None,
            open_reviews=used.get(one.pk, 0),
        )
        for one in rows
    )
    is_in_force = row.pk in {one.id for one in in_force(versions_of(rows))}
    return ViewSetPage(
        row=row,
        chosen_for=diagnoses_words(row.diagnoses),
        views=tuple(row.views.all()),
        versions=lines,
        protocols=tuple(Protocol.objects.published().filter(view_set=row.key).order_by("title")),
        is_in_force=is_in_force,
        behind=outdated_reviews(row, by).count() if is_in_force else 0,
        may_change=by.can(Deed.CHANGE_PROTOCOLS),
    )


@dataclass(frozen=True, slots=True)
class SetComparison:
    was: ViewSet
    now: ViewSet
    items: tuple[Item, ...]

    @property
    def sections(self) -> list[tuple[str, list[Item]]]:
        return _by_section(self.items)


def compared_sets(by: Staff, was_id: UUID, now_id: UUID) -> SetComparison:
    """Compare any two versions, the first as what was."""
    _may_see(by)
    rows = {one.pk: one for one in ViewSet.objects.filter(pk__in=[was_id, now_id]).prefetch_related("views")}
    if was_id not in rows or now_id not in rows:
        raise ViewSet.DoesNotExist
    was, now = rows[was_id], rows[now_id]
    return SetComparison(was, now, diff(content_of(was), content_of(now)))


@dataclass(frozen=True, slots=True)
class SetForesight:
    """What publishing would do: what differs, which sets lose which diagnoses, which would be left without a set."""

    items: tuple[Item, ...]
    losing: tuple[tuple[ViewSet, str], ...]
    left: str
    number: int
    open_reviews: int

    @property
    def sections(self) -> list[tuple[str, list[Item]]]:
        return _by_section(self.items)


def foresee_view_set(by: Staff, base: ViewSet, wanted: StandardSet) -> SetForesight:
    """Say what publishing `wanted` as the next version of `base` would do. Writes nothing."""
    rows = {one.pk: one for one in ViewSet.objects.order_by("key", "-version")}
    versions, used = versions_of(rows.values()), _open_reviews(by)
    lost = losing(versions, key=base.key, diagnoses=wanted.diagnoses)
    return SetForesight(
        items=diff(content_of(base), wanted),
        losing=tuple((rows[one], diagnoses_words(names)) for one, names in lost.items()),
        left=diagnoses_words(without_a_set(versions, key=base.key, diagnoses=wanted.diagnoses)),
        number=base.version + 1,
        open_reviews=sum(used.get(one.pk, 0) for one in rows.values() if one.key == base.key),
    )


def _open_reviews(by: Staff) -> Mapping[UUID, int]:
    counted = Review.objects.visible_to(by).open().order_by().values_list("view_set").annotate(n=Count("pk"))
    return dict(counted)


def _by_section(items: Iterable[Item]) -> list[tuple[str, list[Item]]]:
    found: dict[str, list[Item]] = {}
    for item in items:
        found.setdefault(item.section, []).append(item)
    return list(found.items())


def _may_see(by: Staff) -> None:
    if not by.can(Deed.SEE_PROTOCOLS):
        raise Forbidden(Deed.SEE_PROTOCOLS)
