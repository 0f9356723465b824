"""One of each letter, with the facts of a clinic and a patient who do not exist."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from clinic.language import Tongue, tongue
from plans.letters.care_words import once, since
from plans.letters.facts import Expected, LetterFacts, Visit
from plans.letters.words import words
from plans.rules.letter_kinds import LetterKind as K

_SINGAPORE = ZoneInfo("Asia/Singapore")
_STARTS = datetime(2026, 11, 5, 2, 30, tzinfo=UTC)
_ENDED = _STARTS + timedelta(minutes=45)
_SAFE_ON, _MEDICINE_ON = date(2026, 12, 4), date(2026, 11, 27)
_DO_BEFORE = "Wash your hair the day before."
_SHAMPOO = "Use a sulphate-free shampoo."


def sample_facts(language: str = "en") -> dict[K, LetterFacts]:
    """Return facts for every kind of letter, always the same: one course seen through its mails."""
    speak = tongue(language)
    made = {facts.kind: facts for part in (_visits, _before, _after, _later) for facts in part(speak)}
    return {kind: made[kind] for kind in K}


@cache
def sample_words(kind: K, language: str = "en") -> dict[str, object]:
    """Return what the templates of a kind would print of its sample."""
    return words(sample_facts(language)[kind])


def _visit(speak: Tongue) -> LetterFacts:
    return LetterFacts(
        kind=K.APPOINTMENT_BOOKED,
        language=speak.code,
        patient_first_name="Mei" if speak.is_english else "مي",
        clinic_name="Riverside Hair Clinic",
        clinic_phone="+65 5550 0100",
        clinic_address="12 Example Quay, Singapore 000012",
        reply_to="desk@clinic.example",
        zone=_SINGAPORE,
        page_url="https://clinic.example/p/sample-link/",
        unsubscribe_url="https://clinic.example/u/sample-link/",
        written_at=datetime(2026, 10, 6, 1, 0, tzinfo=UTC),
        starts=_STARTS,
        ends=_ENDED,
        appointment_word=speak.say("session {number} of {count}", number=2, count=4),
        practitioner_name="Dr Sample",
        room="Room 2",
        uid="sample-appointment@clinic.example",
    )


def _timeless(speak: Tongue) -> LetterFacts:
    bare = {"starts": None, "ends": None, "appointment_word": "", "practitioner_name": "", "room": "", "uid": ""}
    return replace(_visit(speak), **bare)  # type: ignore[arg-type]  # each as its field wants it


def _visits(speak: Tongue) -> tuple[LetterFacts, ...]:
    visit = _visit(speak)
    earlier = _STARTS - timedelta(days=2, hours=-3)
    return (
        visit,
        replace(visit, kind=K.APPOINTMENT_MOVED, previous_starts=earlier, sequence=1, replaces=True),
        replace(visit, kind=K.APPOINTMENT_CANCELLED, sequence=2),
        replace(_timeless(speak), kind=K.SERIES_BOOKED, visits=_series(speak)),
        replace(visit, kind=K.APPOINTMENT_MISSED, written_at=_STARTS + timedelta(hours=1)),
        replace(
            visit,
            kind=K.WAITING_OFFER,
            page_url=f"{visit.page_url}offer/sample-offer/",
            appointment_word="",
            previous_starts=_STARTS + timedelta(days=12, hours=2),
            written_at=_STARTS - timedelta(days=3),
            until=_STARTS - timedelta(days=2),
        ),
        replace(
            visit,
            kind=K.WEEK_REMINDER,
            written_at=_STARTS - timedelta(days=7),
            care_items=(_stop(speak), speak.own(_MEDICINES)),
        ),
        replace(
            visit,
            kind=K.SESSION_REMINDER,
            written_at=_STARTS - timedelta(hours=48),
            care_items=(_eve(speak, _DO_BEFORE), speak.own("Bring a hat.")),
        ),
        replace(
            visit,
            kind=K.DAY_REMINDER,
            written_at=_STARTS - timedelta(hours=2, minutes=30),
            care_items=(speak.own("Bring a hat."),),
        ),
        replace(
            visit,
            kind=K.REVIEW_REMINDER,
            written_at=_STARTS - timedelta(hours=48),
            appointment_word=speak.plural("{n}-month review", "{n}-month review", 3),
        ),
    )


_MEDICINES = (
    "Do you take blood thinners, anti-inflammatories or high-dose vitamins? Ask your doctor whether to pause them. "
    "Do not stop them on your own."
)


def _stop(speak: Tongue) -> str:
    return since(speak, speak.own("Do not dye, straighten or keratin-treat your hair."), date(2026, 10, 29))


def _eve(speak: Tongue, text: str) -> str:
    return once(speak, speak.own(text), date(2026, 11, 4))


def _before(speak: Tongue) -> tuple[LetterFacts, ...]:
    visit, no_product = _visit(speak), "Do not use oils, creams or styling sprays."
    hat, rest = speak.own("Bring a hat."), _eve(speak, "Sleep well the night before.")
    product = since(speak, speak.own(no_product), date(2026, 11, 4))
    everything = (_stop(speak), speak.own(_MEDICINES), _eve(speak, _DO_BEFORE), product, rest, hat)
    return (
        replace(
            visit,
            kind=K.PRE_CARE_STOP,
            written_at=_STARTS - timedelta(days=8),
            care_items=(_stop(speak), speak.own(_MEDICINES)),
        ),
        replace(visit, kind=K.PRE_CARE, written_at=_STARTS - timedelta(days=3), care_items=everything),
        replace(
            visit,
            kind=K.PRE_CARE_EVE,
            written_at=_STARTS - timedelta(days=1),
            care_items=tuple(
                speak.own(text) for text in (_DO_BEFORE, no_product, "Sleep well the night before.", "Bring a hat.")
            ),
        ),
    )


def _series(speak: Tongue) -> tuple[Visit, ...]:
    weeks = (0, 4, 8, 13)
    said = [speak.say("session {number} of {count}", number=number, count=4) for number in (2, 3, 4)]
    said.append(speak.plural("{n}-month review", "{n}-month review", 3))
    return tuple(
        Visit(
            starts=_STARTS + timedelta(weeks=week),
            ends=_STARTS + timedelta(weeks=week, minutes=45),
            uid=f"sample-visit-{week}@clinic.example",
            appointment_word=word,
            practitioner_name="Dr Sample",
            room="Room 2",
        )
        for week, word in zip(weeks, said, strict=True)
    )


def _after(speak: Tongue) -> tuple[LetterFacts, ...]:
    later, wash = _timeless(speak), _ENDED + timedelta(hours=24)
    avoid = (
        speak.own("Avoid heat, sauna, steam and direct sun."),
        speak.own("Do not wear tight hairstyles. Use cotton or satin ties."),
    )
    return (
        replace(
            later,
            kind=K.AFTER_CARE,
            written_at=_ENDED,
            until=wash,
            safe_on=_SAFE_ON,
            care_items=(*avoid, speak.own(_SHAMPOO)),
        ),
        replace(later, kind=K.NO_WASH, written_at=_ENDED + timedelta(hours=1), until=wash, care_items=avoid),
        replace(later, kind=K.WASH_AGAIN, written_at=wash, until=wash, care_items=(speak.own(_SHAMPOO),)),
        replace(later, kind=K.SWELLING_CHECK, written_at=_ENDED + timedelta(days=3)),
        replace(
            later,
            kind=K.NO_DYE,
            written_at=_ENDED + timedelta(hours=24),
            safe_on=_SAFE_ON,
            uid="sample-dye-date@clinic.example",
            care_items=(speak.own(_SHAMPOO),),
        ),
        replace(later, kind=K.NO_DYE_HALF, written_at=_ENDED + timedelta(days=14), safe_on=_SAFE_ON),
        replace(
            later,
            kind=K.DYE_AGAIN,
            written_at=datetime(2026, 12, 4, 1, 0, tzinfo=UTC),
            safe_on=_SAFE_ON,
            until=datetime(2026, 12, 10, 16, 0, tzinfo=UTC),
        ),
        replace(
            later,
            kind=K.MEDICINE_AGAIN,
            written_at=datetime(2026, 11, 27, 1, 0, tzinfo=UTC),
            safe_on=_MEDICINE_ON,
            until=datetime(2026, 12, 17, 2, 30, tzinfo=UTC),
        ),
    )


_SAID = {
    K.EXPECT_2_WEEKS: (("2–4 weeks", "Some patients lose less hair when washing and brushing."),),
    K.EXPECT_6_WEEKS: (
        ("1–2 months", "The scalp may feel calmer."),
        ("6–8 weeks", "A first improvement may be seen."),
    ),
    K.EXPECT_3_MONTHS: (
        ("2–3 months", "New growth may begin."),
        ("3–6 months", "Less hair may fall, and hair may feel stronger."),
    ),
    K.EXPECT_6_MONTHS: (
        ("after 6 months", "Hair may be fuller if the treatment works. This varies from person to person."),
        ("about 12 months", "The final result can be judged."),
    ),
}


def _later(speak: Tongue) -> tuple[LetterFacts, ...]:
    later = _timeless(speak)
    written = {K.EXPECT_2_WEEKS: 2, K.EXPECT_6_WEEKS: 6, K.EXPECT_3_MONTHS: 13, K.EXPECT_6_MONTHS: 26}
    source = speak.own("Dermatology column")
    expects = (
        replace(
            later,
            kind=kind,
            written_at=_ENDED + timedelta(weeks=weeks),
            expectations=tuple(Expected(speak.own(when), speak.own(text), source) for when, text in _SAID[kind]),
        )
        for kind, weeks in written.items()
    )
    january = datetime(2026, 12, 22, 1, 0, tzinfo=UTC)
    return (
        *expects,
        replace(later, kind=K.REVIEW_INVITATION, written_at=january, months=3, due_on=date(2027, 1, 5)),
        replace(
            later,
            kind=K.REVIEW_OVERDUE,
            written_at=january + timedelta(days=30),
            months=3,
            due_on=date(2027, 1, 5),
        ),
        replace(later, kind=K.BOOSTER_DUE, written_at=january, due_on=date(2027, 8, 5)),
    )
