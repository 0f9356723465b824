"""A letter written with words that are not published yet: for the preview beside the editor, and for a test mail.

Nothing is written and nothing is logged. Every link is a dead one: a preview is looked at, and a test mail passed on,
by people whose link it is not.
"""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist

from clinic.models import Location
from patients.models import Patient
from plans.letters.facts import LetterFacts, Visit, missing_facts
from plans.letters.gather import facts_of
from plans.letters.render import Letter, render
from plans.letters.samples import sample_facts
from plans.letters.source import compiled
from plans.models import Reminder
from plans.queries.wording import WordingStory
from plans.rules.letter_kinds import LetterKind
from plans.rules.wording import clock_words, day_words
from plans.views.wording_words import PlacedFault, faults_of


@dataclass(frozen=True, slots=True)
class Basis:
    """The facts of a preview, and in words whose they are."""

    facts: LetterFacts
    words: str


@dataclass(frozen=True, slots=True)
class Trial:
    """`letter` is None as long as there are faults."""

    faults: tuple[PlacedFault, ...]
    letter: Letter | None
    basis: Basis


def tried(story: WordingStory, subject: str, body: str, basis: Basis) -> Trial:
    faults = tuple(faults_of(story.kind, story.language, subject, body))
    if faults:
        return Trial(faults, None, basis)
    facts = replace(basis.facts, language=story.language)
    return Trial((), render(facts, compiled(subject, body, story.kind, story.language)), basis)


def sample_basis(story: WordingStory) -> Basis:
    facts = _at(sample_facts(story.language)[story.kind], story.location)
    return Basis(_harmless(facts), "Sample facts: nobody’s.")


def basis_of(story: WordingStory, patient: Patient, rows: tuple[Reminder, ...], *, now: datetime) -> Basis:
    """The first of these letters that can still be written; else sample facts with this patient's name."""
    for row in rows:
        written_at = row.handed_off_at or (row.due_at if row.due_at > now else now)
        draft = copy(row)
        draft.patient, draft.handed_off_at, draft.recipient = patient, written_at, patient.email
        try:
            facts = facts_of(draft, language=story.language)
        except (ObjectDoesNotExist, ValueError):
            continue  # what it spoke of is gone
        if missing_facts(facts):
            continue
        return Basis(_harmless(facts), _whose(row, patient, now))
    sample = _at(sample_facts(story.language)[story.kind], story.location)
    facts = replace(sample, patient_first_name=patient.first_name)
    return Basis(_harmless(facts), f"{patient.name} has no letter of this kind: sample facts with this name.")


def themed(html: str, *, dark: bool) -> str:
    """Decide the mail's own dark mode: a frame on this page would follow the reader's computer instead."""
    return html.replace("(prefers-color-scheme: dark)", "all" if dark else "not all")


def _whose(row: Reminder, patient: Patient, now: datetime) -> str:
    zone = row.location.zone
    moment = row.handed_off_at or row.due_at
    when = f"{day_words(moment.astimezone(zone).date())}, {clock_words(moment, zone)}"
    if row.handed_off_at is None and row.due_at > now:
        return f"{patient.name}: the letter planned for {when}, with today’s facts."
    return f"{patient.name}: the letter of {when}, with today’s facts."


def _at(sample: LetterFacts, location: Location) -> LetterFacts:
    """The sample's people and hours at this location: its name, its phone, its clock."""
    here = replace(
        sample,
        clinic_name=location.name,
        clinic_phone=location.phone,
        clinic_address=location.address,
        reply_to=location.email,
        visits=tuple(_moved(visit, sample.zone, location.zone) for visit in sample.visits),
        zone=location.zone,
    )
    return replace(here, **_instants(here, sample.zone, location.zone))


def _moved(visit: Visit, was: ZoneInfo, zone: ZoneInfo) -> Visit:
    return replace(visit, **_instants(visit, was, zone))


def _instants(thing: LetterFacts | Visit, was: ZoneInfo, zone: ZoneInfo) -> dict[str, Any]:
    """Every instant at the same hour of the other clock."""
    values = {field.name: getattr(thing, field.name) for field in fields(thing)}
    return {
        name: value.astimezone(was).replace(tzinfo=zone).astimezone(UTC)
        for name, value in values.items()
        if isinstance(value, datetime)
    }


def _harmless(facts: LetterFacts) -> LetterFacts:
    """Dead links, and calendar entries of their own: a test must not move what stands in somebody's calendar."""
    page = f"{settings.PUBLIC_URL}/p/sample-link/"
    if facts.kind is LetterKind.WAITING_OFFER:
        page = urljoin(page, "offer/sample/")
    return replace(
        facts,
        page_url=page,
        unsubscribe_url=f"{settings.PUBLIC_URL}/u/sample-link/",
        uid=_sample_uid(facts.uid, 0),
        sequence=0,
        visits=tuple(
            replace(visit, uid=_sample_uid(visit.uid, place), sequence=0) for place, visit in enumerate(facts.visits)
        ),
    )


def _sample_uid(uid: str, place: int) -> str:
    return uid and f"sample-{place}@{uid.rpartition('@')[2]}"
