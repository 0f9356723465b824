"""What a patient asks for behind her own link, and what becomes of it on the desk's list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.discreet import SIGNED_LINK
from clinic.models import AuditLine, Location, WeeklyHours
from clinic.rules.refusal import Forbidden, Refusal
from patients.links import LIFE, UNSUBSCRIBE, make_link_token
from patients.models import Patient
from plans.models import Appointment, PatientRequest, Reminder
from plans.operations.booking import move_appointment
from plans.operations.requests import cancel_own_appointment, report_problem, settle_request
from plans.rules.signs import SIGNS
from plans.rules.states import AppointmentState, RequestKind, SessionState
from plans.urls_own import own_urls
from tests.pages.test_who_may_what import database
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, second_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def coming(clinic: Clinic) -> Appointment:
    """Noor comes in two days."""
    plan = clinic.plan()
    return clinic.cast.book(first_of(plan), clinic.cast.at(clinic.cast.today + 2 * DAY, 11))


def link(clinic: Clinic, patient: Patient, name: str = "own-page", *more: Any, lang: str = "") -> str:
    address = reverse(f"plans:{name}", args=[make_link_token(patient, now=clinic.cast.now), *more])
    return f"{address}?lang={lang}" if lang else address


def read(answer: HttpResponse) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", answer.content.decode())


def post(address: str, **sent: Any) -> str:
    return read(Client(enforce_csrf_checks=True).post(address, sent, follow=True))


def asked(clinic: Clinic) -> str:
    return read(clinic.desk.get(reverse("plans:requests")))


# -- another time ------------------------------------------------------------------------------------------------------
def test_she_asks_for_another_time_once_however_often_it_is_sent(clinic: Clinic, coming: Appointment) -> None:
    where, token = link(clinic, coming.patient, "own-move", coming.pk), str(uuid4())
    wish = {"token": token, "part": ["morning"], "weekday": ["0", "3"], "text": "Not before ten"}
    for sent in (wish, wish, {**wish, "token": str(uuid4())}):
        assert "We have your wish" in post(where, **sent)
    [made] = PatientRequest.objects.all()
    assert (made.kind, made.wishes, made.text) == (
        RequestKind.MOVE,
        "Mondays and Thursdays, mornings",
        "Not before ten",
    )
    page = read(Client().get(link(clinic, coming.patient)))
    assert "You asked for another time" in page
    assert "Ask for another time" not in page
    coming.refresh_from_db()
    assert coming.state == AppointmentState.BOOKED
    assert [line.by_name for line in AuditLine.objects.filter(happened="request.made")] == ["patient"]
    assert "Mondays and Thursdays, mornings, Not before ten" in asked(clinic)


def test_nothing_said_is_asked_again_and_what_she_wrote_stays(clinic: Clinic, coming: Appointment) -> None:
    where = link(clinic, coming.patient, "own-move", coming.pk)
    assert "tell us a little more" in post(where, token=str(uuid4()))
    Location.objects.update(patients_may_ask_to_move=False)
    seen = post(where, token=str(uuid4()), text="Any Friday")
    assert "cannot be asked for here" in seen
    assert not PatientRequest.objects.exists()
    assert "Ask for another time" not in read(Client().get(link(clinic, coming.patient)))


def test_a_form_of_another_patient_is_no_form_of_hers(clinic: Clinic, coming: Appointment) -> None:
    token = str(uuid4())
    post(link(clinic, coming.patient, "own-move", coming.pk), token=token, text="Mornings")
    bea = clinic.cast.patient("Beatrix")
    assert "was open for too long" in post(link(clinic, bea, "own-report"), token=token, text="It hurts")
    for name in ("own-move", "own-cancel"):
        seen = post(link(clinic, bea, name, coming.pk), answer="cancel", token=str(uuid4()), text="x")
        assert "not there any more" in seen
    coming.refresh_from_db()
    assert (PatientRequest.objects.count(), coming.state) == (1, AppointmentState.BOOKED)


# -- giving it up ------------------------------------------------------------------------------------------------------
def test_she_cancels_in_time_and_the_world_follows(clinic: Clinic, coming: Appointment) -> None:
    where = link(clinic, coming.patient, "own-cancel", coming.pk)
    post(link(clinic, coming.patient, "own-move", coming.pk), token=str(uuid4()), text="Mornings")
    asking = read(Client().get(where))
    assert "This time is given to somebody else" in asking
    assert "It cannot be undone here" in asking
    for _ in range(2):
        assert "Your appointment is cancelled." in post(where, answer="cancel")
    coming.refresh_from_db()
    assert (coming.state, coming.asked_by, coming.changed_by) == (AppointmentState.CANCELLED, "patient", None)
    assert AuditLine.objects.filter(happened="appointment.cancelled").count() == 1
    assert Reminder.objects.filter(about_id=coming.pk, kind="appointment_cancelled", state="planned").exists() or (
        not Reminder.objects.filter(about_id=coming.pk, kind="appointment_booked", state="planned").exists()
    )
    [wish] = PatientRequest.objects.all()
    assert (wish.settled_by, wish.answer) == (None, "The appointment was moved or cancelled")
    assert first_of(coming.session.plan).state == SessionState.PLANNED


@pytest.mark.parametrize("before", [72, None])
def test_too_late_or_not_allowed_she_asks_and_the_desk_cancels(
    before: int | None, clinic: Clinic, coming: Appointment
) -> None:
    Location.objects.update(patients_may_cancel_before=before)
    where = link(clinic, coming.patient, "own-cancel", coming.pk)
    assert "it is we who cancel" in read(Client().get(where))
    assert "too late to cancel it here" in post(where, answer="cancel")
    coming.refresh_from_db()
    assert coming.state == AppointmentState.BOOKED
    for _ in range(2):
        assert "We have your message" in post(where, answer="ask", text="I am ill", token=str(uuid4()))
    [made] = PatientRequest.objects.all()
    assert (made.kind, made.text) == (RequestKind.CANCEL, "I am ill")
    assert "Cannot come" in asked(clinic)


def test_what_was_moved_meanwhile_is_not_called_cancelled(clinic: Clinic, coming: Appointment) -> None:
    wish = {"starts": coming.starts + DAY, "minutes": coming.minutes, "reason": "She called", **clinic.cast.place()}
    move_appointment(appointment_id=coming.pk, by=clinic.cast.desk, now=clinic.cast.now, **wish)
    with pytest.raises(Refusal):
        cancel_own_appointment(patient_id=coming.patient_id, appointment_id=coming.pk, now=clinic.cast.now)
    seen = post(link(clinic, coming.patient, "own-cancel", coming.pk), answer="cancel")
    assert "not there any more" in seen
    assert Appointment.objects.live().count() == 1


# -- something is wrong ------------------------------------------------------------------------------------------------
@pytest.fixture
def treated(clinic: Clinic) -> Patient:
    """Her first session ended four days ago; nobody said anything so far."""
    plan = clinic.plan()
    clinic.cast.photograph(plan.reviews.get(months=0), views=1)
    row = clinic.booked(first_of(plan))
    clinic.stand_at(row.ends)
    clinic.cast.hold(first_of(plan), row.ends)
    clinic.stand_at(row.ends + timedelta(days=1))
    return plan.patient


def test_a_red_flag_says_call_now_with_the_number_on_top(clinic: Clinic, treated: Patient) -> None:
    where = link(clinic, treated, "own-report")
    phone = treated.home_location.phone.replace(" ", "")
    seen = post(where, sign="discharge", token=str(uuid4()))
    assert (
        seen.index("Please call now") < seen.index(f'href="tel:{phone}"', seen.index("<main>")) < seen.index("You told")
    )
    assert "We will phone you" not in seen
    made = PatientRequest.objects.get()
    assert (made.is_urgent, made.signs, made.session.plan.patient_id) == (True, ["discharge"], treated.pk)
    assert "Read why you should call now" in read(Client().get(link(clinic, treated)))


def test_a_usual_effect_reads_its_course_and_the_next_working_day_where_one_is_known(
    clinic: Clinic, treated: Patient
) -> None:
    seen = post(link(clinic, treated, "own-report"), sign="swelling", token=str(uuid4()))
    assert "Swelling usually goes within 1 to 2 days." in seen
    assert "We will phone you by Wed 7 Oct 2026." in seen
    WeeklyHours.objects.all().delete()
    made = PatientRequest.objects.get()
    assert "We will phone you" not in read(Client().get(link(clinic, treated, "own-report-answer", made.pk)))


def test_swelling_on_the_fourth_day_is_told_to_call(clinic: Clinic, treated: Patient) -> None:
    clinic.stand_at(clinic.cast.now + 3 * DAY)
    assert "Please call now" in post(link(clinic, treated, "own-report"), sign="swelling", token=str(uuid4()))


def test_what_she_adds_joins_the_same_report_and_twice_is_once(clinic: Clinic, treated: Patient) -> None:
    where, token = link(clinic, treated, "own-report"), str(uuid4())
    post(where, sign="itching", token=token)
    for _ in range(2):
        seen = post(where, sign=["itching", "high_fever"], text="Since last night <b>", token=token)
    assert "Please call now" in seen
    assert "&lt;b&gt;" in seen
    [made] = PatientRequest.objects.all()
    assert (made.signs, made.text, made.is_urgent) == (["high_fever", "itching"], "Since last night <b>", True)
    assert AuditLine.objects.filter(happened="request.made").count() == 2


def test_nothing_noticed_is_no_report_and_a_flood_ends_at_the_telephone(clinic: Clinic, treated: Patient) -> None:
    where = link(clinic, treated, "own-report")
    assert "tell us a little more" in post(where, sign="nonsense", text=" ", token="x")
    for _ in range(14):
        post(where, sign="itching", token=str(uuid4()))
    assert PatientRequest.objects.count() == 12
    assert "several messages" in post(where, text="Again", token=str(uuid4()))
    assert "Please call now" in post(where, sign="high_fever", token=str(uuid4())), "an alarm is always heard"


# -- the desk ----------------------------------------------------------------------------------------------------------
def test_the_desk_reads_that_and_whom_to_tell_and_the_clinician_reads_what(clinic: Clinic, treated: Patient) -> None:
    post(link(clinic, treated, "own-report"), sign="discharge", text="canary words", token=str(uuid4()))
    secret = ("canary words", *(sign.words for sign in SIGNS.values()))
    for browser in (clinic.desk, clinic.manager):
        for page in (reverse("plans:requests"), reverse("plans:patient", args=[treated.pk]), reverse("admin:index")):
            seen = read(browser.get(page))
            assert [word for word in secret if word in seen] == [], page
        listed = read(browser.get(reverse("plans:requests")))
        assert "Told to call now" in listed
        assert f"Tell {clinic.cast.practitioners[0].name} at once" in listed
        assert "Settle" not in listed
    for page in (reverse("plans:requests"), reverse("plans:patient", args=[treated.pk])):
        seen = read(clinic.doctor.get(page))
        assert "Discharge or pus" in seen
        assert "canary words" in seen
    assert "canary" not in str(list(AuditLine.objects.values_list("details", "reason", "about_words")))


def test_a_problem_is_settled_by_who_may_read_it_and_the_answer_is_theirs_too(clinic: Clinic, treated: Patient) -> None:
    made = report_problem(patient_id=treated.pk, signs=("itching",), text="", token=uuid4(), now=clinic.cast.now)
    said = {"request_id": made.pk, "now": clinic.cast.now}
    with pytest.raises(Forbidden):
        settle_request(answer="phoned", by=clinic.cast.desk, **said)
    where = reverse("plans:request-settle", args=[made.pk])
    assert clinic.desk.post(where, {"answer": "x"}).status_code == 403
    assert clinic.doctor.post(where, {"answer": "canary answer"}).status_code == 302
    assert "canary answer" in read(clinic.doctor.get(reverse("plans:requests")))
    assert "canary answer" not in asked(clinic)
    with pytest.raises(Refusal):
        settle_request(answer="again", by=clinic.cast.doctor, **said)
    assert "We have dealt with it" in read(Client().get(link(clinic, treated, "own-report-answer", made.pk)))
    line = AuditLine.objects.get(happened="request.settled")
    assert (line.by, line.reason) == (clinic.cast.doctor, "")


def test_moving_the_appointment_settles_the_wish_and_coming_settles_it_too(clinic: Clinic, coming: Appointment) -> None:
    post(link(clinic, coming.patient, "own-move", coming.pk), token=str(uuid4()), text="Mornings")
    assert reverse("plans:appointment-move", args=[coming.pk]) in asked(clinic)
    wish = {"starts": coming.starts + DAY, "minutes": coming.minutes, "reason": "She called", **clinic.cast.place()}
    new = move_appointment(appointment_id=coming.pk, by=clinic.cast.desk, now=clinic.cast.now, **wish)
    made = PatientRequest.objects.get()
    assert (made.settled_by, made.settled_at) == (clinic.cast.desk, clinic.cast.now)
    assert "Nobody waits for an answer" in asked(clinic)
    post(link(clinic, coming.patient, "own-move", new.pk), token=str(uuid4()), text="Evenings")
    clinic.stand_at(new.starts - HOUR)
    clinic.desk.post(reverse("plans:appointment-check-in", args=[new.pk]))
    assert not PatientRequest.objects.open().exists()


def test_urgent_ones_come_first_and_the_list_costs_the_same_for_one_and_for_many(
    clinic: Clinic, treated: Patient
) -> None:
    now, desk = clinic.cast.now, clinic.doctor
    report_problem(patient_id=treated.pk, signs=("itching",), text="", token=uuid4(), now=now)
    page = reverse("plans:requests")
    with CaptureQueriesContext(connection) as one:
        desk.get(page)
    for number in range(9):
        sign = "high_fever" if number == 8 else "itching"
        report_problem(
            patient_id=treated.pk, signs=(sign,), text="", token=uuid4(), now=now + timedelta(minutes=number)
        )
    with CaptureQueriesContext(connection) as many:
        seen = read(desk.get(page))
    assert len(many) == len(one) <= 9
    assert seen.index("High fever") < seen.index("Itching")


def test_a_lost_telephone_makes_links_useless_and_the_next_letter_has_a_new_one(
    clinic: Clinic, coming: Appointment
) -> None:
    old = link(clinic, coming.patient)
    sent = Reminder.objects.filter(about_id=coming.pk).first()
    Reminder.objects.filter(pk=sent.pk).update(state="sent", sent_at=clinic.cast.now)
    page = reverse("plans:patient-link", args=[coming.patient_id])
    assert "What is lost" in read(clinic.desk.get(page))
    assert Client().get(old).status_code == 200
    clinic.desk.post(page, {"send": "yes"})
    assert Client().get(old).status_code == 410
    assert Reminder.objects.filter(supersedes=sent).count() == 1
    coming.patient.refresh_from_db()
    assert Client().get(link(clinic, coming.patient)).status_code == 200


# -- language, calendar, and what never changes ------------------------------------------------------------------------
def test_a_look_in_arabic_changes_nothing_and_a_choice_is_kept(clinic: Clinic, coming: Appointment) -> None:
    page = read(Client().get(link(clinic, coming.patient, lang="ar")))
    assert 'lang="ar" dir="rtl"' in page
    assert "موعدك القادم" in page
    patient = Patient.objects.get(pk=coming.patient_id)
    assert patient.language == "en"
    assert 'dir="ltr"' in read(Client().get(link(clinic, patient)))
    moved = post(link(clinic, patient, "own-move", coming.pk, lang="ar"), token=str(uuid4()), text="صباحا")
    assert 'dir="rtl"' in moved, "the next page speaks the language of this one"
    assert 'dir="rtl"' in post(link(clinic, patient, "own-language"), language="ar")
    patient.refresh_from_db()
    assert patient.language == "ar"
    assert 'dir="rtl"' in read(Client().get(link(clinic, patient, "own-report")))
    post(link(clinic, patient, "own-language"), language="xx")
    patient.refresh_from_db()
    assert patient.language == "ar"


def test_a_broken_link_is_explained_in_the_browsers_language(db: None) -> None:
    answer = Client(headers={"Accept-Language": "ar-EG,ar;q=0.9"}).get("/p/nothing/")
    assert answer.status_code == 410
    assert 'dir="rtl"' in answer.content.decode()


def test_her_calendar_keeps_an_entrys_name_and_drops_what_was_cancelled(clinic: Clinic, coming: Appointment) -> None:
    def file() -> str:
        answer = Client().get(link(clinic, coming.patient, "own-calendar"))
        assert answer["Content-Type"].startswith("text/calendar")
        assert answer["Cache-Control"] == "no-store"
        return answer.content.decode()

    first = file()
    assert first.count("BEGIN:VEVENT") == 1
    assert f"UID:{coming.calendar_uid}@" in first
    assert "Noor" not in first
    wish = {"starts": coming.starts + DAY, "minutes": coming.minutes, "reason": "She called", **clinic.cast.place()}
    new = move_appointment(appointment_id=coming.pk, by=clinic.cast.desk, now=clinic.cast.now, **wish)
    second = file()
    assert (second.count("BEGIN:VEVENT"), f"UID:{coming.calendar_uid}@" in second) == (1, True)
    assert "SEQUENCE:1" in second
    cancel_own_appointment(patient_id=coming.patient_id, appointment_id=new.pk, now=clinic.cast.now)
    assert "STATUS:CANCELLED" in file()


def test_later_appointments_have_the_same_ways(clinic: Clinic, treated: Patient) -> None:
    plan = treated.plans.get()
    for number, session in enumerate((second_of(plan),)):
        session.refresh_from_db()
        clinic.cast.book(session, clinic.cast.at(session.target, 10 + number))
    row = Appointment.objects.live().get()
    clinic.cast.book_review(plan.reviews.get(months=3), row.starts + 60 * DAY)
    assert read(Client().get(link(clinic, treated))).count("/move/") == 2


def test_looking_at_any_of_her_addresses_with_any_key_changes_no_row(clinic: Clinic, treated: Patient) -> None:
    """A program that opens every link of a mail, with links that are good, old, revoked, cut or another's."""
    now, bea = clinic.cast.now, clinic.cast.patient("Beatrix")
    plan = treated.plans.get()
    second = second_of(plan)
    row = clinic.cast.book(second, clinic.cast.at(second.target, 10))
    problem = report_problem(patient_id=treated.pk, signs=("itching",), text="canary", token=uuid4(), now=now)
    good = make_link_token(treated, now=now)
    revoked = make_link_token(Patient(pk=treated.pk, link_version=treated.link_version + 1), now=now)
    keys = {
        "good": good, "old": make_link_token(treated, now=now - LIFE), "revoked": revoked, "cut": good[:-3],
        "another purpose": make_link_token(treated, purpose=UNSUBSCRIBE, extra="care", now=now),
        "another's": make_link_token(bea, now=now),
    }  # fmt: skip
    before, opened = database(), 0
    for page in own_urls:
        for word, key in keys.items():
            for pk in (row.pk, problem.pk) if "pk" in page.pattern.converters else (None,):
                where = reverse(f"plans:{page.name}", args=[key, *([pk] if pk else [])])
                for answer in (Client().get(where), Client().head(where)):
                    assert answer.status_code in (200, 405, 410)
                    if word != "good":
                        assert "canary" not in answer.content.decode()
                        assert "Noor" not in answer.content.decode() or page.name == "unsubscribe"
                    opened += 1
    assert opened > 150
    assert database() == before


def test_no_log_line_keeps_any_of_her_addresses(clinic: Clinic, coming: Appointment) -> None:
    token = make_link_token(coming.patient, now=clinic.cast.now)
    for name, more in (("own-report", ()), ("own-calendar", ()), ("own-cancel", (coming.pk,))):
        logged = SIGNED_LINK.sub(r"/\1/…", f"GET {link(clinic, coming.patient, name, *more)} 200")
        assert token[:12] not in logged
