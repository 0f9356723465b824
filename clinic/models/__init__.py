from clinic.models.audit import AuditLine
from clinic.models.location import Location
from clinic.models.premises import Practitioner, Room, Weekday, WeeklyHours
from clinic.models.staff import Staff

__all__ = ["AuditLine", "Location", "Practitioner", "Room", "Staff", "Weekday", "WeeklyHours"]
