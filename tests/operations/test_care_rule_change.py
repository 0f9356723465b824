"""A changed care rule reaches every plan it concerns, once, and leaves alone what a clinician set."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from clinic.models import AuditLine
from clinic.rules.refusal import Forbidden
from clinic.rules.spans import Span, Unit
from plans.models import ChecklistItem, Plan, Reminder, Replanning
from plans.operations.plans import draft_plan, stop_plan
from plans.operations.protocol_versions import draft_next_version, write_draft
from plans.operations.replanning import resume_replanning, run_replanning, stop_replanning
from plans.rules.happened import Happened
from plans.rules.reminders import LetterKind
from plans.rules.states import PlanState, ReminderState, ReplanningState
from tests.cast import COMBINED, SINGLE, Cast, open_clinic, published, refused
from tests.operations.care_cast import (
    FIVE_WEEKS,
    adapt,
    ask,
    change,
    copy_of,
    courses,
    house_rule,
    items,
    letters,
    longer,
    run,
    versions,
)

pytestmark = pytest.mark.django_db
FOUR_WEEKS = Span(4, Unit.WEEKS)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


def held(cast: Cast, first: str = "Noor", key: str = COMBINED) -> Plan:
    """Her first session ended on Mon 12 Oct 2026 at 15:00."""
    plan = cast.active_plan(first, key)
    cast.photograph(plan.reviews.get(months=0))
    session = plan.sessions.get(number=1)
    cast.hold(session, cast.at(date(2026, 10, 12), 15), override_reason="She could come")
    return Plan.objects.get(pk=plan.pk)


def dye_letters(plan: Plan) -> list[tuple[str, str, str]]:
    rows = Reminder.objects.filter(patient=plan.patient, kind__in=[LetterKind.NO_DYE, LetterKind.DYE_AGAIN])
    return sorted(rows.values_list("kind", "facts", "state"))


def test_a_longer_rule_moves_the_date_and_its_letters(cast: Cast) -> None:
    plan = held(cast)
    row = change(cast)
    assert copy_of(plan) == longer()
    assert dye_letters(plan) == [
        ("dye_again", "2026-11-10", "cancelled"),
        ("dye_again", "2026-11-17", "planned"),
        ("no_dye", "2026-11-10", "cancelled"),
        ("no_dye", "2026-11-17", "planned"),
    ]
    assert (row.state, row.total, row.looked_at, row.changed) == (ReplanningState.DONE, 1, 1, 1)
    assert row.letters_changed == 3 and row.trouble == [] and row.finished_at == cast.now


def test_who_was_told_the_old_date_gets_a_letter_with_the_new_one(cast: Cast) -> None:
    plan = held(cast)
    Reminder.objects.filter(kind=LetterKind.NO_DYE).update(state=ReminderState.SENT)
    change(cast)
    told = Reminder.objects.filter(patient=plan.patient, kind=LetterKind.NO_DYE).order_by("content_version")
    assert [(one.content_version, one.facts, one.state) for one in told] == [
        (1, "2026-11-10", ReminderState.SENT),
        (2, "2026-11-17", ReminderState.PLANNED),
    ]


def test_the_protocol_gets_its_next_version_and_the_audit_says_why(cast: Cast) -> None:
    plan = held(cast)
    row = change(cast)
    assert versions() == [(1, "retired"), (2, "published")]
    assert house_rule() == longer()
    assert list(row.protocols.all()) == [published(COMBINED)]
    line = AuditLine.objects.get(happened=Happened.CARE_RULE_CHANGED)
    assert (line.reason, line.by, line.details["plans"]) == ("The owner asked for it", cast.manager, 1)
    line = AuditLine.objects.get(happened=Happened.PLAN_CARE_CHANGED)
    assert (line.about_id, line.patient_id, line.by) == (plan.pk, plan.patient_id, cast.manager)
    assert line.details == {
        "rule": "no-dye",
        "was": "for 4 weeks after the session",
        "is": "for 5 weeks after the session",
    }
    newest = plan.history.first()
    assert (newest.history_user, newest.history_change_reason) == (cast.manager, "The owner asked for it")
    assert newest.course_json == Plan.objects.get(pk=plan.pk).course_json


def test_running_twice_changes_nothing_more(cast: Cast) -> None:
    held(cast)
    row = change(cast)
    before = courses(), letters(), items(), AuditLine.objects.count(), Plan.history.count()
    run(row, cast.now + timedelta(minutes=1))
    Replanning.objects.filter(pk=row.pk).update(state=ReplanningState.WAITING, cursor=None, looked_at=0)
    again = run(row, cast.now + timedelta(minutes=1))
    assert (courses(), letters(), items(), AuditLine.objects.count(), Plan.history.count()) == before
    assert again.changed == row.changed


def test_only_new_plans_leaves_every_plan_as_it_is(cast: Cast) -> None:
    plan = held(cast)
    before = courses(), letters(), items()
    row = ask(cast, with_plans=False)
    assert (row.state, row.total) == (ReplanningState.DONE, 0)
    assert run_replanning(replanning_id=row.pk, now=cast.now).state == ReplanningState.DONE
    assert (courses(), letters(), items()) == before
    assert copy_of(plan) == replace(longer(), ends=FOUR_WEEKS)
    fresh = draft_plan(
        patient_id=plan.patient_id,
        protocol_id=published(COMBINED).pk,
        assessment_id=None,
        starts_on=cast.today,
        by=cast.doctor,
        now=cast.now,
    )
    assert copy_of(fresh) == longer()


def test_plans_can_follow_later_although_the_protocol_says_so_already(cast: Cast) -> None:
    plan = held(cast)
    ask(cast, with_plans=False)
    row = change(cast)
    assert row.changed == 1 and copy_of(plan) == longer()
    assert versions() == [(1, "retired"), (2, "published")]


def test_a_rule_set_for_one_patient_is_left_alone_and_said_so(cast: Cast) -> None:
    hers, usual = held(cast), cast.active_plan("Mei")
    adapt(hers, ends=Span(6, Unit.WEEKS))
    before = letters(patient=hers.patient)
    row = change(cast)
    assert copy_of(hers).ends == Span(6, Unit.WEEKS) and copy_of(usual) == longer()
    assert letters(patient=hers.patient) == before
    assert row.changed == 1
    assert [(one["plan"], one["code"]) for one in row.trouble] == [(str(hers.pk), "adapted")]


def test_a_plan_that_followed_before_follows_again(cast: Cast) -> None:
    """Its copy is no longer what its own protocol version says, and yet nobody adapted it."""
    plan = held(cast)
    change(cast)
    change(cast, longer(ends=Span(6, Unit.WEEKS)), with_plans=False)
    assert copy_of(plan).ends == FIVE_WEEKS
    row = change(cast, longer(ends=Span(7, Unit.WEEKS)))
    assert copy_of(plan).ends == Span(7, Unit.WEEKS) and row.trouble == []


@pytest.mark.parametrize("state", [PlanState.DRAFT, PlanState.PAUSED])
def test_drafts_and_paused_plans_follow_too(cast: Cast, state: PlanState) -> None:
    plan = cast.active_plan()
    Plan.objects.filter(pk=plan.pk).update(state=state)
    change(cast)
    assert copy_of(plan) == longer()


def test_an_ended_plan_follows_as_long_as_its_aftercare_runs(cast: Cast) -> None:
    fresh, old = held(cast, "Noor"), held(cast, "Mei")
    for plan in (fresh, old):
        stop_plan(plan_id=plan.pk, reason="She moves away", by=cast.doctor, now=cast.now)
    old.sessions.filter(number=1).update(
        started_at=cast.now - timedelta(days=60), ended_at=cast.now - timedelta(days=60)
    )
    row = change(cast)
    assert (row.total, copy_of(fresh), copy_of(old).ends) == (1, longer(), FOUR_WEEKS)


def test_only_the_chosen_protocols_change(cast: Cast) -> None:
    combined, single = cast.active_plan("Noor"), cast.active_plan("Mei", SINGLE)
    row = change(cast, None, SINGLE)
    assert (copy_of(single), copy_of(combined).ends) == (longer(), FOUR_WEEKS)
    assert row.total == 1 and versions(COMBINED) == [(1, "published")]


def test_all_plans_of_a_patient_change_in_one_step(cast: Cast) -> None:
    """Otherwise a letter could go out that is true of one plan only."""
    first = held(cast)
    cast.active_plan("Mei")
    second = cast.draft(first.patient, first.assessment, SINGLE)
    row = ask(cast, None, COMBINED, SINGLE)
    row = run_replanning(replanning_id=row.pk, now=cast.now, limit=1)
    assert row.state == ReplanningState.RUNNING and row.looked_at == 1 and row.changed == 2
    assert (copy_of(first), copy_of(second)) == (longer(), longer())
    row = run(row, cast.now, limit=1)
    assert (row.looked_at, row.total, row.changed) == (3, 3, 3)


def test_unticked_items_follow_the_text_and_ticked_ones_stay(cast: Cast) -> None:
    plan = held(cast)
    second, third = plan.sessions.filter(number__in=(2, 3)).order_by("number")
    ticked = second.checklist.get(rule_key="hat")
    ChecklistItem.objects.filter(pk=ticked.pk).update(ticked_at=cast.now)
    old = house_rule("hat")
    change(cast, replace(old, text="Bring a hat or a scarf."))
    assert second.checklist.get(rule_key="hat").text == old.text
    assert third.checklist.get(rule_key="hat").text == "Bring a hat or a scarf."
    assert plan.sessions.get(number=1).checklist.get(rule_key="hat").text == old.text, "that session is over"


def test_a_rule_out_of_force_leaves_unticked_lists_and_a_new_one_enters_them(cast: Cast) -> None:
    plan = held(cast)
    second, third = plan.sessions.filter(number__in=(2, 3)).order_by("number")
    ChecklistItem.objects.filter(session=second, rule_key="hat").update(ticked_at=cast.now)
    change(cast, replace(house_rule("hat"), in_force=False))
    assert second.checklist.filter(rule_key="hat").exists() and not third.checklist.filter(rule_key="hat").exists()
    change(cast, replace(house_rule("wash-day-before"), in_force=False))
    change(cast, replace(house_rule("no-wash-before"), in_force=True))
    assert third.checklist.filter(rule_key="no-wash-before").exists()
    assert not plan.sessions.get(number=1).checklist.filter(rule_key="no-wash-before").exists()


def test_a_plan_that_cannot_be_read_does_not_hold_up_the_others(cast: Cast) -> None:
    broken, fine = cast.active_plan("Noor"), cast.active_plan("Mei")
    Plan.objects.filter(pk=broken.pk).update(course_json={"care_rules": [{"key": "no-dye"}]})
    row = change(cast)
    assert copy_of(fine) == longer() and row.changed == 1 and row.state == ReplanningState.DONE
    assert [(one["plan"], one["code"]) for one in row.trouble] == [(str(broken.pk), "unreadable")]
    assert Plan.objects.get(pk=broken.pk).course_json == {"care_rules": [{"key": "no-dye"}]}


def test_it_stops_and_goes_on_where_it_was(cast: Cast) -> None:
    plans = [cast.active_plan(name) for name in ("Noor", "Mei", "Ana")]
    row = run_replanning(replanning_id=ask(cast).pk, now=cast.now, limit=1)
    stop_replanning(replanning_id=row.pk, by=cast.manager, now=cast.now)
    assert run_replanning(replanning_id=row.pk, now=cast.now).looked_at == 1
    assert [copy_of(plan) == longer() for plan in plans] == [True, False, False]
    with refused("wrong_state"):
        stop_replanning(replanning_id=row.pk, by=cast.manager, now=cast.now)
    resume_replanning(replanning_id=row.pk, by=cast.manager, now=cast.now)
    row = run(row, cast.now)
    assert (row.state, row.changed) == (ReplanningState.DONE, 3)


def test_refusals_publish_nothing(cast: Cast) -> None:
    cast.active_plan()
    other = published(SINGLE)
    draft = draft_next_version(protocol_id=other.pk, by=cast.manager, now=cast.now)
    with refused("reason"):
        ask(cast, reason=" ")
    with refused("no_text"):
        ask(cast, replace(longer(), text=" "))
    with refused("draft_open"):
        ask(cast, None, COMBINED, SINGLE)
    with refused("nothing_changed"):
        ask(cast, house_rule(), with_plans=False)
    with refused("conflict"):
        ask(cast, replace(house_rule("no-wash-before"), in_force=True))
    with pytest.raises(Forbidden):
        ask(cast, by=cast.doctor)
    assert versions() == [(1, "published")] and versions(SINGLE) == [(1, "published"), (2, "draft")]
    assert not Replanning.objects.exists() and draft.version == 2


def test_a_version_that_was_replaced_meanwhile_is_not_changed_again(cast: Cast) -> None:
    old = published(COMBINED).pk
    change(cast, with_plans=False)
    from plans.operations.replanning import ask_replanning

    with refused("moved"):
        ask_replanning(
            rule=longer(ends=FOUR_WEEKS), protocol_ids=[old], with_plans=False, reason="Back", by=cast.manager,
            now=cast.now,
        )  # fmt: skip


def test_a_draft_that_somebody_is_writing_is_never_published_by_this(cast: Cast) -> None:
    from plans.models.protocol_course import course_of

    draft = draft_next_version(protocol_id=published(COMBINED).pk, by=cast.manager, now=cast.now)
    course = course_of(draft)
    write_draft(protocol_id=draft.pk, course=replace(course, reviews=course.reviews[:2]), by=cast.manager, now=cast.now)
    with refused("draft_open"):
        ask(cast)
