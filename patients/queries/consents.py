"""What a patient has agreed to, topic by topic."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Consent, Patient
from patients.rules.consent import ConsentTopic, needed_for_treatment


@dataclass(frozen=True, slots=True)
class TopicLine:
    """`consent` is the one in force, `withdrawn` the last that is not any more."""

    topic: ConsentTopic
    needed: str
    consent: Consent | None
    withdrawn: Consent | None


@dataclass(frozen=True, slots=True)
class ConsentStory:
    patient: Patient
    today: date
    lines: tuple[TopicLine, ...]

    @property
    def missing(self) -> tuple[TopicLine, ...]:
        return tuple(line for line in self.lines if line.needed and line.consent is None)


def consent_story(by: Staff, patient_id: UUID, *, now: datetime) -> ConsentStory:
    if not by.can(Deed.RECORD_CONSENT):
        raise Forbidden(Deed.RECORD_CONSENT)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    rows = list(patient.consents.select_related("recorded_by").order_by("told_on"))
    lines = tuple(_line(topic, [row for row in rows if row.topic == topic]) for topic in ConsentTopic)
    return ConsentStory(patient, local_day(now, patient.home_location.zone), lines)


def _line(topic: ConsentTopic, rows: list[Consent]) -> TopicLine:
    in_force = next((row for row in rows if row.withdrawn_on is None), None)
    ended = [row for row in rows if row.withdrawn_on is not None]
    return TopicLine(topic, _needed(topic), in_force, ended[-1] if ended and not in_force else None)


def _needed(topic: ConsentTopic) -> str:
    if topic in needed_for_treatment(()):
        return "Needed before every treatment"
    return "Needed before exosomes" if topic in needed_for_treatment(("exosome",)) else ""
