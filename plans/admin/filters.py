"""Filters of the work lists that ask a question rather than name a column. The dashboard's numbers lead to them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.admin import SimpleListFilter
from django.db.models import QuerySet
from django.http import HttpRequest

from clinic import clock
from clinic.admin.permissions import staff_of
from clinic.models import Location
from plans.queries.dashboard import due_reviews, plans_without_appointment


class DueFilter(SimpleListFilter):
    title = "due"
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "Due now"), ("late", "Late")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        by, now = staff_of(request), clock.now()
        if self.value() not in ("now", "late"):
            return queryset
        due = due_reviews(by, Location.objects.visible_to(by), now)
        if self.value() == "late":
            due = due.filter(closes__lt=now.date())
        return queryset.filter(pk__in=due.values("pk"))


class NextAppointmentFilter(SimpleListFilter):
    title = "next appointment"
    parameter_name = "next"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("none", "None booked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() != "none":
            return queryset
        return queryset.filter(pk__in=plans_without_appointment(staff_of(request), clock.now()).values("pk"))


class WhenFilter(SimpleListFilter):
    """Appointments near now. Its bounds are instants: a day's own list is the desk."""

    title = "when"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("coming", "Still to come"), ("week", "Next 7 days"), ("past", "Past")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = clock.now()
        match self.value():
            case "coming":
                return queryset.filter(ends__gte=now)
            case "week":
                return queryset.filter(ends__gte=now, starts__lt=now + timedelta(days=7))
            case "past":
                return queryset.filter(ends__lt=now)
            case _:
                return queryset
