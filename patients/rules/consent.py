"""What a patient must have been told or may allow, topic by topic."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum


class ConsentTopic(StrEnum):
    TREATMENT = "treatment"
    OFF_LABEL = "off_label"
    EXPERIMENTAL = "experimental"
    PHOTO_RECORD = "photo_record"
    PHOTO_TEACHING = "photo_teaching"
    PHOTO_MARKETING = "photo_marketing"
    REMINDER_MAIL = "reminder_mail"

    @property
    def label(self) -> str:
        return _WORDS[self][0]

    @property
    def sentence(self) -> str:
        """Return what the patient agrees to, in the first person."""
        return _WORDS[self][1]

    @property
    def source(self) -> str:
        """Return the sources' keys, or nothing where the topic is the clinic's own."""
        return _WORDS[self][2]


_WORDS = {
    ConsentTopic.TREATMENT: (
        "Treatment",
        "I agree to the planned treatment. Its steps, side effects and alternatives were explained to me.",
        "",
    ),
    ConsentTopic.OFF_LABEL: (
        "Off-label use",
        "I was told that exosomes are not FDA-approved for hair, are used largely off-label, and are not insured.",
        "S0, S1, S2, S4",
    ),
    ConsentTopic.EXPERIMENTAL: (
        "Experimental treatment",
        "I was told that exosome treatment of hair loss is experimental and that results vary.",
        "S0, S1, S2, S4",
    ),
    ConsentTopic.PHOTO_RECORD: ("Photos for my record", "Photos of my scalp may be kept in my record.", ""),
    ConsentTopic.PHOTO_TEACHING: ("Photos for teaching", "My photos may be used to teach staff.", ""),
    ConsentTopic.PHOTO_MARKETING: ("Photos for publication", "My photos may be shown to the public.", ""),
    ConsentTopic.REMINDER_MAIL: ("Reminder mails", "The clinic may send me reminders by e-mail.", ""),
}


def needed_for_treatment(modalities: Collection[str]) -> tuple[ConsentTopic, ...]:
    """Return what must be on record before the first session; exosomes need two topics more (S0–S2, S4)."""
    if "exosome" in modalities:
        return (ConsentTopic.TREATMENT, ConsentTopic.OFF_LABEL, ConsentTopic.EXPERIMENTAL)
    return (ConsentTopic.TREATMENT,)


def missing_for_treatment(given: Collection[ConsentTopic], modalities: Collection[str]) -> tuple[ConsentTopic, ...]:
    """Return the topics still missing, in the order a person goes through them. Empty: treatment may begin.

    `given` holds the topics in force now, withdrawn ones left out. Photos and mails are never a condition.
    """
    return tuple(topic for topic in needed_for_treatment(modalities) if topic not in given)
