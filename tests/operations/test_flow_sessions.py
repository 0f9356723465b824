"""What is written down at a session, what follows from it, and how reviews end."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from clinic.models.ids import new_id
from clinic.rules.refusal import Forbidden
from patients.operations.consents import withdraw_consent
from patients.rules.consent import ConsentTopic
from plans.models import ChecklistItem, Lot, LotState, Plan, Product, Reminder, Review, Session
from plans.operations.photos import PhotoConditions, add_photo
from plans.operations.sessions import tick_item, tick_own_item
from plans.rules.changes import Skip
from plans.rules.course import CareBy, CarePhase, Modality
from plans.rules.reminders import LetterKind
from plans.rules.states import AppointmentState, ReviewState, SessionState
from tests.cast import Cast, change_plan, open_clinic, other_lot, picture, refused

pytestmark = pytest.mark.django_db

DAY, WEEK, MINUTE = timedelta(days=1), timedelta(weeks=1), timedelta(minutes=1)


@pytest.fixture
def cast() -> Cast:
    return open_clinic()


@pytest.fixture
def plan(cast: Cast) -> Plan:
    """Active, with baseline photos."""
    plan = cast.active_plan()
    cast.photograph(plan.reviews.get(months=0), views=2)
    return plan


@pytest.fixture
def first(plan: Plan) -> Session:
    return plan.sessions.get(number=1)


@pytest.fixture
def ends(cast: Cast, plan: Plan) -> datetime:
    return cast.at(plan.starts_on, 15)


def test_what_was_given_is_kept_with_its_lot(cast: Cast, first: Session, ends: datetime) -> None:
    booked = cast.book(first, ends - 45 * MINUTE)
    done = cast.hold(first, ends)
    booked.refresh_from_db()
    assert (done.state, done.ended_at, done.done_by) == (SessionState.DONE, ends, cast.doctor)
    assert {t.modality: t.lot for t in done.treatments.all()} == {"exosome": cast.serum, "prp": None}
    assert booked.state == AppointmentState.DONE
    with refused("wrong_state"):
        cast.hold(first, ends)


def test_every_lot_must_be_fit_for_use_whatever_the_reason(cast: Cast, first: Session, ends: datetime) -> None:
    vitamins = Product.objects.create(name="Vitamins", modality=Modality.MESOTHERAPY)
    bad = {
        "lot_expired": other_lot(cast, "B", expires_on=ends.date() - DAY),
        "lot_quarantined": other_lot(cast, "C", state=LotState.QUARANTINED),
        "lot_recalled": other_lot(cast, "D", state=LotState.RECALLED),
        "lot_wrong": other_lot(cast, "E", product=vitamins),
    }
    for code, lot in bad.items():
        for reason in ("", "the only one left"):
            with refused(code):
                cast.hold(first, ends, treatments=cast.given(first, lot_id=lot.pk), override_reason=reason)
    with refused("lot_missing"):
        cast.hold(first, ends, treatments=cast.given(first, lot_id=None))
    last_day = other_lot(cast, "F", expires_on=ends.date())
    cast.hold(first, ends, treatments=cast.given(first, lot_id=last_day.pk))
    assert Lot.objects.get(treatments__session=first) == last_day


def test_withdrawn_consent_stops_the_next_session_whatever_the_reason(
    cast: Cast, first: Session, ends: datetime
) -> None:
    consent = first.plan.patient.consents.in_force().get(topic=ConsentTopic.TREATMENT)
    withdraw_consent(consent_id=consent.pk, withdrawn_on=cast.today, by=cast.desk, now=cast.now)
    for reason in ("", "she is lying there already"):
        with refused("no_consent"):
            cast.hold(first, ends, override_reason=reason)
    cast.consent(first.plan.patient, ConsentTopic.TREATMENT)
    assert cast.hold(first, ends).state == SessionState.DONE


def test_what_a_newer_assessment_found_counts(cast: Cast, first: Session, ends: datetime) -> None:
    cast.now += DAY
    cast.assess(first.plan.patient, contraindications=["pregnancy"])
    with refused("pregnancy"):
        cast.hold(first, ends, override_reason="early")
    cast.now += DAY
    cast.assess(first.plan.patient, contraindications=["anticoagulants"])
    with refused("anticoagulants"):
        cast.hold(first, ends)
    assert cast.hold(first, ends, override_reason="agreed with her doctor").state == SessionState.DONE


def test_times_must_be_possible(cast: Cast, first: Session, ends: datetime) -> None:
    for wrong in ({"started_at": ends}, {"now": ends - MINUTE}):
        with refused("wrong_times"):
            cast.hold(first, ends, **wrong)
    with refused("nothing_given"):
        cast.hold(first, ends, treatments=[])
    cast.hold(first, ends)


def test_what_is_booked_for_another_day_is_not_done_yet(cast: Cast, first: Session, ends: datetime) -> None:
    cast.book(first, ends + DAY)
    with refused("not_yet"):
        cast.hold(first, ends)


def test_only_clinicians_write_a_session(cast: Cast, first: Session, ends: datetime) -> None:
    for somebody in (cast.desk, cast.manager):
        with pytest.raises(Forbidden):
            cast.hold(first, ends, by=somebody)
    first.refresh_from_db()
    assert first.state == SessionState.PLANNED


@pytest.fixture
def unseen(cast: Cast) -> Session:
    """The first session of a plan without any photo."""
    return cast.active_plan("Ivo").sessions.get(number=1)


def test_no_first_session_without_baseline_photos_or_a_reason(cast: Cast, unseen: Session, ends: datetime) -> None:
    with refused("no_baseline"):
        cast.hold(unseen, ends)
    cast.hold(unseen, ends, override_reason="camera broken")
    baseline = unseen.plan.reviews.get(months=0)
    assert (baseline.state, baseline.missing_views_reason) == (ReviewState.SKIPPED, "camera broken")


def test_with_the_first_session_the_baseline_is_over(cast: Cast, first: Session, ends: datetime) -> None:
    cast.hold(first, ends + DAY)
    baseline = first.plan.reviews.get(months=0)
    assert (baseline.state, baseline.due, baseline.is_estimated) == (ReviewState.DECIDED, ends.date() + DAY, False)
    with refused("wrong_state"):
        add_view(cast, baseline)


def add_view(cast: Cast, review: Review, position: int = 0) -> None:
    add_photo(
        review_id=review.pk,
        view_id=review.view_set.views.all()[position].pk,
        upload=b"",
        conditions=PhotoConditions(taken_at=cast.now),
        by=cast.doctor,
        now=cast.now,
        developed=replace(picture(), source_sha256=new_id().hex * 2),
    )


def test_no_photo_without_the_patients_consent(cast: Cast, unseen: Session) -> None:
    consent = unseen.plan.patient.consents.in_force().get(topic=ConsentTopic.PHOTO_RECORD)
    withdraw_consent(consent_id=consent.pk, withdrawn_on=cast.today, by=cast.desk, now=cast.now)
    with refused("no_photo_consent"):
        add_view(cast, unseen.plan.reviews.get(months=0))
    cast.consent(unseen.plan.patient, ConsentTopic.PHOTO_RECORD)
    add_view(cast, unseen.plan.reviews.get(months=0))


def test_a_retake_replaces_and_keeps_the_one_before(cast: Cast, unseen: Session) -> None:
    baseline = unseen.plan.reviews.get(months=0)
    for _ in range(2):
        add_view(cast, baseline)
    assert baseline.photos.count() == 2
    assert baseline.photos.current().count() == 1


def test_later_sessions_count_from_what_really_happened(cast: Cast, plan: Plan, first: Session) -> None:
    window = (first.earliest, first.target, first.latest)
    held_on = first.target + 10 * DAY
    cast.hold(first, cast.at(held_on, 15))
    second, third = plan.sessions.order_by("number")[1:3]
    assert (second.earliest, second.target, second.latest) == tuple(held_on + n * WEEK for n in (4, 5, 6))
    assert third.target == held_on + 10 * WEEK
    first.refresh_from_db()
    assert (first.earliest, first.target, first.latest) == window, "what its window was is evidence"


def test_too_early_yields_to_a_reason_and_protects_the_next(cast: Cast, plan: Plan, first: Session) -> None:
    cast.hold(first, cast.at(first.target, 15))
    second = plan.sessions.get(number=2)
    early = cast.at(second.earliest - DAY, 15)
    with refused("too_early"):
        cast.hold(second, early)
    cast.hold(second, early, override_reason="leaves the country")
    assert plan.sessions.get(number=3).earliest == early.date() + 4 * WEEK


def test_a_late_session_is_recorded_without_asking(cast: Cast, plan: Plan, first: Session) -> None:
    assert cast.hold(first, cast.at(first.latest + 20 * DAY, 15)).state == SessionState.DONE


def test_a_skipped_session_keeps_the_rhythm(cast: Cast, plan: Plan, first: Session) -> None:
    targets = [session.target for session in plan.sessions.order_by("number")]
    booked, skip = cast.book(first, cast.at(first.target, 11)), Skip(str(first.pk))
    with refused("undecided"):
        change_plan(plan, skip, by=cast.doctor, now=cast.now)
    booked.state = AppointmentState.CANCELLED
    booked.save()
    with refused("reason"):
        change_plan(plan, skip, reason="", by=cast.doctor, now=cast.now)
    change_plan(plan, skip, by=cast.doctor, now=cast.now)
    assert [session.target for session in plan.sessions.order_by("number")] == targets
    with refused("wrong_state"):
        change_plan(plan, skip, by=cast.doctor, now=cast.now)


def test_after_a_session_the_care_letters_are_planned(cast: Cast, first: Session, ends: datetime) -> None:
    cast.hold(first, ends)
    assert ends.date() == date(2026, 10, 12)  # a Monday; four weeks later is Mon 9 Nov 15:00, so Tue 10 Nov
    rows = {row.kind: row for row in Reminder.objects.filter(about_id=first.pk)}
    dye = {LetterKind.NO_DYE, LetterKind.NO_DYE_HALF, LetterKind.DYE_AGAIN}
    after = {LetterKind.AFTER_CARE, LetterKind.WASH_AGAIN, LetterKind.SWELLING_CHECK, LetterKind.MEDICINE_AGAIN}
    assert set(rows) == dye | after | {kind for kind in LetterKind if kind.startswith("expect_")}
    assert {rows[kind].facts for kind in dye} == {"2026-11-10"}
    assert rows[LetterKind.DYE_AGAIN].due_at == cast.at(date(2026, 11, 10), 9)


def test_patients_tick_their_own_items_only(cast: Cast, first: Session) -> None:
    stranger = cast.patient("Ivo")
    own = first.checklist.filter(by=CareBy.PATIENT, phase=CarePhase.PRE).first()
    clinics = first.checklist.get(by=CareBy.STAFF)
    with pytest.raises(ChecklistItem.DoesNotExist):
        tick_own_item(patient_id=first.plan.patient_id, item_id=clinics.pk, ticked=True, now=cast.now)
    with pytest.raises(ChecklistItem.DoesNotExist):
        tick_own_item(patient_id=stranger.pk, item_id=own.pk, ticked=True, now=cast.now)
    assert tick_own_item(patient_id=first.plan.patient_id, item_id=own.pk, ticked=True, now=cast.now).ticked_at
    assert tick_item(item_id=clinics.pk, ticked=True, by=cast.desk, now=cast.now).ticked_by == cast.desk
    assert tick_item(item_id=clinics.pk, ticked=False, by=cast.desk, now=cast.now).ticked_at is None
