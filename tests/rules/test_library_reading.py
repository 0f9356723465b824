"""A fingerprint follows the content, and a mistake in a file is refused with a sentence."""

import shutil
from pathlib import Path

import pytest

from plans.rules.library import read_library
from plans.rules.library_shared import SHARED_FILES

LIBRARY = Path(__file__).resolve().parents[2] / "plans" / "library"
KEYS = {protocol.key for protocol in read_library(LIBRARY)}


@pytest.fixture
def folder(tmp_path):
    """A copy of the library that may be changed."""
    return Path(shutil.copytree(LIBRARY, tmp_path / "library"))


def change(folder, name, old, new):
    text = (folder / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{name} must hold {old!r} once"
    (folder / name).write_text(text.replace(old, new), encoding="utf-8")


def fingerprints(folder):
    return {protocol.key: protocol.fingerprint for protocol in read_library(folder)}


# --- Fingerprints -------------------------------------------------------------------------------------------------


def test_a_comment_and_the_order_of_keys_change_no_fingerprint(folder):
    before = fingerprints(folder)
    change(folder, "prp.toml", 'view_set = "pattern"\n', "")
    change(folder, "prp.toml", 'key = "prp"\ntitle', '# a remark\n\nview_set   =  "pattern"\nkey = "prp"\ntitle')
    assert fingerprints(folder) == before


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('target = "5 weeks"', 'target = "6 weeks"'),
        ('title = "PRP: every', 'title = "PRP, every'),
        ("minutes = 60", "minutes = 45"),
        ("The clinic sets it.", "Ask the desk."),
    ],
)
def test_content_changes_the_fingerprint_of_its_protocol_only(folder, old, new):
    before = fingerprints(folder)
    change(folder, "prp.toml", old, new)
    after = fingerprints(folder)
    assert {key for key in after if after[key] != before[key]} == {"prp"}


def test_a_changed_care_rule_makes_a_new_version_of_every_protocol_that_has_it(folder):
    before = fingerprints(folder)
    change(folder, "care_rules.toml", 'ends = "3 weeks"', 'ends = "2 weeks"')
    after = fingerprints(folder)
    assert {key for key in after if after[key] != before[key]} == KEYS - {"prp", "mesotherapy"}


def test_a_file_says_what_starts_after_what_and_what_is_taken_alongside(folder):
    before = fingerprints(folder)
    change(folder, "exosome-prp-staggered.toml", 'starts = "2 weeks"', 'starts = "2 weeks"\nstarts_after = "exosome"')
    with (folder / "exosome-prp-staggered.toml").open("a", encoding="utf-8") as file:
        file.write('\n[[alongside]]\nkey = "minoxidil"\nmodality = "medical"\nname = "Minoxidil"\nsource = "S0"\n')
    course = next(one.course for one in read_library(folder) if one.key == "exosome-prp-staggered")
    assert course.component("prp").starts_after == "exosome"
    assert [(one.key, one.source, one.lasts) for one in course.alongside] == [("minoxidil", "S0", None)]
    after = fingerprints(folder)
    assert {key for key in after if after[key] != before[key]} == {"exosome-prp-staggered"}


# --- Mistakes -----------------------------------------------------------------------------------------------------

