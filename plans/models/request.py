from __future__ import annotations

from uuid import uuid4

from django.db import models
from django.db.models import Q

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from patients.models import Patient
from plans.models.appointment import Appointment
from plans.models.plan import Session
from plans.rules.states import RequestKind


class PatientRequestQuerySet(models.QuerySet["PatientRequest"]):
    def visible_to(self, staff: Staff) -> PatientRequestQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)

    def open(self) -> PatientRequestQuerySet:
        return self.filter(settled_at__isnull=True)


class PatientRequest(models.Model):
    """What a patient asked for or reported on her own page: a human answers it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    token = models.UUIDField(
        unique=True, default=uuid4, editable=False, help_text="Of the form: sent twice, it is one request."
    )
    kind = models.CharField(max_length=12, choices=[(kind.value, kind.label) for kind in RequestKind])
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="requests")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="+")
    appointment = models.ForeignKey(
        Appointment, on_delete=models.PROTECT, null=True, blank=True, related_name="requests"
    )
    session = models.ForeignKey(Session, on_delete=models.PROTECT, null=True, blank=True, related_name="requests")
    wishes = models.CharField(max_length=300, blank=True, help_text="When it would suit her, in her words.")
    signs = models.JSONField(default=list, blank=True, help_text="Keys of what she ticked; clinical.")
    text = models.TextField(max_length=1000, blank=True, help_text="What she wrote; of a problem: clinical.")
    is_urgent = models.BooleanField(default=False, help_text="She was told to call now.")
    asked_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answer = models.CharField(max_length=300, blank=True, help_text="What was done about it.")

    objects = PatientRequestQuerySet.as_manager()

    class Meta:
        ordering = ["-is_urgent", "asked_at"]
        indexes = [
            models.Index(fields=["location", "asked_at"], condition=Q(settled_at__isnull=True), name="requests_open")
        ]

    def __str__(self) -> str:
        return f"{self.patient}: {self.get_kind_display().lower()}"
