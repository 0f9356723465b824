"""A form sent twice is carried out once, whoever sends it how often and at whatever moment."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import pytest
from django.db import OperationalError, connection

from clinic.models import SentForm, Staff
from clinic.operations import deadlock
from clinic.operations.once import KEPT, forget_sent_forms, once
from clinic.rules.refusal import Refusal
from plans.models import Appointment
from plans.operations.booking import book_appointment
from plans.rules.states import AppointmentPurpose
from plans.tasks import new_day
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db(transaction=True)

TOKEN = UUID(int=7)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


def send(
    cast: Cast, *, token: UUID | None = TOKEN, hour: int = 11, deed: str = "book", by: Staff | None = None
) -> list[UUID]:
    """The desk's form for the first patient, on a day of next week."""
    by = by or cast.desk
    who = cast.people[0] if cast.people else cast.patient()

    def book() -> list[UUID]:
        return [
            book_appointment(
                patient_id=who.pk,
                purpose=AppointmentPurpose.CONSULTATION,
                starts=cast.at(cast.today + timedelta(days=7), hour),
                minutes=45,
                by=by,
                now=cast.now,
                **cast.place(),
            ).pk
        ]

    return once(token, deed=deed, by=by, now=cast.now, do=book)


def test_a_form_sent_again_gives_the_first_answer(cast: Cast) -> None:
    first = send(cast)
    assert send(cast) == first
    # What the second says is not looked at: it is the same form.
    assert send(cast, hour=15) == first
    assert [row.pk for row in Appointment.objects.all()] == first


def test_a_form_without_a_token_is_simply_carried_out(cast: Cast) -> None:
    assert send(cast, token=None) != send(cast, token=None, hour=12)
    assert SentForm.objects.count() == 0


def test_a_refused_form_can_be_sent_again(cast: Cast) -> None:
    with refused("outside_hours"):
        send(cast, hour=22)
    assert not SentForm.objects.exists() and not Appointment.objects.exists()
    assert len(send(cast)) == 1


def test_a_token_serves_one_deed_of_one_person(cast: Cast) -> None:
    send(cast)
    with refused("other_form"):
        send(cast, deed="move")
    with refused("other_form"):
        send(cast, by=cast.doctor)
    with refused("other_form"):
        once(TOKEN, deed="book", by=None, now=cast.now, do=list)
    assert Appointment.objects.count() == 1


def test_many_clicks_at_the_same_moment_make_one_booking(cast: Cast) -> None:
    cast.patient()
    for turn in range(8):
        token, together = uuid4(), threading.Barrier(6)
        answers: list[object] = []
        clicks = [threading.Thread(target=partial(click, cast, token, 9 + turn, together, answers)) for _ in range(6)]
        for one in clicks:
            one.start()
        for one in clicks:
            one.join(60)
        assert len(answers) == 6
        assert all(isinstance(one, list) and one == answers[0] for one in answers), answers
        assert Appointment.objects.count() == turn + 1


def click(cast: Cast, token: UUID, hour: int, together: threading.Barrier, answers: list[object]) -> None:
    together.wait(30)
    try:
        answers.append(send(cast, token=token, hour=hour))
    except BaseException as fault:
        answers.append(fault)
    finally:
        connection.close()


def test_a_second_click_is_carried_out_when_the_first_is_refused_meanwhile(cast: Cast) -> None:
    """The second waits for the first, which then keeps nothing: its own try counts."""
    cast.patient()
    is_in, ends = threading.Event(), []

    def refuse() -> list[UUID]:
        is_in.set()
        # Long enough for the other to arrive and to wait.
        threading.Event().wait(0.4)
        raise Refusal("past", "Too late.")

    def first() -> None:
        try:
            once(TOKEN, deed="book", by=cast.desk, now=cast.now, do=refuse)
        except Refusal as refusal:
            ends.append(refusal.code)
        finally:
            connection.close()

    other = threading.Thread(target=first)
    other.start()
    assert is_in.wait(30)
    made = send(cast)
    other.join(60)
    assert ends == ["past"]
    assert [row.pk for row in Appointment.objects.all()] == made
    assert SentForm.objects.get().answer == [str(made[0])]


def test_tokens_are_forgotten_after_a_week(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    send(cast)
    assert forget_sent_forms(now=cast.now + KEPT) == 0
    assert send(cast, hour=15) == [Appointment.objects.get().pk]
    monkeypatch.setattr("plans.tasks.clock.now", lambda: cast.now + KEPT + timedelta(seconds=1))
    new_day()
    assert not SentForm.objects.exists()
    assert Appointment.objects.count() == 1


class InTheWay(Exception):
    sqlstate = "40P01"


def failing(times: int, calls: list[int], *, cause: Exception | None = None) -> list[UUID]:
    calls.append(1)
    if len(calls) <= times:
        raise OperationalError("deadlock detected") from (cause or InTheWay())
    return []


def test_what_the_database_ended_for_anothers_sake_is_carried_out_again(cast: Cast) -> None:
    calls: list[int] = []
    assert once(TOKEN, deed="x", by=None, now=cast.now, do=partial(failing, 2, calls)) == []
    assert len(calls) == 3
    assert SentForm.objects.count() == 1


def test_who_is_always_in_the_way_gets_a_sentence(cast: Cast) -> None:
    calls: list[int] = []
    with refused("in_the_way"):
        once(TOKEN, deed="x", by=None, now=cast.now, do=partial(failing, 99, calls))
    assert len(calls) == deadlock.TRIES
    assert not SentForm.objects.exists()


def test_who_waited_too_long_for_the_others_gets_a_sentence_at_once(cast: Cast) -> None:
    calls: list[int] = []

    def locked() -> list[UUID]:
        calls.append(1)
        raise OperationalError("database is locked")

    with refused("in_the_way"):
        once(TOKEN, deed="x", by=None, now=cast.now, do=locked)
    assert len(calls) == 1


def test_other_trouble_of_the_database_is_not_hidden(cast: Cast) -> None:
    calls: list[int] = []
    with pytest.raises(OperationalError):
        once(TOKEN, deed="x", by=None, now=cast.now, do=partial(failing, 99, calls, cause=ValueError()))
    assert len(calls) == 1
