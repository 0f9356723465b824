"""Rows about consent read into the rules' values: what stands between a patient and a session."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Self
from uuid import UUID

from patients.models.consent import Consent
from patients.models.consent_form import ConsentForm
from patients.models.patient import Patient
from patients.rules.consent import ConsentTopic
from patients.rules.consent_forms import Agreed, ConsentFault, FormFacts, form_that_applies
from patients.rules.consent_forms import consent_faults as judge


@dataclass(frozen=True, slots=True)
class ConsentBook:
    """The consents in force of some patients, and the forms in force: read once, in two queries, asked often.

    Patients asked about come with `home_location`.
    """

    agreed: dict[UUID, tuple[Agreed, ...]]
    published: tuple[FormFacts, ...]

    @classmethod
    def read(cls, patients: Iterable[UUID]) -> Self:
        agreed: dict[UUID, tuple[Agreed, ...]] = {}
        for row in Consent.objects.in_force().filter(patient__in=set(patients)).select_related("form"):
            agreed[row.patient_id] = (*agreed.get(row.patient_id, ()), row.agreed)
        return cls(agreed, published_forms())

    def given(self, patient_id: UUID) -> frozenset[ConsentTopic]:
        """The topics in force, outdated or not."""
        return frozenset(one.topic for one in self.agreed.get(patient_id, ()))

    def faults(self, patient: Patient, modalities: Collection[str], *, first_session: bool) -> tuple[ConsentFault, ...]:
        return judge(
            self.agreed.get(patient.pk, ()),
            self.published,
            modalities,
            location=patient.home_location_id,
            jurisdiction=patient.home_location.jurisdiction,
            first_session=first_session,
        )


def published_forms() -> tuple[FormFacts, ...]:
    return tuple(form.facts for form in ConsentForm.objects.published())


def consent_faults(
    patient: Patient, modalities: Collection[str], *, first_session: bool = True
) -> tuple[ConsentFault, ...]:
    """Return what refuses a session of `modalities` to one patient. Two queries."""
    return ConsentBook.read([patient.pk]).faults(patient, modalities, first_session=first_session)


def forms_for(patient: Patient) -> dict[ConsentTopic, ConsentForm]:
    """Return the form each topic is asked with at the patient's place; a topic without a published one is left out."""
    rows = {row.pk: row for row in ConsentForm.objects.published().select_related("location")}
    facts = [row.facts for row in rows.values()]
    place = patient.home_location
    found = {
        topic: form_that_applies(facts, topic, location=place.pk, jurisdiction=place.jurisdiction)
        for topic in ConsentTopic
    }
    return {topic: rows[form.id] for topic, form in found.items() if form}
