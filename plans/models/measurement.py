from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from clinic.models.ids import new_id
from patients.rules.scalp import ScalpArea
from plans.models.photo import Photo
from plans.models.review import Review
from plans.models.view_set import View
from plans.rules.measures import Measure, MeasureMethod


class Measurement(models.Model):
    """One figure of one area at a review, with how it was found: only equal methods and devices make a trend."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="measurements")
    measure = models.CharField(max_length=12, choices=[(m.value, m.label) for m in Measure])
    area = models.CharField(max_length=16, choices=[(a.value, a.label) for a in ScalpArea], blank=True)
    value = models.DecimalField(max_digits=6, decimal_places=1)
    method = models.CharField(max_length=32, choices=[(m.value, m.label) for m in MeasureMethod])
    device = models.CharField(max_length=60)

    history = HistoricalRecords()

    class Meta:
        ordering = ["measure", "area", "method", "device"]
        constraints = [
            models.UniqueConstraint(fields=["review", "measure", "area", "method", "device"], name="measured_once"),
            models.CheckConstraint(condition=Q(value__gte=0), name="measured_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.value}, {self.get_area_display()}"


class PairRating(models.Model):
    """A blinded look at two photos of one view: the rater saw neither names nor dates, nor which came first.

    `is_later_left` is how they lay; `score` says the later against the earlier, −3 … +3, whatever lay where.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="ratings")
    view = models.ForeignKey(View, on_delete=models.PROTECT, related_name="+")
    before = models.ForeignKey(Photo, on_delete=models.PROTECT, related_name="+")
    after = models.ForeignKey(Photo, on_delete=models.PROTECT, related_name="+")
    rater = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    is_later_left = models.BooleanField()
    score = models.SmallIntegerField(null=True, blank=True, validators=[MinValueValidator(-3), MaxValueValidator(3)])
    shown_at = models.DateTimeField()
    rated_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["shown_at"]
        constraints = [
            models.UniqueConstraint(fields=["before", "after", "rater"], name="rated_once"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=-3) & Q(score__lte=3), name="score_in_its_bounds"
            ),
            models.CheckConstraint(
                condition=Q(score__isnull=True, rated_at__isnull=True) | Q(score__isnull=False, rated_at__isnull=False),
                name="rated_with_its_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.view}, {self.review}"
