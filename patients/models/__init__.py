from patients.models.assessment import AreaFinding, Assessment
from patients.models.consent import Consent
from patients.models.patient import Language, MailboxState, Patient, Sex

__all__ = ["AreaFinding", "Assessment", "Consent", "Language", "MailboxState", "Patient", "Sex"]
