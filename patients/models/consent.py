from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from clinic.models.ids import new_id
from patients.models.patient import Patient
from patients.rules.consent import ConsentTopic


class ConsentQuerySet(models.QuerySet["Consent"]):
    def visible_to(self, staff: Staff) -> ConsentQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)

    def in_force(self) -> ConsentQuerySet:
        return self.filter(withdrawn_on__isnull=True)


class Consent(models.Model):
    """The patient was told, on which form version, when, and agreed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    topic = models.CharField(max_length=20, choices=[(t.value, t.label) for t in ConsentTopic])
    form_version = models.CharField(max_length=40)
    told_on = models.DateField()
    withdrawn_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")

    history = HistoricalRecords()
    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["topic", "-told_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "topic"],
                condition=Q(withdrawn_on__isnull=True),
                name="one_consent_in_force_per_topic",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("told_on")),
                name="consent_is_withdrawn_after_it_was_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}, told {self.told_on}"
