from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.models.ids import new_id
from plans.models.spans import SpanField
from plans.rules.course import GIVEN_AT_SESSIONS, CareBy, CareKind, CarePhase, Modality
from plans.rules.states import ProtocolState

SESSIONS = [MinValueValidator(1), MaxValueValidator(60)]
AT_SESSIONS = [(m.value, m.label) for m in GIVEN_AT_SESSIONS]
ALONGSIDE = [(m.value, m.label) for m in (Modality.MEDICAL, Modality.TRANSPLANT)]


class ProtocolQuerySet(models.QuerySet["Protocol"]):
    def published(self) -> ProtocolQuerySet:
        return self.filter(state=ProtocolState.PUBLISHED)

    def whole(self) -> ProtocolQuerySet:
        return self.prefetch_related("components", "review_points", "care_rules", "least_gaps", "alongside")


class Protocol(models.Model):
    """One version of a template. A published version never changes; a change makes the next one."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(max_length=60)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=120)
    summary = models.TextField(blank=True)
    note = models.TextField(blank=True, help_text="Choices made where sources differ or are silent.")
    source = models.CharField(max_length=120)
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in ProtocolState], default=ProtocolState.DRAFT
    )
    is_default = models.BooleanField(default=False)
    fingerprint = models.CharField(max_length=64, editable=False)
    view_set = models.CharField(max_length=40, default="pattern")
    expectations = models.JSONField(default=list, blank=True)
    booster_earliest = SpanField(null=True, blank=True)
    booster_target = SpanField(null=True, blank=True)
    booster_latest = SpanField(null=True, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    price_note = models.CharField(max_length=200, blank=True)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    retired_at = models.DateTimeField(null=True, blank=True, editable=False)
    based_on = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="grown_into",
        help_text="The version, or the other protocol, it was copied from.",
    )
    change_note = models.TextField(blank=True, help_text="What is different from the version before, and why.")

    history = HistoricalRecords()
    objects = ProtocolQuerySet.as_manager()

    class Meta:
        ordering = ["key", "-version"]
        constraints = [
            models.UniqueConstraint(fields=["key", "version"], name="protocol_version_once"),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state=ProtocolState.PUBLISHED), name="one_published_version_per_protocol"
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(state=ProtocolState.DRAFT), name="one_draft_per_protocol"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} (version {self.version})"


class Component(models.Model):
    """One modality's course inside a protocol."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="components")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(max_length=40)
    modality = models.CharField(max_length=20, choices=AT_SESSIONS)
    sessions_min = models.PositiveSmallIntegerField(validators=SESSIONS)
    sessions_usual = models.PositiveSmallIntegerField(validators=SESSIONS)
    sessions_max = models.PositiveSmallIntegerField(validators=SESSIONS)
    interval_earliest = SpanField()
    interval_target = SpanField()
    interval_latest = SpanField()
    starts = SpanField(default="0 days")
    shares_visit_with = models.CharField(max_length=40, blank=True)
    minutes = models.PositiveSmallIntegerField(default=45)
    starts_after = models.CharField(
        max_length=40, blank=True, help_text="Count the start from that one's first session."
    )

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["protocol", "key"], name="component_once_per_protocol"),
            models.CheckConstraint(
                condition=Q(
                    sessions_min__gte=1, sessions_usual__gte=F("sessions_min"), sessions_max__gte=F("sessions_usual")
                ),
                name="component_session_counts_are_ordered",
            ),
        ]

    def __str__(self) -> str:
        return self.get_modality_display()


class LeastGap(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="least_gaps")
    first = models.CharField(max_length=20, choices=AT_SESSIONS)
    second = models.CharField(max_length=20, choices=AT_SESSIONS)
    span = SpanField()

    class Meta:
        ordering = ["first", "second"]
        constraints = [models.UniqueConstraint(fields=["protocol", "first", "second"], name="least_gap_once_per_pair")]

    def __str__(self) -> str:
        return f"{self.first} – {self.second}: at least {self.span}"


class ReviewPoint(models.Model):
    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="review_points")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=80)
    offset = SpanField(help_text="From the first session done: “3 months”.")
    opens_before = SpanField(default="2 weeks")
    closes_after = SpanField(default="4 weeks")

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["protocol", "key"], name="review_point_once_per_protocol")]

    def __str__(self) -> str:
        return self.title


class CareRule(models.Model):
    """Something to do, to avoid or to ask about before or after a session, with its window and its source."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="care_rules")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(max_length=40)
    phase = models.CharField(max_length=8, choices=[(p.value, p.label) for p in CarePhase])
    kind = models.CharField(max_length=12, choices=[(k.value, k.label) for k in CareKind])
    act = models.CharField(max_length=40)
    text = models.TextField()
    source = models.CharField(max_length=120)
    starts = SpanField(null=True, blank=True)
    ends = SpanField(null=True, blank=True)
    ongoing = models.BooleanField(default=False)
    by = models.CharField(max_length=8, choices=[(b.value, b.label) for b in CareBy], default=CareBy.PATIENT)
    modalities = models.JSONField(default=list, blank=True)
    conflicts_with = models.CharField(max_length=40, blank=True)
    in_force = models.BooleanField(default=True)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["protocol", "key"], name="care_rule_once_per_protocol")]

    def __str__(self) -> str:
        return self.text


class Alongside(models.Model):
    """A medicine taken at home, or a referral: part of the protocol, never a session."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    protocol = models.ForeignKey(Protocol, on_delete=models.CASCADE, related_name="alongside")
    position = models.PositiveSmallIntegerField(default=0)
    key = models.SlugField(max_length=40)
    modality = models.CharField("kind", max_length=20, choices=ALONGSIDE, default=Modality.MEDICAL)
    name = models.CharField(max_length=80, help_text="“Minoxidil 5 %, twice a day”.")
    starts = SpanField(default="0 days", help_text="From the plan's start.")
    lasts = SpanField(null=True, blank=True, help_text="Empty: continuously.")
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        ordering = ["position"]
        verbose_name_plural = "alongside"
        constraints = [models.UniqueConstraint(fields=["protocol", "key"], name="alongside_once_per_protocol")]

    def __str__(self) -> str:
        return self.name
