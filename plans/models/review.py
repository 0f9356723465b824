from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from clinic.models.ids import new_id
from plans.models.plan import Plan
from plans.rules.states import Decision, ReviewState


class ViewSet(models.Model):
    """The views a diagnosis needs."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=80)

    class Meta:
        ordering = ["key", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="view_set_version_once")]

    def __str__(self) -> str:
        return self.title


class View(models.Model):
    """One standard picture: what it shows and how it is taken."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    view_set = models.ForeignKey(ViewSet, on_delete=models.CASCADE, related_name="views")
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=60)
    instruction = models.CharField(max_length=240)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["view_set", "key"], name="view_once_per_set")]

    def __str__(self) -> str:
        return self.title


class ReviewQuerySet(models.QuerySet["Review"]):
    def visible_to(self, staff: Staff) -> ReviewQuerySet:
        return self if staff.is_superuser else self.filter(plan__patient__home_location__staff=staff)

    def open(self) -> ReviewQuerySet:
        return self.filter(state=ReviewState.PROMISED)


class Review(models.Model):
    """A promised look at results, which ends in a decision."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="reviews")
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    months = models.PositiveSmallIntegerField(default=0, help_text="0 is the baseline.")
    due = models.DateField()
    opens = models.DateField()
    closes = models.DateField()
    is_estimated = models.BooleanField(default=True, help_text="Until the first session is done.")
    view_set = models.ForeignKey(ViewSet, on_delete=models.PROTECT, related_name="reviews")
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in ReviewState], default=ReviewState.PROMISED
    )
    shedding_scale = models.PositiveSmallIntegerField(
        "Sinclair shedding scale", null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(6)]
    )
    density = models.DecimalField("hairs per cm²", max_digits=5, decimal_places=1, null=True, blank=True)
    density_method = models.CharField("measured with", max_length=60, blank=True)
    patient_rating = models.SmallIntegerField(
        "patient's own rating",
        null=True,
        blank=True,
        validators=[MinValueValidator(-3), MaxValueValidator(3)],
        help_text="−3 much worse … +3 much better.",
    )
    patient_says = models.TextField(blank=True)
    notes = models.TextField(blank=True)
    decision = models.CharField(max_length=20, choices=[(d.value, d.label) for d in Decision], blank=True)
    decision_reason = models.TextField(blank=True)
    missing_views_reason = models.TextField(blank=True, help_text="Why it was decided without all its views.")
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    history = HistoricalRecords()
    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["due"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "key"], name="review_once_per_plan"),
            models.CheckConstraint(
                condition=Q(opens__lte=F("due")) & Q(closes__gte=F("due")), name="review_window_is_ordered"
            ),
            models.CheckConstraint(
                condition=~Q(state=ReviewState.DECIDED) | (Q(decided_at__isnull=False) & ~Q(decision="")),
                name="review_decided_has_a_decision",
            ),
        ]
        indexes = [models.Index(fields=["due"], condition=Q(state=ReviewState.PROMISED), name="reviews_open")]

    def __str__(self) -> str:
        return f"{self.title}, {self.plan.patient}"


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(self, staff: Staff) -> PhotoQuerySet:
        return self if staff.is_superuser else self.filter(review__plan__patient__home_location__staff=staff)

    def current(self) -> PhotoQuerySet:
        return self.filter(superseded_at__isnull=True)


class Photo(models.Model):
    """One standard picture at a review. A retake supersedes it; nothing is overwritten."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="photos")
    view = models.ForeignKey(View, on_delete=models.PROTECT, related_name="photos")
    original = models.FileField(max_length=200)
    large = models.FileField(max_length=200)
    medium = models.FileField(max_length=200)
    thumb = models.FileField(max_length=200)
    media_type = models.CharField(max_length=20)
    is_pixel_exact = models.BooleanField(help_text="The original's pixels are those of the camera's file.")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    source_sha256 = models.CharField(max_length=64)
    sharpness = models.FloatField()
    brightness = models.FloatField()
    clipped_dark = models.FloatField()
    clipped_light = models.FloatField()
    advice = models.JSONField(default=list, blank=True)
    is_wet = models.BooleanField("hair is wet", default=False)
    parting = models.CharField(max_length=60, blank=True)
    lighting = models.CharField(max_length=60, blank=True)
    distance_cm = models.PositiveSmallIntegerField("distance in cm", null=True, blank=True)
    last_dyed_on = models.DateField(null=True, blank=True)
    taken_at = models.DateTimeField()
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["review", "view__position", "-added_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "view"], condition=Q(superseded_at__isnull=True), name="one_current_photo_per_view"
            )
        ]

    def __str__(self) -> str:
        return f"{self.view}, {self.review}"
