from plans.models.appointment import Appointment
from plans.models.plan import Pause, Plan, Session
from plans.models.protocol import Alongside, CareRule, Component, LeastGap, Protocol, ReviewPoint
from plans.models.reminder import Reminder
from plans.models.replanning import Replanning
from plans.models.review import Photo, Review, View, ViewSet
from plans.models.stock import Lot, LotState, Product
from plans.models.treatment import ChecklistItem, Method, Treatment
from plans.models.waiting import Offer, WaitingEntry

__all__ = [
    "Alongside",
    "Appointment",
    "CareRule",
    "ChecklistItem",
    "Component",
    "LeastGap",
    "Lot",
    "LotState",
    "Method",
    "Offer",
    "Pause",
    "Photo",
    "Plan",
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
