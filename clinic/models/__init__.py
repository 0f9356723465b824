from clinic.models.audit import AuditLine
from clinic.models.feed import CalendarFeed
from clinic.models.hours import Closure, SpecialHours
from clinic.models.location import Location
from clinic.models.premises import Practitioner, Room, Weekday, WeeklyHours
from clinic.models.sent_form import SentForm
from clinic.models.staff import Staff

__all__ = [
    "AuditLine",
    "CalendarFeed",
    "Closure",
    "Location",
    "Practitioner",
    "Room",
    "SentForm",
    "SpecialHours",
    "Staff",
    "Weekday",
    "WeeklyHours",
]
