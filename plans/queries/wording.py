"""A location's own words for its letters: which letters have some, their versions, and whom to try them on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Case, IntegerField, Value, When

from clinic.models import Location, Staff
from clinic.rules.refusal import Forbidden
from clinic.rules.roles import Deed
from patients.models import Patient
from patients.models.patient import Language
from plans.models import LetterWording, Reminder
from plans.rules.letter_kinds import KIND_POLICY, LetterGroup, LetterKind
from plans.rules.states import ReminderState

FOUND_AT_ONCE = 6


@dataclass(frozen=True, slots=True)
class WordingLine:
    """One kind of letter; `own`: the location's own words in each language, None where it uses the house's."""

    kind: LetterKind
    own: tuple[tuple[Language, LetterWording | None], ...]


@dataclass(frozen=True, slots=True)
class WordingList:
    location: Location
    places: tuple[Location, ...]
    groups: tuple[tuple[LetterGroup, tuple[WordingLine, ...]], ...]


@dataclass(frozen=True, slots=True)
class WordingStory:
    """One letter at one location in one language. `planned`: letters to come that will be written with its words."""

    location: Location
    kind: LetterKind
    language: Language
    versions: tuple[LetterWording, ...]
    planned: int

    @property
    def current(self) -> LetterWording | None:
        return next((row for row in self.versions if row.is_current), None)

    @property
    def seen(self) -> int:
        """What somebody who looks at this saw in use; 0 for the house's words."""
        return self.current.version if self.current else 0


def wordings(by: Staff, location_id: UUID | None = None) -> WordingList:
    """Return every letter of one of their locations, the first when none is named. Two queries. Forbidden,
    DoesNotExist."""
    places = _places(by)
    location = next((one for one in places if location_id in (None, one.pk)), None)
    if location is None:
        raise Location.DoesNotExist
    rows = LetterWording.objects.current().filter(location=location).select_related("made_by").defer("body")
    own = {(row.kind, row.language): row for row in rows}
    groups = tuple(
        (group, tuple(_line(kind, own) for kind in LetterKind if KIND_POLICY[kind].group is group))
        for group in LetterGroup
    )
    return WordingList(location, places, groups)


def wording_story(by: Staff, location_id: UUID, kind: str, language: str) -> WordingStory:
    """Return one letter with all its versions, newest first. Forbidden; DoesNotExist for what there is not, or is not
    theirs."""
    location = _location(by, location_id)
    if kind not in set(LetterKind) or language not in set(Language):
        raise LetterWording.DoesNotExist
    rows = LetterWording.objects.filter(location=location, kind=kind, language=language).select_related("made_by")
    return WordingStory(
        location=location,
        kind=LetterKind(kind),
        language=Language(language),
        versions=tuple(rows.order_by("-version")),
        planned=_planned(location, kind, language),
    )


def people_to_try(by: Staff, location: Location, words: str) -> tuple[Patient, ...]:
    """Return some patients of this location by part of a name, an address or a number."""
    if not words.strip():
        return ()
    found = Patient.objects.visible_to(by).filter(home_location=location)
    return tuple(found.page_matching(words, FOUND_AT_ONCE))


def person_to_try(by: Staff, location: Location, patient_id: UUID) -> Patient:
    """Return a patient of this location. DoesNotExist."""
    rows = Patient.objects.visible_to(by).select_related("home_location")
    return rows.get(pk=patient_id, home_location=location)


def letters_to_try(patient: Patient, kind: LetterKind, *, now: datetime) -> tuple[Reminder, ...]:
    """Return this patient's letters of the kind: the next to come, the last that went, and what else there is."""
    to_come = When(state=ReminderState.PLANNED, due_at__gt=now, then=Value(0))
    gone = When(state=ReminderState.SENT, then=Value(1))
    rows = Reminder.objects.filter(patient=patient, kind=kind).select_related("location", "plan").defer("mime")
    ranked = rows.annotate(rank=Case(to_come, gone, default=Value(2), output_field=IntegerField()))
    best = [
        ranked.filter(rank=0).order_by("due_at", "pk").first(),
        *ranked.filter(rank__gt=0).order_by("rank", "-due_at", "pk")[:2],
    ]
    return tuple(row for row in best if row)


def _places(by: Staff) -> tuple[Location, ...]:
    if not by.can(Deed.CHANGE_CLINIC):
        raise Forbidden(Deed.CHANGE_CLINIC)
    return tuple(Location.objects.visible_to(by).filter(is_active=True))


def _location(by: Staff, location_id: UUID) -> Location:
    if not by.can(Deed.CHANGE_CLINIC):
        raise Forbidden(Deed.CHANGE_CLINIC)
    return Location.objects.visible_to(by).get(pk=location_id)


def _line(kind: LetterKind, own: dict[tuple[str, str], LetterWording]) -> WordingLine:
    return WordingLine(kind, tuple((language, own.get((kind.value, language.value))) for language in Language))


def _planned(location: Location, kind: str, language: str) -> int:
    """Letters not written yet. One that was tried before keeps the bytes of its first try, and their words."""
    rows = Reminder.objects.filter(kind=kind, location=location, patient__language=language)
    return rows.filter(state=ReminderState.PLANNED, handed_off_at__isnull=True).count()
