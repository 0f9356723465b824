"""What a patient's photos may be used for, and which yes each use needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from clinic.rules.wording import day_words
from patients.rules.consent import ConsentTopic


class PhotoUse(StrEnum):
    RECORD = "record"
    TEACHING = "teaching"
    PUBLICATION = "publication"

    @property
    def label(self) -> str:
        return _LABELS[self]

    @property
    def topics(self) -> tuple[ConsentTopic, ...]:
        """What must be agreed to. A photo that may not be kept any more may not be shown to others either."""
        return tuple(dict.fromkeys((ConsentTopic.PHOTO_RECORD, _TOPICS[self])))

    @property
    def topic(self) -> ConsentTopic:
        """The consent that stands on what is handed out."""
        return _TOPICS[self]

    @property
    def names_patient(self) -> bool:
        return self is PhotoUse.RECORD


_LABELS = {
    PhotoUse.RECORD: "The patient’s own copy, or a referral",
    PhotoUse.TEACHING: "Teaching",
    PhotoUse.PUBLICATION: "Publication",
}
_TOPICS = {
    PhotoUse.RECORD: ConsentTopic.PHOTO_RECORD,
    PhotoUse.TEACHING: ConsentTopic.PHOTO_TEACHING,
    PhotoUse.PUBLICATION: ConsentTopic.PHOTO_MARKETING,
}
PHOTO_TOPICS = tuple(_TOPICS.values())
MOST_ON_A_SHEET = 4  # reviews beside each other: more cannot be seen


@dataclass(frozen=True, slots=True)
class PhotoAnswer:
    """What the patient last said on one topic. `ended_on`: withdrawn then; with `said_no` it never began."""

    topic: ConsentTopic
    told_on: date
    version: str
    ended_on: date | None = None
    said_no: bool = False

    @property
    def holds(self) -> bool:
        return self.ended_on is None and not self.said_no


Answers = Mapping[ConsentTopic, PhotoAnswer]


def missing_topic(use: PhotoUse, answers: Answers) -> ConsentTopic | None:
    """Return the first consent that `use` needs and that does not hold; None: the photos may be used so."""
    return next((topic for topic in use.topics if topic not in answers or not answers[topic].holds), None)


def why_not_used(use: PhotoUse, answers: Answers, name: str) -> str:
    """Return which consent is missing, as a sentence about `name`; empty where the use is covered."""
    topic = missing_topic(use, answers)
    return _sentence(topic, answers.get(topic), name) if topic else ""


def _sentence(topic: ConsentTopic, answer: PhotoAnswer | None, name: str) -> str:
    if answer is None:
        return f"{name} has not been asked about “{topic.label}”: record that consent first."
    if answer.said_no:
        return f"{name} said no to “{topic.label}” on {day_words(answer.told_on)}."
    ended = day_words(answer.ended_on) if answer.ended_on else ""
    return f"{name} withdrew the consent “{topic.label}” on {ended}."


def apart_words(first: date, other: date) -> str:
    """Return how long after `first` something was: what a sheet says that carries no dates."""
    days = (other - first).days
    way = "later" if days > 0 else "earlier"
    length = abs(days)
    if length == 0:
        return "the same day"
    if length < 14:
        return f"{length} day{'' if length == 1 else 's'} {way}"
    if length < 46:
        return f"{length // 7} weeks {way}"
    return f"{round(length / 30.4375)} months {way}"
