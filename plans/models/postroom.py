"""The room where letters leave: whether they may, how fast, and what came back."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.models import Staff
from clinic.models.ids import new_id
from plans.models.reminder import Reminder
from plans.rules.states import BounceKind


class Postroom(models.Model):
    """One row for the whole house. Held: nothing leaves until a human has looked."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1, editable=False)
    last_tick_at = models.DateTimeField(null=True, blank=True)
    serial = models.PositiveBigIntegerField(
        default=0, help_text="Raised with every turn. A mark outside the database that is ahead of it: a restore."
    )
    held_since = models.DateTimeField(null=True, blank=True)
    hold_reason = models.CharField(max_length=200, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    released_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    failures = models.PositiveSmallIntegerField(default=0, help_text="Failures of the connection in a row.")
    closed_until = models.DateTimeField(null=True, blank=True, help_text="The mail server is left alone until then.")
    trouble = models.CharField(max_length=200, blank=True, help_text="What the mail server said last, when it failed.")
    minute_began = models.DateTimeField(null=True, blank=True)
    minute_count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name_plural = "postroom"
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_postroom")]

    def __str__(self) -> str:
        return "Letters are held" if self.held_since else "Letters leave"


class BounceQuerySet(models.QuerySet["Bounce"]):
    def visible_to(self, staff: Staff) -> BounceQuerySet:
        return self if staff.is_superuser else self.filter(reminder__patient__home_location__staff=staff)


class Bounce(models.Model):
    """What came back for a letter, from a mailbox or from a mail service's hook. The same report twice is one row."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    digest = models.CharField(max_length=64, unique=True)
    received_at = models.DateTimeField(db_index=True)
    source = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in BounceKind])
    reminder = models.ForeignKey(Reminder, on_delete=models.PROTECT, null=True, blank=True, related_name="bounces")
    recipient = models.EmailField(blank=True)
    code = models.CharField(max_length=16, blank=True)
    text = models.CharField(max_length=200, blank=True)

    objects = BounceQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at"]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.received_at:%Y-%m-%d}"
