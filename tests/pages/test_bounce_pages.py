"""The hook of mail services, whom to phone, what came back, several letters at once, and the letters of a plan."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from patients.models import MailboxState, Patient
from plans.models import Bounce, Plan, Reminder
from plans.queries.chart import read_chart
from plans.queries.coming_letters import coming_letters
from plans.queries.phone_list import phone_list
from plans.rules.reminders import LetterKind
from plans.rules.states import BounceKind, ReminderState
from plans.views.bounces import LARGEST_CALL
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, seen, sent

pytestmark = pytest.mark.django_db
SECRET = "a-secret-of-twenty-letters"


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    settings.MAIL_HOOK_SECRET = SECRET
    yield open_pages(settings, tmp_path)


@pytest.fixture
def letter(clinic: Clinic) -> Reminder:
    """The letter that tells of a booking in ten days, sent."""
    row = clinic.cast.book(first_of(clinic.plan()), clinic.cast.at(clinic.cast.today + 10 * DAY, 11))
    found = Reminder.objects.get(about_id=row.pk, kind="appointment_booked")
    found.state, found.sent_at, found.recipient = ReminderState.SENT, clinic.cast.now, found.patient.email
    found.message_id = f"<r{found.pk.hex}.v1@clinic.example>"
    found.save()
    return found


def told(letter: Reminder, **more: object) -> dict[str, Any]:
    one = {"message_id": letter.message_id, "recipient": letter.recipient, "event": "failed", "status": "5.1.1"}
    return {"reports": [{**one, **more}]}


def call(data: object, *, secret: str = SECRET, **head: str) -> int:
    """No cookie, no token: as a mail service calls."""
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    where = reverse("plans:mail-hook", args=[secret])
    browser = Client(enforce_csrf_checks=True)
    return browser.post(where, body, content_type="application/json", headers=head).status_code


# -- the hook ----------------------------------------------------------------------------------------------------------
def test_a_service_tells_that_a_letter_came_back_and_may_say_it_twice(clinic: Clinic, letter: Reminder) -> None:
    assert [call(told(letter)) for _ in range(2)] == [204, 204]
    letter.refresh_from_db()
    assert letter.state == ReminderState.BOUNCED
    assert Patient.objects.get(pk=letter.patient_id).mailbox == MailboxState.DEAD
    assert Bounce.objects.count() == 1
    assert "<mark" not in seen(clinic.desk, "returns")
    assert letter.recipient in seen(clinic.desk, "returns")
    assert letter.recipient not in seen(clinic.outsider, "returns")


def test_without_the_secret_or_the_signature_nothing_changes(clinic: Clinic, letter: Reminder, settings: Any) -> None:
    assert call(told(letter), secret="not-the-secret-at-all") == 404
    settings.MAIL_HOOK_KEY = "key"
    assert call(told(letter), **{"X-Signature": "sha256=00"}) == 403
    settings.MAIL_HOOK_SECRET = "short"
    assert call(told(letter), secret="short") == 404
    letter.refresh_from_db()
    assert letter.state == ReminderState.SENT
    assert set(Bounce.objects.values_list("kind", flat=True)) == {BounceKind.FOREIGN}


@pytest.mark.parametrize(
    ("data", "status"),
    [(b"{", 400), (b"[" * 100_000, 400), ({"hello": 1}, 400), (b" " * (LARGEST_CALL + 1), 413), (b"\xff", 400)],
)
def test_what_is_no_report_is_refused_quietly(clinic: Clinic, data: object, status: int) -> None:
    assert call(data) == status
    assert not Bounce.objects.exists()


def test_a_report_that_is_too_early_is_asked_for_again(clinic: Clinic, letter: Reminder) -> None:
    Reminder.objects.filter(pk=letter.pk).update(state=ReminderState.HANDED_OFF)
    assert call(told(letter)) == 503


# -- whom to phone -----------------------------------------------------------------------------------------------------
def test_a_patient_with_a_dead_address_is_phoned_and_settled_by_a_word(clinic: Clinic, letter: Reminder) -> None:
    call(told(letter))
    page = seen(clinic.desk, "phone")
    assert "Noor" in page and reverse("plans:letter", args=[letter.pk]) in page
    assert "Noor" not in seen(clinic.outsider, "phone")
    assert "in a word" in sent(clinic.desk, "phone-settle", letter=str(letter.pk), reason=" ")
    [shown] = phone_list(clinic.cast.desk, now=clinic.cast.now).patients
    ids = [str(line.letter.pk) for line in shown.letters]
    assert f"{len(ids)} letters settled" in sent(clinic.desk, "phone-settle", letter=ids, reason="told her by phone")
    assert "Nobody to phone" in seen(clinic.desk, "phone")
    assert "go to" in sent(clinic.desk, "address-works", letter.patient_id)
    assert Patient.objects.get(pk=letter.patient_id).mailbox == MailboxState.GOOD


def test_the_list_costs_the_same_for_one_and_for_many(clinic: Clinic, django_assert_max_num_queries: Any) -> None:
    for number in range(30):
        one = clinic.cast.patient(f"Nobody{number}", email="", birth_date=None)
        row = Reminder(kind=LetterKind.NO_DYE, patient=one, location=clinic.cast.here, about_id=one.pk, facts="x")
        row.due_at = row.planned_at = clinic.cast.now
        row.useful_until, row.state = clinic.cast.now + DAY, ReminderState.SKIPPED
        row.save()
    client = clinic.desk
    with django_assert_max_num_queries(5):  # session, user, patients, letters, the postroom
        page = seen(client, "phone")
    assert page.count("Because no e-mail address") == 25
    assert "More patients" in page


# -- several letters at once -------------------------------------------------------------------------------------------
def test_letters_that_wait_are_put_aside_together(clinic: Clinic, letter: Reminder) -> None:
    rows = list(Reminder.objects.filter(patient=letter.patient))
    Reminder.objects.update(state=ReminderState.FAILED, state_reason="the mail server refused it")
    ids = [str(row.pk) for row in rows]
    assert "Choose letters" in sent(clinic.manager, "letters-close", shown=ids, which="chosen", reason="phoned")
    page = sent(
        clinic.manager, "letters-close", shown=ids, letter=ids[:1], which="chosen", reason="phoned", back="?tab=waiting"
    )
    assert "1 letter put aside" in page
    assert page.count('name="shown"') == len(ids) - 1
    assert f"{len(ids) - 1} letters put aside" in sent(
        clinic.manager, "letters-close", shown=ids[1:], which="all", reason="no longer needed"
    )
    assert clinic.doctor.post(reverse("plans:letters-close"), {"letter": ids, "reason": "x"}).status_code == 403
    assert clinic.outsider.post(reverse("plans:letters-close"), {"letter": ids, "reason": "x"}).status_code == 404


def test_a_planned_letter_shows_what_it_would_say_and_can_be_stopped(clinic: Clinic, letter: Reminder) -> None:
    row = Reminder.objects.filter(patient=letter.patient, state=ReminderState.PLANNED).order_by("due_at").first()
    page = seen(clinic.desk, "letter", row.pk)
    assert "As it would read now" in page
    assert "Do not send it" in page
    assert "is stopped" in sent(clinic.desk, "letter-stop", row.pk, reason="told her")
    assert "Not sent: settled by" in seen(clinic.desk, "outbox", ask="?tab=unsent")
    assert "Stopped" in seen(clinic.desk, "letter", row.pk)
    assert "planned again" in sent(clinic.desk, "letter-resend", row.pk)


# -- the letters of a plan ---------------------------------------------------------------------------------------------
def calendar(clinic: Clinic, plan: Plan) -> list[tuple[str, str, bool]]:
    chart = read_chart(plan.patient, now=clinic.cast.now)
    found = coming_letters(chart, chart.plan(plan.pk), clinic.cast.doctor)
    return [
        (one.kind.value, one.about, one.is_estimate)
        for month in found.months
        for day in month.days
        for one in day.letters
    ]


def test_a_draft_shows_its_letters_before_it_is_activated(clinic: Clinic) -> None:
    patient = clinic.cast.patient("Lena", email="")
    plan = clinic.cast.draft(patient, clinic.cast.assess(patient), starts_on=clinic.cast.today + 20 * DAY)
    letters = calendar(clinic, plan)
    sessions = plan.sessions.count()
    assert all(is_estimate for _, _, is_estimate in letters)
    for kind in ("session_reminder", "pre_care", "after_care"):
        assert sum(one == kind for one, _, _ in letters) == sessions
    assert {about for kind, about, _ in letters if kind == "review_invitation"} == {
        review.title for review in plan.reviews.filter(months__gt=0)
    }
    page = seen(clinic.doctor, "plan-activate", plan.pk)
    assert f"Letters it will send: {len(letters)}" in page
    assert f"{len(letters)} letters will not go, because no e-mail address is known: phone instead" in page
    assert not Reminder.objects.filter(plan=plan).exists()


def test_what_was_estimated_is_what_is_planned_once_it_happens(
    clinic: Clinic, letter: Reminder, django_assert_max_num_queries: Any
) -> None:
    """Booked and held, an estimated letter becomes a row: never two of a kind for one session, and none forgotten."""
    plan = letter.plan
    before = {(kind, about) for kind, about, _ in calendar(clinic, plan)}
    clinic.stand_at(plan.patient.appointments.get().ends + HOUR)
    clinic.cast.hold(first_of(plan), clinic.cast.now, override_reason="photos follow")
    after = calendar(clinic, plan)
    assert len(after) == len({(kind, about) for kind, about, _ in after})
    # Rows stand on what is certain: until the next session is booked, dyeing is allowed when the first one's wait ends.
    new = {kind for kind, about, _ in after if (kind, about) not in before}
    assert new <= {"review_overdue", "dye_again", "medicine_again"}
    rows = {(kind, about) for kind, about, is_estimate in after if not is_estimate}
    assert {("after_care", "session 1"), ("swelling_check", "session 1")} <= rows
    client = clinic.doctor
    with django_assert_max_num_queries(12):
        page = seen(client, "plan-letters", plan.pk)
    assert "estimated" in page


def test_letters_switched_off_by_the_patient_are_said_to_stay_away(clinic: Clinic, letter: Reminder) -> None:
    Patient.objects.filter(pk=letter.patient_id).update(wants_review_mail=False)
    page = seen(clinic.desk, "plan-letters", letter.plan_id)
    assert "about reviews will not go: the patient has switched them off" in page
    assert "Switched off" in page