MISTAKES = [
    (
        "prp.toml",
        'care_sets = ["every-session"]',
        'care_rules = ["no-singing"]',
        "prp.toml: “care_rules” names the unknown care rule “no-singing”.",
    ),
    (
        "prp.toml",
        'care_sets = ["every-session"]',
        'care_sets = ["some"]',
        "prp.toml: “care_sets” names the unknown care set “some”.",
    ),
    (
        "prp.toml",
        'earliest = "4 weeks"',
        'earliest = "2 months"',
        "prp.toml, component 1, interval: must rise from earliest to target to latest, not 2 months, 5 weeks, 6 weeks.",
    ),
    ("prp.toml", 'earliest = "4 weeks"', 'earliest = "0 weeks"', "“earliest” must be at least 1 day."),
    ("prp.toml", 'earliest = "4 weeks"', 'earliest = "24 hours"', "“earliest” cannot be in hours"),
    (
        "prp.toml",
        'earliest = "4 weeks"',
        'earliest = "a while"',
        "prp.toml, component 1, interval: “earliest”: “a while” is not a length of time",
    ),
    (
        "prp.toml",
        "min = 3",
        "min = 0",
        "prp.toml, component 1, sessions: “min” must be a whole number of at least 1, not 0.",
    ),
    ("prp.toml", "usual = 4", "usual = 9", "must rise from min to usual to max, not 3, 9, 6."),
    ("prp.toml", 'modality = "prp"', 'modality = "leeches"', "“modality” is “leeches”, but must be one of exosome,"),
    ("prp.toml", 'source = "S3, P1"', 'source = "S3, S9"', "prp.toml: “source” names the unknown source “S9”."),
    ("prp.toml", '"month-6"]', '"month-7"]', "prp.toml: “reviews” names the unknown review point “month-7”."),
    ("prp.toml", 'summary = "', 'sumary = "', "prp.toml: “sumary” is not a key of this table"),
    (
        "prp.toml",
        'key = "prp"\ntitle',
        'key = "blood"\ntitle',
        "prp.toml: “key” is “blood”, but must be the file's name, “prp”.",
    ),
    ("prp.toml", 'title = "PRP: every 4–6 weeks"', 'title = " "', "prp.toml: “title” is empty."),
    ("prp.toml", "minutes = 60", "minutes = true", "“minutes” must be a whole number"),
    ("prp.toml", "[[component]]", "[[component", "prp.toml: not readable as TOML"),
    (
        "exosome-prp-same-day.toml",
        'shares_visit_with = "exosome"',
        'shares_visit_with = "prp"',
        "“shares_visit_with” names “prp”, which is no other component.",
    ),
    (
        "exosome-monthly-standard.toml",
        "is_default = true",
        "is_default = false",
        "Exactly one protocol must say “is_default = true”, not 0",
    ),
    (
        "prp.toml",
        'view_set = "pattern"',
        'view_set = "pattern"\nis_default = true',
        "Exactly one protocol must say “is_default = true”, not 2",
    ),
    (
        "care_rules.toml",
        'conflicts_with = "wash-day-before"\nin_force = false',
        'conflicts_with = "wash-day-before"',
        "“wash-day-before” and “no-wash-before” in force, which conflict: pick one.",
    ),
    (
        "care_rules.toml",
        'conflicts_with = "wash-day-before"',
        'conflicts_with = "wash-daily"',
        "care_rules.toml, rules, no-wash-before: “conflicts_with” names the unknown care rule “wash-daily”.",
    ),
    (
        "care_rules.toml",
        'source = "OWNER, S3"',
        'source = "BOSS"',
        "care_rules.toml, rules, no-dye: “source” names the unknown source “BOSS”.",
    ),
    (
        "care_rules.toml",
        'ends = "24 hours"',
        'ends = "24 hours"\nongoing = true',
        "no-wash: “ongoing” cannot be true when “ends” is set.",
    ),
    ("reviews.toml", 'offset = "3 months"', 'offset = "3 hours"', "reviews.toml, month-3: “offset” cannot be in hours"),
    ("expectations.toml", 'source = "S2, S3"', 'source = ""', "expectations.toml, expectation 3: “source” is empty."),
]


@pytest.mark.parametrize(("name", "old", "new", "sentence"), MISTAKES, ids=range(len(MISTAKES)))
def test_a_mistake_is_refused_with_a_sentence_naming_file_and_key(folder, name, old, new, sentence):
    change(folder, name, old, new)
    with pytest.raises(ValueError) as refused:
        read_library(folder)
    assert sentence in str(refused.value)


@pytest.mark.parametrize("name", sorted(SHARED_FILES))
def test_a_missing_shared_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ValueError, match=f"{name}: the protocol library needs this file"):
        read_library(folder)
