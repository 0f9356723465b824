from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from simple_history.models import HistoricalRecords

from clinic.models import Staff
from clinic.models.ids import new_id
from patients.models.patient import Patient
from patients.rules.figures import SALT_AREAS, Figures
from patients.rules.scalp import HairLossType, ScaleKind, ScalpArea, Severity, Viability, ViabilityMethod
from patients.rules.suitability import Verdict


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, staff: Staff) -> AssessmentQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)


class Assessment(models.Model):
    """What was found before a plan. The verdict and its reasons are kept as they were judged then."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="assessments")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    hair_loss_type = models.CharField(max_length=20, choices=[(t.value, t.label) for t in HairLossType])
    scale = models.CharField(max_length=20, choices=[(s.value, s.label) for s in ScaleKind], blank=True)
    grade = models.CharField(max_length=16, blank=True, help_text="On the scale above: III vertex, II, 3, S2 …")
    shed_per_day = models.PositiveIntegerField(null=True, blank=True, help_text="50–150 hairs a day is usually normal.")
    shedding_scale = models.PositiveSmallIntegerField(
        "Sinclair shedding scale",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(6)],
        help_text="1–6; 5 and 6 are excessive. Valid for long hair only.",
    )
    pull_test_hairs = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Hairs per pull; under 3 is normal."
    )
    # What is lost in each area. Score and band are worked out from these, never typed.
    salt_top = models.PositiveSmallIntegerField("hair lost at the top, %", null=True, blank=True)
    salt_back = models.PositiveSmallIntegerField("hair lost at the back, %", null=True, blank=True)
    salt_left = models.PositiveSmallIntegerField("hair lost at the left, %", null=True, blank=True)
    salt_right = models.PositiveSmallIntegerField("hair lost at the right, %", null=True, blank=True)
    poor_response_to_prp = models.BooleanField(default=False)
    long_standing_smooth = models.BooleanField("long-standing smooth scalp", default=False)
    too_young_for_transplant = models.BooleanField(default=False)
    scalp_inflammation = models.BooleanField("scalp is inflamed", default=False)
    severe_scarring = models.BooleanField(default=False)
    nutritional_gap = models.BooleanField(default=False)
    underlying_condition = models.BooleanField(
        default=False, help_text="Thyroid, infection, medication: a dermatologist sees this patient first."
    )
    dermatologist_agreed = models.BooleanField(default=False, help_text="Was referred, and came back with a yes.")
    contraindications = models.JSONField(default=list, blank=True, help_text="Codes of what was found.")
    # By code: {"last_on": "2026-10-05"} where a source says when it clears, {"recheck_on": …} where somebody looks.
    contraindication_dates = models.JSONField(default=dict, blank=True)
    recheck_on = models.DateField(
        null=True, blank=True, help_text="The first day on which a temporary contraindication is looked at again."
    )
    medicines = models.TextField(blank=True)
    allergies = models.TextField(blank=True)
    blood_tests = models.TextField(blank=True, help_text="Iron, vitamin D, hormones, where needed.")
    scalp_health = models.TextField(blank=True, help_text="Dryness, inflammation, dandruff.")
    notes = models.TextField(blank=True)
    verdict = models.CharField(max_length=16, choices=[(v.value, v.label) for v in Verdict], editable=False)
    reasons = models.JSONField(default=list, editable=False)

    history = HistoricalRecords()
    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["patient", "-made_at"], name="assessments_newest_first")]
        constraints = [
            models.CheckConstraint(
                # An unknown is no violation to a database: it must be told that all four are there.
                condition=models.Q(**{f"{name}__lte": 100 for name in SALT_AREAS})
                & models.Q(**{f"{name}__isnull": False for name in SALT_AREAS})
                | models.Q(**{f"{name}__isnull": True for name in SALT_AREAS}),
                name="salt_in_percent_and_whole",
            )
        ]

    @property
    def figures(self) -> Figures:
        names = ("shed_per_day", "shedding_scale", "pull_test_hairs", *SALT_AREAS)
        return Figures(**{name: getattr(self, name) for name in names})

    def __str__(self) -> str:
        return f"{self.patient}, {self.made_at:%Y-%m-%d}"


class AreaFinding(models.Model):
    """What one scalp area looks like, and how that was judged."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    assessment = models.ForeignKey(Assessment, on_delete=models.CASCADE, related_name="findings")
    area = models.CharField(max_length=16, choices=[(a.value, a.label) for a in ScalpArea])
    thinning = models.CharField(max_length=10, choices=[(s.value, s.label) for s in Severity])
    bald = models.BooleanField("bald patch", default=False)
    viability = models.CharField(
        max_length=16, choices=[(v.value, v.label) for v in Viability], default=Viability.UNKNOWN
    )
    method = models.CharField(
        "judged by",
        max_length=20,
        choices=[(m.value, m.label) for m in ViabilityMethod],
        default=ViabilityMethod.DISTANCE_ONLY,
    )
    miniaturised = models.BooleanField("miniaturised hairs present", default=False)
    density = models.DecimalField("hairs per cm²", max_digits=5, decimal_places=1, null=True, blank=True)
    thickness = models.DecimalField("hair diameter in µm", max_digits=5, decimal_places=1, null=True, blank=True)

    class Meta:
        ordering = ["area"]
        constraints = [models.UniqueConstraint(fields=["assessment", "area"], name="one_finding_per_area")]

    def __str__(self) -> str:
        return f"{self.get_area_display()}: {self.get_thinning_display()}"
