from plans.models.appointment import Appointment
from plans.models.plan import Plan, Session
from plans.models.protocol import CareRule, Component, LeastGap, Protocol, ReviewPoint
from plans.models.reminder import Reminder
from plans.models.review import Photo, Review, View, ViewSet
from plans.models.stock import Lot, LotState, Product
from plans.models.treatment import ChecklistItem, Method, Treatment

__all__ = [
    "Appointment",
    "CareRule",
    "ChecklistItem",
    "Component",
    "LeastGap",
    "Lot",
    "LotState",
    "Method",
    "Photo",
    "Plan",
    "Product",
    "Protocol",
    "Reminder",
    "Review",
    "ReviewPoint",
    "Session",
    "Treatment",
    "View",
    "ViewSet",
]
