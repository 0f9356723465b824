from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse

from plans.models import LotState, Session
from plans.operations.visits import check_in
from plans.rules.states import SessionState
from tests.cast import other_lot
from tests.pages.visits import DAY, HOUR, Clinic, first_of, open_pages, second_of, seen, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    yield open_pages(settings, tmp_path)


@pytest.fixture
def session(clinic: Clinic) -> Session:
    """Exosome and PRP together; she has come, her baseline is taken, and it is a quarter past the end."""
    session = first_of(clinic.plan())
    clinic.cast.photograph(session.plan.reviews.get(months=0), views=1)
    row = clinic.booked(session, 11)
    clinic.stand_at(row.starts)
    check_in(appointment_id=row.pk, by=clinic.cast.desk, now=row.starts)
    clinic.stand_at(row.ends + HOUR / 4)
    return session


def given(clinic: Clinic, **changes: object) -> dict[str, object]:
    """What a clinician types for both treatments, on the day and in the hour it was booked for."""
    said = {
        "on": clinic.cast.today, "started": "11:00", "ended": "11:45", "remarks": "",
        "exosome-given": "on", "exosome-method": "injection", "exosome-amount_ml": "4.5", "exosome-areas": ["vertex", "frontal"],
        "exosome-pain": "3", "exosome-lot": clinic.cast.serum.pk,
        "prp-given": "on", "prp-method": "injection", "prp-amount_ml": "3", "prp-areas": ["vertex"],
    }  # fmt: skip
    return {name: value for name, value in {**said, **changes}.items() if value is not None}


def test_the_page_knows_the_booked_hours_and_what_is_given(clinic: Clinic, session: Session) -> None:
    page = seen(clinic.doctor, "session-complete", session.pk)
    for words in ('value="11:00"', 'value="11:45"', ">Exosome<", ">PRP<", "Platelets per µl, plasma", "A1 · Serum"):
        assert words in page


def test_a_session_is_recorded_with_everything_that_was_given(clinic: Clinic, session: Session) -> None:
    said = given(
        clinic, **{"prp-blood_drawn_ml": "30", "prp-rpm": "1500", "prp-radius_cm": "16.5", "remarks": "Went well"}
    )
    page = sent(clinic.doctor, "session-complete", session.pk, **said)
    session.refresh_from_db()
    assert (session.state, session.remarks) == (SessionState.DONE, "Went well")
    exosome, prp = session.treatments.order_by("modality")
    assert (exosome.lot, str(exosome.amount_ml), exosome.areas, exosome.pain) == (
        clinic.cast.serum, "4.50", ["vertex", "frontal"], 3,
    )  # fmt: skip
    assert (prp.spin_g, prp.lot, prp.blood_drawn_ml) == (415, None, 30)
    assert "Session 1 is recorded." in page


def test_what_follows_is_said_at_once(clinic: Clinic, session: Session) -> None:
    page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic))
    second = second_of(session.plan)
    assert "No dyeing: allowed again from Tue 3 Nov 2026." in page
    assert f"Session 2: between {second.earliest:%a} {second.earliest.day}" in page


def test_richer_plasma_is_said_in_times(clinic: Clinic, session: Session) -> None:
    said = given(clinic, **{"prp-platelets_blood": "220000", "prp-platelets_plasma": "946000"})
    assert "4.3 times the platelets" in sent(clinic.doctor, "session-complete", session.pk, **said)


def test_what_was_not_given_is_not_recorded(clinic: Clinic, session: Session) -> None:
    said = given(clinic, **{"prp-given": None, "prp-amount_ml": "nonsense"})
    sent(clinic.doctor, "session-complete", session.pk, **said)
    assert [one.modality for one in session.treatments.all()] == ["exosome"]


def test_a_missing_figure_is_said_at_its_field_and_the_rest_is_kept(clinic: Clinic, session: Session) -> None:
    said = given(clinic, **{"exosome-amount_ml": "", "exosome-areas": None, "remarks": "Long remark"})
    page = sent(clinic.doctor, "session-complete", session.pk, **said)
    for words in ("Write how much was given.", "Tick where it was given.", "Long remark", "look at the fields marked"):
        assert words in page
    session.refresh_from_db()
    assert session.state == SessionState.PLANNED


