"""Nothing on a patient's pages is left untranslated, and no translation lost what stands in the sentence."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from clinic.catalogues import FOLDER
from clinic.language import tongue
from tests.pages.own_sentences import HOUSE, library_sentences, sentences

PLACES = re.compile(r"%\(\w+\)s|</?\w+>")


def catalogue() -> dict[str, str]:
    with (FOLDER / "ar" / "LC_MESSAGES" / "django.po").open("rb") as file:
        return {one.id: one.string for one in read_po(file) if one.id}


def test_every_sentence_of_her_pages_is_translated_and_keeps_what_is_filled_in() -> None:
    known, asked = catalogue(), dict.fromkeys(said for _, said in sentences())
    assert len(asked) > 150
    assert [said for said in asked if not known.get(said)] == []
    assert [said for said in asked if sorted(PLACES.findall(said)) != sorted(PLACES.findall(known[said]))] == []
    assert set(known) - set(asked) == set(), "sentences that stand nowhere any more"


def test_the_librarys_rules_and_expectations_read_in_her_language_too() -> None:
    arabic = tongue("ar")
    assert [said for said in dict.fromkeys(library_sentences()) if not arabic.knows(said)] == []


@pytest.mark.parametrize("page", sorted(HOUSE.glob("templates/patient/*.html")), ids=lambda page: page.name)
def test_no_word_of_a_page_stands_outside_of_a_translation(page: object) -> None:
    source = page.read_text(encoding="utf-8")  # type: ignore[attr-defined]
    bare = re.sub(r"{% blocktranslate.*?endblocktranslate %}|{[{%#].*?[}%#]}|<[^>]*>", " ", source, flags=re.DOTALL)
    assert re.findall(r"[A-Za-z]{2,}", bare) == []


def test_the_sentences_are_no_format_strings_by_mistake() -> None:
    """`Tongue.say` fills in {names}: a brace in a patient's sentence would be one."""
    assert [said for _, said in sentences() if any(name for _, name, _, _ in Formatter().parse(said))] == []
