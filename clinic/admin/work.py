"""Work lists: read here, worked on where the consequences of a change show."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib.admin import display
from django.db import models
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from clinic.admin.base import RecordedAdmin
from clinic.admin.permissions import may_do
from clinic.admin.words import instant, zone_of
from clinic.rules.roles import Deed


def _local_instant(field: models.DateTimeField[Any, Any]) -> Callable[[Any], str]:
    @display(description=field.verbose_name, ordering=field.name)
    def shown(row: Any) -> str:
        return instant(getattr(row, field.name), zone_of(row))

    return shown


class WorkAdmin(RecordedAdmin):
    """A list to work from. Its rows are changed by operations on pages of their own: here they are read."""

    change_form_before_template = "staff/_real_page.html"
    list_disable_select_all = True
    real_page_words = "Open"
    clinical_fields: Sequence[Any] = ()

    def may_see_clinical(self, request: HttpRequest) -> bool:
        return may_do(request, Deed.SEE_CLINICAL)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The plain fields, the clinical ones for those who may read them; every instant by the clock of its place."""
        shown = list(super().get_fieldsets(request, obj))
        if self.clinical_fields and self.may_see_clinical(request):
            shown.append(("Clinical", {"fields": self.clinical_fields}))
        return [(title, {**options, "fields": self._by_local_clock(options["fields"])}) for title, options in shown]

    def _by_local_clock(self, fields: Sequence[Any]) -> list[Any]:
        return [
            self._by_local_clock(field) if isinstance(field, list | tuple) else self._instants.get(field, field)
            for field in fields
        ]

    @cached_property
    def _instants(self) -> dict[str, Callable[[Any], str]]:
        return {f.name: _local_instant(f) for f in self.opts.get_fields() if isinstance(f, models.DateTimeField)}

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [*super().get_readonly_fields(request, obj), *self._instants.values()]

    def real_page(self, row: Any) -> str:
        """Where this row is worked on."""
        return ""

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        row = context.get("original")
        if row is not None:
            context.update(real_page=self.real_page(row), real_page_words=self.real_page_words)
        return super().render_change_form(request, context, *args, **kwargs)
