"""Locations, practitioners, rooms and their weekly hours. Kept by managers."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseInlineFormSet, ModelForm
from django.http import HttpRequest
from django.utils.safestring import SafeString

from clinic.admin.base import HouseAdmin, HouseInline, RecordedAdmin
from clinic.admin.filters import location_filter
from clinic.admin.permissions import staff_of
from clinic.admin.words import chip
from clinic.models import Location, Practitioner, Room, Weekday, WeeklyHours
from clinic.rules.happened import Happened
from clinic.rules.roles import Deed
from clinic.rules.week import Written, faults_of


class WeekFormSet(BaseInlineFormSet[WeeklyHours, Any, ModelForm[WeeklyHours]]):
    """The same faults as in the editor of hours, which also shows who would lie outside."""

    def clean(self) -> None:
        super().clean()
        days: dict[int, list[Written]] = {}
        for form in self.forms:
            said = getattr(form, "cleaned_data", {})
            if "weekday" in said and not said.get("DELETE"):
                days.setdefault(said["weekday"], []).append((said.get("opens"), said.get("closes")))
        for day, periods in days.items():
            for fault in faults_of(periods):
                raise ValidationError(f"{Weekday(day).label}: {fault.sentence}")


class OwnHours(WeekFormSet):
    """Hours of a practitioner or a room belong to its location too."""

    def save_new(self, form: ModelForm[WeeklyHours], commit: bool = True) -> WeeklyHours:
        form.instance.location_id = self.instance.location_id
        return super().save_new(form, commit)


class HoursInline(HouseInline):
    model = WeeklyHours
    formset = WeekFormSet
    see_deed = change_deed = Deed.CHANGE_CLINIC
    add_allowed = delete_allowed = True
    fields = ("weekday", "opens", "closes")


class LocationHoursInline(HoursInline):
    verbose_name_plural = "Opening hours"

    def get_queryset(self, request: HttpRequest) -> QuerySet[WeeklyHours]:
        rows: QuerySet[WeeklyHours] = super().get_queryset(request)
        return rows.filter(practitioner__isnull=True, room__isnull=True)


class OwnHoursInline(HoursInline):
    formset = OwnHours
    verbose_name_plural = "Own hours, where they differ from the location's"


class PremisesAdmin(HouseAdmin):
    see_deed = change_deed = Deed.CHANGE_CLINIC
    add_allowed = True

    @admin.display(description="state", ordering="is_active")
    def shown_state(self, row: Location | Practitioner | Room) -> SafeString:
        return chip("good", "In use") if row.is_active else chip("done", "Not in use")


@admin.register(Location)
class LocationAdmin(RecordedAdmin, PremisesAdmin):
    added, changed = Happened.LOCATION_ADDED, Happened.LOCATION_CHANGED
    nothing_here = "A place where patients are treated, with its telephone number, its clock and its opening hours."
    list_display = ("name", "address", "phone", "time_zone", "jurisdiction", "shown_state")
    search_fields = ("name", "address")
    inlines = (LocationHoursInline,)
    fieldsets = (
        ("Where", {"fields": (("name", "is_active"), "address")}),
        ("In letters", {"fields": (("phone", "email"),)}),
        ("Law", {"fields": ("jurisdiction",)}),
        ("Clock and money", {"fields": (("time_zone", "currency"),)}),
    )

    def save_related(self, request: HttpRequest, form: ModelForm[Location], formsets: Any, change: bool) -> None:
        """Whoever opens a place works there: otherwise they could not see what they have just made."""
        super().save_related(request, form, formsets, change)
        if not change:
            form.instance.staff.add(staff_of(request))


@admin.register(Practitioner)
class PractitionerAdmin(PremisesAdmin):
    added, changed = Happened.PRACTITIONER_ADDED, Happened.PRACTITIONER_CHANGED
    nothing_here = "Whoever treats stands here, once for every location, with hours of their own where they differ."
    list_display = ("name", "location", "staff", "shown_state")
    list_filter = (location_filter("location"), "is_active")
    list_select_related = ("location", "staff")
    search_fields = ("name",)
    autocomplete_fields = ("staff",)
    fields = (("name", "is_active"), "location", "staff")
    inlines = (OwnHoursInline,)


@admin.register(Room)
class RoomAdmin(PremisesAdmin):
    added, changed = Happened.ROOM_ADDED, Happened.ROOM_CHANGED
    nothing_here = "An appointment may hold a room as well as a practitioner."
    list_display = ("name", "location", "shown_state")
    list_filter = (location_filter("location"), "is_active")
    list_select_related = ("location",)
    search_fields = ("name",)
    fields = (("name", "is_active"), "location")
    inlines = (OwnHoursInline,)
