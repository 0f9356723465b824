"""What one patient may be told, in as few words as possible: nothing here knows how the program does it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from plans.rules.letter_kinds import KIND_POLICY, LetterKind
from plans.rules.wording import clock_words, day_words

K = LetterKind
COMING = {K.APPOINTMENT_BOOKED, K.APPOINTMENT_MOVED, K.WEEK_REMINDER, K.SESSION_REMINDER, K.DAY_REMINDER}
COMING |= {K.REVIEW_REMINDER, K.PRE_CARE_STOP, K.PRE_CARE, K.PRE_CARE_EVE}
STATING_THE_HOUR = {K.APPOINTMENT_BOOKED, K.APPOINTMENT_MOVED, K.SESSION_REMINDER}
AFTERWARDS = {K.AFTER_CARE, K.NO_WASH, K.WASH_AGAIN, K.SWELLING_CHECK, K.NO_DYE, K.NO_DYE_HALF, K.DYE_AGAIN}
FOUR_WEEKS, ONE_WEEK, ONE_DAY = timedelta(weeks=4), timedelta(weeks=1), timedelta(days=1)


@dataclass
class Visit:
    """`end`: "" while it stands, then moved, cancelled or held."""

    starts: datetime
    treats: bool
    end: str = ""


@dataclass
class Model:
    """One patient: her visits, the sessions she has had, what she wants to hear of, and where."""

    zone: ZoneInfo
    email: str
    visits: dict[UUID, Visit] = field(default_factory=dict)
    held: dict[UUID, datetime] = field(default_factory=dict)
    wants: dict[str, bool] = field(default_factory=lambda: dict.fromkeys(("appointments", "care", "reviews"), True))

    def standing(self, now: datetime) -> list[UUID]:
        return [key for key, visit in self.visits.items() if not visit.end and visit.starts > now]

    def why_not(self, kind: LetterKind, about: UUID, text: str, recipient: str, now: datetime) -> str:
        """What is wrong with this mail at this moment; "" when it is as it should be."""
        if recipient != self.email:
            return "sent to an address that is not hers"
        if not self.wants[KIND_POLICY[kind].group.value]:
            return "she does not want it"
        if kind in COMING or kind is K.APPOINTMENT_CANCELLED:
            return self._about_visit(kind, self.visits[about], text, now)
        if kind in AFTERWARDS and about not in self.held:
            return "about a session that was not held"
        return self._about_dye(now) if kind is K.DYE_AGAIN else ""

    def _about_visit(self, kind: LetterKind, visit: Visit, text: str, now: datetime) -> str:
        if kind is K.APPOINTMENT_CANCELLED:
            return "" if visit.end == "cancelled" else "told as cancelled, and it is not"
        if visit.end or visit.starts <= now:
            return f"about an appointment that was {visit.end or 'over'}"
        if kind not in STATING_THE_HOUR:
            return ""
        day, clock = day_words(visit.starts.astimezone(self.zone).date()), clock_words(visit.starts, self.zone)
        return "" if day in text and clock in text else f"it does not say {day}, {clock}"

    def _about_dye(self, now: datetime) -> str:
        """Four weeks after every session that was held are over, and none that is booked is a week away or less."""
        morning = now.astimezone(self.zone).replace(hour=0, minute=0)
        if any(ended + FOUR_WEEKS > morning for ended in self.held.values()):
            return "dyeing is still forbidden"
        coming = [self.visits[key].starts for key in self.standing(now) if self.visits[key].treats]
        return "a session is near" if any(starts - ONE_WEEK < now for starts in coming) else ""
