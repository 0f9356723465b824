"""Letters in every language: no sentence is left in English, none has lost a fact, and each reads in its direction."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from clinic.catalogues import FOLDER, catalogue, languages
from clinic.language import FIRST_STRONG, POP, tongue
from clinic.post import build
from clinic.rules import wording
from plans.letters.expect_words import house_sources
from plans.letters.facts import RED_FLAGS
from plans.letters.pages import FOLDER as LETTERS
from plans.letters.preview import _envelope
from plans.letters.render import render
from plans.letters.samples import sample_facts
from plans.letters.source import sentences
from plans.rules.letter_kinds import LetterKind
from plans.rules.library import LIBRARY
from plans.rules.library_shared import read_shared
from plans.rules.states import AppointmentPurpose

TODAY, SINGAPORE = date(2026, 10, 5), ZoneInfo("Asia/Singapore")
SAID = re.compile(r'(?:say|own)\(\s*"([^"]+)"')
PLURAL = re.compile(r'plural\(\s*"([^"]+)", "([^"]+)"')
OTHER = pytest.mark.parametrize("language", languages())
HOLES = re.compile(r"{{.*?}}|{%.*?%}|\*\*|~~")


def letter_sentences(folder: Path = LETTERS) -> Iterator[str]:
    """What stands in the sources of the letters and their parts."""
    for path in sorted(folder.rglob("*.txt")):
        for line in path.read_text().splitlines():
            yield from sentences(line)


def library_sentences() -> Iterator[str]:
    shared = read_shared(LIBRARY)
    yield from (rule.text for rule in shared.care_rules.values())
    yield from (words for one, _ in shared.expectations for words in (one.when, one.text))
    yield from house_sources().values()


def code_sentences() -> Iterator[str]:
    """What the program says itself: written in `say("…")` and `own("…")`."""
    for path in (Path(wording.__file__).parents[1] / "language.py", *LETTERS.parents[1].glob("plans/letters/*.py")):
        yield from SAID.findall(path.read_text())
    yield from (*RED_FLAGS, *(purpose.label.lower() for purpose in AppointmentPurpose))
    yield from (wording.day_words(TODAY + timedelta(days=n)).split()[0] for n in range(7))
    yield from (wording.day_words(date(2026, month, 1)).split()[2] for month in range(1, 13))


def every_sentence(folder: Path = LETTERS) -> set[str]:
    return {*letter_sentences(folder), *library_sentences(), *code_sentences()}


def untranslated(language: str, wanted: set[str]) -> set[str]:
    known = catalogue(language)._catalog  # type: ignore[attr-defined]  # gettext has no other way to ask
    return {sentence for sentence in wanted if not known.get(sentence)}


@OTHER
def test_no_sentence_is_left_untranslated(language: str):
    wanted = every_sentence()
    assert len(wanted) > 220
    assert untranslated(language, wanted) == set()


@OTHER
def test_a_sentence_that_was_forgotten_is_found(language: str, tmp_path: Path):
    (tmp_path / "parts").mkdir()
    (tmp_path / "parts" / "new.txt").write_text(
        "> Planted | {{ day }}\n{% if day %}\n- And this one, {{ hour }}\n{% endif %}\n"
    )
    assert untranslated(language, every_sentence(tmp_path)) == {"Planted", "And this one, {{ hour }}"}


@OTHER
def test_a_translation_states_the_same_facts_in_its_own_words(language: str):
    known = catalogue(language)._catalog  # type: ignore[attr-defined]
    for sentence in every_sentence():
        said = known[sentence]
        assert sorted(HOLES.findall(said)) == sorted(HOLES.findall(sentence)), sentence
        fields = [
            {name for _, name, _, _ in string.Formatter().parse(HOLES.sub("", one)) if name} for one in (sentence, said)
        ]
        assert fields[0] == fields[1], sentence
        numbers = [set(re.findall(r"\d+", HOLES.sub("", one))) for one in (sentence, said)]
        # "2" may be a word of its own in a language that has a dual.
        assert numbers[1] <= numbers[0] and numbers[0] - numbers[1] <= {"1", "2"}, sentence


@OTHER
def test_every_plural_is_there_in_all_its_forms(language: str):
    known, speak = catalogue(language)._catalog, tongue(language)  # type: ignore[attr-defined]
    files = (Path(wording.__file__).parents[1] / "language.py", *LETTERS.parents[1].glob("plans/letters/*.py"))
    pairs = {pair for path in files for pair in PLURAL.findall(path.read_text())}
    assert len(pairs) >= 6
    forms = {form for key, form in (key for key in known if isinstance(key, tuple))}
    for one, other in pairs:
        assert all(known.get((one, form)) for form in forms), one
        assert "{" not in speak.plural(one, other, 11)


def test_arabic_counts_in_six_ways():
    speak = tongue("ar")
    said = [speak.plural("{n} day", "{n} days", n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)]
    expected = [
        "0 يوم",
        "يوم واحد",
        "يومين",
        "3 أيام",
        "10 أيام",
        "11 يومًا",
        "99 يومًا",
        "100 يوم",
        "102 يوم",
        "103 أيام",
    ]
    assert said == expected


def test_english_reads_as_everywhere_in_the_house():
    speak = tongue("en-gb")
    instant = datetime(2026, 11, 3, 2, 30, tzinfo=SINGAPORE)
    assert speak.moment(instant, SINGAPORE) == "02:30 on Tue 3 Nov 2026"
    assert speak.zone_name(SINGAPORE) == "Singapore time" and tongue("xx") is tongue("en")
    for days in (*range(-40, 40), 91, 200, 729, 730, 900):
        day = TODAY + timedelta(days=days)
        assert speak.distance(day, TODAY) == wording.distance_words(day, TODAY)
    for words in ([], ["a"], ["a", "b"], ["a", "b", "c"]):
        assert speak.list(words) == wording.list_words(words)
    assert speak.apart("x") == "x" and speak.direction == "ltr"


def test_arabic_days_zones_and_lists():
    speak = tongue("ar")
    assert speak.day(date(2026, 11, 3)) == "الثلاثاء 3 نوفمبر 2026"
    assert speak.zone_name(SINGAPORE) == "بتوقيت سنغافورة"
    assert speak.zone_name(ZoneInfo("America/Lima")) == f"بتوقيت {FIRST_STRONG}Lima{POP}"
    assert speak.list(["أ", "ب", "ج"]) == "أ، ب وج"
    assert [speak.distance(TODAY + timedelta(days=n), TODAY) for n in (0, 1, 2, 12, -30)] == [
        "اليوم", "غدًا", "بعد يومين", "بعد 12 يومًا", "قبل 4 أسابيع",
    ]  # fmt: skip


@pytest.mark.parametrize("kind", list(LetterKind))
def test_an_arabic_letter_is_arabic_from_right_to_left(kind: LetterKind):
    facts = sample_facts("ar")[kind]
    letter = render(facts)
    assert '<html lang="ar" dir="rtl"' in letter.html and "text-align: right" in letter.html
    for body in (letter.subject, letter.text):
        assert body.count(FIRST_STRONG) == body.count(POP)
        bare = re.sub(f"{FIRST_STRONG}.*?{POP}|https?://\\S+", "", body)
        assert not re.search("[A-Za-z]", bare), bare
    assert f"{FIRST_STRONG}+65 5550 0100{POP}" in letter.text
    if facts.starts and kind is not LetterKind.APPOINTMENT_MISSED:
        assert "الخميس 5 نوفمبر 2026" in letter.text and "10:30" in letter.subject + letter.text


def test_what_a_clinic_wrote_itself_stays_and_is_set_apart():
    speak = tongue("ar")
    assert speak.own("Bring a hat.") == "يُرجى إحضار قبعة."
    assert speak.own("Bring your {own} cap.") == f"{FIRST_STRONG}Bring your {{own}} cap.{POP}"
    facts = replace(sample_facts("ar")[LetterKind.NO_DYE], patient_first_name="Mei\u202e\u2066")
    assert f"{FIRST_STRONG}Mei{POP}،" in render(facts).text


def test_arabic_arrives_whole_in_the_headers():
    facts = replace(
        sample_facts("ar")[LetterKind.APPOINTMENT_BOOKED], clinic_name="عيادة النهر", patient_first_name="نور"
    )
    letter = render(facts)
    raw = build(_envelope(facts, letter))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    mail = message_from_bytes(raw, policy=policy.default)
    assert mail["Subject"] == letter.subject
    assert mail["From"].addresses[0].display_name == "عيادة النهر"
    assert mail["To"].addresses[0].display_name == "نور"
    assert mail.get_body(("plain",)).get_content().replace("\r\n", "\n") == letter.text


def test_no_compiled_catalogue_lies_in_the_house():
    assert not list(FOLDER.rglob("*.mo"))


def test_a_catalogue_that_cannot_be_read_is_named(tmp_path: Path):
    (tmp_path / "xx" / "LC_MESSAGES").mkdir(parents=True)
    (tmp_path / "xx" / "LC_MESSAGES" / "letters.po").write_text("hello\n")
    with pytest.raises(ValueError, match=r"letters\.po is not a catalogue"):
        catalogue("xx", tmp_path)
