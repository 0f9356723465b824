from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from clinic.models import Staff
from clinic.models.ids import new_id
from plans.models.plan import Session
from plans.models.stock import Lot
from plans.rules.course import GIVEN_AT_SESSIONS, CareBy, CareKind, CarePhase, Modality


class Method(models.TextChoices):
    INJECTION = "injection", "Fine-needle injection"
    MICRONEEDLING = "microneedling", "Microneedling or derma pen"
    TOPICAL = "topical", "Topical with microneedling"


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def visible_to(self, staff: Staff) -> TreatmentQuerySet:
        return self if staff.is_superuser else self.filter(session__plan__patient__home_location__staff=staff)


class Treatment(models.Model):
    """One modality given in a session: a product from a lot, or plasma from the patient's own blood."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="treatments")
    modality = models.CharField(max_length=20, choices=[(m.value, m.label) for m in GIVEN_AT_SESSIONS])
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, blank=True, related_name="treatments")
    method = models.CharField(max_length=16, choices=Method.choices)
    areas = models.JSONField(default=list)
    amount_ml = models.DecimalField("amount in ml", max_digits=5, decimal_places=2, validators=[MinValueValidator(0)])
    pain = models.PositiveSmallIntegerField("pain, 0–10", null=True, blank=True, validators=[MaxValueValidator(10)])
    operator = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    blood_drawn_ml = models.DecimalField("blood drawn in ml", max_digits=5, decimal_places=1, null=True, blank=True)
    plasma_ml = models.DecimalField("plasma won in ml", max_digits=5, decimal_places=1, null=True, blank=True)
    spin_g = models.PositiveIntegerField("relative centrifugal force in g", null=True, blank=True)
    spin_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    platelets_blood = models.PositiveIntegerField("platelets per µl, blood", null=True, blank=True)
    platelets_plasma = models.PositiveIntegerField("platelets per µl, plasma", null=True, blank=True)
    what_happened = models.TextField(blank=True)

    objects = TreatmentQuerySet.as_manager()

    class Meta:
        ordering = ["session", "modality"]
        constraints = [
            models.UniqueConstraint(fields=["session", "modality"], name="modality_once_per_session"),
            models.CheckConstraint(
                condition=~Q(modality=Modality.EXOSOME) | Q(lot__isnull=False), name="exosome_has_a_lot"
            ),
        ]
        indexes = [models.Index(fields=["lot"], condition=Q(lot__isnull=False), name="treatments_of_a_lot")]

    def __str__(self) -> str:
        return f"{self.get_modality_display()}, {self.session}"


class ChecklistItemQuerySet(models.QuerySet["ChecklistItem"]):
    def visible_to(self, staff: Staff) -> ChecklistItemQuerySet:
        return self if staff.is_superuser else self.filter(session__plan__patient__home_location__staff=staff)


class ChecklistItem(models.Model):
    """A care rule at one session, ticked by the patient or by staff."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="checklist")
    rule_key = models.CharField(max_length=40)
    position = models.PositiveSmallIntegerField(default=0)
    phase = models.CharField(max_length=8, choices=[(p.value, p.label) for p in CarePhase])
    kind = models.CharField(max_length=12, choices=[(k.value, k.label) for k in CareKind])
    by = models.CharField(max_length=8, choices=[(b.value, b.label) for b in CareBy])
    text = models.TextField()
    ticked_at = models.DateTimeField(null=True, blank=True)
    ticked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    objects = ChecklistItemQuerySet.as_manager()

    class Meta:
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(fields=["session", "rule_key"], name="care_rule_once_per_session"),
            models.CheckConstraint(
                condition=Q(ticked_by__isnull=True) | Q(ticked_at__isnull=False), name="tick_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.text
