from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from simple_history.models import HistoricalRecords

from clinic.models import Location, Staff
from clinic.models.ids import new_id
from patients.models import Assessment, Patient
from plans.models.protocol import Protocol
from plans.rules.course import Course
from plans.rules.states import PlanState, SessionState
from plans.rules.steps import Part, Step, StepKind


class PlanQuerySet(models.QuerySet["Plan"]):
    def visible_to(self, staff: Staff) -> PlanQuerySet:
        return self if staff.is_superuser else self.filter(patient__home_location__staff=staff)

    def under_way(self) -> PlanQuerySet:
        return self.filter(state=PlanState.ACTIVE)


class Plan(models.Model):
    """A patient's own frozen copy of a protocol version, adapted to them."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="plans")
    protocol = models.ForeignKey(Protocol, on_delete=models.PROTECT, related_name="plans")
    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, null=True, blank=True, related_name="plans")
    location = models.ForeignKey(Location, on_delete=models.PROTECT, related_name="plans")
    clinician = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="plans")
    title = models.CharField(max_length=120)
    course_json = models.JSONField("course", help_text="The protocol version as it was, with this patient's changes.")
    state = models.CharField(max_length=12, choices=[(s.value, s.label) for s in PlanState], default=PlanState.DRAFT)
    starts_on = models.DateField()
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(max_length=3, default="USD")
    made_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    end_reason = models.TextField(blank=True)
    dated_on = models.DateField(null=True, editable=False, help_text="The local day its dates were last worked out.")
    override_reason = models.TextField(
        blank=True, help_text="Why a clinician went on although something spoke against it."
    )

    history = HistoricalRecords()
    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["patient", "-made_at"], name="plans_of_a_patient"),
            models.Index(fields=["location"], condition=Q(state=PlanState.ACTIVE), name="plans_under_way"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state=PlanState.DRAFT) | Q(activated_at__isnull=False) | Q(state=PlanState.STOPPED),
                name="plan_under_way_was_activated",
            )
        ]

    def __str__(self) -> str:
        return f"{self.title}, {self.patient}"

    @property
    def course(self) -> Course:
        return Course.from_json(self.course_json)

    @course.setter
    def course(self, course: Course) -> None:
        self.course_json = course.to_json()


class Pause(models.Model):
    """Days on which nothing of the plan is held: what comes after them is later by as many days."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="pauses")
    begins = models.DateField()
    ends = models.DateField(null=True, blank=True, help_text="The day the plan went on. Empty: paused still.")
    reason = models.TextField()
    begun_at = models.DateTimeField()
    begun_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    ended_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["begins"]
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(ends__isnull=True), name="one_open_pause_per_plan"),
            models.CheckConstraint(
                condition=Q(ends__isnull=True) | Q(ends__gte=F("begins")), name="pause_ends_after_it_begins"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan}, paused from {self.begins}"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, staff: Staff) -> SessionQuerySet:
        return self if staff.is_superuser else self.filter(plan__patient__home_location__staff=staff)

    def to_do(self) -> SessionQuerySet:
        return self.filter(state=SessionState.PLANNED)


class Session(models.Model):
    """One step of a plan: its window, its state, and what was really done."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    kind = models.CharField(
        max_length=8, choices=[(k.value, k.value.capitalize()) for k in StepKind], default=StepKind.COURSE
    )
    parts_json = models.JSONField("parts", help_text="Pairs of component key and its ordinal.")
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in SessionState], default=SessionState.PLANNED
    )
    earliest = models.DateField()
    target = models.DateField()
    latest = models.DateField()
    calculated = models.DateField(help_text="The target the rules give, kept beside a pinned one.")
    pinned = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=240, blank=True, help_text="What the window was counted from.")
    notes = models.JSONField(default=list, blank=True, help_text="What moved the window.")
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    remarks = models.TextField(blank=True)

    history = HistoricalRecords()
    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["plan", "number"]
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="session_number_once_per_plan"),
            models.CheckConstraint(condition=Q(earliest__lte=F("latest")), name="session_window_is_ordered"),
            models.CheckConstraint(
                condition=~Q(state=SessionState.DONE) | Q(ended_at__isnull=False), name="session_done_has_an_end"
            ),
        ]
        indexes = [
            models.Index(fields=["target"], condition=Q(state=SessionState.PLANNED), name="sessions_to_do"),
        ]

    def __str__(self) -> str:
        return f"Session {self.number}, {self.plan}"

    @property
    def parts(self) -> tuple[Part, ...]:
        return tuple(Part(component, ordinal) for component, ordinal in self.parts_json)

    def as_step(self) -> Step:
        """The rules' view of this session; `done_on` and `booked_on` are filled by whoever knows the local dates."""
        return Step(
            number=self.number,
            parts=self.parts,
            state=SessionState(self.state),
            pinned=self.pinned,
            kind=StepKind(self.kind),
            ref=str(self.pk),
        )
