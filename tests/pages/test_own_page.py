"""The patient's own page: the signed link is the key, looking changes nothing, and nothing of it is kept anywhere."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.models import AuditLine
from clinic.rules.local_time import local_day
from clinic.rules.refusal import Refusal
from patients.links import LIFE, PAGE, UNSUBSCRIBE, make_link_token, patient_behind, read_link_token
from patients.models import Patient
from patients.operations.patients import revoke_links
from plans.models import Appointment, ChecklistItem, Plan
from plans.models.facts import held_sessions, restrictions_from
from plans.operations.booking import cancel_appointment
from plans.rules.course import CareBy, CarePhase
from plans.rules.restrictions import may_do, next_free_day
from plans.rules.states import AppointmentState
from plans.rules.wording import day_words
from tests.cast import Cast, open_clinic

pytestmark = pytest.mark.django_db
POLICY = {
    "default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'none'",
}  # fmt: skip


@dataclass
class Story:
    """Noor had session 1 and comes for session 2; Bea has only just had hers; their plans are the same."""

    cast: Cast
    noor: Patient
    bea: Patient
    plan: Plan
    ended: datetime
    coming: Appointment
    beas: Appointment

    def link(self, patient: Patient | None = None, name: str = "own-page", **more: Any) -> str:
        return reverse(f"plans:{name}", args=[make_link_token(patient or self.noor, **{"now": self.cast.now, **more})])


@pytest.fixture(scope="module")
def story(django_db_setup: None, django_db_blocker: Any) -> Iterator[Story]:
    with django_db_blocker.unblock(), transaction.atomic():
        cast = open_clinic(keys=("exosome-prp-same-day",))
        plans = [cast.active_plan(name, starts_on=cast.today) for name in ("Noor", "Beatrix")]
        first = [plan.sessions.get(number=1) for plan in plans]
        ended = cast.at(first[0].target, 12)
        for hour, session in enumerate(first):
            cast.photograph(session.plan.reviews.get(months=0), views=1)
            cast.hold(session, ended + timedelta(hours=hour))
        coming = [plan.sessions.get(number=2) for plan in plans]
        booked = [cast.book(session, cast.at(session.target, 10 + 3 * hour)) for hour, session in enumerate(coming)]
        yield Story(cast, *cast.people, plans[0], ended, *booked)
        transaction.set_rollback(True)


@pytest.fixture
def moment(story: Story, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Move the clock; it starts where the story stands, ten minutes after Bea's session."""

    def stand_at(now: datetime) -> None:
        monkeypatch.setattr("clinic.clock.now", lambda: now)

    stand_at(story.cast.now)
    return stand_at


@pytest.fixture(autouse=True)
def _as_it_was(moment: Callable[[datetime], None], story: Story) -> None:
    """Time stands still in every test, and what another test read into these objects is forgotten."""
    for row in (story.noor, story.bea, story.coming, story.beas):
        row.refresh_from_db()


def read(answer: HttpResponse, status: int = 200) -> str:
    assert answer.status_code == status
    return re.sub(r"\s+", " ", answer.content.decode())


# -- the link ----------------------------------------------------------------------------------------------------------
def test_the_link_opens_the_page_without_login_cookie_or_script(story: Story) -> None:
    answer = Client(enforce_csrf_checks=True).get(story.link())
    assert "Hello Noor" in read(answer)
    assert answer.cookies.output() == ""
    assert "<script" not in read(answer)
    assert not re.search(r"\son\w+=|javascript:|\sstyle=", read(answer))


def test_nothing_of_the_page_is_kept_passed_on_or_found(story: Story) -> None:
    headers = Client().get(story.link()).headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert headers["Cache-Control"] == "no-store"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Robots-Tag"] == "noindex, nofollow"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"


def test_nothing_on_the_page_comes_from_or_leads_to_another_house(story: Story) -> None:
    links = re.findall(r'(?:src|href|action)="([^"]*)"', read(Client().get(story.link())))
    assert links
    assert [link for link in links if not link.startswith(("/", "#", "tel:"))] == []


def test_the_page_says_neither_diagnosis_nor_last_name_nor_address(story: Story) -> None:
    Patient.objects.filter(pk=story.noor.pk).update(alert="Canary alert", phone="+6598765401")
    seen = read(Client().get(story.link())).lower()
    for word in ("sample0", "noor@example.org", "canary alert", "98765401", "androgenetic", "alopecia", "beatrix"):
        assert word not in seen


