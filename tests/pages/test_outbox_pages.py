from __future__ import annotations

from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from plans.models import Appointment, Reminder
from plans.rules.states import ReminderState
from tests.pages.visits import DAY, Clinic, first_of, open_pages, seen, sent

pytestmark = pytest.mark.django_db
MIME = (
    b"From: Riverside <desk@clinic.example>\r\nTo: Noor <noor@example.org>\r\nSubject: Your appointment\r\n"
    b"MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=x\r\n\r\n"
    b"--x\r\nContent-Type: text/plain\r\n\r\nPlain words\r\n"
    b'--x\r\nContent-Type: text/html\r\n\r\n<p class="a">Rich "words"</p><script>alert(1)</script>\r\n--x--\r\n'
)


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def row(clinic: Clinic) -> Appointment:
    return clinic.cast.book(first_of(clinic.plan()), clinic.cast.at(clinic.cast.today + 10 * DAY, 11))


@pytest.fixture
def letter(row: Appointment) -> Reminder:
    """The letter that tells of the booking; it failed, and its bytes are kept."""
    found = Reminder.objects.get(about_id=row.pk, kind="appointment_booked")
    found.state, found.state_reason, found.last_text = (
        ReminderState.FAILED,
        "the mail server refused it",
        "no such mailbox",
    )
    found.mime, found.recipient, found.subject = MIME, "noor@example.org", "Your appointment"
    found.save()
    return found


def test_every_letter_says_why_it_stands_as_it_stands(clinic: Clinic, letter: Reminder) -> None:
    page = seen(clinic.manager, "outbox")
    assert "Not sent: the mail server refused it (no such mailbox)." in page
    assert "1 letter waits for a human" in page


def test_what_is_planned_for_later_is_shown_when_asked_for_soonest_first(clinic: Clinic, letter: Reminder) -> None:
    later = Reminder.objects.exclude(pk=letter.pk).filter(due_at__gt=clinic.cast.now).order_by("due_at", "id")
    assert later.count() > 1
    address = [reverse("plans:letter", args=[one.pk]) for one in later]
    assert not any(one in seen(clinic.manager, "outbox") for one in address)
    page = seen(clinic.manager, "outbox", ask="?state=planned")
    places = [page.index(one) for one in address]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("ask", "found"),
    [
        ("?q=noor", True), ("?q=nobody", False), ("?state=waiting", True), ("?state=sent", False), ("?state=failed", True),
        ("?kind=appointment_booked", True), ("?kind=dye_again", False), ("?state=nonsense&kind=nonsense", True),
        ("?after=nonsense", True),
    ],
)  # fmt: skip
def test_letters_are_found_by_name_kind_and_state(clinic: Clinic, letter: Reminder, ask: str, found: bool) -> None:
    page = seen(clinic.manager, "outbox", ask=ask)
    assert (reverse("plans:letter", args=[letter.pk]) in page) is found


def test_the_letters_of_one_patient(clinic: Clinic, letter: Reminder) -> None:
    assert reverse("plans:letter", args=[letter.pk]) in seen(
        clinic.manager, "outbox", ask=f"?patient={letter.patient_id}"
    )
    other = clinic.cast.patient("Other")
    assert "No letter like that" in seen(clinic.manager, "outbox", ask=f"?patient={other.pk}")
    assert "Noor" not in seen(clinic.outsider, "outbox", ask=f"?patient={letter.patient_id}")


def test_page_by_page_no_letter_is_lost_or_shown_twice(
    clinic: Clinic, letter: Reminder, django_assert_max_num_queries: Any
) -> None:
    for number in range(119):
        letter.pk, letter.content_version, letter._state.adding = None, 10 + number, True
        letter.id = Reminder._meta.pk.get_default()
        letter.save()  # all due in the same instant
    client, ask, found = clinic.manager, "?state=failed", []
    while ask:
        with django_assert_max_num_queries(6):  # session, user, locations, the page, how many wait, the postroom
            answer = client.get(reverse("plans:outbox") + ask)
        found += [one.pk for one, _, _ in answer.context["rows"]]
        ask = answer.context["older"]
    assert len(found) == len(set(found)) == 120


def test_an_empty_outbox_says_what_would_be_here(clinic: Clinic) -> None:
    assert "No letter was due yet" in seen(clinic.manager, "outbox")


# -- one letter ------------------------------------------------------------------------------------------------------
def test_the_letter_is_shown_exactly_and_can_do_nothing(clinic: Clinic, letter: Reminder) -> None:
    page = seen(clinic.manager, "letter", letter.pk)
    assert "Plain words" in page
    frame = page[page.index("<iframe") : page.index("</iframe>")]
    assert " sandbox " in frame
    assert escape('<p class="a">Rich "words"</p>') in frame
    assert "<script>alert" not in page


def test_the_bytes_are_handed_over_as_they_went(clinic: Clinic, letter: Reminder) -> None:
    answer = clinic.manager.get(reverse("plans:letter-file", args=[letter.pk]))
    assert answer.content == MIME
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_a_letter_not_written_yet_says_so(clinic: Clinic, letter: Reminder) -> None:
    planned = Reminder.objects.filter(state=ReminderState.PLANNED).first()
    assert "Not written yet" in seen(clinic.manager, "letter", planned.pk)
    seen(clinic.manager, "letter-file", planned.pk, status=404)


def test_a_letter_is_sent_again_as_a_new_one(clinic: Clinic, letter: Reminder) -> None:
    page = sent(clinic.manager, "letter-resend", letter.pk)
    again = Reminder.objects.get(supersedes=letter)
    assert again.state == ReminderState.PLANNED
    assert "planned again" in page
    assert "Sent again as a new letter" in seen(clinic.manager, "letter", letter.pk)
    assert "1 letter waits" not in seen(clinic.manager, "outbox")
    assert Reminder.objects.filter(supersedes=letter).count() == 1


def test_a_letter_is_put_aside_with_a_word(clinic: Clinic, letter: Reminder) -> None:
    assert "This field is required" in sent(clinic.manager, "letter-close", letter.pk, reason=" ")
    letter.refresh_from_db()
    assert letter.state == ReminderState.FAILED
    assert "put aside" in sent(clinic.manager, "letter-close", letter.pk, reason="phoned")
    letter.refresh_from_db()
    assert (letter.state, letter.state_reason) == (ReminderState.CLOSED, "phoned")


def test_a_clinician_reads_letters_and_settles_none(clinic: Clinic, letter: Reminder) -> None:
    page = seen(clinic.doctor, "letter", letter.pk)
    assert "Send again" not in page
    for name in ("letter-resend", "letter-close"):
        answer = clinic.doctor.post(reverse(f"plans:{name}", args=[letter.pk]), {"reason": "phoned"})
        assert answer.status_code == 403
    letter.refresh_from_db()
    assert letter.state == ReminderState.FAILED


def test_another_places_letter_is_not_there(clinic: Clinic, letter: Reminder) -> None:
    seen(clinic.outsider, "letter", letter.pk, status=404)
    seen(clinic.outsider, "letter-file", letter.pk, status=404)
    assert clinic.outsider.post(reverse("plans:letter-resend", args=[letter.pk])).status_code == 404
    assert not Reminder.objects.filter(supersedes=letter).exists()
