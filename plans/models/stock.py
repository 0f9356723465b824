from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from clinic.models.ids import new_id
from plans.rules.course import GIVEN_AT_SESSIONS


class Product(models.Model):
    """What is injected."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    modality = models.CharField(max_length=20, choices=[(m.value, m.label) for m in GIVEN_AT_SESSIONS])
    maker = models.CharField(max_length=120, blank=True)
    donor_source = models.CharField(
        max_length=120, blank=True, help_text="For example umbilical cord, adipose stromal cells."
    )
    handling = models.CharField(max_length=200, blank=True, help_text="How it is stored and prepared.")
    is_active = models.BooleanField(default=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class LotState(models.TextChoices):
    AVAILABLE = "available", "Available"
    QUARANTINED = "quarantined", "Quarantined"
    RECALLED = "recalled", "Recalled"


class Lot(models.Model):
    """One batch of a product, traceable to every patient who received it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="lots")
    number = models.CharField(max_length=20, help_text="GS1 (10): up to 20 characters.")
    expires_on = models.DateField()
    received_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=12, choices=LotState.choices, default=LotState.AVAILABLE)
    note = models.CharField(max_length=200, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["product__name", "expires_on"]
        constraints = [models.UniqueConstraint(fields=["product", "number"], name="lot_number_once_per_product")]

    def __str__(self) -> str:
        return f"{self.product} lot {self.number}"
