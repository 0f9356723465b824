"""One patient from the first visit to the decided 6-month review, with nothing but the clock made up.

A worker of its own process takes the ticks from a broker and posts every mail to a mail server. What arrives is held
against a list written by hand. The same story is told where clocks never change and where they go back during it.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import UTC, date, datetime
from email.message import EmailMessage
from pathlib import Path
from uuid import UUID

import pytest

from clinic.models import AuditLine
from clinic.rules.refusal import Refusal
from plans.models import Appointment, ChecklistItem, Reminder
from plans.operations.booking import cancel_appointment, confirm_own_appointment, move_appointment
from plans.operations.plans import activate_plan
from plans.operations.sessions import tick_own_item
from plans.operations.visits import mark_no_show
from plans.rules.course import CareBy, CarePhase
from plans.rules.happened import Happened
from plans.rules.states import Decision, PlanState, ReminderState
from plans.rules.wording import day_words
from tests.cast import Cast, open_clinic
from tests.journeys.crew import Crew
from tests.journeys.story import Story

pytestmark = pytest.mark.django_db(transaction=True)

# Kind, local day and hour of every mail, in the order of its arrival; for those about dye the date they state.
#
# How the dates were found, by hand: no dye from a session's end until the first whole day after the same hour four
# weeks later, and from the midnight a week before a session until it is over. Where the two meet there is no free day
# between, and the later session's four weeks decide.
#   session 1, Mon 28 Sep 15:00; 2 booked Mon  2 Nov 11:45: + 4 weeks is Mon 30 Nov 11:45, so dye on Tue  1 Dec
#                                2 moved  Sat 31 Oct 11:45: + 4 weeks is Sat 28 Nov 11:45, so dye on Sun 29 Nov
#   session 3 booked             Sat  5 Dec 11:45: no dye from Sat 28 Nov on (a week before), which meets session 2's
#                                end; + 4 weeks is Sat 2 Jan 11:45, so dye on Sun 3 Jan
#   session 3 missed:            only session 2 counts again, so dye since Sun 29 Nov
#   session 3 held               Mon 21 Dec 11:45: + 4 weeks is Mon 18 Jan 11:45, so dye on Tue 19 Jan
#   session 4 booked             Mon 25 Jan 16:45: no dye from Mon 18 Jan on meets that; + 4 weeks is Mon 22 Feb, so
#                                dye on Tue 23 Feb; cancelled: Tue 19 Jan again, and with the one booked
#                                for Mon 1 Feb instead until a week before it, Mon 25 Jan
#   session 4 held               Mon  1 Feb 16:45: + 4 weeks is Mon 1 Mar 16:45, so dye on Tue 2 Mar
# Half-time of that, between the last session held and the day it ends, at nine:
#   session 1, with 2 booked for 31 Oct: 28 Sep 15:00 to 29 Nov  0:00 is 61 days  9 h, half of it on Thu 29 Oct
#   session 2, with 3 booked for  5 Dec: 31 Oct 11:45 to  3 Jan  0:00 is 63 days 12 h, half of it on Wed  2 Dec
#   session 3: with 4 booked for 25 Jan it would be on 22 Jan; cancelled on 18 Jan, it was on 4 Jan: too late
#   session 4:                            1 Feb 16:45 to  2 Mar  0:00 is 28 days  7 h, half of it on Mon 15 Feb
# What to stop: no dye from a week before on, and the letter the day before that, so eight days ahead at nine; session 1
# is booked seven days ahead, so at once. The letter for 25 Jan has left when that is cancelled.
# After each session: what to avoid after half an hour; washing after 24 hours; the swelling on the third day at ten;
# medicine after three weeks, on the first whole day at nine: Tue 20 Oct, Sun 22 Nov, Tue 12 Jan, Tue 23 Feb.
# What to expect: 2 and 6 weeks, 3 and 6 months after Mon 28 Sep, at ten.
# Reviews: 3 and 6 months after 28 Sep are 28 Dec and 28 Mar; invitations 14 days before, at nine; a reminder two days
# before the hour that was booked. Both are booked in time, so nobody is nudged.
EXPECTED = """
    appointment_booked    2026-09-21 10:30
    pre_care_stop         2026-09-21 10:30
    pre_care              2026-09-25 14:15
    session_reminder      2026-09-26 14:15
    after_care            2026-09-28 15:30
    appointment_booked    2026-09-29 10:00
    wash_again            2026-09-29 15:00
    no_dye                2026-09-29 15:00  2026-12-01
    swelling_check        2026-10-01 10:00
    appointment_moved     2026-10-12 09:30
    no_dye                2026-10-12 09:30  2026-11-29
    expect_2_weeks        2026-10-12 10:00
    medicine_again        2026-10-20 09:00
    pre_care_stop         2026-10-23 09:00
    pre_care              2026-10-28 11:00
    no_dye_half           2026-10-29 09:00
    session_reminder      2026-10-29 11:00
    after_care            2026-10-31 12:15
    wash_again            2026-11-01 11:45
    no_dye                2026-11-01 11:45  2026-11-29
    swelling_check        2026-11-03 10:00
    appointment_booked    2026-11-09 10:00
    no_dye                2026-11-09 10:00  2027-01-03
    expect_6_weeks        2026-11-09 10:00
    medicine_again        2026-11-22 09:00
    pre_care_stop         2026-11-27 09:00
    no_dye_half           2026-12-02 09:00
    pre_care              2026-12-02 11:00
    session_reminder      2026-12-03 11:00
    dye_again             2026-12-05 12:00  2026-11-29
    appointment_missed    2026-12-05 12:00
    appointment_booked    2026-12-05 12:30
    pre_care_stop         2026-12-13 09:00
    review_invitation     2026-12-14 09:00
    appointment_booked    2026-12-14 12:00
    pre_care              2026-12-18 11:00
    session_reminder      2026-12-19 11:00
    after_care            2026-12-21 12:15
    wash_again            2026-12-22 11:45
    no_dye                2026-12-22 11:45  2027-01-19
    swelling_check        2026-12-24 10:00
    review_reminder       2026-12-26 10:00
    expect_3_months       2026-12-28 10:00
    appointment_booked    2026-12-28 10:45
    no_dye                2026-12-28 10:45  2027-02-23
    medicine_again        2027-01-12 09:00
    pre_care_stop         2027-01-17 09:00
    appointment_cancelled 2027-01-18 10:00
    appointment_booked    2027-01-18 10:30
    dye_again             2027-01-19 09:00  2027-01-19  until 2027-01-25
    pre_care_stop         2027-01-24 09:00
    pre_care              2027-01-29 16:00
    session_reminder      2027-01-30 16:00
    after_care            2027-02-01 17:15
    wash_again            2027-02-02 16:45
    no_dye                2027-02-02 16:45  2027-03-02
    swelling_check        2027-02-04 10:00
    no_dye_half           2027-02-15 09:00
    medicine_again        2027-02-23 09:00
    dye_again             2027-03-02 09:00  2027-03-02
    review_invitation     2027-03-14 09:00
    appointment_booked    2027-03-15 10:00
    review_reminder       2027-03-27 10:00
    expect_6_months       2027-03-28 10:00
