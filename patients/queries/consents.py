"""What a patient has agreed to, topic by topic, and what they are still to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID

from clinic.models import Staff
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Consent, ConsentForm, Patient
from patients.models.consent_facts import forms_for
from patients.rules.consent import ConsentTopic, needed_for_treatment
from patients.rules.consent_forms import is_outdated
from patients.rules.consent_library import ConsentSource, read_consent_sources


@dataclass(frozen=True, slots=True)
class TopicLine:
    """One topic. `consent` is the one in force, `ended` all others, newest first; `form` the text to ask with."""

    topic: ConsentTopic
    needed: str
    form: ConsentForm | None
    consent: Consent | None
    ended: tuple[Consent, ...]

    @property
    def is_outdated(self) -> bool:
        return bool(self.consent and self.form and is_outdated(self.consent.agreed, self.form.facts))

    @property
    def last(self) -> Consent | None:
        """The last word on a topic nothing is in force on."""
        return self.ended[0] if self.ended and self.consent is None else None

    @property
    def is_settled(self) -> bool:
        return self.consent is not None and not self.is_outdated

    @property
    def title(self) -> str:
        return self.form.title if self.form else self.topic.label

    @property
    def declaration(self) -> str:
        return self.form.declaration if self.form else self.topic.sentence

    @property
    def sources(self) -> tuple[ConsentSource, ...]:
        return sources_of(self.form.source if self.form else self.topic.source)


@dataclass(frozen=True, slots=True)
class ConsentStory:
    patient: Patient
    today: date
    lines: tuple[TopicLine, ...]

    @property
    def missing(self) -> tuple[TopicLine, ...]:
        return tuple(line for line in self.lines if line.needed and line.consent is None)

    @property
    def outdated(self) -> tuple[TopicLine, ...]:
        return tuple(line for line in self.lines if line.is_outdated)

    @property
    def to_ask(self) -> tuple[TopicLine, ...]:
        """What has to be asked first, then what may be, then what is settled."""
        return tuple(sorted(self.lines, key=lambda line: (line.is_settled, not line.needed)))

    @property
    def history(self) -> tuple[Consent, ...]:
        rows = [row for line in self.lines for row in line.ended]
        return tuple(sorted(rows, key=lambda row: row.withdrawn_on or row.told_on, reverse=True))

    @property
    def has_unwritten(self) -> bool:
        """Whether some topic is asked without a form of ours: then its version is written by hand."""
        return any(line.form is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class SignedSheet:
    """Everything that was signed together, as it is printed."""

    patient: Patient
    first: Consent
    rows: tuple[Consent, ...]

    @property
    def sources(self) -> tuple[ConsentSource, ...]:
        return sources_of(", ".join(row.form.source for row in self.rows if row.form))


def consent_story(by: Staff, patient_id: UUID, *, now: datetime) -> ConsentStory:
    """Return the whole page of one patient. Three queries."""
    if not by.can(Deed.RECORD_CONSENT):
        raise Forbidden(Deed.RECORD_CONSENT)
    patient = Patient.objects.visible_to(by).select_related("home_location").get(pk=patient_id)
    rows = list(patient.consents.select_related("recorded_by", "form").order_by("-told_on", "-id"))
    forms = forms_for(patient)
    lines = tuple(_line(topic, forms.get(topic), [row for row in rows if row.topic == topic]) for topic in ConsentTopic)
    return ConsentStory(patient, local_day(now, patient.home_location.zone), lines)


def signed_sheet(by: Staff, consent_id: UUID) -> SignedSheet:
    """Return what was signed together with one consent."""
    first = signed_consent(by, consent_id)
    together = Consent.objects.filter(patient=first.patient_id, signing=first.signing).select_related("form")
    rows = sorted(together, key=_topic_order) if first.signing else [first]
    return SignedSheet(first.patient, first, tuple(rows))


def signed_consent(by: Staff, consent_id: UUID) -> Consent:
    """Return one consent of a patient of one's own. A signature is seen by those who take it."""
    if not by.can(Deed.RECORD_CONSENT):
        raise Forbidden(Deed.RECORD_CONSENT)
    rows = Consent.objects.visible_to(by).select_related("patient__home_location", "form", "recorded_by")
    return rows.get(pk=consent_id)


def sources_of(keys: str) -> tuple[ConsentSource, ...]:
    """Return who says so, each once, in the order they are named; a clinic's own words stand as they are."""
    named = dict.fromkeys(key.strip() for key in keys.split(",") if key.strip())
    return tuple(_known().get(key, ConsentSource(key, "", "")) for key in named)


@cache
def _known() -> dict[str, ConsentSource]:
    return read_consent_sources()


def _line(topic: ConsentTopic, form: ConsentForm | None, rows: list[Consent]) -> TopicLine:
    in_force = next((row for row in rows if row.withdrawn_on is None), None)
    return TopicLine(topic, _needed(topic), form, in_force, tuple(row for row in rows if row is not in_force))


def _needed(topic: ConsentTopic) -> str:
    if topic in needed_for_treatment(()):
        return "Needed before every treatment"
    return "Needed before exosomes" if topic in needed_for_treatment(("exosome",)) else ""


def _topic_order(row: Consent) -> int:
    return list(ConsentTopic).index(ConsentTopic(row.topic))
