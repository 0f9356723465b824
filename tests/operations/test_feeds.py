"""What a calendar feed shows, to whom it is given, and how it ends."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from clinic.models import AuditLine, CalendarFeed, Closure, SentForm
from clinic.models.ids import new_id
from clinic.rules.local_time import start_of_day
from clinic.rules.refusal import Forbidden
from plans.models import Appointment
from plans.operations.booking import book_appointment, cancel_appointment, move_appointment
from plans.operations.feeds import make_feed, note_read, revoke_feed
from plans.operations.visits import mark_no_show
from plans.queries.feed import feed_behind, feed_events, feed_name, feed_places
from plans.rules.feed import FeedEvent, calendar_text
from plans.rules.states import AppointmentPurpose
from tests.cast import Cast, open_clinic, refused
from tests.rules.test_feed import strictly_read

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    return open_clinic(keys=())


def consultation(cast: Cast, starts: datetime, **more: Any) -> Appointment:

    who = more.pop("patient", None) or cast.patient("Zenobia")
    wish = {"patient_id": who.pk, "purpose": AppointmentPurpose.CONSULTATION, "minutes": 30, **cast.place(), **more}
    return book_appointment(starts=starts, by=cast.desk, now=cast.now, **wish)


def made(cast: Cast, **more: Any) -> tuple[CalendarFeed, str]:
    wish = {"thing_id": cast.practitioners[0].pk, "shows_names": False, "by": cast.manager, "now": cast.now, **more}
    one = make_feed(**wish)
    return one.feed, one.secret


def events(cast: Cast, feed: CalendarFeed) -> tuple[FeedEvent, ...]:
    feed = CalendarFeed.objects.select_related("location", "practitioner__staff", "room").get(pk=feed.pk)
    found = feed_events(feed, domain="clinic.example", now=cast.now)
    assert len(strictly_read(calendar_text(feed_name(feed), found))) == len(found)
    return found


# -- what it shows -----------------------------------------------------------------------------------------------------
def test_without_names_it_says_booked_and_where_and_nothing_of_the_patient(cast: Cast) -> None:
    visit = consultation(cast, cast.at(cast.today + DAY, 10))
    feed, _ = made(cast)
    [event] = events(cast, feed)
    assert (event.summary, event.place) == ("Booked", "Room 1, Riverside Hair Clinic")
    assert (event.uid, event.sequence) == (f"{visit.calendar_uid}@clinic.example", 0)
    text = calendar_text(feed_name(feed), [event]).decode()
    for word in ("Zenobia", "Sample", "onsultation", "@example.org"):
        assert word not in text


def test_with_names_it_says_who_but_never_why(cast: Cast) -> None:
    consultation(cast, cast.at(cast.today + DAY, 10))
    feed, _ = made(cast, shows_names=True)
    [event] = events(cast, feed)
    assert event.summary == "Zenobia Sample0"
    assert "onsultation" not in calendar_text("x", [event]).decode()


def test_a_rooms_calendar_says_who_works_there(cast: Cast) -> None:
    consultation(cast, cast.at(cast.today + DAY, 10))
    feed, _ = made(cast, thing_id=cast.rooms[0].pk)
    [event] = events(cast, feed)
    assert event.place == "Dr One, Riverside Hair Clinic"


def test_it_holds_what_is_its_own_from_thirty_days_ago_to_four_hundred_ahead(cast: Cast) -> None:
    begun = cast.now
    for days in (1, 28, 200, 399, 402):
        consultation(cast, cast.at(cast.today + days * DAY, 10))
    consultation(cast, cast.at(cast.today + DAY, 12), **cast.place(1))
    feed, _ = made(cast)
    assert len(events(cast, feed)) == 4
    cast.now = begun + 32 * DAY
    assert len(events(cast, feed)) == 4  # the first has gone, the last has come
    for instant in (1, 17):
        cast.now = begun + timedelta(hours=instant)
        assert len(events(cast, feed)) == 4


def test_a_move_is_one_event_with_a_higher_number(cast: Cast) -> None:
    old = consultation(cast, cast.at(cast.today + DAY, 10))
    feed, _ = made(cast)
    new = move_appointment(
        appointment_id=old.pk, starts=cast.at(cast.today + 2 * DAY, 11), minutes=30, reason="x", by=cast.desk,
        now=cast.now, **cast.place(),
    )  # fmt: skip
    [event] = events(cast, feed)
    assert (event.starts, event.sequence, event.is_cancelled) == (new.starts, 1, False)
    assert event.uid == f"{old.calendar_uid}@clinic.example"


def test_what_moves_to_a_colleague_is_taken_out_of_ones_own_calendar(cast: Cast) -> None:
    old = consultation(cast, cast.at(cast.today + DAY, 10))
    mine, _ = made(cast)
    theirs, _ = made(cast, thing_id=cast.practitioners[1].pk)
    move_appointment(
        appointment_id=old.pk, starts=old.starts, minutes=30, reason="x", by=cast.desk, now=cast.now, **cast.place(1)
    )
    assert [(event.sequence, event.is_cancelled) for event in events(cast, mine)] == [(1, True)]
    assert [(event.sequence, event.is_cancelled) for event in events(cast, theirs)] == [(1, False)]


def test_a_cancelled_one_is_said_to_be_cancelled_for_a_month(cast: Cast) -> None:
    visit = consultation(cast, cast.at(cast.today + 60 * DAY, 10))
    feed, _ = made(cast)
    cancel_appointment(appointment_id=visit.pk, reason="x", by=cast.desk, now=cast.now)
    [event] = events(cast, feed)
    assert (event.is_cancelled, event.sequence) == (True, 1)
    cast.now += 32 * DAY
    assert events(cast, feed) == ()


def test_who_did_not_come_takes_no_time_in_the_calendar(cast: Cast) -> None:
    visit = consultation(cast, cast.at(cast.today + DAY, 10))
    feed, _ = made(cast)
    cast.now = visit.ends
    mark_no_show(appointment_id=visit.pk, by=cast.desk, now=cast.now)
    assert [event.is_cancelled for event in events(cast, feed)] == [True]


def test_absences_and_closed_days_stand_in_it_without_a_reason(cast: Cast) -> None:
    zone, person, room = cast.here.zone, cast.practitioners[0], cast.rooms[0]
    whole = {"starts": start_of_day(cast.today + DAY, zone), "ends": start_of_day(cast.today + 3 * DAY, zone)}
    hours = {"starts": cast.at(cast.today, 12), "ends": cast.at(cast.today, 13), "is_whole_days": False}
    common = {"location": cast.here, "made_at": cast.now, "note": "canary"}
    Closure.objects.create(**common, **whole, practitioner=person, kind="ill")
    Closure.objects.create(**common, **hours, kind="other")
    Closure.objects.create(**common, **whole, room=room, kind="repair")
    Closure.objects.create(**common, **whole, practitioner=cast.practitioners[1], kind="leave")
    found = events(cast, made(cast)[0])
    assert [(one.summary, one.starts) for one in found] == [
        ("Closed", hours["starts"]), ("Away", cast.today + DAY)
    ]  # fmt: skip
    assert found[1].ends == cast.today + 3 * DAY
    of_room = events(cast, made(cast, thing_id=room.pk)[0])
    assert [one.summary for one in of_room] == ["Closed", "Not in use"]
    assert "canary" not in calendar_text("x", [*found, *of_room]).decode()


@pytest.mark.parametrize("who", ["practitioner", "login", "location", "room"])
def test_whoever_is_not_in_use_any_more_has_an_empty_calendar(cast: Cast, who: str) -> None:
    """Empty, not gone: a program keeps for years what it last got from an address that fails."""
    person = cast.practitioners[0]
    person.staff = cast.doctor
    person.save()
    consultation(cast, cast.at(cast.today + DAY, 10))
    feed, secret = made(cast, thing_id=cast.rooms[0].pk if who == "room" else person.pk)
    assert len(events(cast, feed)) == 1
    thing = {"practitioner": person, "login": cast.doctor, "location": cast.here, "room": cast.rooms[0]}[who]
    type(thing).objects.filter(pk=thing.pk).update(is_active=False)
    assert events(cast, feed) == ()
    assert feed_behind(secret) == feed


@pytest.mark.parametrize(
    "zone", ["Europe/Berlin", "America/New_York", "Asia/Singapore", "Africa/Cairo", "Pacific/Apia"]
)
def test_times_are_right_on_both_sides_of_a_clock_change(zone: str) -> None:
    cast = open_clinic(zone, keys=())
    feed, _ = made(cast)
    patient = cast.patient("Zenobia")
    first = cast.today + DAY

    @settings(max_examples=25)
    @given(days=st.integers(0, 390), quarter=st.integers(0, 38))
    def right(days: int, quarter: int) -> None:
        Appointment.objects.all().delete()
        day = first + days * DAY
        starts = cast.at(day, 9, 0) + quarter * timedelta(minutes=15)
        Appointment.objects.create(
            patient=patient, location=cast.here, purpose=AppointmentPurpose.CONSULTATION,
            practitioner=cast.practitioners[0], starts=starts, ends=starts + timedelta(minutes=30),
            booked_at=cast.now, changed_at=cast.now,
        )  # fmt: skip
        [read] = Calendar.from_ical(calendar_text("x", events(cast, feed))).walk("VEVENT")
        shown = read["DTSTART"].dt.astimezone(cast.here.zone)
        minutes = 9 * 60 + 15 * quarter
        assert (shown.date(), shown.hour * 60 + shown.minute) == (day, minutes)

    right()


def test_a_closed_day_is_that_day_even_when_the_clocks_change() -> None:
    cast = open_clinic("Europe/Berlin", keys=())
    for day in (date(2026, 10, 25), date(2027, 3, 28)):  # 25 and 23 hours long
        starts, ends = start_of_day(day, cast.here.zone), start_of_day(day + DAY, cast.here.zone)
        Closure.objects.create(location=cast.here, kind="holiday", starts=starts, ends=ends, made_at=cast.now)
    found = events(cast, made(cast)[0])
    assert [(one.starts, one.ends) for one in found] == [
        (date(2026, 10, 25), date(2026, 10, 26)), (date(2027, 3, 28), date(2027, 3, 29))
    ]  # fmt: skip


# -- to whom it is given -----------------------------------------------------------------------------------------------
def test_only_the_digest_of_the_secret_is_kept(cast: Cast) -> None:
    feed, secret = made(cast)
    assert len(secret) >= 43
    kept = [str(row) for model in (CalendarFeed, AuditLine, SentForm) for row in model.objects.values_list()]
    assert secret not in " ".join(kept)
    assert feed_behind(secret) == feed
    for wrong in ("", secret[:-1], secret + "x", secret.swapcase(), feed.secret_sha256, "\ud800", "x" * 9999):
        with pytest.raises(CalendarFeed.DoesNotExist):
            feed_behind(wrong)


def test_making_and_revoking_are_audited_and_a_revoked_address_opens_nothing(cast: Cast) -> None:
    feed, secret = made(cast, shows_names=True)
    revoke_feed(feed_id=feed.pk, by=cast.manager, now=cast.now)
    with pytest.raises(CalendarFeed.DoesNotExist):
        feed_behind(secret)
    with pytest.raises(CalendarFeed.DoesNotExist):
        revoke_feed(feed_id=feed.pk, by=cast.manager, now=cast.now)
    lines = AuditLine.objects.filter(happened__startswith="feed.").order_by("pk")
    assert sorted((line.happened, line.details) for line in lines) == [
        ("feed.made", {"shows_names": True}), ("feed.revoked", {})
    ]  # fmt: skip
    assert {line.about_words for line in lines} == {"Calendar of Dr One"}


def test_a_manager_gives_out_any_calendar_of_the_place_a_clinician_only_her_own(cast: Cast) -> None:
    mine, other = cast.practitioners
    mine.staff = cast.doctor
    mine.save()
    feed, _ = made(cast, by=cast.doctor)
    foreign, _ = made(cast, thing_id=other.pk)
    for thing in (other, cast.rooms[0]):
        with pytest.raises(type(thing).DoesNotExist if thing is not other else Exception) as caught:
            made(cast, thing_id=thing.pk, by=cast.doctor)
        assert "DoesNotExist" in type(caught.value).__name__
    with pytest.raises(CalendarFeed.DoesNotExist):
        revoke_feed(feed_id=foreign.pk, by=cast.doctor, now=cast.now)
    assert revoke_feed(feed_id=feed.pk, by=cast.doctor, now=cast.now).revoked_at
    assert [owner.thing for place in feed_places(cast.doctor) for owner in place.owners] == [mine]


def test_the_front_desk_and_other_places_give_out_nothing(cast: Cast) -> None:
    feed, _ = made(cast)
    for deed in (lambda: made(cast, by=cast.desk), lambda: feed_places(cast.desk)):
        with pytest.raises(Forbidden):
            deed()
    with pytest.raises(Forbidden):
        revoke_feed(feed_id=feed.pk, by=cast.desk, now=cast.now)
    with pytest.raises(CalendarFeed.DoesNotExist):
        revoke_feed(feed_id=feed.pk, by=cast.outsider, now=cast.now)
    assert not [owner for place in feed_places(cast.outsider) for owner in place.owners if owner.feeds]


def test_a_form_sent_twice_makes_one_address_and_shows_it_once(cast: Cast) -> None:
    token = new_id()
    first, secret = made(cast, token=token)
    second, nothing = made(cast, token=token)
    assert (first, nothing) == (second, "")
    assert secret


def test_there_is_an_end_to_addresses_and_none_for_who_left(cast: Cast) -> None:
    for _ in range(10):
        made(cast)
    with refused("too_many"):
        made(cast)
    cast.practitioners[1].is_active = False
    cast.practitioners[1].save()
    with refused("inactive"):
        made(cast, thing_id=cast.practitioners[1].pk)


def test_that_it_is_read_is_written_once_an_hour(cast: Cast, django_assert_num_queries: Any) -> None:
    feed, _ = made(cast)
    note_read(feed, now=cast.now)
    feed.refresh_from_db()
    assert feed.last_read_at == cast.now
    with django_assert_num_queries(0):
        note_read(feed, now=cast.now + timedelta(minutes=59))
    note_read(feed, now=cast.now + timedelta(hours=1))
    feed.refresh_from_db()
    assert feed.last_read_at == cast.now + timedelta(hours=1)