"""
# Cairo's clocks go back in the night to Fri 30 Oct 2026: 48 and 72 hours before Sat 11:00 it was twelve there.
IN_CAIRO = {"2026-10-28 11:00": "2026-10-28 12:00", "2026-10-29 11:00": "2026-10-29 12:00"}


@pytest.mark.parametrize(
    ("zone", "moved_by_the_clock"),
    [("Asia/Singapore", {}), ("Africa/Cairo", IN_CAIRO)],
    ids=["Singapore", "Cairo"],
)
def test_a_whole_course(zone: str, moved_by_the_clock: dict[str, str], tmp_path: Path, database_url: str) -> None:
    cast = open_clinic(zone, now=datetime(2026, 9, 1, tzinfo=UTC))
    with Crew(tmp_path, database_url) as crew:
        story = Story(cast, crew)
        a_first_visit(story)
        b_first_session(story)
        c_second_session_is_moved(story)
        d_third_session_is_missed_and_held_late(story)
        e_fourth_session_is_cancelled_and_held(story)
        f_six_months(story)
        said = crew.worker.said
    arrived = [_described(mail, cast) for mail in crew.post.mails]
    assert [_hour(line) for line in arrived] == sorted(_hour(line) for line in arrived)
    # Two due at the same minute may arrive either way round.
    assert sorted(arrived, key=_hour_and_kind) == sorted(_expected(moved_by_the_clock), key=_hour_and_kind)
    every_mail_stands_for_one_row(crew)
    assert "Traceback" not in said and " ERROR " not in said


def a_first_visit(story: Story) -> None:
    cast = story.cast
    story.at(date(2026, 9, 21), 10)
    patient = cast.patient("Noor", birth_date=date(1988, 3, 2))
    found = cast.assess(patient, scale="ludwig", grade="I")
    plan = story.plan = cast.draft(
        patient, found, starts_on=date(2026, 9, 28), counts={"exosome": 4, "prp": 4}, price=None
    )
    with pytest.raises(Refusal, match="Consent is missing"):
        activate_plan(plan_id=plan.pk, by=cast.doctor, now=cast.now)
    cast.consent(patient)
    activate_plan(plan_id=plan.pk, by=cast.doctor, now=cast.now)
    assert [story.window(number)[1] for number in (1, 2, 3, 4)] == [
        date(2026, 9, 28),
        date(2026, 11, 2),
        date(2026, 12, 7),
        date(2027, 1, 11),
    ]


def b_first_session(story: Story) -> None:
    cast = story.cast
    story.at(date(2026, 9, 21), 10, 30)
    first = story.book(1, date(2026, 9, 28), 14, 15)
    story.at(date(2026, 9, 27), 20)
    confirm_own_appointment(patient_id=first.patient_id, appointment_id=first.pk, now=cast.now)
    for item in ChecklistItem.objects.filter(session=first.session, phase=CarePhase.PRE, by=CareBy.PATIENT):
        tick_own_item(patient_id=first.patient_id, item_id=item.pk, ticked=True, now=cast.now)
    story.at(date(2026, 9, 28), 14)
    cast.photograph(story.plan.reviews.get(months=0))
    story.hold(first)
    reviews = {review.months: (review.due, review.is_estimated) for review in story.plan.reviews.all()}
    assert reviews[3] == (date(2026, 12, 28), False)
    assert reviews[6] == (date(2027, 3, 28), False)


def c_second_session_is_moved(story: Story) -> None:
    cast = story.cast
    story.at(date(2026, 9, 29), 10)
    booked = story.book(2, date(2026, 11, 2), 11)
    now = story.at(date(2026, 10, 12), 9, 30)
    moved = move_appointment(
        appointment_id=booked.pk,
        starts=cast.at(date(2026, 10, 31), 11),
        minutes=45,
        reason="asked by the patient",
        by=cast.desk,
        now=now,
        **cast.place(1),
    )
    assert story.window(3)[1] == date(2026, 12, 5), "five weeks after the new day"
    # The day after which dye would have been free, had nothing been booked: session 2's rules hold already.
    story.at(date(2026, 10, 27), 12)
    assert story.free_on("dye") == date(2026, 11, 29)
    story.hold(moved)
    assert story.window(3) == (date(2026, 11, 28), date(2026, 12, 5), date(2026, 12, 12))


def d_third_session_is_missed_and_held_late(story: Story) -> None:
    cast = story.cast
    story.at(date(2026, 11, 9), 10)
    missed = story.book(3, date(2026, 12, 5), 11)
    now = story.at(date(2026, 12, 5), 12)
    mark_no_show(appointment_id=missed.pk, by=cast.desk, now=now)
    story.at(date(2026, 12, 5), 12, 30)
    with pytest.raises(Refusal, match="should be by Sat 12 Dec 2026"):
        story.book(3, date(2026, 12, 21), 11)
    again = story.book(3, date(2026, 12, 21), 11, by=cast.doctor, override_reason="She is abroad until then.")
    story.at(date(2026, 12, 14), 12)
    review = cast.book_review(story.plan.reviews.get(months=3), cast.at(date(2026, 12, 28), 10))
    story.hold(again)
    assert story.window(4) == (date(2027, 1, 18), date(2027, 1, 25), date(2027, 2, 1))
    assert Appointment.objects.filter(session=again.session, state="no_show").count() == 1
    story.decide(review, Decision.CONTINUE)


def e_fourth_session_is_cancelled_and_held(story: Story) -> None:
    cast = story.cast
    story.at(date(2026, 12, 28), 10, 45)
    unwanted = story.book(4, date(2027, 1, 25), 16)
    now = story.at(date(2027, 1, 18), 10)
    cancel_appointment(appointment_id=unwanted.pk, reason="travels", by=cast.desk, now=now)
    story.at(date(2027, 1, 18), 10, 30)
    held = story.book(4, date(2027, 2, 1), 16)
    story.at(date(2027, 1, 22), 15, 59)
    for day in (22, 23):  # what was cancelled would have brought mails on Fri 22 and Sat 23 at 16:00
        assert story.crew.tick_at(cast.at(date(2027, 1, day), 16)) == []
    story.hold(held)
    story.at(date(2027, 2, 2), 17)
    assert story.free_on("dye") == date(2027, 3, 2)


def f_six_months(story: Story) -> None:
    cast = story.cast
    story.at(date(2027, 3, 15), 10)
    review = cast.book_review(story.plan.reviews.get(months=6), cast.at(date(2027, 3, 29), 10))
    story.decide(review, Decision.MAINTENANCE)
    story.plan.refresh_from_db()
    assert story.plan.state == PlanState.COMPLETED
    assert not Reminder.objects.open().exists()
    for month in (4, 6, 9):
        assert story.crew.tick_at(cast.at(date(2027, month, 1), 9)) == []


def every_mail_stands_for_one_row(crew: Crew) -> None:
    copies = Counter(mail["Message-ID"] for mail in crew.post.mails)
    sent = Reminder.objects.filter(state=ReminderState.SENT)
    assert set(copies.values()) == {1}
    assert set(copies) == set(sent.values_list("message_id", flat=True))
    assert set(crew.post.recipients) == {"noor@example.org"}
    assert AuditLine.objects.filter(happened=Happened.REMINDER_SENT).count() == len(copies)
    assert set(Reminder.objects.values_list("state", flat=True)) == {ReminderState.SENT, ReminderState.CANCELLED}
    for mail in crew.post.mails:
        assert not re.search("exosome|prp|hair loss", mail["Subject"], re.I)


def _described(mail: EmailMessage, cast: Cast) -> str:
    """What the mail itself says: kind by its row, hour by its Date, the dye date by its words and its calendar."""
    row = Reminder.objects.get(pk=UUID(re.match(r"<r([0-9a-f]{32})\.v\d+@", mail["Message-ID"])[1]))
    said = mail["Date"].datetime.astimezone(cast.here.zone)
    stated = []
    if row.kind in ("no_dye", "dye_again"):
        stated.append(_day_after("(?:You may dye again from|Allowed since)", mail))
        assert day_words(stated[0]) in mail.get_body(("html",)).get_content()
    if row.kind == "dye_again" and (until := _day_after("Please be done before", mail)):
        stated += ["until", until]
    if row.kind == "no_dye":
        calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
        assert f"DTSTART;VALUE=DATE:{stated[0]:%Y%m%d}" in calendar.get_content()
    return " ".join([row.kind, f"{said:%Y-%m-%d %H:%M}", *map(str, stated)])


def _day_after(words: str, mail: EmailMessage) -> date | None:
    """The day the letter's text states after these words."""
    found = re.search(rf"{words}\s+(\w{{3}} \d+ \w{{3}} \d{{4}})", mail.get_body(("plain",)).get_content())
    return datetime.strptime(found[1], "%a %d %b %Y").date() if found else None


def _expected(moved_by_the_clock: dict[str, str]) -> list[str]:
    lines = [" ".join(line.split()) for line in EXPECTED.strip().splitlines()]
    for elsewhere, there in moved_by_the_clock.items():
        lines = [line.replace(elsewhere, there) for line in lines]
    return lines


def _hour(line: str) -> list[str]:
    return line.split()[1:3]


def _hour_and_kind(line: str) -> tuple[list[str], str]:
    return _hour(line), line
