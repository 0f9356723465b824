"""What every page of the admin site has in common: who sees which rows, what is recorded, where the real page is."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.admin import ShowFacets, SimpleListFilter
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from simple_history.admin import SimpleHistoryAdmin
from unfold.admin import ModelAdmin, StackedInline, TabularInline

from clinic import clock
from clinic.admin.permissions import DeedPermissions, may_do, narrowed, staff_of
from clinic.admin.words import zone_of
from clinic.models import Location
from clinic.operations.audit import record
from clinic.rules.roles import Deed

LABELS = {"is_active": "In use", "is_default": "Suggested first"}


def door(name: str, *args: object) -> str:
    """The address of a page that is known here by its name only; empty when it is not installed."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def _lookups_of(offered: object) -> set[str]:
    """The words a filter beside the list puts into the address."""
    if isinstance(offered, type) and issubclass(offered, SimpleListFilter):
        return {str(offered.parameter_name)}
    name = offered[0] if isinstance(offered, list | tuple) else offered
    return {f"{name}{suffix}" for suffix in ("", "__exact", "__isnull", "__in", "__id__exact")}


class HouseAdmin(DeedPermissions, ModelAdmin):  # type: ignore[misc]  # unfold ships no types
    """A list and a form, narrowed to the viewer's locations, allowed by deed, recorded in the audit."""

    added: StrEnum | None = None
    changed: StrEnum | None = None
    more_lookups: Sequence[str] = ()
    nothing_here = "What is added stands here."  # said by an empty list: what would be here, and how to begin
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_per_page = 50
    list_filter_sheet = True
    warn_unsaved_form = True
    save_on_top = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return narrowed(super().get_queryset(request), request)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what the filters beside the list offer: anything else could spell out a hidden column."""
        offered = self.get_list_filter(request) if request else self.list_filter
        return lookup in self.more_lookups or any(lookup in _lookups_of(item) for item in offered)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", narrowed(db_field.remote_field.model._default_manager.all(), request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", narrowed(db_field.remote_field.model._default_manager.all(), request))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in LABELS:
            kwargs["label"] = LABELS[db_field.name]
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def save_related(self, request: HttpRequest, form: ModelForm[Any], formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        fields = [*form.changed_data, *(s.prefix for s in formsets if s.has_changed())]
        happened = self.changed if change else self.added
        if happened and (fields or not change):
            self.write_down(request, happened, form.instance, {"fields": fields})

    def write_down(self, request: HttpRequest, happened: StrEnum, row: Model, details: dict[str, Any]) -> None:
        place = row if isinstance(row, Location) else getattr(row, "location", None)
        record(happened, about=row, by=staff_of(request), now=clock.now(), location=place, details=details)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: object, object_id: str) -> HttpResponse:
        raise Http404


class RecordedAdmin(SimpleHistoryAdmin, HouseAdmin):  # type: ignore[misc]  # neither ships types
    """Rows that keep their history. Whoever may see a row may read it; nothing is reverted from it."""

    history_deed: Deed | None = None

    def _enter_history(self, request: HttpRequest, object_id: str) -> ZoneInfo:
        """Whose history may be read, by the clock of its place. Raises PermissionDenied, Http404."""
        if not self._may_read_history(request):
            raise PermissionDenied
        row = self.get_object(request, object_id)
        if row is None or not self._keeps_history:
            raise Http404
        return zone_of(row)

    @property
    def _keeps_history(self) -> bool:
        return hasattr(self.model, "history")

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        with timezone.override(self._enter_history(request, object_id)):
            return super().history_view(request, object_id, extra_context)  # type: ignore[no-any-return]

    def history_form_view(
        self, request: HttpRequest, object_id: str, version_id: str, extra_context: Any = None
    ) -> HttpResponse:
        zone = self._enter_history(request, object_id)
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        with timezone.override(zone):
            return super().history_form_view(request, object_id, version_id, extra_context)  # type: ignore[no-any-return]

    def _may_read_history(self, request: HttpRequest) -> bool:
        return may_do(request, self.history_deed or self.change_deed or self.see_deed)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        context["show_history"] = self._keeps_history and self._may_read_history(request)
        return super().render_change_form(request, context, *args, **kwargs)  # type: ignore[no-any-return]

    def revert_disabled(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return True


class HouseInline(DeedPermissions, TabularInline):  # type: ignore[misc]  # unfold ships no types
    """Rows of a table inside a form. The head of a column is no label for those who only hear the page."""

    extra = 0
    # Unfold renamed it between its last version for Python 3.11 and the later ones, which warn of the old name.
    if hasattr(TabularInline, "hide_title"):
        hide_title = True
    else:
        show_title = False
    show_change_link = False

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None:
            inner = getattr(field.widget, "widget", field.widget)
            inner.attrs["aria-label"] = str(field.label)
        return field

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs.setdefault("queryset", narrowed(db_field.remote_field.model._default_manager.all(), request))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class HouseStackedInline(DeedPermissions, StackedInline):  # type: ignore[misc]  # unfold ships no types
    extra = 0
    show_change_link = False
