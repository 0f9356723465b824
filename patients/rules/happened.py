"""What can happen to a patient's record, in the past tense: the audit's words."""

from enum import StrEnum


class Happened(StrEnum):
    PATIENT_REGISTERED = "patient.registered"
    PATIENT_CHANGED = "patient.changed"
    PATIENTS_IMPORTED = "patients.imported"
    LINKS_REVOKED = "patient.links_revoked"
    MAILS_CHOSEN = "patient.mails_chosen"
    UNSUBSCRIBED = "patient.unsubscribed"
    MAILBOX_DEAD = "patient.mailbox_dead"
    ASSESSED = "patient.assessed"
    CONSENT_GIVEN = "consent.given"
    CONSENT_DECLINED = "consent.declined"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CONSENT_FORM_DRAFTED = "consent_form.drafted"
    CONSENT_FORM_CHANGED = "consent_form.changed"
    CONSENT_FORM_PUBLISHED = "consent_form.published"
