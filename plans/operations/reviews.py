"""Photos on a review, and the decision it ends in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from clinic.models import Staff
from clinic.models.ids import new_id
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.rules.consent import ConsentTopic
from plans.darkroom import Developed, develop
from plans.models import Photo, Review, View
from plans.models.appointment import Appointment
from plans.operations.appointment_state import set_state
from plans.operations.plans import complete_when_all_done, end_plan
from plans.operations.redate import redate_plan
from plans.operations.reminders import lock_patient
from plans.rules.happened import Happened
from plans.rules.states import AppointmentState, Decision, PlanState, ReviewState


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoConditions:
    """How it was taken: two photos are comparable only if these agree."""

    is_wet: bool = False
    parting: str = ""
    lighting: str = ""
    distance_cm: int | None = None
    last_dyed_on: date | None = None
    taken_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOutcome:
    decision: Decision
    decision_reason: str
    shedding_scale: int | None = None
    density: Decimal | None = None
    density_method: str = ""
    patient_rating: int | None = None
    patient_says: str = ""
    notes: str = ""
    missing_views_reason: str = ""


def add_photo(
    *,
    review_id: UUID,
    view_id: UUID,
    upload: bytes,
    conditions: PhotoConditions,
    by: Staff,
    now: datetime,
    developed: Developed | None = None,
) -> Photo:
    """Develop a picture and put it on its review; a retake supersedes the one before.

    Refusals: photo_* (see the darkroom), no_photo_consent, wrong_view, wrong_state. Developing happens outside any
    transaction; `developed` takes a picture that went through the darkroom already.
    """
    allow(by, Deed.ADD_PHOTO)
    _photographable(review_id, view_id, by)
    picture = developed or develop(upload)
    names = _store(picture)
    try:
        return _write(review_id, view_id, picture, names, conditions, by, now)
    except BaseException:
        for name in names.values():
            default_storage.delete(name)
        raise


@transaction.atomic
def decide_review(*, review_id: UUID, outcome: ReviewOutcome, by: Staff, now: datetime) -> Review:
    """End a review in a decision. It needs all its views, or a written reason why they are missing."""
    allow(by, Deed.REVIEW)
    rows = Review.objects.visible_to(by).select_related("plan__patient__home_location", "plan__location", "view_set")
    lock_patient(rows.get(pk=review_id).plan.patient_id)
    review = rows.select_for_update(of=("self",)).get(pk=review_id)
    if review.state != ReviewState.PROMISED:
        raise Refusal("wrong_state", "This review has been decided already.")
    if outcome.density is not None and not outcome.density_method.strip():
        raise Refusal("density_method", "Write with which device the density was measured.")
    missing = review.view_set.views.exclude(photos__in=review.photos.current()).values_list("title", flat=True)
    if missing and not outcome.missing_views_reason.strip():
        raise Refusal("views_missing", f"Views are missing: {', '.join(missing)}. Add them, or write why not.")
    for name in ReviewOutcome.__slots__:
        setattr(review, name, getattr(outcome, name))
    review.state, review.decided_at, review.decided_by = ReviewState.DECIDED, now, by
    review.save()
    for appointment in review.appointments.live():
        _settle_appointment(appointment, by, now)
    plan = review.plan
    if outcome.decision is Decision.STOP_AND_REFER and plan.state == PlanState.ACTIVE:
        end_plan(plan, PlanState.STOPPED, reason=outcome.decision_reason or "review: stop and refer", now=now)
    else:
        redate_plan(plan, now=now)
        complete_when_all_done(plan, by=by, now=now)
    record(
        Happened.REVIEW_DECIDED,
        about=review,
        by=by,
        now=now,
        patient_id=plan.patient_id,
        location=plan.location,
        reason=outcome.decision_reason,
        details={"decision": outcome.decision.value, "missing": list(missing)},
    )
    return review


def _settle_appointment(appointment: Appointment, by: Staff, now: datetime) -> None:
    """Decided at the visit, the appointment is done; decided without her, it is not needed any more."""
    is_here = appointment.state in (AppointmentState.ARRIVED, AppointmentState.IN_TREATMENT)
    if is_here or appointment.starts <= now:
        appointment.ended_at = now
        set_state(appointment, AppointmentState.DONE, by=by, now=now)
    else:
        set_state(appointment, AppointmentState.CANCELLED, by=by, now=now, reason="the review was decided")


def _photographable(review_id: UUID, view_id: UUID, by: Staff) -> tuple[Review, View]:
    review = Review.objects.visible_to(by).select_related("plan__patient", "plan__location").get(pk=review_id)
    if review.state != ReviewState.PROMISED:
        raise Refusal("wrong_state", "This review has been decided: its photos are evidence and stay as they are.")
    view = View.objects.filter(pk=view_id, view_set_id=review.view_set_id).first()
    if view is None:
        raise Refusal("wrong_view", "This review does not ask for that view.")
    if not review.plan.patient.consents.in_force().filter(topic=ConsentTopic.PHOTO_RECORD).exists():
        raise Refusal(
            "no_photo_consent", "The patient has not agreed to photos for the record: record the consent first."
        )
    return review, view


def _store(picture: Developed) -> dict[str, str]:
    """Write the files under generated names, before the row: a row never lacks its file."""
    stem = new_id().hex
    files = {"original": picture.original, **picture.renditions}
    return {
        kind: default_storage.save(f"photos/{stem[-2:]}/{stem}-{kind}.jpg", ContentFile(content))
        for kind, content in files.items()
    }


@transaction.atomic
def _write(
    review_id: UUID,
    view_id: UUID,
    picture: Developed,
    names: dict[str, str],
    conditions: PhotoConditions,
    by: Staff,
    now: datetime,
) -> Photo:
    review, view = _photographable(review_id, view_id, by)
    Review.objects.select_for_update().get(pk=review.pk)
    review.photos.current().filter(view=view).update(superseded_at=now)
    zone = review.plan.location.zone
    camera_time = picture.taken_at.replace(tzinfo=zone) if picture.taken_at else None
    photo = Photo.objects.create(
        review=review,
        view=view,
        **names,
        media_type=picture.original_media_type,
        is_pixel_exact=picture.pixel_exact,
        width=picture.width,
        height=picture.height,
        sha256=picture.sha256,
        source_sha256=picture.source_sha256,
        sharpness=picture.quality.sharpness,
        brightness=picture.quality.brightness,
        clipped_dark=picture.quality.clipped_dark,
        clipped_light=picture.quality.clipped_light,
        advice=list(picture.advice),
        is_wet=conditions.is_wet,
        parting=conditions.parting,
        lighting=conditions.lighting,
        distance_cm=conditions.distance_cm,
        last_dyed_on=conditions.last_dyed_on,
        taken_at=conditions.taken_at or camera_time or now,
        added_at=now,
        added_by=by,
    )
    record(
        Happened.PHOTO_ADDED,
        about=photo,
        by=by,
        now=now,
        patient_id=review.plan.patient_id,
        location=review.plan.location,
        details={"sha256": photo.sha256},
    )
    return photo
