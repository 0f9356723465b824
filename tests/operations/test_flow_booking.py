"""Holding time and letting it go: what is refused, what yields to a reason, what stays countable."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest

from clinic.models import AuditLine, Location, Practitioner, Room, WeeklyHours
from clinic.rules.refusal import Forbidden
from plans.models import Appointment, Plan, Reminder, Session
from plans.operations.booking import book_appointment, cancel_appointment, confirm_own_appointment, move_appointment
from plans.operations.plans import stop_plan
from plans.operations.visits import check_in, mark_no_show
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentPurpose, AppointmentState, ReminderState
from tests.cast import Cast, open_clinic, refused

pytestmark = pytest.mark.django_db

DAY, HOUR, MINUTE = timedelta(days=1), timedelta(hours=1), timedelta(minutes=1)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    return cast.active_plan()


@pytest.fixture
def first(plan: Plan) -> Session:
    return plan.sessions.get(number=1)


@pytest.fixture
def slot(cast: Cast, plan: Plan) -> datetime:
    """Eleven o'clock on the day session 1 is wanted."""
    return cast.at(plan.starts_on, 11)


@pytest.fixture
def booked(cast: Cast, first: Session, slot: datetime) -> Appointment:
    return cast.book(first, slot)


def consult(cast: Cast, starts: datetime, number: int = 0, **more: object) -> Appointment:
    """Somebody else comes to talk, by default where and when session 1 is."""
    wish = {"patient_id": cast.patient("Ivo").pk, "minutes": 45, "by": cast.desk, **cast.place(number), **more}
    return book_appointment(purpose=AppointmentPurpose.CONSULTATION, starts=starts, now=cast.now, **wish)


def move(cast: Cast, appointment: Appointment, starts: datetime, **more: object) -> Appointment:
    wish = {"minutes": 45, "reason": "asked", "by": cast.desk, **cast.place(), **more}
    return move_appointment(appointment_id=appointment.pk, starts=starts, now=cast.now, **wish)


def test_a_booking_holds_the_session_and_tells_the_patient(booked: Appointment, slot: datetime) -> None:
    assert (booked.state, booked.starts, booked.ends) == (AppointmentState.BOOKED, slot, slot + 45 * MINUTE)
    kinds = set(Reminder.objects.filter(about_id=booked.pk).values_list("kind", flat=True))
    of_care = {LetterKind.PRE_CARE_STOP, LetterKind.PRE_CARE}
    assert kinds == {LetterKind.APPOINTMENT_BOOKED, LetterKind.SESSION_REMINDER, *of_care}


def test_a_booking_in_the_past_is_refused_whatever_the_reason(cast: Cast, first: Session, slot: datetime) -> None:
    cast.now = slot + MINUTE
    with refused("past"):
        cast.book(first, slot)
    with refused("past"):
        cast.book(first, slot, by=cast.doctor, override_reason="was held yesterday")
    cast.now = slot
    assert cast.book(first, slot).starts == slot


@pytest.mark.parametrize(("hour", "minute"), [(8, 59), (18, 16), (18, 59), (20, 0)])
def test_outside_hours_is_refused(cast: Cast, first: Session, hour: int, minute: int) -> None:
    with refused("outside_hours"):
        cast.book(first, cast.at(first.target, hour, minute))
    assert cast.book(first, cast.at(first.target, 18, 15)).ends == cast.at(first.target, 19)


def test_a_practitioners_own_hours_replace_the_locations(cast: Cast, first: Session) -> None:
    doctor = cast.practitioners[0]
    WeeklyHours.objects.create(
        location=cast.here, practitioner=doctor, weekday=first.target.weekday(), opens=time(20), closes=time(22)
    )
    with refused("outside_hours"):
        cast.book(first, cast.at(first.target, 11))
    assert cast.book(first, cast.at(first.target, 20)).practitioner == doctor


def test_outside_the_window_is_refused_and_says_the_day(cast: Cast, first: Session) -> None:
    too_soon, too_late = first.earliest - DAY, first.latest + DAY
    for code, day in (("too_early", too_soon), ("too_late", too_late)):
        with refused(code):
            cast.book(first, cast.at(day, 11))
    assert cast.book(first, cast.at(first.latest, 11)).session == first


def test_only_clinicians_book_too_early_and_only_with_a_reason(cast: Cast, first: Session) -> None:
    early = cast.at(first.earliest - DAY, 11)
    with refused("too_early"):
        cast.book(first, early, by=cast.doctor, override_reason="  ")
    for somebody in (cast.desk, cast.manager):
        with pytest.raises(Forbidden):
            cast.book(first, early, by=somebody, override_reason="she travels")
    cast.book(first, early, by=cast.doctor, override_reason="she travels")
    assert AuditLine.objects.get(happened="appointment.booked").reason == "she travels"


