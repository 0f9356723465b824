from __future__ import annotations

from django.db import models
from simple_history.models import HistoricalRecords

from clinic.models import Location, Staff
from clinic.models.ids import new_id


class ViewSet(models.Model):
    """The views a diagnosis needs. A version is never changed once a review was promised with it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    key = models.SlugField(max_length=40)
    version = models.PositiveIntegerField(default=1)
    title = models.CharField(max_length=80)
    diagnoses = models.JSONField(default=list, blank=True, help_text="The kinds of hair loss it is chosen for.")
    note = models.CharField("what changed", max_length=240, blank=True)
    made_at = models.DateTimeField(null=True, blank=True)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["key", "-version"]
        constraints = [models.UniqueConstraint(fields=["key", "version"], name="view_set_version_once")]

    def __str__(self) -> str:
        return self.title


class View(models.Model):
    """One standard picture: what it shows and how it is taken. `guide` names one of our own drawings."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    view_set = models.ForeignKey(ViewSet, on_delete=models.CASCADE, related_name="views")
    key = models.SlugField(max_length=40)
    title = models.CharField(max_length=60)
    instruction = models.CharField(max_length=240)
    guide = models.SlugField(max_length=40, blank=True)
    pose = models.CharField(max_length=160, blank=True)
    distance = models.CharField(max_length=80, blank=True)
    lighting = models.CharField(max_length=160, blank=True)
    parting = models.CharField(max_length=160, blank=True)
    hair = models.CharField(max_length=160, blank=True)
    is_required = models.BooleanField("needed to close a review", default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["view_set", "key"], name="view_once_per_set")]

    def __str__(self) -> str:
        return self.title


class PhotoRules(models.Model):
    """When a location calls a photo weak, and a pair hard to compare. Without a row the house's own figures hold."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    location = models.OneToOneField(Location, on_delete=models.CASCADE, related_name="photo_rules")
    least_sharpness = models.FloatField(default=40.0)
    least_brightness = models.FloatField(default=40.0)
    most_brightness = models.FloatField(default=195.0)
    most_clipped_dark = models.FloatField(default=0.30)
    most_clipped_light = models.FloatField(default=0.10)
    least_long_edge = models.PositiveIntegerField(default=1000)
    most_tilt = models.FloatField("most tilt, degrees", default=8.0)
    distance_percent = models.PositiveSmallIntegerField(default=20)
    scale_percent = models.PositiveSmallIntegerField(default=15)
    shift_percent = models.PositiveSmallIntegerField(default=15)
    turn_degrees = models.FloatField(default=8.0)
    light_steps = models.PositiveSmallIntegerField(default=40)
    hair_length_percent = models.PositiveSmallIntegerField(default=30)
    fresh_dye_days = models.PositiveSmallIntegerField(default=28)

    history = HistoricalRecords()

    def __str__(self) -> str:
        return f"Photo rules of {self.location}"
