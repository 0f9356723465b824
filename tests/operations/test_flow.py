"""A plan's life: drafted, activated when nothing speaks against it, stopped, completed. And the library it comes from."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from clinic.models import AuditLine
from clinic.rules.refusal import Forbidden
from clinic.rules.spans import Span
from patients.operations.consents import withdraw_consent
from patients.rules.consent import ConsentTopic
from plans.models import Plan, Protocol, Reminder
from plans.operations.plans import activate_plan, draft_plan, stop_plan
from plans.operations.protocols import load_library
from plans.rules.course import CareKind, CarePhase
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentState, PlanState, ProtocolState, ReminderState, ReviewState, SessionState
from plans.rules.view_sets import VIEW_SETS
from tests.cast import COMBINED, SINGLE, Cast, library, open_clinic, published, refused

pytestmark = pytest.mark.django_db

DAY, WEEK = timedelta(days=1), timedelta(weeks=1)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def draft(cast: Cast) -> Plan:
    """Nothing speaks against it: assessed, and told everything."""
    patient = cast.patient()
    cast.consent(patient)
    return cast.draft(patient, cast.assess(patient))


def activate(cast: Cast, plan: Plan, reason: str = "") -> Plan:
    return activate_plan(plan_id=plan.pk, override_reason=reason, by=cast.doctor, now=cast.now)


def test_a_draft_is_dated_and_sends_nothing(cast: Cast, draft: Plan) -> None:
    first = cast.today + WEEK
    assert [s.target for s in draft.sessions.order_by("number")] == [first + 5 * k * WEEK for k in range(4)]
    assert [(r.months, r.is_estimated) for r in draft.reviews.all()] == [(0, True), (3, True), (6, True)]
    assert draft.state == PlanState.DRAFT
    assert not Reminder.objects.exists()


def test_the_first_day_lies_between_today_and_a_year_from_now(cast: Cast, draft: Plan) -> None:
    for day in (cast.today - DAY, cast.today + 367 * DAY):
        with refused("starts_on"):
            cast.draft(draft.patient, draft.assessment, starts_on=day)
    assert cast.draft(draft.patient, draft.assessment, starts_on=cast.today).starts_on == cast.today


def test_the_number_of_sessions_stays_inside_the_protocol(cast: Cast, draft: Plan) -> None:
    for count in (2, 7):
        with refused("session_count"):
            cast.draft(draft.patient, draft.assessment, counts={"exosome": count})
    plan = cast.draft(draft.patient, draft.assessment, counts={"exosome": 6, "prp": 3}, price=Decimal("10.50"))
    assert [len(session.parts) for session in plan.sessions.order_by("number")] == [2, 2, 2, 1, 1, 1]
    assert (plan.price, plan.currency) == (Decimal("10.50"), cast.here.currency)


def test_a_plan_starts_when_nothing_speaks_against_it(cast: Cast, draft: Plan) -> None:
    assert activate(cast, draft).state == PlanState.ACTIVE
    with refused("wrong_state"):
        activate(cast, draft)


def test_no_plan_without_an_assessment_whatever_the_reason(cast: Cast, draft: Plan) -> None:
    other = cast.draft(draft.patient, None)
    for reason in ("", "I know her"):
        with refused("no_assessment"):
            activate(cast, other, reason)
    activate(cast, draft)


@pytest.mark.parametrize("topic", [ConsentTopic.TREATMENT, ConsentTopic.OFF_LABEL, ConsentTopic.EXPERIMENTAL])
def test_no_plan_without_consent_whatever_the_reason(cast: Cast, draft: Plan, topic: ConsentTopic) -> None:
    consent = draft.patient.consents.in_force().get(topic=topic)
    withdraw_consent(consent_id=consent.pk, withdrawn_on=cast.today, by=cast.desk, now=cast.now)
    for reason in ("", "she said yes on the phone"):
        with refused("no_consent"):
            activate(cast, draft, reason)
    cast.consent(draft.patient, topic)
    assert activate(cast, draft).state == PlanState.ACTIVE


def test_prp_alone_needs_no_consent_about_exosomes(cast: Cast) -> None:
    patient = cast.patient()
    cast.consent(patient, ConsentTopic.TREATMENT)
    found = cast.assess(patient)
    assert activate(cast, cast.draft(patient, found, SINGLE)).state == PlanState.ACTIVE
    with refused("no_consent"):
        activate(cast, cast.draft(patient, found, COMBINED))


@pytest.mark.parametrize("code", ["exosome-allergy", "pregnancy", "scalp-infection"])
def test_what_forbids_it_yields_to_no_reason(cast: Cast, draft: Plan, code: str) -> None:
    draft.assessment = cast.assess(draft.patient, contraindications=[code])
    draft.save()
    for reason in ("", "small dose"):
        with refused(code):
            activate(cast, draft, reason)


def test_an_allergy_to_exosomes_does_not_forbid_prp(cast: Cast, draft: Plan) -> None:
    found = cast.assess(draft.patient, contraindications=["exosome-allergy"])
    assert activate(cast, cast.draft(draft.patient, found, SINGLE)).state == PlanState.ACTIVE


def test_what_only_warns_yields_to_a_clinicians_written_reason(cast: Cast, draft: Plan) -> None:
    draft.assessment = cast.assess(draft.patient, contraindications=["anticoagulants"])
    draft.save()
    for reason in ("", "   "):
        with refused("anticoagulants"):
            activate(cast, draft, reason)
    plan = activate(cast, draft, "Cardiologist agreed by letter.")
    assert plan.override_reason == "Cardiologist agreed by letter."
    assert AuditLine.objects.get(happened="plan.activated").reason == "Cardiologist agreed by letter."


def test_an_assessment_of_somebody_else_does_not_count(cast: Cast, draft: Plan) -> None:
    other = cast.patient("Ivo")
    with pytest.raises(type(draft.assessment).DoesNotExist):
        cast.draft(other, draft.assessment)


def test_a_retired_protocol_is_no_choice(cast: Cast, draft: Plan) -> None:
    old = published(COMBINED)
    Protocol.objects.filter(pk=old.pk).update(state=ProtocolState.RETIRED)
    with pytest.raises(Protocol.DoesNotExist):
        draft_plan(
            patient_id=draft.patient_id,
            protocol_id=old.pk,
            assessment_id=None,
            starts_on=cast.today,
            by=cast.doctor,
            now=cast.now,
        )


@pytest.fixture
def under_way(cast: Cast) -> Plan:
    """Session 1 done, session 2 and the 3-month review booked."""
    plan = cast.active_plan()
    cast.photograph(plan.reviews.get(months=0))
    first, second = plan.sessions.order_by("number")[:2]
    cast.hold(first, cast.at(plan.starts_on, 15))
    second.refresh_from_db()
    cast.book(second, cast.at(second.target, 11))
    cast.book_review(plan.reviews.get(months=3), cast.at(plan.starts_on + 91 * DAY, 10))
    return plan


def test_a_stopped_plan_lets_go_of_everything_to_come(cast: Cast, under_way: Plan) -> None:
    stopped = stop_plan(plan_id=under_way.pk, reason="moves abroad", by=cast.doctor, now=cast.now)
    assert (stopped.state, stopped.end_reason) == (PlanState.STOPPED, "moves abroad")
    states = [session.state for session in stopped.sessions.order_by("number")]
    assert states == [SessionState.DONE, *[SessionState.CANCELLED] * 3]
    assert {r.state for r in stopped.reviews.exclude(months=0)} == {ReviewState.SKIPPED}
    appointments = stopped.patient.appointments.all()
    assert {a.state for a in appointments} == {AppointmentState.CANCELLED}
    open_kinds = {row.kind for row in Reminder.objects.filter(state=ReminderState.PLANNED)}
    # She is told that both appointments fall away, and care after what was done goes on.
    care = {
        LetterKind.AFTER_CARE, LetterKind.WASH_AGAIN, LetterKind.SWELLING_CHECK, LetterKind.NO_DYE,
        LetterKind.NO_DYE_HALF, LetterKind.DYE_AGAIN, LetterKind.MEDICINE_AGAIN,
    }  # fmt: skip
    assert open_kinds == {LetterKind.APPOINTMENT_CANCELLED} | care
    dye_again = Reminder.objects.get(kind=LetterKind.DYE_AGAIN, state=ReminderState.PLANNED)
    assert dye_again.facts == str(under_way.starts_on + 29 * DAY)


def test_stopping_needs_a_reason_and_happens_once(cast: Cast, under_way: Plan) -> None:
    with refused("reason"):
        stop_plan(plan_id=under_way.pk, reason=" ", by=cast.doctor, now=cast.now)
    stop_plan(plan_id=under_way.pk, reason="done", by=cast.doctor, now=cast.now)
    with refused("wrong_state"):
        stop_plan(plan_id=under_way.pk, reason="done", by=cast.doctor, now=cast.now)


def test_only_clinicians_change_plans(cast: Cast, draft: Plan) -> None:
    for somebody in (cast.desk, cast.manager):
        with pytest.raises(Forbidden):
            cast.draft(draft.patient, draft.assessment, by=somebody)
        with pytest.raises(Forbidden):
            activate_plan(plan_id=draft.pk, by=somebody, now=cast.now)
    draft.refresh_from_db()
    assert draft.state == PlanState.DRAFT


def load(cast: Cast, *protocols: object) -> object:
    return load_library(protocols, VIEW_SETS, now=cast.now)


def test_loading_the_library_again_changes_nothing(cast: Cast) -> None:
    report = load(cast, *library())
    assert len(report.new) == len(library()) - 2 and not report.changed
    before = list(Protocol.objects.order_by("pk").values())
    again = load(cast, *library())
    assert (again.new, again.changed, len(again.same)) == ((), (), len(library()))
    assert list(Protocol.objects.order_by("pk").values()) == before


def test_a_changed_file_makes_a_new_version_and_plans_keep_theirs(cast: Cast, draft: Plan) -> None:
    old = published(COMBINED)
    file = next(one for one in library() if one.key == COMBINED)
    fewer = tuple(replace(part, sessions_usual=3) for part in file.course.components)
    changed = replace(file, fingerprint="f" * 64, course=replace(file.course, components=fewer))
    assert load(cast, changed).changed == (COMBINED,)
    new = published(COMBINED)
    old.refresh_from_db()
    assert (old.version, old.state, new.version) == (1, ProtocolState.RETIRED, 2)
    draft.refresh_from_db()
    assert draft.protocol == old and draft.sessions.count() == 4
    assert activate(cast, draft).course.components[0].sessions_usual == 4
    assert cast.draft(draft.patient, draft.assessment).sessions.count() == 3


def test_the_owners_defaults_hold_in_every_protocol(cast: Cast) -> None:
    load(cast, *library())
    assert Protocol.objects.published().count() == len(library()) == 10
    assert Protocol.objects.published().get(is_default=True).key == "exosome-monthly-standard"
    for protocol in Protocol.objects.published().whole():
        promised = {str(point.offset) for point in protocol.review_points.all()}
        assert {"3 months", "6 months"} <= promised, protocol.key
        dye = [
            rule.ends
            for rule in protocol.care_rules.all()
            if (rule.act, rule.phase, rule.kind) == ("dye", CarePhase.AFTER, CareKind.AVOID) and rule.in_force
        ]
        assert dye == [Span.parse("4 weeks")], protocol.key


def test_reviews_are_counted_from_the_first_session_done_and_never_drift(cast: Cast, draft: Plan) -> None:
    activate(cast, draft)
    cast.photograph(draft.reviews.get(months=0))
    held_on = cast.today + 10 * DAY
    cast.hold(draft.sessions.get(number=1), cast.at(held_on, 12))
    assert held_on == date(2026, 10, 15)
    assert [r.due for r in draft.reviews.all()] == [held_on, date(2027, 1, 15), date(2027, 4, 15)]
    assert not draft.reviews.filter(is_estimated=True).exists()
