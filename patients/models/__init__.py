from patients.models.assessment import AreaFinding, Assessment
from patients.models.consent import Consent
from patients.models.consent_form import ConsentForm
from patients.models.patient import Language, MailboxState, Patient, Sex

__all__ = ["AreaFinding", "Assessment", "Consent", "ConsentForm", "Language", "MailboxState", "Patient", "Sex"]
