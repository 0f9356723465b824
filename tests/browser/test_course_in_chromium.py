"""A whole course clicked through in Chromium by a clinician, a picture of every page on the way."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from patients.models import Patient
from plans.darkroom.painter import paint_scalp
from plans.models import Appointment, Review, Session
from plans.rules.course import CarePhase
from plans.rules.states import Decision, PlanState, ReviewState, SessionState
from tests.browser.conftest import Visitor, link_in, mails
from tests.cast import Cast

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
Move = Callable[[datetime], None]


def test_a_whole_course_is_clicked_through_from_the_first_visit_to_the_decision(
    visit: Callable[..., Visitor], clinic: Cast, stand_at: Move, mail_folder: Path, tmp_path: Path
) -> None:
    stand_at(clinic.now)
    doctor = visit(as_=clinic.doctor)
    register(doctor)
    patient = Patient.objects.get()
    assess(doctor)
    draft(doctor)
    consent(doctor)
    doctor.clicks_on("Activate the plan", "button")
    doctor.keeps("course-06-active")
    plan = patient.plans.get()
    assert plan.state == PlanState.ACTIVE

    first = plan.sessions.get(number=1)
    appointment = book(doctor, first)
    baseline = plan.reviews.get(months=0)
    add_photos(doctor, clinic, baseline, tmp_path, "course-08-baseline")
    assert baseline.photos.current().count() == baseline.view_set.views.count()

    stand_at(appointment.starts)
    hold(doctor, clinic, first, appointment)
    first.refresh_from_db()
    assert first.state == SessionState.DONE
    assert {given.modality for given in first.treatments.all()} == {"exosome", "prp"}
    stand_at(clinic.now + timedelta(hours=3))
    assert "Not yet. From" in own_page(visit, mail_folder)

    review = plan.reviews.get(months=3)
    stand_at(clinic.at(review.due, 10))
    add_photos(doctor, clinic, review, tmp_path, "course-12-review-photos")
    decide(doctor, review)
    review.refresh_from_db()
    assert (review.state, review.decision) == (ReviewState.DECIDED, Decision.CONTINUE)
    doctor.opens(f"/patients/{patient.pk}/")
    doctor.keeps("course-14-patient-in-the-end")
    for page in ("/admin/", "/desk/", "/outbox/", "/patients/", "/admin/plans/plan/", "/admin/plans/lot/"):
        doctor.opens(page)
        doctor.keeps(f"course-15{page.rstrip('/').replace('/', '-')}")
    doctor.is_clean()


def register(doctor: Visitor) -> None:
    doctor.opens("/patients/")
    doctor.keeps("course-00-no-patients")
    doctor.clicks_on(re.compile("New patient|Register"))
    doctor.types("First name", "Alma")
    doctor.types("Last name", "Verde")
    doctor.page.locator("[name=birth_date]").fill("1984-03-03")
    doctor.types("E-mail", "alma@example.org")
    doctor.page.locator("[name=phone]").fill("+65 9123 4567")
    doctor.page.locator("[name=alert]").fill("Faints at needles")
    doctor.keeps("course-01-register")
    doctor.clicks_on("Register", "button")
    assert "Alma Verde" in doctor.reads()
    doctor.keeps("course-02-patient")


def assess(doctor: Visitor) -> None:
    doctor.clicks_on("Assess", exact=True)
    doctor.page.locator("[name=hair_loss_type]").select_option("androgenetic")
    doctor.page.locator("[name=vertex-thinning]").select_option("moderate")
    doctor.page.locator("[name=vertex-viability]").select_option("miniaturised")
    doctor.page.locator("[name=vertex-method]").select_option("trichoscope")
    doctor.page.locator("[name=vertex-miniaturised]").check()
    doctor.page.locator("[name=medicines]").fill("none")
    doctor.keeps("course-03-assess")
    doctor.clicks_on("Save and judge", "button")
    assert "Alma Verde" in doctor.reads()
    doctor.keeps("course-03-verdict")


def draft(doctor: Visitor) -> None:
    patient = Patient.objects.get()
    doctor.opens(f"/patients/{patient.pk}/")
    doctor.clicks_on("New plan", exact=True)
    doctor.keeps("course-04-choose")
    doctor.clicks_on(re.compile("Exosome and PRP, same day"))
    doctor.keeps("course-04-dates")
    doctor.clicks_on("Make draft", "button")
    doctor.keeps("course-05-draft")
    assert patient.plans.get().state == PlanState.DRAFT


def consent(doctor: Visitor) -> None:
    plan = Patient.objects.get().plans.get()
    doctor.opens(f"/plans/{plan.pk}/activate/")
    doctor.keeps("course-05-consent-missing")
    doctor.clicks_on("Record consent")
    doctor.keeps("course-05-consent")
    doctor.page.get_by_role("link", name="Ask for consent").first.click()
    for topic in ("treatment", "off_label", "experimental", "photo_record"):
        doctor.page.locator(f"#{topic}-yes").check(force=True)
    doctor.page.locator("[name=form_version]").fill("2026-01")
    doctor.page.locator("[name=method][value=typed]").check()
    doctor.page.locator("[name=signed_name]").fill("Amina Sample")
    doctor.keeps("course-05-consent-asked")
    doctor.clicks_on("Sign and record", "button")
    assert "Consent is recorded" in doctor.reads()


def book(doctor: Visitor, session: Session) -> Appointment:
    doctor.opens(f"/plans/{session.plan_id}/")
    doctor.clicks_on(re.compile("Book session 1"))
    doctor.keeps("course-07-book")
    doctor.page.locator(".c-times label").nth(2).click()
    doctor.clicks_on(re.compile("^Book session 1"), "button")
    appointment = Appointment.objects.get(session=session)
    doctor.keeps("course-07-booked")
    return appointment


def add_photos(doctor: Visitor, clinic: Cast, review: Review, folder: Path, picture: str) -> None:
    files = []
    for number, view in enumerate(review.view_set.views.all()):
        files.append(folder / f"{review.key}-{number}.jpg")
        grown = review.months * 0.03
        files[-1].write_bytes(paint_scalp(view.key, density=0.5 + grown, seed=number, size=(960, 720)))
    doctor.opens(f"/reviews/{review.pk}/")
    doctor.page.locator("#upload > summary").click()
    doctor.page.locator("#together").set_input_files(files)
    doctor.page.locator("[name=taken_on]").fill(clinic.today.isoformat())
    doctor.page.locator("[name=lighting]").fill("ring light")
    doctor.page.locator("[name=parting]").fill("centre")
    doctor.clicks_on("Add photos", "button")
    assert "photos are added" in doctor.reads(), doctor.page.locator(".c-fault").all_inner_texts()
    look_at_pictures(doctor, len(files))
    doctor.keeps(picture)


def look_at_pictures(doctor: Visitor, least: int) -> None:
    """Every photo on the page really shows: scrolled to, loaded, with pixels in it."""
    for shot in doctor.page.locator("img[src*='/photos/']").all():
        shot.scroll_into_view_if_needed()
    broken = (
        "[...document.querySelectorAll(\"img[src*='/photos/']\")].filter(i => !(i.complete && i.naturalWidth)).length"
    )
    doctor.page.wait_for_function(f"{broken} === 0")
    assert doctor.page.locator("img[src*='/photos/']").count() >= least


def hold(doctor: Visitor, clinic: Cast, session: Session, appointment: Appointment) -> None:
    doctor.opens("/desk/?view=day")
    doctor.page.locator(".k-event").click()
    with doctor.page.expect_navigation(url="**/desk/**"):
        doctor.page.locator("#k-dialog").get_by_role("button", name="Check in").click()
    doctor.keeps("course-09-desk")
    doctor.opens(f"/appointments/{appointment.pk}/")
    doctor.keeps("course-09-appointment")
    clinic.now = appointment.ends
    doctor.opens(f"/sessions/{session.pk}/complete/")
    for item in range(session.checklist.filter(phase=CarePhase.PRE).count()):
        doctor.page.locator("#checklist .c-tick:not(.c-tick--on)").first.click()
        doctor.page.wait_for_function(f"document.querySelectorAll('#checklist .c-tick--on').length === {item + 1}")
    assert "not ticked" not in doctor.reads(), "the page went on to say what was not true any more"
    for modality in ("exosome", "prp"):
        block = doctor.page.locator(f"section[aria-labelledby=h-{modality}]")
        if (lot := block.locator("select[name$=lot]")).count():
            lot.select_option(str(clinic.serum.pk))
        block.locator("select[name$=method]").select_option("injection")
        block.locator("[name$=amount_ml]").fill("4")
        block.get_by_label("Vertex", exact=True).check()
        block.get_by_label("3", exact=True).check()
    doctor.page.locator("[name=remarks]").fill("Tolerated well")
    doctor.keeps("course-10-complete")
    doctor.clicks_on(re.compile("Record session 1"), "button")
    assert "is recorded" in doctor.reads()
    doctor.keeps("course-11-after")


def own_page(visit: Callable[..., Visitor], folder: Path) -> str:
    alma = visit(phone=True)
    alma.opens(link_in(mails(folder)[0]))
    alma.keeps("course-11-own-page-390")
    alma.is_clean()
    return alma.reads()


def decide(doctor: Visitor, review: Review) -> None:
    line = doctor.page.locator(".c-measure").last
    line.locator("[name$=area]").select_option("vertex")
    line.locator("[name$=method]").select_option("trichoscopy")
    line.locator("[name$=device]").fill("Trichoscope, 20x")
    line.locator("[name$=density]").fill("132.5")
    doctor.clicks_on(re.compile("^Continue"), "button")
    doctor.page.locator("[name=decision_reason]").fill("Clearly denser at the vertex")
    doctor.keeps("course-13-decide")
    doctor.clicks_on("Decide: continue", "button")
    assert "is decided" in doctor.reads()
    doctor.keeps("course-13-decided")
