"""What a preview shows is what is written: every kind of change, on rows, with its conflicts and its refusals."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic.models import AuditLine
from clinic.rules.refusal import Forbidden
from clinic.rules.spans import Span
from plans.models import Appointment, Reminder, Session
from plans.models.plan_facts import read_plan_facts
from plans.operations.changes import apply_change
from plans.operations.plans import stop_plan
from plans.rules.cascade import preview
from plans.rules.changes import Complete, Pin, Remove, Skip, TakeBack
from plans.rules.course import Alongside, Modality
from plans.rules.picture import picture_of
from plans.rules.plan_changes import (
    Add,
    AddBooster,
    ChangeRule,
    MoveReview,
    NewVersion,
    PauseFrom,
    ResumeOn,
    SetAlongside,
)
from plans.rules.plan_facts import NEW
from plans.rules.states import AppointmentState, PlanState, ReminderState, ReviewState, SessionState
from tests.cast import COMBINED, open_clinic, refused

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.both_databases]
STAGGERED = "exosome-prp-staggered"


@pytest.fixture
def cast():
    return open_clinic(keys=(COMBINED, STAGGERED, "prp"))


def under_way(cast, key=COMBINED):
    """A plan whose first session is done and whose second is booked on its best day."""
    plan = cast.active_plan(key=key)
    first, second = plan.sessions.order_by("number")[:2]
    cast.photograph(plan.reviews.get(months=0))
    cast.hold(first, cast.at(first.target, 11))
    second.refresh_from_db()
    cast.book(second, cast.at(second.target, 10))
    return plan


def look(cast, plan, change, choices=None):
    plan.refresh_from_db()
    return preview(read_plan_facts(plan, now=cast.now), change, choices)


def accept(cast, plan, change, choices=None, **more):
    shown = look(cast, plan, change, choices)
    wish = {"reason": "She asked for it", "seen": shown.fingerprint, "by": cast.doctor, "now": cast.now, **more}
    apply_change(plan_id=plan.pk, change=change, choices=choices or {}, **wish)
    plan.refresh_from_db()
    return shown


def refs(plan):
    return {session.number: str(session.pk) for session in plan.sessions.all()}


def as_written(cast, plan, shown):
    """Compare the rows with the preview: what the preview called new has its record now."""
    after = picture_of(read_plan_facts(plan, now=cast.now))
    by_number = {view.number: view for view in after.sessions.values()}
    assert len(by_number) == len(after.sessions) == len(shown.after.sessions)
    for view in shown.after.sessions.values():
        found = by_number[view.number]
        assert replace(found, ref=view.ref) == view
        assert view.ref in (found.ref,) or view.ref.startswith(NEW)
    assert after.reviews == shown.after.reviews
    assert after.restrictions == shown.after.restrictions
    assert after.letters == shown.after.letters
    for session in plan.sessions.filter(state=SessionState.PLANNED):
        window = by_number[session.number].window
        assert (session.earliest, session.target, session.latest, session.calculated) == (
            window.earliest, window.target, window.latest, window.calculated,
        )  # fmt: skip
        assert (session.basis, tuple(session.notes)) == (window.basis, window.notes)
    for review in plan.reviews.filter(state=ReviewState.PROMISED):
        view = after.reviews[review.key]
        assert (review.due, review.opens, review.closes) == (view.due, view.opens, view.closes)
    useful = plan.patient.reminders.filter(state=ReminderState.PLANNED, useful_until__gt=cast.now)
    planned = {(row.kind, row.about_id, row.facts) for row in useful}
    assert planned <= {(letter.kind, letter.about, letter.facts) for letter in after.letters}


CHANGES = {
    "pin": lambda plan, cast: Pin(refs(plan)[3], cast.today + timedelta(days=80)),
    "skip": lambda plan, cast: Skip(refs(plan)[3]),
    "remove": lambda plan, cast: Remove(refs(plan)[3]),
    "add": lambda plan, cast: Add(("exosome", "prp")),
    "add one": lambda plan, cast: Add(("prp",)),
    "pause": lambda plan, cast: PauseFrom(cast.today),
    "rule": lambda plan, cast: ChangeRule(replace(plan.course.rule("no-dye"), ends=Span.parse("5 weeks"))),
    "review": lambda plan, cast: MoveReview("month-3", Span.parse("4 months")),
    "medicine": lambda plan, cast: SetAlongside(Alongside("minoxidil", Modality.MEDICAL, "Minoxidil", began_on=cast.today)),
    "version": lambda plan, cast: NewVersion(replace(plan.course, reviews=plan.course.reviews[:2])),
}  # fmt: skip


@pytest.mark.parametrize("kind", CHANGES)
@pytest.mark.parametrize("key", [COMBINED, STAGGERED])
def test_what_is_shown_is_what_is_written(cast, kind, key):
    plan = under_way(cast, key)
    change = CHANGES[kind](plan, cast)
    shown = look(cast, plan, change)
    choices = {conflict.subject: conflict.choices[-1].value for conflict in shown.open}
    as_written(cast, plan, accept(cast, plan, change, choices))
    line = AuditLine.objects.filter(about_id=plan.pk).order_by("-at", "-id").first()
    assert line.happened in ("plan.changed", "plan.paused")
    assert (line.reason, line.by) == ("She asked for it", cast.doctor)


def test_a_pause_shifts_what_comes_after_it(cast):
    plan = under_way(cast)
    second, third = plan.sessions.order_by("number")[1:3]
    shown = look(cast, plan, PauseFrom(cast.today))
    [conflict] = shown.open
    assert "while the plan stands still" in conflict.sentence
    with refused("undecided"):
        accept(cast, plan, PauseFrom(cast.today))
    as_written(cast, plan, accept(cast, plan, PauseFrom(cast.today), {conflict.subject: "cancel"}))
    assert plan.state == PlanState.PAUSED
    assert Appointment.objects.get(session=second).state == AppointmentState.CANCELLED
    was = plan.sessions.get(pk=second.pk).target
    begun = cast.today
    cast.now += timedelta(days=21)
    with refused("not_open"):
        cast.book(second, cast.at(cast.today + timedelta(days=3), 10))
    as_written(cast, plan, accept(cast, plan, ResumeOn(cast.today)))
    assert plan.state == PlanState.ACTIVE
    assert plan.sessions.get(pk=second.pk).target == was + (cast.today - begun)
    assert plan.sessions.get(pk=third.pk).target > third.target
    assert list(plan.pauses.values_list("begins", "ends")) == [(begun, cast.today)]


def test_a_moved_world_writes_nothing(cast):
    plan = under_way(cast)
    third = plan.sessions.get(number=3)
    shown = look(cast, plan, Skip(str(third.pk)))
    Session.objects.filter(pk=third.pk).update(pinned=third.target + timedelta(days=2))
    with refused("moved"):
        apply_change(
            plan_id=plan.pk, change=Skip(str(third.pk)), choices={}, seen=shown.fingerprint, reason="r",
            by=cast.doctor, now=cast.now,
        )  # fmt: skip
    assert Session.objects.get(pk=third.pk).state == SessionState.PLANNED


def test_looking_a_minute_later_is_the_same_look(cast):
    plan = under_way(cast)
    change = Skip(refs(plan)[3])
    shown = look(cast, plan, change)
    cast.now += timedelta(minutes=1)
    assert look(cast, plan, change).fingerprint == shown.fingerprint


def test_a_booked_session_moves_into_its_new_window(cast):
    plan = under_way(cast)
    second = plan.sessions.get(number=2)
    rule = replace(plan.course.components[0].interval, earliest=Span.parse("6 weeks"), target=Span.parse("7 weeks"), latest=Span.parse("8 weeks"))  # fmt: skip
    course = replace(plan.course, components=tuple(replace(c, interval=rule) for c in plan.course.components))
    [conflict] = look(cast, plan, NewVersion(course)).open
    starts = cast.at(conflict.first + timedelta(days=1), 10)
    choice = f"move:{starts.isoformat()}/{(starts + timedelta(minutes=45)).isoformat()}"
    shown = accept(cast, plan, NewVersion(course), {conflict.subject: choice})
    assert not shown.open
    live = second.appointments.live().get()
    assert (live.starts, live.rescheduled_from.state) == (starts, AppointmentState.CANCELLED)
    assert live.rescheduled_from.session_id == second.pk


def test_a_booked_session_that_is_kept_stays_outside_its_window(cast):
    plan = under_way(cast)
    second = plan.sessions.get(number=2)
    interval = replace(plan.course.components[0].interval, earliest=Span.parse("6 weeks"), target=Span.parse("7 weeks"), latest=Span.parse("8 weeks"))  # fmt: skip
    course = replace(plan.course, components=tuple(replace(c, interval=interval) for c in plan.course.components))
    accept(cast, plan, NewVersion(course), {str(second.pk): "keep"})
    assert second.appointments.live().exists()
    [conflict] = [c for c in look(cast, plan, Skip(refs(plan)[4])).conflicts if c.subject == str(second.pk)]
    assert not conflict.is_new


def test_a_skipped_session_is_taken_back(cast):
    plan = under_way(cast)
    third = refs(plan)[3]
    before = picture_of(read_plan_facts(plan, now=cast.now))
    accept(cast, plan, Skip(third))
    assert plan.sessions.get(pk=third).remarks == "She asked for it"
    accept(cast, plan, TakeBack(third))
    assert picture_of(read_plan_facts(plan, now=cast.now)) == before


def test_a_completed_plan_opens_again_for_a_booster(cast):
    plan = cast.active_plan(key="prp", counts={"prp": 3})
    cast.photograph(plan.reviews.get(months=0))
    for session in plan.sessions.order_by("number"):
        session.refresh_from_db()
        cast.hold(session, cast.at(session.target, 11))
    with refused("booster"):
        accept(cast, plan, AddBooster(("prp",))) and accept(cast, plan, AddBooster(("prp",)))
    booster = plan.sessions.get(kind="booster")
    last = plan.sessions.get(number=3)
    assert booster.number == 4
    assert booster.target > last.ended_at.date() + timedelta(days=170)


def test_the_dye_letter_follows_a_longer_rule(cast):
    plan = under_way(cast)
    accept(cast, plan, CHANGES["rule"](plan, cast))
    told = Reminder.objects.filter(patient=plan.patient, kind="no_dye", state=ReminderState.PLANNED)
    assert {date.fromisoformat(row.facts) for row in told} == {
        period.safe_on
        for period in picture_of(read_plan_facts(plan, now=cast.now)).certain
        if period.act == "dye" and period.safe_on and period.begins <= cast.now
    }


def test_two_rules_that_contradict_each_other_are_refused(cast):
    plan = under_way(cast)
    both = ChangeRule(replace(plan.course.rule("no-wash-before"), in_force=True, starts=Span.parse("1 day")))
    with refused("contradiction"):
        accept(cast, plan, both)
    assert not read_plan_facts(plan, now=cast.now).course.rule("no-wash-before").in_force


def test_what_a_completed_session_changes_is_what_was_shown(cast):
    plan = under_way(cast)
    second = plan.sessions.get(number=2)
    starts = cast.at(second.target + timedelta(days=3), 10)
    cast.now = starts + timedelta(minutes=50)
    shown = look(cast, plan, Complete(str(second.pk), starts, starts + timedelta(minutes=45)))
    cast.hold(second, starts + timedelta(minutes=45))
    as_written(cast, plan, shown)


def test_completing_the_first_session_closes_the_baseline_as_shown(cast):
    plan = cast.active_plan()
    cast.photograph(plan.reviews.get(months=0))
    first = plan.sessions.get(number=1)
    ends = cast.at(first.target, 11)
    cast.now = ends + timedelta(minutes=5)
    shown = look(cast, plan, Complete(str(first.pk), ends - timedelta(minutes=45), ends))
    cast.hold(first, ends)
    as_written(cast, plan, shown)
    assert shown.after.reviews["baseline"].state is ReviewState.DECIDED


def test_a_mail_that_has_left_is_not_shown_as_taken_back(cast):
    plan = under_way(cast)
    second = plan.sessions.get(number=2)
    booked = Reminder.objects.get(kind="appointment_booked", about_id=second.appointments.get().pk)
    Reminder.objects.filter(pk=booked.pk).update(state=ReminderState.SENT, sent_at=cast.now)
    shown = look(cast, plan, PauseFrom(cast.today), {str(second.pk): "cancel"})
    gone = [pair.before.kind for pair in shown.diff.letters if pair.before and pair.after is None]
    assert "session_reminder" in gone
    assert "appointment_booked" not in gone


def test_only_a_clinician_of_the_place_changes_a_plan_and_says_why(cast):
    plan = under_way(cast)
    change = Skip(refs(plan)[3])
    with refused("reason"):
        accept(cast, plan, change, reason="  ")
    for who in (cast.desk, cast.manager):
        with pytest.raises(Forbidden):
            accept(cast, plan, change, by=who)
    with pytest.raises(type(plan).DoesNotExist):
        accept(cast, plan, change, by=cast.outsider)
    stop_plan(plan_id=plan.pk, reason="over", by=cast.doctor, now=cast.now)
    with refused("wrong_state"):
        accept(cast, plan, change)
