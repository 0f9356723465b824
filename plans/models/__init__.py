from plans.models.appointment import Appointment
from plans.models.letter_time import LetterTime
from plans.models.plan import Pause, Plan, Session
from plans.models.postroom import Bounce, Postroom
from plans.models.protocol import Alongside, CareRule, Component, LeastGap, Protocol, ReviewPoint
from plans.models.reminder import Reminder
from plans.models.replanning import Replanning
from plans.models.request import PatientRequest
from plans.models.review import Photo, Review, View, ViewSet
from plans.models.stock import Lot, LotState, Product
from plans.models.treatment import ChecklistItem, Method, Treatment
from plans.models.waiting import Offer, WaitingEntry
from plans.models.wording import LetterWording

__all__ = [
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
    "Method",
    "Offer",
    "PatientRequest",
    "Pause",
    "Photo",
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
    "View",
    "ViewSet",
    "WaitingEntry",
]
