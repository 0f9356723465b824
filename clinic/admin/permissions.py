"""The table of roles and deeds, spoken in the admin's words: see, change, add, and the history of a row."""

from __future__ import annotations

from typing import Any

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from clinic.models import Staff
from clinic.rules.roles import Deed


def staff_of(request: HttpRequest) -> Staff:
    """Whoever is logged in. The admin site lets nobody else come this far."""
    assert isinstance(request.user, Staff)
    return request.user


def may_do(request: HttpRequest, deed: Deed | None) -> bool:
    """Whether the table allows it. The owner of a new clinic has no role yet and has to be able to hand them out."""
    user = request.user
    if deed is None or not isinstance(user, Staff):
        return False
    return user.can(deed) or (deed is Deed.CHANGE_CLINIC and user.is_active and user.is_superuser)


def narrowed(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    """Only what this person may see, where rows belong to a location; what is everybody's stays whole."""
    return rows.visible_to(staff_of(request)) if hasattr(rows, "visible_to") else rows


class DeedPermissions:
    """For a ModelAdmin or an inline: permissions come from deeds, never from Django's own permission rows."""

    see_deed: Deed
    change_deed: Deed | None = None
    add_allowed = False
    delete_allowed = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_do(request, self.see_deed) or may_do(request, self.change_deed)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return may_do(request, self.change_deed)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.add_allowed and may_do(request, self.change_deed)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.delete_allowed and may_do(request, self.change_deed)
