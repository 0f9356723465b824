"""Registering people, keeping their contact right, and what they want to be sent."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from django.db import transaction

from clinic.models import Location, Staff
from clinic.operations.audit import PATIENT, allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from clinic.rules.wording import day_words
from patients.models import Language, MailboxState, Patient
from patients.rules.happened import Happened
from patients.rules.identity import fold_name, normal_email, normal_phone

GROUPS = {"appointments": "wants_appointment_mail", "care": "wants_care_mail", "reviews": "wants_review_mail"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientDetails:
    first_name: str
    last_name: str = ""
    birth_date: date | None = None
    sex: str = ""
    email: str = ""
    phone: str = ""
    language: str = "en"
    alert: str = ""
    wants_appointment_mail: bool = True
    wants_care_mail: bool = True
    wants_review_mail: bool = True


@transaction.atomic
def register_patient(
    *, details: PatientDetails, home_location_id: UUID, by: Staff, now: datetime, knowingly: bool = False
) -> Patient:
    """Add a person. Somebody with the same name and birth date is refused (`duplicate`) unless done `knowingly`."""
    allow(by, Deed.REGISTER_PATIENT)
    location = Location.objects.visible_to(by).get(pk=home_location_id)
    clean = _clean(details, today=now.date())
    twin = _twin(clean, by)
    if twin is not None and not knowingly:
        raise Refusal("duplicate", f"{twin.name}, born {_born(twin)}, is registered already: open that record.")
    patient = Patient(home_location=location, registered_at=now, **asdict(clean))
    patient.save()
    record(Happened.PATIENT_REGISTERED, about=patient, by=by, now=now, patient_id=patient.pk, location=location)
    return patient


@transaction.atomic
def change_patient(*, patient_id: UUID, details: PatientDetails, by: Staff, now: datetime) -> Patient:
    """Change identity or contact. A changed address is given a new chance; the change is listed field by field."""
    allow(by, Deed.CHANGE_PATIENT)
    patient = Patient.objects.visible_to(by).select_for_update(of=("self",)).get(pk=patient_id)
    before = {name: getattr(patient, name) for name in asdict(details)}
    after = asdict(_clean(details, today=now.date()))
    changed = {name: value for name, value in after.items() if value != before[name]}
    if not changed:
        return patient
    for name, value in changed.items():
        setattr(patient, name, value)
    if "email" in changed:
        patient.mailbox = MailboxState.GOOD
    patient.save()
    record(
        Happened.PATIENT_CHANGED,
        about=patient,
        by=by,
        now=now,
        patient_id=patient.pk,
        location=patient.home_location,
        details={"fields": sorted(changed)},
    )
    return patient


@transaction.atomic
def revoke_links(*, patient_id: UUID, by: Staff, now: datetime) -> Patient:
    """Make every link sent to this patient so far useless."""
    allow(by, Deed.CHANGE_PATIENT)
    patient = Patient.objects.visible_to(by).select_for_update(of=("self",)).get(pk=patient_id)
    patient.link_version += 1
    patient.save(update_fields=["link_version"])
    record(Happened.LINKS_REVOKED, about=patient, by=by, now=now, patient_id=patient.pk, location=patient.home_location)
    return patient


@transaction.atomic
def choose_mails(*, patient_id: UUID, appointments: bool, care: bool, reviews: bool, now: datetime) -> Patient:
    """The patient's own choice, per group of letters."""
    patient = Patient.objects.select_for_update().get(pk=patient_id)
    patient.wants_appointment_mail, patient.wants_care_mail, patient.wants_review_mail = appointments, care, reviews
    patient.save()
    chosen = {"appointments": appointments, "care": care, "reviews": reviews}
    record(
        Happened.MAILS_CHOSEN, about=patient, by=None, by_name=PATIENT, now=now, patient_id=patient.pk, details=chosen
    )
    return patient


@transaction.atomic
def choose_language(*, patient_id: UUID, language: str, now: datetime) -> Patient:
    """The patient's own choice of the language of her page and letters. The same again changes nothing."""
    if language not in Language.values:
        raise Refusal("language", "Choose one of the languages we write in.")
    patient = Patient.objects.select_for_update().get(pk=patient_id)
    if patient.language == language:
        return patient
    patient.language = language
    patient.save()
    changed = {"fields": ["language"]}
    record(
        Happened.PATIENT_CHANGED, about=patient, by=None, by_name=PATIENT, now=now, patient_id=patient.pk,
        details=changed,
    )  # fmt: skip
    return patient


@transaction.atomic
def unsubscribe(*, patient_id: UUID, group: str, now: datetime) -> Patient:
    """No more letters of this group ("appointments", "care", "reviews" or "all"). Doing it twice changes nothing."""
    fields = list(GROUPS.values()) if group == "all" else [GROUPS[group]]
    patient = Patient.objects.select_for_update().get(pk=patient_id)
    if not any(getattr(patient, field) for field in fields):
        return patient
    for field in fields:
        setattr(patient, field, False)
    patient.save()
    record(
        Happened.UNSUBSCRIBED,
        about=patient,
        by=None,
        by_name=PATIENT,
        now=now,
        patient_id=patient.pk,
        details={"group": group},
    )
    return patient


def _clean(details: PatientDetails, *, today: date) -> PatientDetails:
    first, last = " ".join(details.first_name.split()), " ".join(details.last_name.split())
    if not fold_name(first + last):
        raise Refusal("name", "Write at least one name.")
    if details.birth_date and not date(1900, 1, 1) <= details.birth_date <= today:
        raise Refusal("birth_date", "The birth date must lie between 1900 and today.")
    return PatientDetails(
        **{
            **asdict(details),
            "first_name": first,
            "last_name": last,
            "email": normal_email(details.email) if details.email.strip() else "",
            "phone": normal_phone(details.phone) if details.phone.strip() else "",
            "alert": details.alert.strip(),
        }
    )


def _twin(details: PatientDetails, by: Staff) -> Patient | None:
    if details.birth_date is None:
        return None
    folded = fold_name(f"{details.first_name} {details.last_name}")
    return Patient.objects.visible_to(by).filter(birth_date=details.birth_date, folded_name=folded).first()


def _born(patient: Patient) -> str:
    return day_words(patient.birth_date) if patient.birth_date else "on an unknown day"


def lose_mailbox(patient: Patient, address: str, *, now: datetime) -> None:
    """Mail to `address` is hopeless. Only while it is hers: a new one gets its own chance. Lock the patient first."""
    if patient.mailbox != MailboxState.GOOD or patient.email != address:
        return
    patient.mailbox = MailboxState.DEAD
    patient.save(update_fields=["mailbox"])
    record(
        Happened.MAILBOX_DEAD,
        about=patient,
        by=None,
        now=now,
        patient_id=patient.pk,
        location=patient.home_location,
    )
