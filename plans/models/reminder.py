from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from patients.models import Patient
from plans.models.plan import Plan
from plans.models.wording import LetterWording
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState

OPEN = (ReminderState.PLANNED, ReminderState.CLAIMED, ReminderState.HANDED_OFF)
NEEDS_A_HUMAN = (ReminderState.FAILED, ReminderState.UNKNOWN, ReminderState.BOUNCED)


class ReminderQuerySet(models.QuerySet["Reminder"]):
    def visible_to(self, staff: Staff) -> ReminderQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)

    def open(self) -> ReminderQuerySet:
        return self.filter(state__in=OPEN)

    def due(self, now: datetime) -> ReminderQuerySet:
        return self.filter(state=ReminderState.PLANNED, due_at__lte=now)

    def waiting_for_a_human(self) -> ReminderQuerySet:
        return self.filter(state__in=NEEDS_A_HUMAN, settled_at__isnull=True)


class Reminder(models.Model):
    """This letter, to this patient, about this, due then, useless after then. The row is the schedule."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=24, choices=[(k.value, k.label) for k in LetterKind])
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="reminders")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, null=True, blank=True, related_name="reminders")
    about_id = models.UUIDField(help_text="The appointment, session or review it speaks of.")
    facts = models.CharField(
        max_length=120, help_text="What the letter states, in short: another fact is another letter."
    )
    content_version = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField()
    useful_until = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in ReminderState], default=ReminderState.PLANNED
    )
    state_reason = models.CharField(max_length=120, blank=True)
    attempt = models.PositiveSmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(null=True, blank=True)
    handed_off_at = models.DateTimeField(null=True, blank=True)
    message_id = models.CharField(max_length=120, blank=True)
    recipient = models.EmailField(blank=True)
    subject = models.CharField(max_length=200, blank=True)
    language = models.CharField(max_length=5, blank=True, help_text="The language it was written in.")
    wording = models.ForeignKey(
        LetterWording,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The location's own wording it was written with; empty: the house's.",
    )
    mime = models.BinaryField(null=True, blank=True, help_text="The exact bytes, frozen at the first hand-off.")
    last_code = models.PositiveSmallIntegerField(null=True, blank=True)
    last_text = models.CharField(max_length=200, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, help_text="When a human dealt with it.")
    settled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    supersedes = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    planned_at = models.DateTimeField()

    objects = ReminderQuerySet.as_manager()

    class Meta:
        ordering = ["due_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about_id", "content_version"], name="reminder_once_per_version"),
            models.CheckConstraint(condition=Q(useful_until__gte=F("due_at")), name="reminder_is_useful_when_due"),
            models.CheckConstraint(
                condition=~Q(state=ReminderState.CLAIMED) | Q(lease_until__isnull=False, lease_token__isnull=False),
                name="reminder_claimed_has_a_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state=ReminderState.PLANNED), name="reminders_due"),
            models.Index(
                fields=["lease_until"],
                condition=Q(state__in=(ReminderState.CLAIMED, ReminderState.HANDED_OFF)),
                name="reminders_leased",
            ),
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=NEEDS_A_HUMAN, settled_at__isnull=True),
                name="reminders_for_a_human",
            ),
            models.Index(fields=["patient", "-due_at"], name="reminders_of_a_patient"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.patient}"
