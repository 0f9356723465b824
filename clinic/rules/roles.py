"""Who may do what: the table of roles and deeds. A person may hold several roles and may do what any of them may."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType


class Role(StrEnum):
    FRONT_DESK = "front_desk"
    CLINICIAN = "clinician"
    MANAGER = "manager"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class Deed(StrEnum):
    REGISTER_PATIENT = "register_patient"
    CHANGE_PATIENT = "change_patient"
    SEE_PATIENT = "see_patient"
    IMPORT_PATIENTS = "import_patients"
    RECORD_CONSENT = "record_consent"

    SEE_CLINICAL = "see_clinical"
    ASSESS = "assess"
    COMPLETE_SESSION = "complete_session"
    REVIEW = "review"
    SEE_PHOTOS = "see_photos"
    ADD_PHOTO = "add_photo"
    OVERRIDE = "override"

    SEE_PLAN = "see_plan"
    CHANGE_PLAN = "change_plan"
    ACTIVATE_PLAN = "activate_plan"

    BOOK = "book"
    MOVE = "move"
    CANCEL = "cancel"
    CHECK_IN = "check_in"
    TICK = "tick"

    SEE_PROTOCOLS = "see_protocols"
    CHANGE_PROTOCOLS = "change_protocols"
    CHANGE_CLINIC = "change_clinic"
    SEE_STOCK = "see_stock"
    CHANGE_STOCK = "change_stock"
    SEE_OUTBOX = "see_outbox"
    SETTLE_MAIL = "settle_mail"
    SEE_AUDIT = "see_audit"
    SEE_OWN_AUDIT = "see_own_audit"


# Identity, contact, the calendar, and a session's title, number and readiness: the same for all three.
_EVERYBODY = frozenset(
    {
        Deed.REGISTER_PATIENT,
        Deed.CHANGE_PATIENT,
        Deed.SEE_PATIENT,
        Deed.SEE_PLAN,
        Deed.BOOK,
        Deed.MOVE,
        Deed.CANCEL,
        Deed.CHECK_IN,
        Deed.TICK,
    }
)

ALLOWED: Mapping[Role, frozenset[Deed]] = MappingProxyType(
    {
        # Whoever phones the patient a letter did not reach has to see that it did not.
        Role.FRONT_DESK: _EVERYBODY | {Deed.RECORD_CONSENT, Deed.IMPORT_PATIENTS, Deed.SEE_OUTBOX, Deed.SETTLE_MAIL},
        Role.CLINICIAN: _EVERYBODY
        | {
            Deed.RECORD_CONSENT,
            Deed.SEE_CLINICAL,
            Deed.ASSESS,
            Deed.COMPLETE_SESSION,
            Deed.REVIEW,
            Deed.SEE_PHOTOS,
            Deed.ADD_PHOTO,
            Deed.OVERRIDE,
            Deed.CHANGE_PLAN,
            Deed.ACTIVATE_PLAN,
            Deed.SEE_PROTOCOLS,
            Deed.SEE_STOCK,
            Deed.CHANGE_STOCK,
            Deed.SEE_OUTBOX,
            Deed.SEE_OWN_AUDIT,
        },
        # Not clinical: a manager runs the house and never reads a finding, a photo or a lot.
        Role.MANAGER: _EVERYBODY
        | {
            Deed.IMPORT_PATIENTS,
            Deed.SEE_PROTOCOLS,
            Deed.CHANGE_PROTOCOLS,
            Deed.CHANGE_CLINIC,
            Deed.SEE_OUTBOX,
            Deed.SETTLE_MAIL,
            Deed.SEE_AUDIT,
        },
    }
)


def may(roles: Collection[Role], deed: Deed) -> bool:
    """Return whether any of `roles` allows `deed`. No role, no deed."""
    return any(deed in ALLOWED[role] for role in roles)
