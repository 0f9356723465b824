"""Who works here, with which roles, where. Kept by managers; a manager gives nobody more places than their own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.db import transaction
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from clinic.admin.base import HouseAdmin
from clinic.admin.permissions import staff_of
from clinic.admin.words import chip, instant, link, zone_of
from clinic.models import Location, Staff
from clinic.rules.happened import Happened
from clinic.rules.roles import Deed

ROLES = ("is_front_desk", "is_clinician", "is_manager")


@admin.register(Staff)
class StaffAdmin(HouseAdmin, UserAdmin):  # type: ignore[type-arg]  # generic only in the stubs
    see_deed = change_deed = Deed.CHANGE_CLINIC
    add_allowed = True
    nothing_here = "Let in the first colleague: a name, a password to begin with, roles and places."
    added, changed = Happened.STAFF_ADDED, Happened.STAFF_CHANGED
    add_form_template = None
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("shown_name", "username", "shown_roles", "shown_places", "shown_state", "shown_login")
    list_display_links = ("shown_name",)
    list_filter = ("is_active", *ROLES)
    search_fields = ("username", "first_name", "last_name", "email")
    filter_horizontal = ()
    readonly_fields = ("shown_password", "shown_login")
    fieldsets = (
        ("Who", {"fields": (("first_name", "last_name"), "email")}),
        ("Roles", {"fields": (ROLES,), "description": "Whoever holds several roles may do what any of them may."}),
        ("Places", {"fields": ("locations",), "description": "Patients of these locations are seen, and no others."}),
        ("Login", {"fields": (("username", "is_active"), ("shown_password", "shown_login"))}),
    )
    add_fieldsets = (
        ("Login", {"fields": ("username", "password1", "password2")}),
        ("Who", {"fields": (("first_name", "last_name"), "email")}),
        ("Roles", {"fields": (ROLES,)}),
        ("Places", {"fields": ("locations",)}),
    )

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        kwargs["widget"] = UnfoldAdminCheckboxSelectMultipleWidget()
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Staff]:
        """A manager's own people, themselves, and whoever has no place yet; never the owner's account."""
        by = staff_of(request)
        rows: QuerySet[Staff] = super().get_queryset(request).prefetch_related("locations")
        if by.is_superuser:
            return rows
        mine = Location.objects.visible_to(by)
        seen = rows.filter(locations__in=mine) | rows.filter(locations__isnull=True) | rows.filter(pk=by.pk)
        return seen.filter(is_superuser=False).distinct()

    def save_model(self, request: HttpRequest, obj: Staff, form: ModelForm[Staff], change: bool) -> None:
        obj.is_staff = True
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: ModelForm[Staff], formsets: Any, change: bool) -> None:
        """The form offers the manager's own places only: the others somebody has are kept as they are."""
        elsewhere = self._places_elsewhere(request, form.instance.pk) if change else []
        super().save_related(request, form, formsets, change)
        form.instance.locations.add(*elsewhere)

    def _places_elsewhere(self, request: HttpRequest, pk: UUID) -> list[Location]:
        mine = Location.objects.visible_to(staff_of(request)).values("pk")
        return list(Location.objects.filter(staff=pk).exclude(pk__in=mine))

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with transaction.atomic():
            answer = super().user_change_password(request, id, form_url)
            if request.method == "POST" and answer.status_code == 302:
                self.write_down(request, Happened.STAFF_PASSWORD_SET, self.get_queryset(request).get(pk=id), {})
        return answer

    @admin.display(description="name", ordering="first_name")
    def shown_name(self, row: Staff) -> str:
        return str(row)

    @admin.display(description="roles")
    def shown_roles(self, row: Staff) -> str:
        return ", ".join(sorted(role.label for role in row.roles)) or "None yet"

    @admin.display(description="places")
    def shown_places(self, row: Staff) -> str:
        return ", ".join(place.name for place in row.locations.all()) or "None yet"

    @admin.display(description="password")
    def shown_password(self, row: Staff) -> SafeString:
        return link("../password/", "Set a new password")

    @admin.display(description="last login", ordering="last_login")
    def shown_login(self, row: Staff) -> str:
        first = next(iter(row.locations.all()), None)
        return instant(row.last_login, zone_of(first))

    @admin.display(description="login", ordering="is_active")
    def shown_state(self, row: Staff) -> SafeString:
        return chip("good", "Active") if row.is_active else chip("done", "Closed")