def test_the_desk_books_a_late_patient_with_a_reason(cast: Cast, first: Session) -> None:
    late = cast.at(first.latest + DAY, 11)
    with refused("too_late"):
        cast.book(first, late, by=cast.desk)
    cast.book(first, late, by=cast.desk, override_reason="she travels")
    assert AuditLine.objects.get(happened="appointment.booked").reason == "she travels"


@pytest.mark.parametrize(
    ("code", "number", "changes"),
    [
        ("practitioner_busy", 0, {"room_id": None}),
        ("room_busy", 1, {"room": 0}),
        ("patient_busy", 1, {"same_patient": True}),
    ],
)
def test_practitioner_room_and_patient_must_all_be_free(
    cast: Cast, booked: Appointment, code: str, number: int, changes: dict[str, object]
) -> None:
    wish = {key: value for key, value in changes.items() if key == "room_id"}
    if "room" in changes:
        wish["room_id"] = cast.rooms[0].pk
    if "same_patient" in changes:
        wish["patient_id"] = booked.patient_id
    for starts in (booked.starts, booked.starts - 44 * MINUTE, booked.ends - MINUTE):
        with refused(code):
            consult(cast, starts, number, **wish)
    assert consult(cast, booked.ends, number, **wish).starts == booked.ends
    assert consult(cast, booked.starts - 45 * MINUTE, number, **wish).ends == booked.starts


def test_busy_yields_to_no_reason(cast: Cast, booked: Appointment) -> None:
    with refused("practitioner_busy"):
        consult(cast, booked.starts, by=cast.doctor, override_reason="squeeze in")


def test_a_session_is_booked_once(cast: Cast, first: Session, booked: Appointment) -> None:
    with refused("booked_already"):
        cast.book(first, booked.starts + DAY, **cast.place(1))


def test_only_sessions_to_come_of_an_active_plan_can_be_booked(cast: Cast, plan: Plan, first: Session) -> None:
    patient = cast.patient("Ivo")
    draft = cast.draft(patient, cast.assess(patient))
    with refused("not_open"):
        cast.book(draft.sessions.get(number=1), cast.at(draft.starts_on, 11))
    stop_plan(plan_id=plan.pk, reason="moves", by=cast.doctor, now=cast.now)
    with refused("not_open"):
        cast.book(first, cast.at(plan.starts_on, 11))


def test_people_and_rooms_of_another_location_cannot_be_booked(cast: Cast, first: Session, slot: datetime) -> None:
    elsewhere = Practitioner.objects.create(location=cast.there, name="Dr Far")
    with pytest.raises(Practitioner.DoesNotExist):
        cast.book(first, slot, practitioner_id=elsewhere.pk)
    with pytest.raises(Room.DoesNotExist):
        cast.book(first, slot, room_id=Room.objects.create(location=cast.there, name="Far room").pk)
    # A manager of both sees both, and still cannot mix them.
    far_room = Room.objects.get(name="Far room")
    with refused("wrong_room"):
        cast.book(first, slot, room_id=far_room.pk, by=cast.manager)


def test_whoever_left_cannot_be_booked(cast: Cast, first: Session, slot: datetime) -> None:
    Practitioner.objects.filter(pk=cast.practitioners[0].pk).update(is_active=False)
    with refused("not_working"):
        cast.book(first, slot)


def test_a_move_keeps_the_link_and_frees_the_old_time(cast: Cast, booked: Appointment) -> None:
    new = move(cast, booked, booked.starts + DAY, reason="asked by the patient")
    booked.refresh_from_db()
    assert (booked.state, booked.reason) == (AppointmentState.CANCELLED, "asked by the patient")
    assert (new.rescheduled_from, new.session, new.state) == (booked, booked.session, AppointmentState.BOOKED)
    assert (new.calendar_uid, new.calendar_sequence) == (booked.calendar_uid, 1)
    assert consult(cast, booked.starts).state == AppointmentState.BOOKED
    open_rows = Reminder.objects.filter(patient=booked.patient, state=ReminderState.PLANNED)
    assert set(open_rows.values_list("about_id", flat=True)) == {new.pk}


def test_a_move_by_a_few_minutes_may_overlap_its_own_old_time(cast: Cast, booked: Appointment) -> None:
    assert move(cast, booked, booked.starts + 15 * MINUTE).starts == booked.starts + 15 * MINUTE


def test_a_refused_move_leaves_everything_as_it_was(cast: Cast, booked: Appointment) -> None:
    other = consult(cast, booked.starts + DAY)
    before = list(Appointment.objects.order_by("pk").values())
    for code, starts in (("practitioner_busy", other.starts), ("too_early", booked.starts - DAY)):
        with refused(code):
            move(cast, booked, starts)
    assert list(Appointment.objects.order_by("pk").values()) == before


