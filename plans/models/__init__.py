from plans.models.appointment import Appointment
from plans.models.letter_time import LetterTime
from plans.models.measurement import Measurement, PairRating
from plans.models.photo import Alignment, Photo, Upload
from plans.models.plan import Pause, Plan, Session
from plans.models.postroom import Bounce, Postroom
from plans.models.protocol import Alongside, CareRule, Component, LeastGap, Protocol, ReviewPoint
from plans.models.reminder import Reminder
from plans.models.replanning import Replanning
from plans.models.request import PatientRequest
from plans.models.review import Review
from plans.models.stock import Lot, LotState, Product
from plans.models.treatment import ChecklistItem, Method, Treatment
from plans.models.view_set import PhotoRules, View, ViewSet
from plans.models.waiting import Offer, WaitingEntry
from plans.models.wording import LetterWording

__all__ = [
    "Alignment",
    "Alongside",
    "Appointment",
    "Bounce",
    "CareRule",
    "ChecklistItem",
    "Component",
    "LeastGap",
    "LetterTime",
    "LetterWording",
    "Lot",
    "LotState",
    "Measurement",
    "Method",
    "Offer",
    "PairRating",
    "PatientRequest",
    "Pause",
    "Photo",
    "PhotoRules",
    "Plan",
    "Postroom",
    "Product",
    "Protocol",
    "Reminder",
    "Replanning",
    "Review",
    "ReviewPoint",
    "Session",
    "Treatment",
    "Upload",
    "View",
    "ViewSet",
    "WaitingEntry",
]
