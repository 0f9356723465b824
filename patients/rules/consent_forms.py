"""Which form a patient reads, and whether what they agreed to is still the text in force."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from patients.rules.consent import ConsentTopic, missing_for_treatment, needed_for_treatment


class FormState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    RETIRED = "retired"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class SigningMethod(StrEnum):
    """How the patient said yes. Rows from before the question was asked say nothing."""

    DRAWN = "drawn"
    TYPED = "typed"
    UPLOADED = "uploaded"
    ON_PAPER = "on_paper"

    @property
    def label(self) -> str:
        return _METHODS[self]


_METHODS = {
    SigningMethod.DRAWN: "Drawn on the screen",
    SigningMethod.TYPED: "Name typed",
    SigningMethod.UPLOADED: "Photo or scan",
    SigningMethod.ON_PAPER: "On paper, kept in the file",
}


@dataclass(frozen=True, slots=True)
class FormFacts:
    """One version of a form. `location` None: for every place under `jurisdiction`; "" there: under any."""

    id: UUID
    topic: ConsentTopic
    location: UUID | None
    jurisdiction: str
    version: int
    label: str

    @property
    def family(self) -> tuple[str, UUID | None, str]:
        """What a version is counted in: versions of different families say nothing of each other."""
        return (self.topic.value, self.location, self.jurisdiction)


@dataclass(frozen=True, slots=True)
class Agreed:
    """A consent in force. `form` is None for one recorded without a form of ours; `words` is its version as written."""

    topic: ConsentTopic
    words: str
    form: FormFacts | None = None


@dataclass(frozen=True, slots=True)
class ConsentFault:
    """What stands between a patient and a session. `code`: no_consent or consent_outdated."""

    topic: ConsentTopic
    code: str
    agreed: str = ""
    in_force: str = ""

    @property
    def sentence(self) -> str:
        name = self.topic.label
        if self.code == MISSING:
            return f"{name}: consent is missing."
        return f"{name}: agreed to version {self.agreed or 'unknown'}, in force is version {self.in_force}."


MISSING, OUTDATED = "no_consent", "consent_outdated"


def form_that_applies(
    published: Iterable[FormFacts], topic: ConsentTopic, *, location: UUID, jurisdiction: str
) -> FormFacts | None:
    """Return the published form a patient of `location` reads on `topic`, or None when there is none.

    The place's own text comes before the one of its jurisdiction, that before the one for all. Within one family
    the newest version counts, should there ever be two.
    """
    fitting = [form for form in published if form.topic is topic and _reaches(form, location, jurisdiction)]
    return max(fitting, key=lambda form: (_nearness(form), form.version), default=None)


def is_outdated(agreed: Agreed, applies: FormFacts | None) -> bool:
    """Return whether the patient has not read the text in force.

    Without a form in force nothing is outdated. A consent on no form of ours, or on another family's (the patient
    moved, the place made its own text), proves nothing about this text.
    """
    if applies is None:
        return False
    if agreed.form is None or agreed.form.family != applies.family:
        return True
    return agreed.form.version < applies.version


def consent_faults(
    agreed: Collection[Agreed],
    published: Collection[FormFacts],
    modalities: Collection[str],
    *,
    location: UUID,
    jurisdiction: str,
    first_session: bool,
) -> tuple[ConsentFault, ...]:
    """Return what refuses a session of `modalities`, missing topics first; empty: it may begin.

    `agreed`: the consents in force. An outdated one refuses the first session only: whoever has begun a course on
    one text goes on with it. Source: the clinic owner.
    """
    given = {one.topic: one for one in agreed}
    needed = needed_for_treatment(modalities)
    faults = [ConsentFault(topic, MISSING) for topic in missing_for_treatment(given, modalities)]
    if not first_session:
        return tuple(faults)
    for topic in needed:
        applies = form_that_applies(published, topic, location=location, jurisdiction=jurisdiction)
        if topic in given and applies and is_outdated(given[topic], applies):
            faults.append(ConsentFault(topic, OUTDATED, given[topic].words, applies.label))
    return tuple(faults)


def label_of_version(year: int, taken: Collection[str]) -> str:
    """Return the next free human label of a family: "2026-1", then "2026-2"."""
    number = 1
    while f"{year}-{number}" in taken:
        number += 1
    return f"{year}-{number}"


def _reaches(form: FormFacts, location: UUID, jurisdiction: str) -> bool:
    if form.location is not None:
        return form.location == location
    return form.jurisdiction in ("", jurisdiction)


def _nearness(form: FormFacts) -> int:
    return 2 if form.location else 1 if form.jurisdiction else 0
