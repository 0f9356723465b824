"""Whether a mail reaches the patient, said beside the tick that has her told by one."""

from __future__ import annotations

from patients.models import MailboxState, Patient


def why_no_mail(patient: Patient) -> str:
    """Return why no mail about appointments goes out, and what to do instead; empty when one does."""
    if not patient.email:
        why = "no e-mail address is known"
    elif patient.mailbox == MailboxState.DEAD:
        why = "mail to the address known comes back"
    elif not patient.wants_appointment_mail:
        why = "none about appointments is wanted"
    else:
        return ""
    phone = f", {patient.phone}" if patient.phone else ""
    return f"No mail goes out: {why}. Tell the patient by phone{phone}."