def test_a_link_for_another_purpose_opens_nothing(story: Story) -> None:
    page, stop = story.link(), story.link(name="unsubscribe", purpose=UNSUBSCRIBE, extra="care")
    for wrong in (page.replace("/p/", "/u/"), stop.replace("/u/", "/p/")):
        assert "Hello" not in read(Client().get(wrong), 410)
        assert Client().post(wrong).status_code in (405, 410)
    story.noor.refresh_from_db()
    assert story.noor.wants_care_mail


def test_a_link_does_not_open_somebody_elses_page(story: Story) -> None:
    hers, signature = make_link_token(story.noor, now=story.cast.now).split("~")
    forged = f"{hers.replace(story.noor.pk.hex, story.bea.pk.hex)}~{signature}"
    assert "Beatrix" not in read(Client().get(reverse("plans:own-page", args=[forged])), 410)
    for patient in (story.noor, story.bea):
        assert patient_behind(make_link_token(patient, now=story.cast.now), now=story.cast.now)[0] == patient


def test_a_link_that_was_cut_by_a_mail_program_says_so(story: Story) -> None:
    token = make_link_token(story.noor, now=story.cast.now)
    for length in range(1, len(token)):
        with pytest.raises(Refusal) as caught:
            read_link_token(token[:length], now=story.cast.now)
        assert caught.value.code == "link_broken"
    assert "open it again from your mail" in read(Client().get(f"/p/{token[:40]}/"), 410)


def flipped(token: str, dice: random.Random) -> str:
    place, bit = dice.randrange(len(token)), dice.randrange(7)
    return token[:place] + chr(ord(token[place]) ^ (1 << bit)) + token[place + 1 :]


