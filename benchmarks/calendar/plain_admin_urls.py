"""One list, as everybody writes it first."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.urls import path

from plans.models import Appointment


class AppointmentAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = ("starts", "ends", "patient", "practitioner", "room", "purpose", "state")
    list_select_related = ("patient", "practitioner", "room")
    date_hierarchy = "starts"
    list_filter = ("state",)


site = admin.AdminSite()
site.register(Appointment, AppointmentAdmin)
urlpatterns: list[Any] = [path("admin/", site.urls)]
