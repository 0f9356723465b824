"""What can happen to the clinic itself, in the past tense: the audit's words."""

from enum import StrEnum


class Happened(StrEnum):
    LOCATION_ADDED = "location.added"
    LOCATION_CHANGED = "location.changed"
    STAFF_ADDED = "staff.added"
    STAFF_CHANGED = "staff.changed"
    STAFF_PASSWORD_SET = "staff.password_set"
    PRACTITIONER_ADDED = "practitioner.added"
    PRACTITIONER_CHANGED = "practitioner.changed"
    ROOM_ADDED = "room.added"
    ROOM_CHANGED = "room.changed"
    HOURS_CHANGED = "hours.changed"
    CLOSURE_ADDED = "closure.added"
    CLOSURE_REMOVED = "closure.removed"
    FEED_MADE = "feed.made"
    FEED_REVOKED = "feed.revoked"
