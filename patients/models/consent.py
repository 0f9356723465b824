from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from clinic.models.ids import new_id
from patients.models.consent_form import ConsentForm
from patients.models.patient import Patient
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import Agreed, SigningMethod


class ConsentQuerySet(models.QuerySet["Consent"]):
    def visible_to(self, staff: Staff) -> ConsentQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)

    def in_force(self) -> ConsentQuerySet:
        return self.filter(withdrawn_on__isnull=True)


class Consent(models.Model):
    """The patient was told, on which form version, when, and agreed; or was asked and said no.

    Rows signed together share `signing` and the signature's file. `form` is empty where the clinic had published none.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="consents")
    topic = models.CharField(max_length=20, choices=[(t.value, t.label) for t in ConsentTopic])
    form = models.ForeignKey(ConsentForm, on_delete=models.PROTECT, null=True, blank=True, related_name="consents")
    form_version = models.CharField(max_length=40)
    told_on = models.DateField()
    method = models.CharField(
        "signed", max_length=10, choices=[(m.value, m.label) for m in SigningMethod], blank=True, default=""
    )
    signed_name = models.CharField(max_length=200, blank=True, default="")
    signature = models.FileField(max_length=120, blank=True, default="", editable=False)
    signing = models.UUIDField(null=True, blank=True, editable=False, db_index=True)
    said_no = models.BooleanField("said no", default=False)
    withdrawn_on = models.DateField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=300, blank=True, default="")
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
            models.CheckConstraint(
                condition=Q(said_no=False) | Q(withdrawn_on__isnull=False), name="a_no_is_never_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_topic_display()}, told {self.told_on}"

    @property
    def agreed(self) -> Agreed:
        return Agreed(ConsentTopic(self.topic), self.form_version, self.form.facts if self.form else None)
