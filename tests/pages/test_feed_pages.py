"""Calendar addresses as staff make them and as calendar programs read them."""

from __future__ import annotations

import logging
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.discreet import Discreet
from clinic.models import CalendarFeed
from clinic.models.ids import new_id
from plans.models import Appointment
from plans.operations.feeds import make_feed, revoke_feed
from plans.rules.states import AppointmentPurpose
from tests.cast import Cast, open_clinic
from tests.rules.test_feed import strictly_read

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    cast = open_clinic(keys=())
    for person in (cast.doctor, cast.desk, cast.manager, cast.outsider):
        person.is_staff = True
        person.save()
    monkeypatch.setattr("clinic.clock.now", lambda: cast.now)
    return cast


def at_work(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def manager(cast: Cast) -> Client:
    return at_work(cast.manager)


def booked(cast: Cast, many: int = 1) -> None:
    patient = cast.patient("Zenobia")
    for number in range(many):
        starts = cast.at(cast.today, 9) + timedelta(hours=number)
        Appointment.objects.create(
            patient=patient, location=cast.here, purpose=AppointmentPurpose.CONSULTATION,
            practitioner=cast.practitioners[0], room=cast.rooms[0], starts=starts,
            ends=starts + timedelta(minutes=30), booked_at=cast.now, changed_at=cast.now,
        )  # fmt: skip


def secret_of(cast: Cast, **more: Any) -> tuple[CalendarFeed, str]:
    wish = {"thing_id": cast.practitioners[0].pk, "shows_names": False, "by": cast.manager, "now": cast.now, **more}
    made = make_feed(**wish)
    return made.feed, reverse("plans:feed", args=[made.secret])


# -- making and revoking -----------------------------------------------------------------------------------------------
def test_an_address_is_made_shown_once_read_and_revoked(cast: Cast, manager: Client, settings: Any) -> None:
    booked(cast)
    page = manager.get(reverse("plans:feeds")).content.decode()
    where = reverse("plans:feed-new", args=[cast.practitioners[0].pk])
    assert where in page
    form = manager.get(where).content.decode()
    assert "who is a patient here" in form
    token = re.search(r'name="token" value="([^"]+)"', form)[1]
    shown = manager.post(where, {"token": token}).content.decode()
    address = re.search(rf'value="({settings.PUBLIC_URL}/feeds/[^"]+\.ics)"', shown)[1]
    path = address.removeprefix(settings.PUBLIC_URL)
    assert b"SUMMARY:Booked" in Client().get(path).content
    again = manager.post(where, {"token": token}).content.decode()
    assert path not in again
    assert "cannot be shown again" in again
    listed = manager.get(reverse("plans:feeds")).content.decode()
    assert path not in listed
    assert "Without names" in listed
    assert "Last read Mon 5 Oct 2026, 09:00" in listed
    revoke = reverse("plans:feed-revoke", args=[CalendarFeed.objects.get().pk])
    assert "cannot be undone" in manager.get(revoke).content.decode()
    assert manager.post(revoke)["Location"] == reverse("plans:feeds")
    assert Client().get(path).status_code == 404
    assert manager.get(revoke).status_code == 404


def test_names_are_shown_only_when_it_was_asked_for(cast: Cast, manager: Client) -> None:
    booked(cast)
    where = reverse("plans:feed-new", args=[cast.rooms[0].pk])
    manager.post(where, {"token": str(new_id()), "shows_names": "on"})
    assert CalendarFeed.objects.get().shows_names
    assert "With names" in manager.get(reverse("plans:feeds")).content.decode()


def test_a_clinician_sees_and_gives_out_her_own_calendar_only(cast: Cast) -> None:
    client = at_work(cast.doctor)
    assert "No calendar to give out" in client.get(reverse("plans:feeds")).content.decode()
    mine, other = cast.practitioners
    mine.staff = cast.doctor
    mine.save()
    page = client.get(reverse("plans:feeds")).content.decode()
    assert "Dr One" in page
    assert "Dr Two" not in page
    assert client.get(reverse("plans:feed-new", args=[mine.pk])).status_code == 200
    for foreign in (other, cast.rooms[0]):
        assert client.get(reverse("plans:feed-new", args=[foreign.pk])).status_code == 404


def test_what_is_refused_says_why_on_the_form(cast: Cast, manager: Client) -> None:
    for _ in range(10):
        secret_of(cast)
    page = manager.post(reverse("plans:feed-new", args=[cast.practitioners[0].pk]), {"token": str(new_id())})
    assert "revoke one that nobody reads" in page.content.decode()


def test_the_list_costs_the_same_however_many_there_are(
    cast: Cast, manager: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        secret_of(cast, thing_id=(cast.rooms if number % 2 else cast.practitioners)[number // 4].pk)
    manager.get(reverse("plans:feeds"))
    with django_assert_max_num_queries(6):  # session, user, feeds, practitioners, rooms
        manager.get(reverse("plans:feeds"))


# -- reading -----------------------------------------------------------------------------------------------------------
def test_a_calendar_is_read_without_a_login_a_cookie_or_a_copy_on_the_way(cast: Cast) -> None:
    booked(cast)
    _, path = secret_of(cast)
    answer = Client().get(path)
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in answer["Cache-Control"]
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert len(strictly_read(answer.content)) == 1
    assert Client().head(path).status_code == 200


def test_what_has_not_changed_is_not_sent_again(cast: Cast) -> None:
    booked(cast)
    _, path = secret_of(cast)
    seen = Client().get(path)
    cast.now += timedelta(minutes=30)
    answer = Client().get(path, headers={"If-None-Match": seen["ETag"]})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", seen["ETag"])
    Appointment.objects.update(changed_at=cast.now)
    assert Client().get(path, headers={"If-None-Match": seen["ETag"]}).status_code == 200


def test_a_wrong_and_a_revoked_address_are_the_same_empty_answer(cast: Cast) -> None:
    feed, path = secret_of(cast)
    revoke_feed(feed_id=feed.pk, by=cast.manager, now=cast.now)
    answers = [Client().get(where) for where in (path, "/feeds/x.ics", "/feeds/%00.ics", f"/feeds/{feed.pk}.ics")]
    assert {(one.status_code, one.content) for one in answers} == {(404, b"")}
    assert len({str(sorted(one.headers.items())) for one in answers}) == 1


def test_only_reading_is_possible(cast: Cast) -> None:
    _, path = secret_of(cast)
    assert {Client().post(path).status_code, Client().put(path).status_code, Client().delete(path).status_code} == {405}


def test_a_look_at_the_head_is_not_noted_as_reading(cast: Cast) -> None:
    feed, path = secret_of(cast)
    Client().head(path)
    feed.refresh_from_db()
    assert feed.last_read_at is None
    Client().get(path)
    feed.refresh_from_db()
    assert feed.last_read_at == cast.now


@pytest.mark.parametrize("many", [10, 300])
def test_three_hundred_appointments_cost_no_more_queries_than_ten(
    many: int, cast: Cast, django_assert_max_num_queries: Any
) -> None:
    booked(cast, many)
    _, path = secret_of(cast, shows_names=True)
    with django_assert_max_num_queries(4):  # the feed, appointments, closures, that it was read
        answer = Client().get(path)
    assert len(strictly_read(answer.content)) == many


def test_the_secret_is_never_written_to_a_log() -> None:
    line = logging.LogRecord("x", logging.ERROR, __file__, 1, "Error: %s", ("/feeds/s3cret-value.ics",), None)
    assert "s3cret" not in Discreet("%(message)s").format(line)


def test_the_clock_of_the_clinic_decides_what_is_ahead(cast: Cast) -> None:
    booked(cast)
    _, path = secret_of(cast)
    cast.now = datetime(2026, 11, 30, tzinfo=UTC)
    assert strictly_read(Client().get(path).content) == []
