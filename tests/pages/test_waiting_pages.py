"""The waiting list's pages at the desk, and the offer on the patient's telephone."""

from __future__ import annotations

import re
from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from patients.links import make_link_token
from patients.models import Patient
from plans.models import Appointment, Offer, WaitingEntry
from plans.operations.booking import book_appointment, cancel_appointment
from plans.operations.offers import make_offers, take_offer
from plans.operations.waiting import want_earlier
from plans.rules.states import AppointmentPurpose, OfferState, WaitingState
from plans.rules.wishes import Wishes
from tests.pages.visits import HOUR, Clinic, open_pages, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Clinic:
    return open_pages(settings, tmp_path)


def book(clinic: Clinic, who: Patient, days: int, hour: int = 11, **more: Any) -> Appointment:
    cast = clinic.cast
    starts = cast.at(cast.today + timedelta(days=days), hour)
    wish = {"purpose": AppointmentPurpose.CONSULTATION, "minutes": 45, "tell": False, **cast.place(), **more}
    return book_appointment(patient_id=who.pk, starts=starts, by=cast.desk, now=cast.now, **wish)


def waits(
    clinic: Clinic, first: str, days: int, hour: int = 9, wishes: Wishes | None = None, **more: Any
) -> WaitingEntry:
    cast = clinic.cast
    row = book(clinic, cast.patient(first, **more), days, hour)
    return want_earlier(appointment_id=row.pk, wishes=wishes or Wishes(), by=cast.desk, now=cast.now)


def freed(clinic: Clinic, days: int = 3) -> Appointment:
    row, cast = book(clinic, clinic.cast.patient("Bea"), days), clinic.cast
    return cancel_appointment(appointment_id=row.pk, reason="travels", tell=False, by=cast.desk, now=cast.now)


def words(page: str) -> str:
    return " ".join(re.sub(r"<(?:script|style).*?</(?:script|style)>|<[^>]+>", " ", page, flags=re.S).split())


# -- The list ----------------------------------------------------------------------------------------------------------
def test_an_empty_list_says_how_to_begin(clinic: Clinic) -> None:
    assert "Nobody waits for an earlier time" in seen(clinic.desk, "waiting")


def test_the_list_says_who_waits_for_what_since_when_and_with_what_meanwhile(clinic: Clinic) -> None:
    waits(clinic, "Noor", 10, wishes=Wishes(frozenset({1}), until=time(12), practitioners=frozenset()))
    waits(clinic, "Nomail", 11, email="", phone="+65 5550 0199")
    gone = freed(clinic)
    clinic.stand_at(clinic.cast.now + timedelta(days=1))
    page = seen(clinic.desk, "waiting")
    said = words(page)
    for part in (
        "Noor Sample0", "Thu 15 Oct 2026, 09:00", "Consultation, with Dr One", "Tuesdays, before 12:00",
        "Mon 5 Oct 2026 1 day", "none open", "no e-mail: phone +6555500199", "Times set free lately Thu 8 Oct 2026, 11:00",
    ):  # fmt: skip
        assert part in said
    assert reverse("plans:waiting-offer", args=[gone.pk]) in page


def test_the_list_costs_the_same_however_many_wait(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    gone = [freed(clinic, day) for day in (3, 4)]
    for number in range(12):
        waits(
            clinic, f"N{number}", 10 + number, wishes=Wishes(practitioners=frozenset({clinic.cast.practitioners[0].pk}))
        )
    browser = clinic.desk
    with django_assert_max_num_queries(7):  # session, user, entries, names, set free, booked again, sidebar
        seen(browser, "waiting")
    with django_assert_max_num_queries(12):  # session, user, the time, its offers, entries, names, 4 of hours, taken
        seen(browser, "waiting-offer", gone[0].pk)


def test_somebody_joins_the_list_from_the_appointment_with_her_wishes(clinic: Clinic) -> None:
    row, desk = book(clinic, clinic.cast.patient("Noor"), 10), clinic.desk
    assert "Put on the waiting list" in seen(desk, "waiting-add", row.pk)
    asked = {"part": "morning", "days": "not", "weekday": ["1"], "not_before": "2026-10-08"}
    assert "Noor Sample0 is on the waiting list." in sent(desk, "waiting-add", row.pk, **asked)
    entry = WaitingEntry.objects.get()
    assert Wishes.from_json(entry.wishes) == Wishes(frozenset({0, 2, 3, 4, 5, 6}), until=time(12))
    again = seen(desk, "waiting-add", row.pk)
    assert "Save the wishes" in again and 'value="2026-10-08"' in again
    assert 'value="morning" checked' in again and 'name="weekday" value="1" >' in again


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"not_before": "2026-10-15"}, "choose an earlier day"),
        ({"not_before": "2026-10-01"}, "Choose a day from today on"),
        ({"days": "not", "weekday": list("0123456")}, "Leave at least one day"),
        ({"part": "between", "begins": "12:00", "until": "11:00"}, "is later than"),
    ],
)
def test_wishes_that_cannot_be_meant_are_asked_again(clinic: Clinic, asked: dict[str, object], why: str) -> None:
    row = book(clinic, clinic.cast.patient("Noor"), 10)
    assert why in sent(clinic.desk, "waiting-add", row.pk, **asked)
    assert not WaitingEntry.objects.exists()


