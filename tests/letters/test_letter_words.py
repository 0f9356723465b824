"""What every letter promises: the same facts in text and HTML, in the clinic's zone, and nothing it must not say."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from plans.letters import LetterFacts, render
from plans.letters.facts import NEEDED
from plans.letters.names import NOT_IN_SUBJECTS
from plans.letters.samples import sample_facts
from plans.rules.course import Modality
from plans.rules.letter_kinds import LetterKind

SAMPLES, ARABIC = sample_facts(), sample_facts("ar")
EVERY_KIND = pytest.mark.parametrize("kind", list(LetterKind))
IN_BOTH = pytest.mark.parametrize("samples", [SAMPLES, ARABIC], ids=["en", "ar"])
WITH_TIME = [kind for kind, facts in SAMPLES.items() if facts.starts and kind is not LetterKind.APPOINTMENT_MISSED]
DATE = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d{1,2} \w{3} \d{4}"
LINK = r"https?://\S+"


class Seen(HTMLParser):
    """What a reader of the HTML sees, where its links go, and which tags it is made of."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text, self.links, self.tags, self.skipping = "", [], [], ""
        self.feed(html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in ("style", "title"):
            self.skipping = tag
        self.text += " " if tag == "br" else ""
        if href := dict(attrs).get("href"):
            self.links.append(href)

    def handle_endtag(self, tag: str) -> None:
        self.skipping = "" if tag == self.skipping else self.skipping
        if tag in ("p", "li", "h1", "h2", "br"):
            self.text += " "

    def handle_data(self, data: str) -> None:
        self.text += "" if self.skipping else data + (" " if data.endswith("\n") else "")


def seen(facts: LetterFacts) -> tuple[str, str]:
    """Return the text body and the visible HTML, each on one line."""
    letter = render(facts)
    return " ".join(letter.text.split()), Seen(letter.html).text


def test_every_kind_has_a_sample_and_its_facts_are_named():
    assert set(SAMPLES) == set(LetterKind) == set(NEEDED)
    names = {field.name for field in fields(LetterFacts)}
    assert all(set(needed) <= names for needed in NEEDED.values())


@EVERY_KIND
@IN_BOTH
def test_text_and_html_say_the_same_word_for_word(kind: LetterKind, samples: dict[LetterKind, LetterFacts]):
    facts = samples[kind]
    letter = render(facts)
    page = Seen(letter.html)
    text = re.sub(LINK, "", letter.text).replace("\n--\n", "\n")
    said = [bare for word in text.split() if (bare := word.strip(":-"))]
    shown = [bare for word in page.text.split() if (bare := word.strip(":-"))]
    head = list(page.text.split()[: len(facts.clinic_name.split())])
    assert shown == head + said
    links = {link for link in page.links if not link.startswith("tel:")}
    assert links == set(re.findall(LINK, letter.text))
    assert "None" not in text


@EVERY_KIND
def test_a_letter_states_its_facts(kind: LetterKind):
    facts = SAMPLES[kind]
    for body in seen(facts):
        for said in (*facts.care_items, facts.clinic_name, facts.clinic_address, "Hello Mei,", "it reaches the desk"):
            assert said in body
        for one in facts.expectations:
            assert f"{one.text} ({one.source})" in body


@EVERY_KIND
def test_there_is_one_button_and_the_phone_can_be_tapped(kind: LetterKind):
    page = Seen(render(SAMPLES[kind]).html)
    [button] = [attrs["href"] for tag, attrs in page.tags if tag == "a" and attrs.get("class") == "button"]
    own = SAMPLES[kind].page_url
    assert button == (f"{own}report/" if kind is LetterKind.SWELLING_CHECK else own)
    assert own in page.links
    assert "tel:+6555500100" in page.links


@EVERY_KIND
@IN_BOTH
def test_no_subject_names_a_treatment_or_a_diagnosis(kind: LetterKind, samples: dict[LetterKind, LetterFacts]):
    subject = render(samples[kind]).subject
    assert not [word for word in NOT_IN_SUBJECTS if word in subject.casefold()]
    assert set(NOT_IN_SUBJECTS) & {"exosome", "session", "alopecia", "جلسة"}
    assert "\n" not in subject
    assert 5 < len(subject) < 80


@EVERY_KIND
def test_no_body_names_a_treatment_by_itself_or_promises_a_result(kind: LetterKind):
    text, html = (body.lower() for body in seen(SAMPLES[kind]))
    forbidden = {*(modality.value for modality in Modality), "plasma", "alopecia", "guarantee", "will grow", "cure"}
    forbidden -= {Modality.MEDICAL.value}
    assert not [word for word in forbidden if re.search(rf"\b{word}\b", text) or re.search(rf"\b{word}\b", html)]


@EVERY_KIND
def test_nothing_is_fetched_from_anywhere_when_a_letter_is_opened(kind: LetterKind):
    html = render(SAMPLES[kind]).html
    assert not {tag for tag, _ in Seen(html).tags} & {"img", "script", "link", "iframe", "object", "form", "video"}
    assert not re.search(r"url\(|@import|src=|background=", html)


@EVERY_KIND
def test_the_style_is_on_the_elements_and_dark_mode_is_kept(kind: LetterKind):
    html = render(SAMPLES[kind]).html
    button = next(attrs for tag, attrs in Seen(html).tags if attrs.get("class") == "button")
    assert "background: #0f6b66" in button["style"]
    assert "prefers-color-scheme: dark" in html


@EVERY_KIND
def test_the_same_facts_give_the_same_letter(kind: LetterKind):
    assert render(SAMPLES[kind]) == render(replace(SAMPLES[kind]))


@pytest.mark.parametrize(("kind", "name"), [(kind, name) for kind, needed in NEEDED.items() for name in needed])
def test_a_letter_with_a_hole_is_never_made(kind: LetterKind, name: str):
    empty = "" if name == "uid" else None
    with pytest.raises(ValueError, match=rf"needs {name}\."):
        render(replace(SAMPLES[kind], **{name: empty}))


@EVERY_KIND
def test_every_kind_can_do_without_what_it_does_not_need(kind: LetterKind):
    facts = SAMPLES[kind]
    optional = {field.name: field.default for field in fields(LetterFacts) if field.name not in NEEDED[kind]}
    bare = replace(facts, **{name: value for name, value in optional.items() if name in FACTS_WITH_DEFAULT})
    letter = render(bare)
    assert "None" not in letter.text
    assert "None" not in Seen(letter.html).text
    for hole in (", ,", "Before:", "With:", "Visit", "Until then"):
        assert hole not in letter.text
        assert hole not in Seen(letter.html).text
    assert "Stop these mails" not in letter.text
    assert "Stop these mails" not in letter.html


def test_a_clinic_without_an_address_has_no_empty_lines_for_it():
    facts = replace(SAMPLES[LetterKind.APPOINTMENT_BOOKED], clinic_address="")
    for body in seen(facts):
        assert "Where" in body
        assert "Room 2" in body
    bare = render(replace(facts, room=""))
    assert "Where" not in bare.text
    assert "Where" not in bare.html
    assert b"LOCATION" not in bare.calendar
    assert "\n\n\n" not in bare.text


FACTS_WITH_DEFAULT = {
    field.name for field in fields(LetterFacts) if isinstance(field.default, str | int | tuple) or field.default is None
} - {"call_now"}


@pytest.mark.parametrize("kind", WITH_TIME)
def test_hours_are_the_clinics_with_the_zones_name(kind: LetterKind):
    facts = replace(SAMPLES[kind], zone=ZoneInfo("Africa/Cairo"))
    for body in seen(facts):
        assert "04:30 to 05:15, Cairo time" in body
        assert "Thu 5 Nov 2026" in body


def test_a_visit_over_midnight_states_its_beginning_only():
    facts = SAMPLES[LetterKind.APPOINTMENT_BOOKED]
    late = datetime(2026, 11, 5, 15, 30, tzinfo=UTC)
    text, html = seen(replace(facts, starts=late, ends=late + timedelta(hours=1)))
    assert "23:30, Singapore time" in text
    assert "23:30, Singapore time" in html


def test_a_moved_appointment_names_both_times_and_says_which_holds():
    for body in seen(SAMPLES[LetterKind.APPOINTMENT_MOVED]):
        assert "10:30 to 11:15, Singapore time" in body
        assert re.search("Before:? 13:30 on Tue 3 Nov 2026", body)
        assert "This mail replaces the one we sent before." in body


def test_a_cancelled_visit_says_not_to_come():
    for body in seen(SAMPLES[LetterKind.APPOINTMENT_CANCELLED]):
        assert "You do not need to come." in body
        assert "confirm" not in body


def test_a_series_states_every_date_in_order_with_who_where_and_what():
    facts = SAMPLES[LetterKind.SERIES_BOOKED]
    assert render(facts).subject == "Your 4 appointments, from Thu 5 Nov 2026"
    for body in seen(replace(facts, zone=ZoneInfo("Africa/Cairo"))):
        assert "your 4 appointments, in Cairo time" in body
        days = ("Thu 5 Nov 2026", "Thu 3 Dec 2026", "Thu 31 Dec 2026", "Thu 4 Feb 2027")
        assert [body.index(day) for day in days] == sorted(body.index(day) for day in days)
        for word in ("Session 2 of 4", "Session 3 of 4", "Session 4 of 4", "3-month review"):
            assert re.search(rf"04:30 to 05:15, {word} With Dr Sample, Room 2", body)
        assert body.count("12 Example Quay, Singapore 000012") == 2


def test_what_is_left_of_a_series_reads_like_one_appointment():
    facts = SAMPLES[LetterKind.SERIES_BOOKED]
    letter = render(replace(facts, visits=facts.visits[:1]))
    assert letter.subject == "Your appointment on Thu 5 Nov 2026, 10:30"
    assert "Your appointment is booked\n" in letter.text
    assert "in Singapore time" in letter.text


def test_who_was_missed_is_asked_for_another_time_and_not_blamed():
    for body in seen(SAMPLES[LetterKind.APPOINTMENT_MISSED]):
        assert "e missed you at 10:30 on Thu 5 Nov 2026" in body
        assert "call +65 5550 0100" in body
        for word in ("Session", "no-show", "fee", "failed", "forgot", "Dr Sample"):
            assert word not in body


def test_an_offer_says_until_when_that_the_first_yes_counts_and_what_stays():
    facts = SAMPLES[LetterKind.WAITING_OFFER]
    assert render(facts).subject == "An earlier time for you: Thu 5 Nov 2026, 10:30"
    for body in seen(facts):
        assert "10:30 to 11:15, Singapore time" in body
        assert "until 10:30 on Tue 3 Nov 2026" in body
        assert "The first who says yes gets it." in body
        assert "Your present appointment, 12:30 on Tue 17 Nov 2026, stays until you do." in body
    assert render(facts).html.count(f'href="{facts.page_url}"') == 1


def test_no_wash_says_until_when_to_the_minute():
    for body in seen(SAMPLES[LetterKind.NO_WASH]):
        assert "You may wash your hair from 11:15 on Fri 6 Nov 2026" in body
        assert "Singapore time" in body


def test_no_dye_says_from_which_date_dye_is_fine_again():
    facts = replace(SAMPLES[LetterKind.NO_DYE], safe_on=date(2026, 11, 3))
    assert render(facts).subject == "Your hair colour date: Tue 3 Nov 2026"
    for body in seen(facts):
        assert "You may dye again from Tue 3 Nov 2026" in body


def test_dye_again_says_today_only_on_that_day_in_the_clinics_zone():
    facts = SAMPLES[LetterKind.DYE_AGAIN]
    last_evening = datetime(2026, 12, 4, 15, 59, tzinfo=UTC)
    for body in seen(replace(facts, written_at=last_evening)):
        assert "from today you may dye your hair again." in body.lower()
    for body in seen(replace(facts, written_at=last_evening + timedelta(minutes=1))):
        assert "today" not in body
        assert "Allowed since Fri 4 Dec 2026" in body


def test_dye_again_names_the_day_the_next_wait_begins():
    facts = SAMPLES[LetterKind.DYE_AGAIN]
    for body in seen(facts):
        assert "Please be done before Fri 11 Dec 2026" in body
    for body in seen(replace(facts, until=None)):
        assert "Please be done before" not in body


@pytest.mark.parametrize(
    "kind", [LetterKind.AFTER_CARE, LetterKind.NO_WASH, LetterKind.NO_DYE, LetterKind.SWELLING_CHECK]
)
def test_aftercare_letters_say_when_to_call_at_once(kind: LetterKind):
    for body in seen(SAMPLES[kind]):
        warning = body[body.lower().index("call us at once if you notice") :]
        for said in ("severe or unusual pain", "high fever", "discharge or pus", "swelling for more than 3 days"):
            assert said in warning
        assert "+65 5550 0100" in warning


def test_a_review_invitation_asks_to_book():
    facts = SAMPLES[LetterKind.REVIEW_INVITATION]
    assert render(replace(facts, months=6)).subject == "Your 6-month review"
    for body in seen(facts):
        assert "Best around Tue 5 Jan 2027" in body
        assert "No time is booked yet." in body


def test_after_a_session_both_dates_stand_above_what_to_do():
    for body in seen(SAMPLES[LetterKind.AFTER_CARE]):
        assert "You may wash your hair from 11:15 on Fri 6 Nov 2026 Singapore time" in body
        assert "You may dye your hair from Fri 4 Dec 2026" in body


@pytest.mark.parametrize("kind", [LetterKind.DYE_AGAIN, LetterKind.MEDICINE_AGAIN])
def test_what_is_allowed_again_is_not_allowed_for_ever(kind: LetterKind):
    facts = replace(SAMPLES[kind], until=datetime(2026, 12, 10, 16, 0, tzinfo=UTC))
    assert all("Fri 11 Dec 2026" in body for body in seen(facts))


@pytest.mark.parametrize("kind", [kind for kind in LetterKind if kind.startswith("expect_")])
def test_what_may_be_expected_names_who_says_so_and_promises_nothing(kind: LetterKind):
    for body in seen(SAMPLES[kind]):
        assert "nobody can promise a result" in body
        assert "(Dermatology column)" in body
    assert "Your page shows your dates" in render(replace(SAMPLES[kind], expectations=())).text
