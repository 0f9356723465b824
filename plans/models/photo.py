from __future__ import annotations

from django.db import models
from django.db.models import Q

from clinic.models import Staff
from clinic.models.ids import new_id
from plans.models.review import Review
from plans.models.view_set import View
from plans.rules.states import AlignmentState, TakenBy, UploadState


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
    flash = models.BooleanField("flash was used", null=True, blank=True)
    hair_length_cm = models.DecimalField("hair length in cm", max_digits=4, decimal_places=1, null=True, blank=True)
    product = models.CharField("product in the hair", max_length=60, blank=True)
    distance_cm = models.PositiveSmallIntegerField("distance in cm", null=True, blank=True)
    last_dyed_on = models.DateField(null=True, blank=True)
    tilt = models.FloatField("camera's tilt in degrees", null=True, blank=True)
    bytes = models.PositiveBigIntegerField(default=0, help_text="On the disk, with its renditions.")
    taken_at = models.DateTimeField()
    taken_by = models.CharField(max_length=8, choices=[(t.value, t.label) for t in TakenBy], default=TakenBy.SAID)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    superseded_at = models.DateTimeField(null=True, blank=True)
    set_aside_reason = models.CharField(max_length=240, blank=True, help_text="Why it is no evidence here.")

    objects = PhotoQuerySet.as_manager()

    class Meta:
        ordering = ["review", "view__position", "-added_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["review", "view"], condition=Q(superseded_at__isnull=True), name="one_current_photo_per_view"
            )
        ]
        indexes = [models.Index(fields=["source_sha256"], name="photos_by_source")]

    def __str__(self) -> str:
        return f"{self.view}, {self.review}"


class UploadQuerySet(models.QuerySet["Upload"]):
    def visible_to(self, staff: Staff) -> UploadQuerySet:
        return self if staff.is_superuser else self.filter(review__plan__patient__home_location__staff=staff)

    def open(self) -> UploadQuerySet:
        return self.exclude(state__in=(UploadState.PLACED, UploadState.DISCARDED))


class Upload(models.Model):
    """A file on its way to a review: received in parts, developed, then placed at a view as a photo.

    What was sent lies in the tray under `var/` until it is developed, and nowhere afterwards. `wish` holds what the
    sender said of it (view, conditions, tilt); `files` and `figures` what the darkroom made of it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="uploads")
    state = models.CharField(
        max_length=12, choices=[(s.value, s.label) for s in UploadState], default=UploadState.RECEIVING
    )
    size = models.PositiveBigIntegerField()
    received = models.PositiveBigIntegerField(default=0)
    fingerprint = models.CharField(max_length=64, help_text="The sender's own, to go on where it was cut off.")
    wish = models.JSONField(default=dict, blank=True)
    files = models.JSONField(default=dict, blank=True)
    figures = models.JSONField(default=dict, blank=True)
    source_sha256 = models.CharField(max_length=64, blank=True)
    code = models.CharField(max_length=40, blank=True)
    sentence = models.CharField(max_length=300, blank=True)
    photo = models.OneToOneField(Photo, on_delete=models.PROTECT, null=True, blank=True, related_name="upload")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    touched_at = models.DateTimeField()

    objects = UploadQuerySet.as_manager()

    class Meta:
        ordering = ["created_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(received__lte=models.F("size")), name="upload_is_not_more_than_announced"
            ),
            models.CheckConstraint(
                condition=~Q(state=UploadState.PLACED) | Q(photo__isnull=False), name="placed_upload_has_its_photo"
            ),
        ]
        indexes = [
            models.Index(
                fields=["review"],
                condition=~Q(state__in=(UploadState.PLACED, UploadState.DISCARDED)),
                name="uploads_open",
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_state_display()}, {self.review}"


class Alignment(models.Model):
    """How a follow-up photo lies on its baseline; computed beside the photos, which never change.

    `matrix` maps a point of `after` onto `before`, nine numbers row by row, both pictures 1 wide and height/width high.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    before = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="+")
    after = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="alignments")
    state = models.CharField(max_length=8, choices=[(s.value, s.label) for s in AlignmentState])
    method = models.CharField(max_length=40)
    matrix = models.JSONField(default=list, blank=True)
    residual_px = models.FloatField(null=True, blank=True, help_text="Median error of the points found, at 1024 px.")
    points = models.PositiveIntegerField(default=0)
    scale = models.FloatField(null=True, blank=True)
    turn_degrees = models.FloatField(null=True, blank=True)
    shift_percent = models.FloatField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["before", "after"], name="one_alignment_per_pair")]

    def __str__(self) -> str:
        return f"{self.after} on {self.before}"
