from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from clinic.models import Staff
from clinic.models.ids import new_id
from plans.models.protocol import Protocol
from plans.rules.states import ReplanningState


class ReplanningQuerySet(models.QuerySet["Replanning"]):
    def unfinished(self) -> ReplanningQuerySet:
        return self.filter(state__in=(ReplanningState.WAITING, ReplanningState.RUNNING))


class Replanning(models.Model):
    """One care rule changed for many plans at once: what, why, by whom, and how far it has come.

    `cursor` is the last plan that is done: a run that was cut off goes on behind it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    rule_key = models.SlugField(max_length=40)
    rule_json = models.JSONField("rule", help_text="The care rule as it is from now on.")
    protocols = models.ManyToManyField(Protocol, related_name="replannings", help_text="The versions it published.")
    reason = models.TextField()
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in ReplanningState], default=ReplanningState.WAITING
    )
    total = models.PositiveIntegerField(default=0)
    looked_at = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    letters_changed = models.PositiveIntegerField(default=0)
    cursor = models.UUIDField(null=True, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True, help_text="When it last made a step.")
    finished_at = models.DateTimeField(null=True, blank=True)
    trouble = models.JSONField(default=list, blank=True, help_text="Plans that could not be changed, and why.")

    objects = ReplanningQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.CheckConstraint(condition=Q(looked_at__lte=F("total")), name="replanning_counts_add_up"),
        ]

    def __str__(self) -> str:
        return f"{self.rule_key}, {self.asked_at:%Y-%m-%d}"
