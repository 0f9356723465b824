"""Filters beside the lists. Each offers only what the viewer may see."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from clinic.admin.permissions import staff_of
from clinic.models import Location


class LocationFilter(SimpleListFilter):
    """Rows of one of the viewer's locations. Set `field` to the way from the row to its location."""

    title = "location"
    parameter_name = "at"
    field = "location"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        places = Location.objects.visible_to(staff_of(request))
        found = [(str(place.pk), place.name) for place in places]
        return found if len(found) > 1 else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {key for key, _ in self.lookup_choices}
        return queryset.filter(**{self.field: self.value()}) if self.value() in known else queryset


def location_filter(field: str) -> type[LocationFilter]:
    return type("LocationFilter", (LocationFilter,), {"field": field})