def test_a_session_ends_after_it_begins(clinic: Clinic, session: Session) -> None:
    page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic, started="11:45", ended="11:00"))
    assert "A session ends after it begins." in page


def test_a_session_may_end_at_midnight(clinic: Clinic, session: Session) -> None:
    clinic.stand_at(clinic.cast.at(clinic.cast.today + DAY, 1))
    day = clinic.cast.today - DAY
    sent(clinic.doctor, "session-complete", session.pk, **given(clinic, on=day, started="23:00", ended="00:00"))
    session.refresh_from_db()
    assert session.ended_at == clinic.cast.at(clinic.cast.today, 0)


# -- the lot ---------------------------------------------------------------------------------------------------------
def test_a_scanners_enter_chooses_the_lot_and_records_nothing(clinic: Clinic, session: Session) -> None:
    code = f"(01)09506000134352(10)a1(17){clinic.cast.serum.expires_on:%y%m%d}"
    said = given(clinic, check="lot", **{"exosome-lot": "", "exosome-code": code, "remarks": "Half typed"})
    page = sent(clinic.doctor, "session-complete", session.pk, **said)
    assert f'<option value="{clinic.cast.serum.pk}" selected' in page
    assert "Half typed" in page
    assert 'value="4.5"' in page
    session.refresh_from_db()
    assert session.state == SessionState.PLANNED


def test_a_barcode_alone_is_enough_to_record(clinic: Clinic, session: Session) -> None:
    said = given(clinic, **{"exosome-lot": "", "exosome-code": "A1"})
    sent(clinic.doctor, "session-complete", session.pk, **said)
    assert session.treatments.get(modality="exosome").lot == clinic.cast.serum


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("(10)NOBODYS", "is not in stock"),
        ("(10)A1(17)300101", "The pack says it expires Tue 1 Jan 2030"),
        ("(10)R1", "must not be used: recalled"),
        ("(10)OLD", "must not be used: expired"),
        ("(01)09506000134352(17)300101", "carries no lot number"),
    ],
)
def test_a_barcode_that_does_not_fit_says_why(clinic: Clinic, session: Session, code: str, words: str) -> None:
    other_lot(clinic.cast, "R1", state=LotState.RECALLED)
    other_lot(clinic.cast, "OLD", expires_on=clinic.cast.today - DAY)
    for more in ({"check": "lot"}, {}):
        page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic, **{"exosome-code": code, **more}))
        assert words in page
    session.refresh_from_db()
    assert session.state == SessionState.PLANNED


def test_a_barcode_and_another_lot_chosen_contradict_each_other(clinic: Clinic, session: Session) -> None:
    other = other_lot(clinic.cast, "B2")
    said = given(clinic, **{"exosome-code": "A1", "exosome-lot": other.pk})
    assert "names another lot" in sent(clinic.doctor, "session-complete", session.pk, **said)
    assert not session.treatments.exists()


def test_a_recalled_lot_is_shown_and_cannot_be_chosen(clinic: Clinic, session: Session) -> None:
    recalled = other_lot(clinic.cast, "R1", state=LotState.RECALLED)
    page = seen(clinic.doctor, "session-complete", session.pk)
    assert f'<option value="{recalled.pk}" disabled>' in page
    sent(clinic.doctor, "session-complete", session.pk, **given(clinic, **{"exosome-lot": recalled.pk}))
    assert not session.treatments.exists()


def test_exosomes_are_not_recorded_without_a_lot(clinic: Clinic, session: Session) -> None:
    page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic, **{"exosome-lot": ""}))
    assert "choose which" in page
    assert not session.treatments.exists()