def test_what_was_moved_or_cancelled_is_not_moved_again(cast: Cast, booked: Appointment) -> None:
    new = move(cast, booked, booked.starts + DAY)
    with refused("wrong_state"):
        move(cast, booked, booked.starts + 2 * DAY)
    cancel_appointment(appointment_id=new.pk, reason="ill", by=cast.desk, now=cast.now)
    with refused("wrong_state"):
        move(cast, new, booked.starts + 2 * DAY)


def test_a_cancelled_time_is_free_and_the_session_can_be_booked_again(
    cast: Cast, first: Session, booked: Appointment
) -> None:
    with refused("reason"):
        cancel_appointment(appointment_id=booked.pk, reason=" ", by=cast.desk, now=cast.now)
    cancel_appointment(appointment_id=booked.pk, reason="ill", by=cast.desk, now=cast.now)
    planned = Reminder.objects.filter(state=ReminderState.PLANNED)
    assert [row.kind for row in planned] == [LetterKind.APPOINTMENT_CANCELLED]
    assert cast.book(first, booked.starts).state == AppointmentState.BOOKED


def test_what_is_over_since_a_day_can_no_longer_be_cancelled(cast: Cast, booked: Appointment) -> None:
    cast.now = booked.starts + 24 * HOUR
    with refused("over"):
        cancel_appointment(appointment_id=booked.pk, reason="late", by=cast.desk, now=cast.now)
    cast.now -= MINUTE
    cancel_appointment(appointment_id=booked.pk, reason="late", by=cast.desk, now=cast.now)


def test_a_missed_session_stays_countable_and_can_be_booked_again(
    cast: Cast, first: Session, booked: Appointment
) -> None:
    with refused("not_yet"):
        mark_no_show(appointment_id=booked.pk, by=cast.desk, now=booked.starts - MINUTE)
    cast.now = booked.starts + 30 * MINUTE
    mark_no_show(appointment_id=booked.pk, by=cast.desk, now=cast.now)
    again = cast.book(first, booked.starts + DAY)
    states = {row.pk: row.state for row in first.appointments.all()}
    assert states == {booked.pk: AppointmentState.NO_SHOW, again.pk: AppointmentState.BOOKED}
    assert again.rescheduled_from is None


def test_who_comes_after_all_was_not_missed(cast: Cast, booked: Appointment) -> None:
    late = booked.starts + 30 * MINUTE
    mark_no_show(appointment_id=booked.pk, by=cast.desk, now=late)
    arrived = check_in(appointment_id=booked.pk, by=cast.desk, now=late + 10 * MINUTE)
    assert (arrived.state, arrived.arrived_at) == (AppointmentState.ARRIVED, late + 10 * MINUTE)


def test_who_was_missed_and_booked_again_cannot_arrive_twice(cast: Cast, first: Session, booked: Appointment) -> None:
    cast.now = booked.starts + 30 * MINUTE
    mark_no_show(appointment_id=booked.pk, by=cast.desk, now=cast.now)
    cast.book(first, booked.starts + DAY)
    with refused("booked_already"):
        check_in(appointment_id=booked.pk, by=cast.desk, now=cast.now)


def test_a_patient_confirms_only_what_is_hers_and_to_come(cast: Cast, booked: Appointment) -> None:
    stranger = cast.patient("Ivo")
    with pytest.raises(Appointment.DoesNotExist):
        confirm_own_appointment(patient_id=stranger.pk, appointment_id=booked.pk, now=cast.now)
    with refused("past"):
        confirm_own_appointment(patient_id=booked.patient_id, appointment_id=booked.pk, now=booked.starts)
    for _ in range(2):
        confirm_own_appointment(patient_id=booked.patient_id, appointment_id=booked.pk, now=cast.now)
    line = AuditLine.objects.get(happened="appointment.confirmed")
    assert (line.by, line.by_name) == (None, "patient")


def test_a_booking_dates_the_sessions_after_it(cast: Cast, plan: Plan, first: Session) -> None:
    cast.book(first, cast.at(first.target + 10 * DAY, 11))
    second = plan.sessions.get(number=2)
    assert second.target == first.target + 45 * DAY
    assert second.earliest == first.target + 38 * DAY


def test_locations_keep_their_own_clock(cast: Cast, first: Session) -> None:
    Location.objects.filter(pk=cast.here.pk).update(time_zone="Africa/Cairo")
    nine_in_singapore = cast.at(first.target, 9)
    with refused("outside_hours"):
        cast.book(first, nine_in_singapore)
