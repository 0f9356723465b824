"""The waiting list: who is offered a freed time, who gets it, and that exactly one does."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, time, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.db import connection

from clinic.models import AuditLine, Closure, Practitioner
from clinic.rules.local_time import local_day
from clinic.rules.opening import ClosureKind
from clinic.rules.refusal import Forbidden, Refusal
from patients.models import MailboxState, Patient
from plans.models import Appointment, Offer, Reminder, WaitingEntry
from plans.operations.booking import book_appointment, cancel_appointment, move_appointment
from plans.operations.offers import decline_offer, give_time, make_offers, take_offer
from plans.operations.reminders import replan_reminders
from plans.operations.visits import check_in, mark_no_show
from plans.operations.waiting import stop_waiting, want_earlier
from plans.queries.waiting import OfferStanding, freed_story, own_offer, waiting_list
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentPurpose, AppointmentState, AskedBy, OfferState, WaitingState
from plans.rules.wishes import Wishes
from tests.cast import Cast, open_clinic, refused
from tests.operations.letter_cast import DAY, HOUR, MINUTE
from tests.operations.test_dispatch_letters import mails_until, text

pytestmark = pytest.mark.django_db


def book(cast: Cast, who: Patient, starts: datetime, **more: Any) -> Appointment:
    wish = {"purpose": AppointmentPurpose.CONSULTATION, "minutes": 45, "by": cast.desk, "now": cast.now, **cast.place()}
    return book_appointment(patient_id=who.pk, starts=starts, tell=False, **{**wish, **more})


def waits(cast: Cast, first: str, starts: datetime, wishes: Wishes = Wishes(), **more: Any) -> WaitingEntry:  # noqa: B008
    """Somebody registered, booked and on the list."""
    not_before = more.pop("not_before", None)
    who = cast.patient(first, **more.pop("details", {}))
    row = book(cast, who, starts, **more)
    return want_earlier(appointment_id=row.pk, wishes=wishes, not_before=not_before, by=cast.desk, now=cast.now)


def offer(cast: Cast, freed: Appointment, **more: Any) -> list[Offer]:
    return make_offers(freed_appointment_id=freed.pk, by=cast.desk, now=cast.now, **more)


def yes(one: Offer, now: datetime) -> Appointment:
    return take_offer(patient_id=one.entry.patient_id, offer_id=one.pk, now=now)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def freed(cast: Cast) -> Appointment:
    """In three days at 11:00 with Dr One, given up: 45 minutes."""
    row = book(cast, cast.patient("Bea"), cast.at(cast.today + timedelta(days=3), 11))
    return cancel_appointment(appointment_id=row.pk, reason="travels", tell=False, by=cast.desk, now=cast.now)


def later(cast: Cast, days: int = 10, hour: int = 9) -> datetime:
    return cast.at(cast.today + timedelta(days=days), hour)


# -- The list ----------------------------------------------------------------------------------------------------------
def test_somebody_with_an_appointment_can_wait_for_an_earlier_one_and_say_anew_what_suits(cast: Cast) -> None:
    entry = waits(cast, "Noor", later(cast), Wishes(until=time(12)))
    again = want_earlier(
        appointment_id=entry.appointment_id, wishes=Wishes(weekdays=frozenset({1})), by=cast.desk, now=cast.now + HOUR
    )
    assert again.pk == entry.pk
    assert Wishes.from_json(again.wishes) == Wishes(weekdays=frozenset({1}))
    [row] = waiting_list(cast.desk, now=cast.now + 2 * DAY).rows
    assert (row.entry.pk, row.wishes, row.days, row.offers) == (entry.pk, "Tuesdays", 2, 0)
    assert [line.happened for line in AuditLine.objects.filter(about_id=entry.pk)] == ["waiting.begun"] * 2


def test_who_waits_for_what_cannot_come_is_told_so(cast: Cast) -> None:
    row = book(cast, cast.patient("Noor"), later(cast))
    with refused("not_earlier"):
        day = local_day(row.starts, cast.here.zone)
        want_earlier(appointment_id=row.pk, wishes=Wishes(), not_before=day, by=cast.desk, now=cast.now)
    with refused("not_to_come"):
        want_earlier(appointment_id=row.pk, wishes=Wishes(), by=cast.desk, now=row.starts)
    with pytest.raises(Appointment.DoesNotExist):
        want_earlier(appointment_id=row.pk, wishes=Wishes(), by=cast.outsider, now=cast.now)


@pytest.mark.parametrize("end", ["moved", "cancelled", "here", "passed"])
def test_whose_own_appointment_is_not_what_it_was_waits_no_more(cast: Cast, freed: Appointment, end: str) -> None:
    entry = waits(cast, "Noor", later(cast, 1))
    row, now = entry.appointment, cast.now
    if end == "moved":
        wish = {**cast.place(), "starts": later(cast, 5), "minutes": 45, "reason": "asked", "by": cast.desk}
        move_appointment(appointment_id=row.pk, now=now, **wish)
    elif end == "cancelled":
        cancel_appointment(appointment_id=row.pk, reason="asked", by=cast.desk, now=now)
    elif end == "here":
        now = row.starts - MINUTE
        check_in(appointment_id=row.pk, by=cast.desk, now=now)
    else:
        now = row.starts
    assert waiting_list(cast.desk, now=now).rows == ()
    with refused("nobody"):
        make_offers(freed_appointment_id=freed.pk, by=cast.desk, now=now)


def test_stopping_ends_what_was_offered_and_its_letter(cast: Cast, freed: Appointment) -> None:
    entry = waits(cast, "Noor", later(cast))
    [made] = offer(cast, freed)
    for _ in range(2):
        assert stop_waiting(entry_id=entry.pk, by=cast.desk, now=cast.now).state == WaitingState.WITHDRAWN
    letter = Reminder.objects.get(kind=LetterKind.WAITING_OFFER)
    assert (letter.state, letter.state_reason) == ("cancelled", "the offer was answered, or its time is gone")
    with refused("over"):
        yes(made, cast.now)
    assert AuditLine.objects.filter(happened="waiting.ended").count() == 1


# -- Whom it suits -----------------------------------------------------------------------------------------------------
def test_a_freed_time_is_offered_to_all_whom_it_suits_and_only_to_them(cast: Cast, freed: Appointment) -> None:
    monday, other = Wishes(weekdays=frozenset({0})), Wishes(practitioners=frozenset({cast.practitioners[1].pk}))
    fits = waits(cast, "Noor", later(cast), Wishes(begins=time(10), until=time(12)))
    shorter = waits(cast, "Zoe", later(cast, 11), minutes=30)
    waits(cast, "Early", later(cast, 2))
    waits(cast, "Long", later(cast, 12), minutes=60)
    waits(cast, "Monday", later(cast, 13), monday)
    waits(cast, "Other", later(cast, 14), other)
    waits(cast, "Afternoons", later(cast, 15), Wishes(begins=time(12)))
    waits(cast, "Later", later(cast, 16), not_before=cast.today + timedelta(days=4))
    busy = waits(cast, "Busy", later(cast, 17))
    book(cast, busy.patient, freed.starts + 30 * MINUTE, **cast.place(1))
    waits(cast, "Nomail", later(cast, 18), details={"email": "", "phone": "+65 5550 0199"})
    story = freed_story(cast.desk, freed.pk, now=cast.now)
    assert [fit.entry.pk for fit in story.suits] == [fits.pk, shorter.pk]
    assert [fit.entry.patient.first_name for fit in story.to_phone] == ["Nomail"]
    assert {fit.entry.patient.first_name: fit.why_not for fit in story.others} == {
        "Early": "The present appointment, Wed 7 Oct 2026, is not later.",
        "Long": "Needs 60 minutes, 45 are free.",
        "Monday": "Wished: Mondays.",
        "Other": "Wished: with Dr Two.",
        "Afternoons": "Wished: from 12:00.",
        "Later": "Not before Fri 9 Oct 2026, as asked.",
        "Busy": "Has another appointment then.",
    }
    made = offer(cast, freed)
    assert {one.entry_id for one in made} == {fits.pk, shorter.pk}
    assert [(one.starts, one.ends - one.starts) for one in made] == [
        (freed.starts, timedelta(minutes=45)),
        (freed.starts, timedelta(minutes=30)),
    ]


def test_a_session_is_offered_a_time_only_inside_its_window(cast: Cast) -> None:
    plan = cast.active_plan("Noor", starts_on=cast.today + timedelta(days=20))
    session = plan.sessions.get(number=1)
    row = cast.book(session, cast.at(session.target + timedelta(days=5), 11))
    want_earlier(appointment_id=row.pk, wishes=Wishes(), by=cast.desk, now=cast.now)
    for day, why in ((session.earliest - timedelta(days=1), "may not be before"), (session.earliest, "")):
        gone = book(cast, cast.patient("Bea"), cast.at(day, 14), minutes=90)
        cancel_appointment(appointment_id=gone.pk, reason="travels", by=cast.desk, now=cast.now)
        story = freed_story(cast.desk, gone.pk, now=cast.now)
        assert why in "".join(fit.why_not for fit in story.others) and len(story.suits) == (0 if why else 1)


def test_nothing_is_offered_that_nobody_works_at_or_that_is_booked_again(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    away = Closure.objects.create(
        location=cast.here,
        practitioner=cast.practitioners[0],
        kind=ClosureKind.LEAVE,
        starts=freed.starts - HOUR,
        ends=freed.ends,
        made_at=cast.now,
    )
    with refused("nobody"):
        offer(cast, freed)
    away.delete()
    book(cast, cast.patient("Quick"), freed.starts)
    with refused("nobody"):
        offer(cast, freed)
    assert freed_story(cast.desk, freed.pk, now=cast.now).refusal.code == "gone"


def test_only_a_time_that_is_free_can_be_offered(cast: Cast, freed: Appointment) -> None:
    row = book(cast, cast.patient("Noor"), later(cast))
    with refused("not_free"):
        offer(cast, row)
    with refused("past"):
        make_offers(freed_appointment_id=freed.pk, by=cast.desk, now=freed.ends)
    with refused("too_soon"):
        make_offers(freed_appointment_id=freed.pk, by=cast.desk, now=freed.starts - 2 * HOUR)
    with pytest.raises(Appointment.DoesNotExist):
        make_offers(freed_appointment_id=freed.pk, by=cast.outsider, now=cast.now)
    nobody = cast.outsider
    nobody.is_clinician = nobody.is_front_desk = nobody.is_manager = False
    with pytest.raises(Forbidden):
        make_offers(freed_appointment_id=freed.pk, by=nobody, now=cast.now)


def test_nobody_is_offered_the_same_time_twice(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    offer(cast, freed)
    with refused("nobody"):
        offer(cast, freed)
    fresh = waits(cast, "Zoe", later(cast, 11))
    assert [one.entry_id for one in offer(cast, freed)] == [fresh.pk]


def test_whom_no_mail_reaches_is_for_the_phone(cast: Cast, freed: Appointment) -> None:
    entry = waits(cast, "Noor", later(cast))
    changes = ({"email": ""}, {"mailbox": MailboxState.DEAD}, {"wants_appointment_mail": False})
    for change in changes:
        Patient.objects.filter(pk=entry.patient_id).update(
            **{"email": "noor@example.org", "mailbox": MailboxState.GOOD, "wants_appointment_mail": True, **change}
        )
        with refused("nobody"):
            offer(cast, freed)


# -- The letter --------------------------------------------------------------------------------------------------------
def test_the_offer_goes_by_mail_with_a_way_to_its_page(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    [made] = offer(cast, freed)
    assert made.useful_until == cast.now + DAY
    [mail] = mails_until(cast.now)
    assert mail["Subject"] == "An earlier time for you: Thu 8 Oct 2026, 11:00"
    assert f"/offer/{made.pk}/" in text(mail)
    assert "until 09:00 on Tue 6 Oct 2026" in text(mail)
    assert "09:00 on Thu 15 Oct 2026" in text(mail)
    assert not list(mail.iter_attachments())


def test_an_offer_that_was_lost_meanwhile_is_not_mailed(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    waits(cast, "Zoe", later(cast, 11))
    first, second = offer(cast, freed)
    yes(first, cast.now)
    moved, *rest = mails_until(cast.now)
    assert moved["Subject"] == "New time for your appointment: Thu 8 Oct 2026, 11:00" and rest == []
    assert {row.state for row in Reminder.objects.filter(about_id=second.pk)} == {"cancelled"}


def test_planning_twice_changes_nothing_of_an_offer(cast: Cast, freed: Appointment) -> None:
    entry = waits(cast, "Noor", later(cast))
    offer(cast, freed)
    before = list(Reminder.objects.order_by("pk").values())
    replan_reminders(entry.patient, now=cast.now + MINUTE)
    assert list(Reminder.objects.order_by("pk").values()) == before


# -- Whose it becomes --------------------------------------------------------------------------------------------------
def test_the_first_yes_moves_her_appointment_and_the_others_keep_theirs(cast: Cast, freed: Appointment) -> None:
    entries = [waits(cast, name, later(cast, 10 + place)) for place, name in enumerate(("Noor", "Zoe", "Ida"))]
    first, second, third = offer(cast, freed)
    new = yes(second, cast.now + HOUR)
    assert (new.starts, new.patient_id, new.asked_by) == (freed.starts, entries[1].patient_id, AskedBy.PATIENT)
    assert new.rescheduled_from == entries[1].appointment
    assert (new.calendar_uid, new.calendar_sequence) == (new.rescheduled_from.calendar_uid, 1)
    states = {one.pk: one.state for one in Offer.objects.all()}
    assert states == {first.pk: OfferState.LOST, second.pk: OfferState.TAKEN, third.pk: OfferState.LOST}
    assert Offer.objects.get(became=new).pk == second.pk
    assert WaitingEntry.objects.get(pk=entries[1].pk).state == WaitingState.SERVED
    with refused("gone"):
        yes(first, cast.now + HOUR)
    entries[0].appointment.refresh_from_db()
    assert entries[0].appointment.state == AppointmentState.BOOKED
    line = AuditLine.objects.get(happened="offer.taken")
    assert (line.by, line.by_name, line.patient_id) == (None, "patient", entries[1].patient_id)


def test_yes_said_twice_is_one_yes(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    [made] = offer(cast, freed)
    assert yes(made, cast.now) == yes(made, cast.now + MINUTE)
    assert Appointment.objects.filter(rescheduled_from__isnull=False).count() == 1
    with refused("taken"):
        decline_offer(patient_id=made.entry.patient_id, offer_id=made.pk, now=cast.now)


def test_an_offer_is_only_its_patients(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    stranger = waits(cast, "Zoe", later(cast, 2))
    [made] = offer(cast, freed)
    for deed in (take_offer, decline_offer):
        with pytest.raises(Offer.DoesNotExist):
            deed(patient_id=stranger.patient_id, offer_id=made.pk, now=cast.now)


def test_what_the_desk_booked_meanwhile_is_gone_and_stays_gone(cast: Cast, freed: Appointment) -> None:
    entry = waits(cast, "Noor", later(cast))
    [made] = offer(cast, freed)
    book(cast, cast.patient("Quick"), freed.starts + 15 * MINUTE)
    assert own_offer(entry.patient, made.pk, now=cast.now).standing is OfferStanding.GONE
    with refused("gone"):
        yes(made, cast.now)
    made.refresh_from_db()
    assert made.state == OfferState.LOST
    entry.appointment.refresh_from_db()
    assert entry.appointment.state == AppointmentState.BOOKED


def test_an_offer_ends_at_its_hour(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    [made] = offer(cast, freed)
    with refused("over"):
        yes(made, made.useful_until)
    assert yes(made, made.useful_until - MINUTE)


def test_no_can_be_taken_back_while_nobody_else_has_said_yes(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    [made] = offer(cast, freed)
    for _ in range(2):
        assert decline_offer(patient_id=made.entry.patient_id, offer_id=made.pk, now=cast.now).state == "declined"
    assert AuditLine.objects.filter(happened="offer.declined").count() == 1
    assert yes(made, cast.now)


def test_whose_own_appointment_was_moved_meanwhile_keeps_what_she_has(cast: Cast, freed: Appointment) -> None:
    entry = waits(cast, "Noor", later(cast))
    [made] = offer(cast, freed)
    cancel_appointment(appointment_id=entry.appointment_id, reason="asked", by=cast.desk, now=cast.now)
    assert own_offer(entry.patient, made.pk, now=cast.now).standing is OfferStanding.OVER
    with refused("over"):
        yes(made, cast.now)


def test_staff_give_the_time_by_phone_at_once(cast: Cast, freed: Appointment) -> None:
    waits(cast, "Noor", later(cast))
    entry = waits(cast, "Zoe", later(cast, 11), details={"email": ""})
    [offered] = offer(cast, freed)
    new = give_time(freed_appointment_id=freed.pk, entry_id=entry.pk, by=cast.desk, now=cast.now)
    assert (new.starts, new.patient, new.asked_by, new.changed_by) == (
        freed.starts, entry.patient, AskedBy.PATIENT, cast.desk,
    )  # fmt: skip
    offered.refresh_from_db()
    assert offered.state == OfferState.LOST
    with refused("does_not_fit"):
        give_time(freed_appointment_id=freed.pk, entry_id=offered.entry_id, by=cast.desk, now=cast.now)
    with refused("does_not_fit"):
        give_time(freed_appointment_id=freed.pk, entry_id=entry.pk, by=cast.desk, now=cast.now)


def test_what_is_left_of_a_missed_appointment_can_be_given_to_somebody_near(cast: Cast) -> None:
    row = book(cast, cast.patient("Bea"), later(cast, 1, 10), minutes=120)
    now = row.starts + 12 * MINUTE
    mark_no_show(appointment_id=row.pk, by=cast.desk, now=now)
    entry = waits(cast, "Noor", later(cast))
    story = freed_story(cast.desk, row.pk, now=now)
    assert (story.freed.starts, story.holds_until) == (row.starts + 15 * MINUTE, None)
    assert [fit.entry.pk for fit in story.to_phone] == [entry.pk]
    new = give_time(freed_appointment_id=row.pk, entry_id=entry.pk, by=cast.desk, now=now)
    assert new.starts == row.starts + 15 * MINUTE


def test_what_was_moved_away_is_free_to_offer_too(cast: Cast) -> None:
    row = book(cast, cast.patient("Bea"), later(cast, 3, 11))
    wish = {**cast.place(), "starts": later(cast, 20), "minutes": 45, "reason": "asked", "by": cast.desk}
    move_appointment(appointment_id=row.pk, now=cast.now, **wish)
    waits(cast, "Noor", later(cast))
    assert row.pk in [one.pk for one in waiting_list(cast.desk, now=cast.now).freed]
    [made] = offer(cast, row)
    yes(made, cast.now)
    assert waiting_list(cast.desk, now=cast.now).freed[:1] == (made.entry.appointment,), "what Noor let go"


# -- All at once -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_many_who_say_yes_at_once_have_one_winner() -> None:
    cast = open_clinic()
    row = book(cast, cast.patient("Bea"), cast.at(cast.today + timedelta(days=3), 11))
    freed = cancel_appointment(appointment_id=row.pk, reason="travels", by=cast.desk, now=cast.now)
    crowd = 16
    other = Practitioner.objects.create(location=cast.here, name="Dr Three")
    for number in range(crowd):
        starts = later(cast, 10 + number // 8, 9 + number % 8)
        waits(cast, f"N{number}", starts, practitioner_id=other.pk, room_id=cast.rooms[1].pk)
    offers = offer(cast, freed)
    assert len(offers) == crowd
    start = Barrier(crowd)

    def answer(one: Offer) -> str:
        start.wait()
        try:
            return str(yes(one, cast.now).pk)
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(crowd) as pool:
        answers = list(pool.map(answer, offers))
    assert sorted(set(answers) - {"gone"}) == [str(Appointment.objects.live().get(starts=freed.starts).pk)]
    assert answers.count("gone") == crowd - 1
    assert Appointment.objects.live().count() == crowd
    assert Offer.objects.filter(state=OfferState.TAKEN).count() == 1
    assert not Offer.objects.open().exists()
