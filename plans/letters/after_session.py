"""What letters about a session that was held state: what to avoid, until when, and when it is allowed again.

Dates come from the restrictions over all of the patient's plans, never from one session's rule alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from types import MappingProxyType

from clinic.language import Tongue
from clinic.rules.local_time import local_day
from plans.letters.care_words import after_care
from plans.letters.facts import LetterFacts
from plans.letters.mail_domain import mail_domain
from plans.letters.reading import Reading
from plans.models import Reminder, Session
from plans.models.facts import modalities_of
from plans.rules.course import CareKind
from plans.rules.letter_kinds import LetterKind as K
from plans.rules.reminders import DYE, MEDICINE, WASH
from plans.rules.restrictions import Restriction


class Care:
    """A letter about a session that was held, half written."""

    def __init__(
        self, reading: Reading, reminder: Reminder, session: Session, facts: LetterFacts, speak: Tongue
    ) -> None:
        self.reading, self.reminder, self.session = reading, reminder, session
        self.facts, self.speak = facts, speak
        self.ended = session.ended_at or facts.written_at

    @property
    def day(self) -> date:
        return date.fromisoformat(self.reminder.facts)

    def periods(self) -> tuple[Restriction, ...]:
        return self.reading.restrictions_of(self.reminder.patient)

    def items(self, *kinds: CareKind, without: Sequence[str] = ()) -> tuple[str, ...]:
        course = self.reading.course_of(self.session.plan)
        rules = [rule for rule in course.care_rules if rule.kind in kinds and rule.act not in without]
        avoids = CareKind.AVOID in kinds
        return after_care(
            rules,
            modalities_of(self.session, course),
            self.speak,
            ended=self.ended,
            periods=self.periods() if avoids else (),
        )

    def forbidden(self, act: str) -> Restriction | None:
        """What is forbidden of this act when the session ends."""
        return next((p for p in self.periods() if p.act == act and p.begins <= self.ended < _end(p)), None)

    def again(self, act: str) -> datetime | None:
        """When the next wait begins, after the day on which it is allowed."""
        zone = self.facts.zone
        later_ones = (p.begins for p in self.periods() if p.act == act)
        return min((begins for begins in later_ones if local_day(begins, zone) >= self.day), default=None)


def _end(period: Restriction) -> datetime:
    return period.ends or datetime.max.replace(tzinfo=period.begins.tzinfo)


def _after_care(care: Care) -> LetterFacts:
    wash, dye = care.forbidden(WASH), care.forbidden(DYE)
    items = care.items(CareKind.AVOID, CareKind.ASK_DOCTOR, without=(DYE, WASH)) + care.items(CareKind.DO)
    return replace(
        care.facts,
        # A letter that comes late says nothing of a wait that is over.
        until=wash.ends if wash and _end(wash) > care.facts.written_at else None,
        safe_on=dye.safe_on if dye else None,
        care_items=_with_endless_dye(care, dye) + items,
    )


def _with_endless_dye(care: Care, dye: Restriction | None) -> tuple[str, ...]:
    """Dye that is forbidden without a date must not be left out only because there is no date to print."""
    return tuple(care.speak.own(text) for text in dye.texts) if dye and not dye.safe_on else ()


def _no_wash(care: Care) -> LetterFacts:
    items = care.items(CareKind.AVOID, without=(DYE, WASH))
    return replace(care.facts, until=datetime.fromisoformat(care.reminder.facts), care_items=items)


def _wash_again(care: Care) -> LetterFacts:
    items = care.items(CareKind.DO)
    return replace(care.facts, until=datetime.fromisoformat(care.reminder.facts), care_items=items)


def _no_dye(care: Care) -> LetterFacts:
    """One calendar note per patient, which a later session's moves: never two dates in one calendar."""
    reminder = care.reminder
    sequence = sum(one.kind == K.NO_DYE for one in care.reading.earlier[reminder.patient_id])
    uid = f"dye-{reminder.patient_id}@{mail_domain(reminder.patient.home_location)}"
    return replace(care.facts, safe_on=care.day, uid=uid, sequence=sequence, care_items=care.items(CareKind.DO))


AFTER: Mapping[K, Callable[[Care], LetterFacts]] = MappingProxyType(
    {
        K.AFTER_CARE: _after_care,
        K.NO_WASH: _no_wash,
        K.WASH_AGAIN: _wash_again,
        K.SWELLING_CHECK: lambda care: care.facts,
        K.NO_DYE: _no_dye,
        K.NO_DYE_HALF: lambda care: replace(care.facts, safe_on=care.day),
        K.DYE_AGAIN: lambda care: replace(care.facts, safe_on=care.day, until=care.again(DYE)),
        K.MEDICINE_AGAIN: lambda care: replace(care.facts, safe_on=care.day, until=care.again(MEDICINE)),
    }
)