def test_who_has_nothing_to_come_is_told_so(clinic: Clinic) -> None:
    gone = freed(clinic)
    assert "Only somebody with an appointment to come" in seen(clinic.desk, "waiting-add", gone.pk)


def test_waiting_is_ended_from_the_list(clinic: Clinic) -> None:
    entry = waits(clinic, "Noor", 10)
    assert "does not wait any more" in sent(clinic.desk, "waiting-end", entry.pk)
    entry.refresh_from_db()
    assert entry.state == WaitingState.WITHDRAWN


# -- Offering ----------------------------------------------------------------------------------------------------------
def test_the_page_shows_whom_it_suits_whom_to_phone_and_whom_it_does_not_suit_with_why(clinic: Clinic) -> None:
    waits(clinic, "Noor", 10)
    waits(clinic, "Nomail", 11, email="", phone="+65 5550 0199")
    waits(clinic, "Monday", 12, wishes=Wishes(frozenset({0})))
    said = words(seen(clinic.desk, "waiting-offer", freed(clinic).pk))
    assert "Offer Thu 8 Oct 2026, 11:00" in said
    suits, phone, others = (
        said.index(word) for word in ("It suits Noor", "To phone Nomail", "It does not suit Monday")
    )
    assert suits < phone < others
    assert "No e-mail: phone +6555500199" in said and "Wished: Mondays." in said
    assert "Offer to 1 by mail" in said and "until Tue 6 Oct 2026, 09:00" in said


def test_it_is_offered_to_those_ticked_and_to_nobody_twice(clinic: Clinic) -> None:
    chosen, other = waits(clinic, "Noor", 10), waits(clinic, "Zoe", 11)
    gone, desk = freed(clinic), clinic.desk
    assert "Tick at least one." in sent(desk, "waiting-offer", gone.pk)
    page = words(sent(desk, "waiting-offer", gone.pk, entry=[str(chosen.pk)]))
    assert "Offered to Noor Sample0 by mail." in page
    assert "It suits Zoe" in page and "Offered already Noor" in page
    assert [offer.entry_id for offer in Offer.objects.all()] == [chosen.pk]
    page = words(sent(desk, "waiting-offer", gone.pk, entry=[str(other.pk)]))
    assert "It suits" not in page and page.count("09:00 Open Give it to") == 2


def test_staff_give_it_by_phone(clinic: Clinic) -> None:
    entry, gone = waits(clinic, "Nomail", 11, email=""), freed(clinic)
    page = sent(clinic.desk, "waiting-give", gone.pk, entry.pk)
    assert "Nomail Sample0 comes on Thu 8 Oct 2026, 11:00." in page
    assert "has taken this time" in seen(clinic.desk, "waiting-offer", gone.pk)


def test_a_time_too_near_for_a_mail_is_for_the_phone(clinic: Clinic) -> None:
    waits(clinic, "Noor", 10, phone="+65 5550 0110")
    gone = freed(clinic)
    clinic.stand_at(gone.starts - HOUR)
    said = words(seen(clinic.desk, "waiting-offer", gone.pk))
    assert (
        "It begins too soon for a mail" in said
        and "To phone Noor" in said
        and "by mail" not in said.split("It begins")[0]
    )