def accepted(times: int, story: Story) -> list[str]:
    dice, taken = random.Random(2026), []
    for purpose in (PAGE, UNSUBSCRIBE):
        token = make_link_token(story.noor, purpose=purpose, extra="care", now=story.cast.now)
        for _ in range(times // 2):
            wrong = flipped(token, dice)
            try:
                read_link_token(wrong, purpose=purpose, now=story.cast.now)
            except Refusal as refusal:
                assert refusal.code == "link_broken"
            else:
                taken.append(wrong)
    return taken


def test_a_link_with_one_bit_changed_opens_nothing(story: Story) -> None:
    assert accepted(300, story) == []


@pytest.mark.long
def test_ten_thousand_changed_links_open_nothing(story: Story) -> None:
    assert accepted(10_000, story) == []


def test_a_link_ends_to_the_second(story: Story, moment: Callable[[datetime], None]) -> None:
    link = story.link()
    last = story.cast.now.replace(microsecond=0) + LIFE
    moment(last - timedelta(seconds=1))
    assert "Hello Noor" in read(Client().get(link))
    moment(last)
    assert "expired" in read(Client().get(link), 410)


def test_revoked_links_open_nothing_and_new_ones_do(story: Story) -> None:
    old, stop = story.link(), story.link(name="unsubscribe", purpose=UNSUBSCRIBE, extra="all")
    revoke_links(patient_id=story.noor.pk, by=story.cast.desk, now=story.cast.now)
    for link in (old, stop):
        assert "no longer in use" in read(Client().get(link), 410)
        assert Client().post(link).status_code in (405, 410)
    story.noor.refresh_from_db()
    assert story.noor.wants_care_mail
    assert "Hello Noor" in read(Client().get(story.link()))


def test_what_is_over_is_as_private_as_what_is_open(story: Story) -> None:
    headers = Client().get("/p/nothing/").headers
    assert set(headers["Content-Security-Policy"].split("; ")) == POLICY
    assert (headers["Cache-Control"], headers["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_looking_writes_nothing_and_asks_the_database_ten_times_at_most(story: Story) -> None:
    for query in ("", "?act=dye&day=2026-11-01", "?act=wash&day=2026-11-01"):
        with CaptureQueriesContext(connection) as asked:
            Client().get(story.link() + query)
        assert len(asked) <= 10
        assert [one["sql"] for one in asked if not one["sql"].startswith("SELECT")] == []


# -- what she can do ---------------------------------------------------------------------------------------------------
def confirm(story: Story, appointment: Appointment) -> HttpResponse:
    return Client(enforce_csrf_checks=True).post(
        story.link(name="own-confirm"), {"appointment": str(appointment.pk)}, follow=True
    )


def test_she_confirms_with_one_tap_and_once_more_changes_nothing(story: Story) -> None:
    assert "I will come" in read(Client().get(story.link()))
    assert "noted that you will come" in read(confirm(story, story.coming))
    story.coming.refresh_from_db()
    assert story.coming.state == AppointmentState.CONFIRMED
    again = read(confirm(story, story.coming))
    assert "noted that you will come" in again
    assert "I will come" not in again
    lines = AuditLine.objects.filter(about_id=story.coming.pk, happened="appointment.confirmed")
    assert [line.by_name for line in lines] == ["patient"]


def test_an_appointment_cancelled_meanwhile_is_not_confirmed_and_she_is_told(story: Story) -> None:
    cancel_appointment(appointment_id=story.coming.pk, reason="ill", by=story.cast.desk, now=story.cast.now)
    seen = read(confirm(story, story.coming))
    assert "changed meanwhile" in seen
    assert "Nothing is booked at the moment" in seen
    story.coming.refresh_from_db()
    assert story.coming.state == AppointmentState.CANCELLED


def test_an_appointment_that_began_is_not_confirmed(story: Story, moment: Callable[[datetime], None]) -> None:
    moment(story.coming.starts)
    assert "begun already" in read(confirm(story, story.coming))


@pytest.mark.parametrize("wrong", ["", "x", "0190a5d0-0000-7000-8000-000000000000", "1 OR 1=1", "\x00"])
def test_nonsense_is_answered_with_what_is_true(wrong: str, story: Story) -> None:
    for name, field in (("own-confirm", "appointment"), ("own-tick", "item")):
        assert "Your next appointment" in read(Client().post(story.link(name=name), {field: wrong}))
    story.coming.refresh_from_db()
    assert story.coming.state == AppointmentState.BOOKED


def test_somebody_elses_appointment_cannot_be_confirmed(story: Story) -> None:
    assert "not there any more" in read(confirm(story, story.beas))
    story.beas.refresh_from_db()
    assert story.beas.state == AppointmentState.BOOKED


def item(appointment: Appointment, by: CareBy = CareBy.PATIENT) -> ChecklistItem:
    return appointment.session.checklist.filter(phase=CarePhase.PRE, by=by).first()


def tick(story: Story, one: ChecklistItem, ticked: str = "yes") -> str:
    answer = Client(enforce_csrf_checks=True).post(
        story.link(name="own-tick"), {"item": str(one.pk), "ticked": ticked}, follow=True
    )
    return read(answer)


def test_she_ticks_and_unticks_her_own_list(story: Story) -> None:
    mine = item(story.coming)
    assert mine.text in tick(story, mine)
    mine.refresh_from_db()
    assert (mine.ticked_at, mine.ticked_by) == (story.cast.now, None)
    tick(story, mine, "no")
    mine.refresh_from_db()
    assert mine.ticked_at is None
    lines = AuditLine.objects.filter(about_id=mine.pk).order_by("id").values_list("happened", "by_name")
    assert list(lines) == [("checklist.ticked", "patient"), ("checklist.unticked", "patient")]


def test_neither_another_patients_nor_the_staffs_items_are_hers_to_tick(story: Story) -> None:
    staffs = item(story.coming, CareBy.STAFF) or story.coming.session.checklist.create(
        rule_key="staff", phase=CarePhase.PRE, kind="do", by=CareBy.STAFF, text="Check the lot"
    )
    for one in (item(story.beas), staffs):
        assert "not on your list any more" in tick(story, one)
        one.refresh_from_db()
        assert one.ticked_at is None


@pytest.mark.parametrize(
    "chosen", [[], ["care"], ["appointments", "reviews"], ["appointments", "care", "reviews", "spam"]]
)
def test_she_chooses_her_mails(chosen: list[str], story: Story) -> None:
    assert "is saved" in read(
        Client(enforce_csrf_checks=True).post(story.link(name="own-mails"), {"group": chosen}, follow=True)
    )
    story.noor.refresh_from_db()
    wants = {"appointments": "wants_appointment_mail", "care": "wants_care_mail", "reviews": "wants_review_mail"}
    assert {group for group, field in wants.items() if getattr(story.noor, field)} == set(chosen) & set(wants)
    assert Patient.objects.get(pk=story.bea.pk).wants_care_mail


# -- no more mails -----------------------------------------------------------------------------------------------------
def wanted(patient: Patient) -> tuple[bool, bool, bool]:
    patient.refresh_from_db()
    return patient.wants_appointment_mail, patient.wants_care_mail, patient.wants_review_mail


def test_opening_the_way_out_stops_nothing_yet(story: Story) -> None:
    link = story.link(name="unsubscribe", purpose=UNSUBSCRIBE, extra="care")
    seen = read(Client().get(link))
    assert "Stop these mails?" in seen
    assert wanted(story.noor) == (True, True, True)


@pytest.mark.parametrize(
    ("group", "left"),
    [
        ("appointments", (False, True, True)), ("care", (True, False, True)), ("reviews", (True, True, False)),
        ("all", (False, False, False)), ("", (False, False, False)),
    ],
)  # fmt: skip
def test_a_mail_programs_one_click_stops_that_group_at_once_and_twice_is_the_same(
    group: str, left: tuple[bool, bool, bool], story: Story
) -> None:
    """RFC 8058: a POST without cookies, without a form's token, from nobody's page."""
    link = story.link(name="unsubscribe", purpose=UNSUBSCRIBE, extra=group)
    for _ in range(2):
        answer = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})
        assert "You will not get these mails any more" in read(answer)
        assert answer.cookies.output() == ""
        assert wanted(story.noor) == left
    assert AuditLine.objects.filter(patient_id=story.noor.pk, happened="patient.unsubscribed").count() == 1
    assert wanted(story.bea) == (True, True, True)


# -- may I? ------------------------------------------------------------------------------------------------------------
def test_the_dye_again_date_is_four_whole_weeks_after_the_session(story: Story) -> None:
    """Ended Mon 5 Oct 2026 at noon: until noon Mon 2 Nov is not free, so the first wholly free day is Tue 3 Nov."""
    assert local_day(story.ended, story.cast.here.zone) == date(2026, 10, 5)
    cancel_appointment(appointment_id=story.coming.pk, reason="ill", by=story.cast.desk, now=story.cast.now)
    seen = read(Client().get(story.link()))
    assert (
        re.search("May I dye my hair[?]</b><span>(.*?) ?</span>", seen)[1]
        == "Not yet. From Tue 3 Nov 2026, in 4 weeks."
    )
    for day, words in (
        ("2026-11-02", "No: no dyeing on Mon 2 Nov 2026."),
        ("2026-11-03", "Yes: dyeing is allowed on Tue"),
    ):
        assert words in read(Client().get(f"{story.link()}?act=dye&day={day}"))


@pytest.mark.parametrize("act", ["dye", "wash"])
@pytest.mark.parametrize("ahead", [0, 1, 2, 3, 10, 27, 28, 29, 30, 60, 120])
def test_every_answer_is_the_one_of_the_rules(
    act: str, ahead: int, story: Story, moment: Callable[[datetime], None]
) -> None:
    zone, now = story.cast.here.zone, story.cast.now + timedelta(days=ahead)
    moment(now)
    today = local_day(now, zone)
    periods = restrictions_from(held_sessions(story.noor), zone=zone)
    seen = read(Client().get(story.link(now=now)))
    said = re.search(f"May I {act} my hair[?]</b><span>(.*?)</span>", seen)[1]
    if said.startswith("Not yet"):
        assert day_words(next_free_day(act, periods, today, zone)) in said
    for day in (today, today + timedelta(days=1), today + timedelta(days=40)):
        answer = read(Client().get(f"{story.link(now=now)}?act={act}&day={day}"))
        rule = may_do(act, day, periods, zone)
        assert (f'role="status">{"Yes" if rule.allowed else "No"}: ' in answer) is True
        assert rule.allowed or rule.free_on is None or day_words(rule.free_on) in answer


@pytest.mark.parametrize("query", ["act=dye&day=", "act=fly&day=2026-11-01", "act=dye", "day=2026-11-01"])
def test_half_a_question_is_no_question(query: str, story: Story) -> None:
    assert "Hello Noor" in read(Client().get(f"{story.link()}?{query}"))


@pytest.mark.parametrize("day", ["soon", "2026-13-01", "9999-12-31", "0001-01-01", "2026-11-01T10:00"])
def test_a_day_that_is_none_is_asked_again(day: str, story: Story) -> None:
    assert "Please choose a day." in read(Client().get(f"{story.link()}?act=dye&day={day}"))
