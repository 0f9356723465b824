"""One of each letter, with the facts of a clinic and a patient who do not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from plans.letters.facts import LetterFacts, Visit
from plans.rules.reminders import LetterKind

_SINGAPORE = ZoneInfo("Asia/Singapore")
_STARTS = datetime(2026, 11, 5, 2, 30, tzinfo=UTC)

_VISIT = LetterFacts(
    kind=LetterKind.APPOINTMENT_BOOKED,
    patient_first_name="Mei",
    clinic_name="Riverside Hair Clinic",
    clinic_phone="+65 5550 0100",
    clinic_address="12 Example Quay, Singapore 000012",
    reply_to="desk@clinic.example",
    zone=_SINGAPORE,
    page_url="https://clinic.example/p/sample-link",
    unsubscribe_url="https://clinic.example/stop/sample-link",
    written_at=datetime(2026, 10, 6, 1, 0, tzinfo=UTC),
    starts=_STARTS,
    ends=_STARTS + timedelta(minutes=45),
    appointment_word="session 2 of 4",
    practitioner_name="Dr Sample",
    room="Room 2",
    uid="sample-appointment@clinic.example",
)

_NO_TIME = replace(_VISIT, starts=None, ends=None, appointment_word="", practitioner_name="", room="", uid="")


def sample_facts() -> dict[LetterKind, LetterFacts]:
    """Return facts for every kind of letter, always the same: one course seen through its mails."""
    return {facts.kind: facts for facts in (*_about_the_visit(), *_after_the_visit())}


def _about_the_visit() -> tuple[LetterFacts, ...]:
    return (
        _VISIT,
        replace(
            _VISIT,
            kind=LetterKind.APPOINTMENT_MOVED,
            previous_starts=_STARTS - timedelta(days=2, hours=-3),
            sequence=1,
            replaces=True,
        ),
        replace(_VISIT, kind=LetterKind.APPOINTMENT_CANCELLED, sequence=2),
        replace(_NO_TIME, kind=LetterKind.SERIES_BOOKED, visits=_series()),
        replace(_VISIT, kind=LetterKind.APPOINTMENT_MISSED, written_at=_STARTS + timedelta(hours=1)),
        replace(
            _VISIT,
            kind=LetterKind.WAITING_OFFER,
            page_url=f"{_VISIT.page_url}/offer/sample-offer/",
            appointment_word="",
            previous_starts=_STARTS + timedelta(days=12, hours=2),
            written_at=_STARTS - timedelta(days=3),
            until=_STARTS - timedelta(days=2),
        ),
        replace(
            _VISIT,
            kind=LetterKind.SESSION_REMINDER,
            written_at=_STARTS - timedelta(hours=48),
            care_items=("Wash your hair on Wed 4 Nov 2026.", "Bring a hat."),
        ),
        replace(
            _VISIT,
            kind=LetterKind.PRE_CARE,
            written_at=_STARTS - timedelta(hours=72),
            care_items=(
                "No colouring, keratin or straightening, from Thu 29 Oct 2026.",
                "Wash your hair on Wed 4 Nov 2026.",
                "No oils, creams or styling sprays, from Wed 4 Nov 2026.",
                "Blood thinners, anti-inflammatories, high-dose vitamins: ask us whether to pause.",
                "Sleep well the night before.",
                "Bring a hat.",
            ),
        ),
    )


def _series() -> tuple[Visit, ...]:
    weeks = (0, 4, 8, 13)
    words = ("session 2 of 4", "session 3 of 4", "session 4 of 4", "3-month review")
    return tuple(
        Visit(
            starts=_STARTS + timedelta(weeks=week),
            ends=_STARTS + timedelta(weeks=week, minutes=45),
            uid=f"sample-visit-{week}@clinic.example",
            appointment_word=word,
            practitioner_name="Dr Sample",
            room="Room 2",
        )
        for week, word in zip(weeks, words, strict=True)
    )


def _after_the_visit() -> tuple[LetterFacts, ...]:
    ended = _STARTS + timedelta(minutes=45)
    return (
        replace(
            _NO_TIME,
            kind=LetterKind.NO_WASH,
            written_at=ended + timedelta(hours=1),
            until=ended + timedelta(hours=24),
            care_items=("No heat, sauna, steam or direct sun.", "No tight hairstyles: cotton or satin ties."),
        ),
        replace(
            _NO_TIME,
            kind=LetterKind.NO_DYE,
            written_at=ended + timedelta(hours=24),
            safe_on=date(2026, 12, 4),
            uid="sample-dye-date@clinic.example",
            care_items=("Chemical straightening counts as dye.", "Use a sulphate-free shampoo."),
        ),
        replace(
            _NO_TIME,
            kind=LetterKind.DYE_AGAIN,
            written_at=datetime(2026, 12, 4, 1, 0, tzinfo=UTC),
            safe_on=date(2026, 12, 4),
            until=datetime(2026, 12, 10, 16, 0, tzinfo=UTC),
        ),
        replace(
            _NO_TIME,
            kind=LetterKind.REVIEW_INVITATION,
            written_at=datetime(2026, 12, 22, 1, 0, tzinfo=UTC),
            months=3,
            review_due=date(2027, 1, 5),
        ),
    )