def test_a_time_that_is_not_free_says_so(clinic: Clinic) -> None:
    row = book(clinic, clinic.cast.patient("Noor"), 10)
    assert "its time is not free" in seen(clinic.desk, "waiting-offer", row.pk)


# -- The patient's page ------------------------------------------------------------------------------------------------
def offered(clinic: Clinic) -> Offer:
    waits(clinic, "Noor", 10)
    [made] = make_offers(freed_appointment_id=freed(clinic).pk, by=clinic.cast.desk, now=clinic.cast.now)
    return made


def link(clinic: Clinic, offer: Offer, who: Patient | None = None) -> str:
    token = make_link_token(who or offer.entry.patient, now=clinic.cast.now)
    return reverse("plans:own-offer", args=[token, offer.pk])


def read(url: str, status: int = 200, **said: str) -> str:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post(url, said, follow=True) if said else browser.get(url)
    assert answer.status_code == status
    assert answer.cookies.output() == ""
    return words(answer.content.decode())


def test_looking_at_an_offer_changes_nothing_and_keeps_to_the_house(clinic: Clinic) -> None:
    made = offered(clinic)
    before = list(Offer.objects.values()), list(Appointment.objects.values())
    answer = Client().get(link(clinic, made))
    page = answer.content.decode()
    said = words(page)
    for part in (
        "Thu 8 Oct 2026, 11:00",
        "Singapore time",
        "Dr One",
        "until Tue 6 Oct 2026, 09:00",
        "Thu 15 Oct 2026, 09:00",
    ):
        assert part in said
    assert "<script" not in page and not re.search(r"\son\w+=|\sstyle=", page)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert (list(Offer.objects.values()), list(Appointment.objects.values())) == before


def test_one_tap_takes_it(clinic: Clinic) -> None:
    made = offered(clinic)
    assert "We expect you at the new time." in read(link(clinic, made), answer="yes")
    assert "We expect you at the new time." in read(link(clinic, made), answer="yes")
    made.refresh_from_db()
    assert (made.state, made.became.starts) == (OfferState.TAKEN, made.starts)


def test_what_was_taken_and_changed_since_is_not_stated_any_more(clinic: Clinic) -> None:
    made = offered(clinic)
    new = take_offer(patient_id=made.entry.patient_id, offer_id=made.pk, now=clinic.cast.now)
    cancel_appointment(appointment_id=new.pk, reason="ill", by=clinic.cast.desk, now=clinic.cast.now)
    page = read(link(clinic, made))
    assert "Your page shows what is booked for you." in page and "Thu 8 Oct 2026" not in page


def test_the_second_yes_is_told_kindly_and_keeps_what_it_has(clinic: Clinic) -> None:
    waits(clinic, "Noor", 10)
    waits(clinic, "Zoe", 11)
    first, second = make_offers(freed_appointment_id=freed(clinic).pk, by=clinic.cast.desk, now=clinic.cast.now)
    take_offer(patient_id=first.entry.patient_id, offer_id=first.pk, now=clinic.cast.now)
    for said in ({}, {"answer": "yes"}):
        page = read(link(clinic, second), **said)
        assert "Somebody else was a moment earlier. Your appointment on Fri 16 Oct 2026, 09:00 stays." in page


def test_no_thank_you_and_a_change_of_mind(clinic: Clinic) -> None:
    made = offered(clinic)
    page = read(link(clinic, made), answer="no")
    assert "You said no." in page and "Yes, I come then" in page
    assert "We expect you at the new time." in read(link(clinic, made), answer="yes")


def test_an_offer_that_has_ended_says_so_and_what_stays(clinic: Clinic) -> None:
    made = offered(clinic)
    clinic.stand_at(made.useful_until)
    for said in ({}, {"answer": "yes"}):
        page = read(link(clinic, made), **said)
        assert "This offer has ended" in page and "Your appointment on Thu 15 Oct 2026, 09:00 stays." in page


def test_nobody_opens_or_takes_anothers_offer(clinic: Clinic) -> None:
    made = offered(clinic)
    stranger = clinic.cast.patient("Ida")
    for said in ({}, {"answer": "yes"}):
        page = read(link(clinic, made, stranger), 410, **said)
        assert "Thu 8 Oct 2026" not in page
    made.refresh_from_db()
    assert made.state == OfferState.OPEN
