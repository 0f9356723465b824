"""A letter in a location's own words: published as the next version, or given up for the house's words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol
from uuid import UUID

from django.db import transaction

from clinic.models import AuditLine, Location, Staff
from clinic.operations.audit import allow, record
from clinic.rules.refusal import Refusal
from clinic.rules.roles import Deed
from patients.models import Patient
from plans.models import LetterWording
from plans.rules.happened import Happened
from plans.rules.letter_kinds import LetterKind

TESTS_A_MINUTE = 5


class Fault(Protocol):
    """What is wrong, and where: "Line 3", "Subject", or "" for the letter as a whole."""

    @property
    def place(self) -> str: ...

    @property
    def sentence(self) -> str: ...


Check = Callable[[LetterKind, str, str, str], Sequence[Fault]]
"""What is wrong with (kind, language, subject, body). Letters are a face, so whoever publishes hands it in."""


@transaction.atomic
def publish_wording(
    *,
    location_id: UUID,
    kind: LetterKind,
    language: str,
    subject: str,
    body: str,
    note: str,
    seen: int,
    check: Check,
    by: Staff,
    now: datetime,
) -> LetterWording:
    """Write the next version and use it from now on. Letters handed off keep the words they have.

    `seen`: the version that was in use when the writer began, 0 for the house's words.
    Refusals: newer, broken, note, nothing_changed.
    """
    location = _locked(location_id, by)
    rows = LetterWording.objects.filter(location=location, kind=kind, language=language)
    current = rows.current().select_related("made_by").first()
    _refuse_newer(current, seen)
    if faults := check(kind, language, subject, body):
        raise Refusal("broken", fault_words(faults[0]))
    if not note.strip():
        raise Refusal("note", "Write what is different and why: whoever comes after you will ask.")
    if current and (current.subject, current.body) == (subject, body):
        raise Refusal("nothing_changed", f"This says the same as version {current.version}, which is in use.")
    newest = rows.order_by("-version").values_list("version", flat=True).first() or 0
    rows.current().update(is_current=False)
    made = LetterWording.objects.create(
        location=location, kind=kind, language=language, version=newest + 1, subject=subject, body=body,
        note=note.strip(), made_by=by, made_at=now,
    )  # fmt: skip
    details = {"kind": kind.value, "language": language, "version": made.version, "replaces": seen}
    record(Happened.WORDING_PUBLISHED, about=made, by=by, now=now, location=location, reason=made.note, details=details)
    return made


@transaction.atomic
def drop_wording(
    *, location_id: UUID, kind: LetterKind, language: str, seen: int, by: Staff, now: datetime
) -> LetterWording:
    """Use the house's words again; the versions are kept. Refusals: newer, house."""
    location = _locked(location_id, by)
    rows = LetterWording.objects.filter(location=location, kind=kind, language=language)
    current = rows.current().select_related("made_by").first()
    if current is None:
        raise Refusal("house", "This letter uses the house's words already.")
    _refuse_newer(current, seen)
    current.is_current = False
    current.save(update_fields=["is_current"])
    details = {"kind": kind.value, "language": language, "version": current.version}
    record(Happened.WORDING_DROPPED, about=current, by=by, now=now, location=location, details=details)
    return current


@transaction.atomic
def allow_test_letter(
    *, location_id: UUID, kind: LetterKind, language: str, patient_id: UUID | None, by: Staff, now: datetime
) -> None:
    """Note a test letter to one's own address, before it leaves: none goes without its line. Refusals: no_address,
    too_many."""
    allow(by, Deed.CHANGE_CLINIC)
    me = Staff.objects.select_for_update(of=("self",)).get(pk=by.pk)  # two at once are counted one after the other
    location = Location.objects.visible_to(by).get(pk=location_id)
    if patient_id:
        Patient.objects.visible_to(by).get(pk=patient_id, home_location=location)
    if not me.email:
        raise Refusal("no_address", "Your account has no e-mail address to send it to: set one under “Your account”.")
    lately = AuditLine.objects.filter(by=me, happened=Happened.TEST_LETTER_SENT, at__gt=now - timedelta(minutes=1))
    if lately.count() >= TESTS_A_MINUTE:
        raise Refusal("too_many", f"{TESTS_A_MINUTE} test letters a minute are enough: wait a minute, then try again.")
    details = {"kind": kind.value, "language": language}
    record(
        Happened.TEST_LETTER_SENT,
        about=location,
        by=by,
        now=now,
        patient_id=patient_id,
        location=location,
        details=details,
    )


def fault_words(fault: Fault) -> str:
    return f"{fault.place}: {fault.sentence}" if fault.place else fault.sentence


def _locked(location_id: UUID, by: Staff) -> Location:
    """Lock the location: two people who publish the same letter come one after the other."""
    allow(by, Deed.CHANGE_CLINIC)
    mine = Location.objects.visible_to(by).filter(pk=location_id).values("pk")
    return Location.objects.select_for_update(of=("self",)).get(pk__in=mine)


def _refuse_newer(current: LetterWording | None, seen: int) -> None:
    if seen == (current.version if current else 0):
        return
    if current is None:
        said = "Somebody went back to the house's words meanwhile."
    else:
        said = f"{current.made_by or 'Somebody'} published version {current.version} meanwhile."
    raise Refusal("newer", f"{said} Nothing of yours is lost: look at what differs, then publish again.")