# -- refusals --------------------------------------------------------------------------------------------------------
def test_without_baseline_photos_only_a_written_reason_helps(clinic: Clinic) -> None:
    session = first_of(clinic.plan())
    row = clinic.booked(session, 11)
    clinic.stand_at(row.ends)
    page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic))
    assert "There are no baseline photos yet" in page
    assert 'name="override_reason"' in page
    assert "4.5" in page
    sent(clinic.doctor, "session-complete", session.pk, **given(clinic, override_reason="Camera broken"))
    session.refresh_from_db()
    assert session.state == SessionState.DONE


def test_a_missing_consent_yields_to_no_reason(clinic: Clinic, session: Session) -> None:
    session.plan.patient.consents.all().delete()
    page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic, override_reason="She said yes"))
    assert "this cannot be overridden" in page
    assert not session.treatments.exists()


def test_a_session_done_cannot_be_recorded_again(clinic: Clinic, session: Session) -> None:
    sent(clinic.doctor, "session-complete", session.pk, **given(clinic))
    assert "there is nothing to complete" in seen(clinic.doctor, "session-complete", session.pk)
    page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic))
    assert session.treatments.count() == 2
    assert "nothing to complete" in page


def test_the_desk_reads_nothing_of_a_treatment(clinic: Clinic, session: Session) -> None:
    page = seen(clinic.desk, "session-complete", session.pk, status=403)
    assert "Noor" not in page
    seen(clinic.outsider, "session-complete", session.pk, status=404)


# -- ticks, and what follows -----------------------------------------------------------------------------------------
def test_a_tick_is_set_and_taken_back(clinic: Clinic, session: Session) -> None:
    item = session.checklist.filter(phase="pre").first()
    back = reverse("plans:session-complete", args=[session.pk])
    page = sent(clinic.doctor, "session-checklist", session.pk, item=item.pk, ticked="yes", back=back)
    assert 'aria-pressed="true"' in page
    item.refresh_from_db()
    assert item.ticked_by == clinic.cast.doctor
    sent(clinic.desk, "session-checklist", session.pk, item=item.pk, ticked="no")
    item.refresh_from_db()
    assert item.ticked_at is None


def test_only_a_sessions_own_items_are_ticked_there(clinic: Clinic, session: Session) -> None:
    item = second_of(session.plan).checklist.first() or session.checklist.first()
    other = second_of(session.plan) if item.session_id == session.pk else session
    address = reverse("plans:session-checklist", args=[other.pk])
    for said in ({"item": item.pk, "ticked": "yes"}, {"item": "nonsense"}, {}):
        assert clinic.doctor.post(address, said).status_code == 404
    item.refresh_from_db()
    assert item.ticked_at is None


def test_held_on_another_day_the_page_says_what_follows(clinic: Clinic, session: Session) -> None:
    assert "What follows" not in seen(clinic.doctor, "session-complete", session.pk), "it is the day agreed"
    clinic.stand_at(clinic.cast.now + 2 * DAY)
    page = seen(clinic.doctor, "session-complete", session.pk)
    assert "What follows" not in page, "the day agreed stands in the form until another is typed"
    said = given(clinic, on=clinic.cast.today, check="look")
    page = sent(clinic.doctor, "session-complete", session.pk, **said)
    assert "sessions move" in page
    assert page.count("2 days later") >= 3
    session.refresh_from_db()
    assert session.state == SessionState.PLANNED
    page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic, **{"exosome-amount_ml": ""}))
    assert "2 days later" in page, "a refused form says it still"


def test_a_day_that_cannot_be_read_follows_nothing(clinic: Clinic, session: Session) -> None:
    for day in ("", "soon", "1900-01-01", "9999-12-31"):
        page = sent(clinic.doctor, "session-complete", session.pk, **given(clinic, on=day, check="look"))
        assert "Record session 1" in page


def test_the_page_costs_the_same_with_a_full_shelf(
    clinic: Clinic, session: Session, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        other_lot(clinic.cast, f"S{number}", expires_on=clinic.cast.today + timedelta(days=number))
    client = clinic.doctor
    # session, user, session row, appointment, five of readiness, checklist, lots, what was given last
    with django_assert_max_num_queries(13):
        seen(client, "session-complete", session.pk)
