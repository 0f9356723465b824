from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models

from clinic.models.ids import new_id
from clinic.models.location import Location
from clinic.rules.roles import Deed, Role, may


class Staff(AbstractUser):
    """Somebody who works here. May hold several roles; sees the patients of their own locations."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    is_front_desk = models.BooleanField("front desk", default=False)
    is_clinician = models.BooleanField("clinician", default=False)
    is_manager = models.BooleanField("manager", default=False)
    locations = models.ManyToManyField(Location, related_name="staff", blank=True)
    calendar_view = models.JSONField(
        default=dict, blank=True, editable=False, help_text="How this person last looked at the calendar."
    )

    class Meta:
        verbose_name = "staff member"
        verbose_name_plural = "staff"
        ordering = ["username"]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @property
    def roles(self) -> frozenset[Role]:
        held = {Role.FRONT_DESK: self.is_front_desk, Role.CLINICIAN: self.is_clinician, Role.MANAGER: self.is_manager}
        return frozenset(role for role, holds in held.items() if holds)

    def can(self, deed: Deed) -> bool:
        return self.is_active and may(self.roles, deed)
