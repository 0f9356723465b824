"""What a patient last said about the use of her photos: the same for what is shown and for what is handed out."""

from __future__ import annotations

from uuid import UUID

from patients.models import Consent
from patients.rules.consent import ConsentTopic
from plans.rules.photo_use import PHOTO_TOPICS, PhotoAnswer


def photo_answers(patient_id: UUID) -> dict[ConsentTopic, PhotoAnswer]:
    """Return the answer on each photo topic she was asked about: the one in force, else the last one. One query."""
    rows = Consent.objects.filter(patient=patient_id, topic__in=PHOTO_TOPICS).order_by("told_on", "id")
    found: dict[ConsentTopic, PhotoAnswer] = {}
    for row in sorted(rows, key=lambda one: one.withdrawn_on is None):
        topic = ConsentTopic(row.topic)
        ended = None if row.said_no else row.withdrawn_on
        found[topic] = PhotoAnswer(topic, row.told_on, row.form_version, ended, row.said_no)
    return found
