"""The signed link to a patient's own page: bound to its purpose, expiring, revocable. Not a word about health."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.core import signing

from clinic.rules.refusal import Refusal
from patients.models import Patient

PAGE, UNSUBSCRIBE = "page", "unsubscribe"
LIFE = timedelta(days=180)


def make_link_token(patient: Patient, *, purpose: str = PAGE, extra: str = "", now: datetime) -> str:
    """Return the token of a link for `purpose`, good for 180 days or until the patient's links are revoked."""
    ends = int((now + LIFE).timestamp())
    return _signer(purpose).sign(f"{patient.pk.hex}.{patient.link_version}.{ends:x}.{extra}").replace(":", "~")


def read_link_token(token: str, *, purpose: str = PAGE, now: datetime) -> tuple[UUID, int, str]:
    """Return (patient id, link version, extra). Refusal `link_broken` or `link_expired`."""
    try:
        body = _signer(purpose).unsign(token.replace("~", ":"))
        patient, version, ends, extra = body.split(".")
        patient_id, link_version, ends_at = UUID(hex=patient), int(version), int(ends, 16)
    except (signing.BadSignature, ValueError) as error:
        raise Refusal("link_broken", "This link is not complete. Please open it again from your e-mail.") from error
    if now.timestamp() >= ends_at:
        raise Refusal("link_expired", "This link has expired. Please use the one in our newest e-mail, or call us.")
    return patient_id, link_version, extra


def patient_behind(token: str, *, purpose: str = PAGE, now: datetime) -> tuple[Patient, str]:
    """Return (patient, extra). Refusal besides: `link_revoked`."""
    patient_id, link_version, extra = read_link_token(token, purpose=purpose, now=now)
    patient = Patient.objects.select_related("home_location").filter(pk=patient_id, link_version=link_version).first()
    if patient is None:
        raise Refusal(
            "link_revoked", "This link is no longer in use. Please use the one in our newest e-mail, or call us."
        )
    return patient, extra


def page_url(patient: Patient, *, now: datetime) -> str:
    return f"{settings.PUBLIC_URL}/p/{make_link_token(patient, now=now)}/"


def unsubscribe_url(patient: Patient, *, group: str, now: datetime) -> str:
    return f"{settings.PUBLIC_URL}/u/{make_link_token(patient, purpose=UNSUBSCRIBE, extra=group, now=now)}/"


def _signer(purpose: str) -> signing.Signer:
    return signing.Signer(salt=f"patients.links.{purpose}")
