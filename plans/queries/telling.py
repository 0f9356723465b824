"""Whether a mail reaches the patient, said beside the tick that has her told by one."""

from __future__ import annotations

from patients.models import MailboxState, Patient


def why_no_mail(patient: Patient) -> str:
    """Return why no mail about appointments goes out, and what to do instead; empty when one does."""
    why = why_unreached(patient)
    if not why and not patient.wants_appointment_mail:
        why = "none about appointments is wanted"
    if not why:
        return ""
    phone = f", {patient.phone}" if patient.phone else ""
    return f"No mail goes out: {why}. Tell the patient by phone{phone}."


def why_unreached(patient: Patient) -> str:
    """Return why no mail at all reaches this patient; empty when mail does."""
    if not patient.email:
        return "no e-mail address is known"
    return "mail to the address known comes back" if patient.mailbox == MailboxState.DEAD else ""
