from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from clinic.models.ids import new_id
from patients.rules.figures import SALT_AREAS, Figures
from patients.rules.scalp import ScaleKind
from plans.models.plan import Plan
from plans.models.view_set import ViewSet
from plans.rules.states import Adherence, Decision, ReviewState


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
    wash_count = models.PositiveSmallIntegerField(
        "hairs lost in one wash", null=True, blank=True, help_text="Normal 27.9 ± 12.2 (CCID S347898)."
    )
    pull_test_hairs = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Hairs per pull; under 3 is normal."
    )
    salt_top = models.PositiveSmallIntegerField("hair lost at the top, %", null=True, blank=True)
    salt_back = models.PositiveSmallIntegerField("hair lost at the back, %", null=True, blank=True)
    salt_left = models.PositiveSmallIntegerField("hair lost at the left, %", null=True, blank=True)
    salt_right = models.PositiveSmallIntegerField("hair lost at the right, %", null=True, blank=True)
    scale = models.CharField(max_length=20, choices=[(s.value, s.label) for s in ScaleKind], blank=True)
    grade = models.CharField(max_length=16, blank=True)
    adherence = models.CharField(max_length=8, choices=[(a.value, a.label) for a in Adherence], blank=True)
    side_effects = models.TextField(blank=True, help_text="Since the last review; empty where none were told.")
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
            models.CheckConstraint(
                condition=Q(**{f"{name}__lte": 100 for name in SALT_AREAS})
                & Q(**{f"{name}__isnull": False for name in SALT_AREAS})
                | Q(**{f"{name}__isnull": True for name in SALT_AREAS}),
                name="review_salt_in_percent_and_whole",
            ),
        ]
        indexes = [models.Index(fields=["due"], condition=Q(state=ReviewState.PROMISED), name="reviews_open")]

    @property
    def figures(self) -> Figures:
        names = ("shedding_scale", "pull_test_hairs", *SALT_AREAS)
        return Figures(**{name: getattr(self, name) for name in names})

    def __str__(self) -> str:
        return f"{self.title}, {self.plan.patient}"
