"""A picture becomes a photo of a review: the same rules whether it came by a form or by an upload."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from clinic.models import Staff
from clinic.operations.audit import record
from clinic.rules.local_time import at_local, local_day
from clinic.rules.refusal import Refusal
from patients.rules.consent import ConsentTopic
from plans.darkroom import Developed, Quality, advise
from plans.models import Photo, Review, View
from plans.models.photo_rules import thresholds_of
from plans.rules.happened import Happened
from plans.rules.states import ReviewState, TakenBy

# A camera's clock may stand in the next time zone; one that is days ahead says nothing.
CLOCK_SLACK = timedelta(days=1)
_TO_COME = "That day is still to come: say when the photo was taken."


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoConditions:
    """How it was taken: two photos are comparable only if these agree."""

    is_wet: bool = False
    parting: str = ""
    lighting: str = ""
    distance_cm: int | None = None
    last_dyed_on: date | None = None
    flash: bool | None = None
    hair_length_cm: Decimal | None = None
    product: str = ""
    tilt: float | None = None
    taken_at: datetime | None = None
    taken_by: TakenBy = TakenBy.SAID


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What a row keeps of a developed picture. `taken_at`: the camera's own clock, which knows no zone."""

    media_type: str
    is_pixel_exact: bool
    width: int
    height: int
    sha256: str
    source_sha256: str
    sharpness: float
    brightness: float
    clipped_dark: float
    clipped_light: float
    bytes: int
    taken_at: datetime | None

    @property
    def quality(self) -> Quality:
        return Quality(**{one.name: getattr(self, one.name) for one in fields(Quality)})

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "taken_at": self.taken_at.isoformat() if self.taken_at else None}

    @classmethod
    def from_json(cls, kept: dict[str, Any]) -> Picture:
        taken = kept["taken_at"]
        known = {one.name: kept[one.name] for one in fields(cls)}
        return cls(**{**known, "taken_at": datetime.fromisoformat(taken) if taken else None})


def picture_of(developed: Developed) -> Picture:
    quality = developed.quality
    return Picture(
        media_type=developed.original_media_type,
        is_pixel_exact=developed.pixel_exact,
        width=developed.width,
        height=developed.height,
        sha256=developed.sha256,
        source_sha256=developed.source_sha256,
        sharpness=quality.sharpness,
        brightness=quality.brightness,
        clipped_dark=quality.clipped_dark,
        clipped_light=quality.clipped_light,
        bytes=len(developed.original) + sum(map(len, developed.renditions.values())),
        taken_at=developed.taken_at,
    )


def photographable(review_id: UUID, by: Staff, *, lock: bool = False) -> Review:
    """Return the review if it may be given photos now. Refusals: wrong_state, no_photo_consent."""
    rows = Review.objects.visible_to(by).select_related("plan__patient", "plan__location")
    review = (rows.select_for_update(of=("self",)) if lock else rows).get(pk=review_id)
    ask_photographable(review)
    return review


def ask_photographable(review: Review) -> None:
    if review.state != ReviewState.PROMISED:
        raise Refusal("wrong_state", "This review has been decided: its photos are evidence and stay as they are.")
    if not review.plan.patient.consents.in_force().filter(topic=ConsentTopic.PHOTO_RECORD).exists():
        raise Refusal(
            "no_photo_consent", "The patient has not agreed to photos for the record: record the consent first."
        )


def view_of(review: Review, view_id: UUID) -> View:
    view = View.objects.filter(pk=view_id, view_set_id=review.view_set_id).first()
    if view is None:
        raise Refusal("wrong_view", "This review does not ask for that view.")
    return view


def twin_of(source_sha256: str, review: Review, view: View | None) -> Photo | None:
    """Return the photo this very file already is at this view. Refusal photo_duplicate when it is one elsewhere.

    Of another patient's record nothing is said but that it is one.
    """
    twins = list(Photo.objects.current().filter(source_sha256=source_sha256).select_related("review__plan", "view"))
    for twin in twins:
        if view is not None and (twin.review_id, twin.view_id) == (review.pk, view.pk):
            return twin
    if any(twin.review.plan.patient_id != review.plan.patient_id for twin in twins):
        raise Refusal(
            "photo_duplicate",
            "This very file is already in another patient's record: make sure whom it shows. "
            "Take a new photo here, or have it set aside there first.",
        )
    for twin in twins:
        raise Refusal(
            "photo_duplicate",
            f"This very file is already at “{twin.view.title}” of “{twin.review.title}”: take a new photo, "
            "or move or set that one aside first.",
        )
    return None


def camera_says(camera: datetime | None, zone: ZoneInfo, now: datetime) -> bool:
    """Whether the file's own clock can be believed."""
    return camera is not None and camera.replace(tzinfo=zone) <= now + CLOCK_SLACK


def on_day(day: date, zone: ZoneInfo, now: datetime) -> datetime:
    """The moment of a photo of which only the day is known: noon, of today's the present. Refusal: taken_when."""
    today = local_day(now, zone)
    if day > today:
        raise Refusal("taken_when", _TO_COME)
    return now if day == today else at_local(day, time(12), zone)


def taken(
    camera: datetime | None, conditions: PhotoConditions, zone: ZoneInfo, now: datetime
) -> tuple[datetime, TakenBy]:
    """What somebody says goes before the file's own clock. Refusal taken_when: neither says."""
    if conditions.taken_at:
        if conditions.taken_at > now + CLOCK_SLACK:
            raise Refusal("taken_when", _TO_COME)
        return conditions.taken_at, conditions.taken_by
    if camera and camera_says(camera, zone, now):
        return camera.replace(tzinfo=zone), TakenBy.CAMERA
    raise Refusal("taken_when", "The file does not say when it was taken: give the day.")


def write_photo(
    review: Review, view: View, picture: Picture, names: dict[str, str], conditions: PhotoConditions, by: Staff,
    now: datetime,
) -> tuple[Photo, bool]:  # fmt: skip
    """Inside a transaction that holds the review: the photo, and whether it is new. A retake supersedes the one before.

    The same file again at the same view is the photo that is there already.
    """
    if twin := twin_of(picture.source_sha256, review, view):
        return twin, False
    location = review.plan.location
    taken_at, taken_by = taken(picture.taken_at, conditions, location.zone, now)
    review.photos.current().filter(view=view).update(superseded_at=now)
    said = {one.name: getattr(conditions, one.name) for one in fields(PhotoConditions)}
    figures = {one.name: getattr(picture, one.name) for one in fields(Picture)}
    advice = advise(picture.quality, thresholds_of(location), tilt=conditions.tilt)
    row = {
        **figures, **said, **names, "advice": list(advice), "taken_at": taken_at, "taken_by": taken_by,
        "added_at": now, "added_by": by,
    }  # fmt: skip
    photo = Photo.objects.create(review=review, view=view, **row)
    record(
        Happened.PHOTO_ADDED,
        about=photo,
        by=by,
        now=now,
        patient_id=review.plan.patient_id,
        location=location,
        details={"sha256": photo.sha256, "view": view.key},
    )
    return photo, True
