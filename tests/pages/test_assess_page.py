"""The assessment's page: quick for a new patient, honest about figures, and starting from the last time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import Location, Staff
from patients.models import Assessment, Patient
from patients.rules.contraindications import CONTRAINDICATIONS
from tests.pages import cast, walk

pytestmark = pytest.mark.django_db
NOW, TODAY = cast.NOW, cast.TODAY
DAY = timedelta(days=1)
VERTEX = {"vertex-thinning": "mild", "vertex-viability": "miniaturised", "judged_by": "trichoscope"}
Clock = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def clock(settings: Any, tmp_path: Path) -> Clock:
    settings.DEBUG, settings.CLOCK_FILE = True, str(tmp_path / "clock")

    def stand_at(now: datetime) -> None:
        (tmp_path / "clock").write_text(now.isoformat())

    stand_at(NOW)
    return stand_at


@pytest.fixture
def doctor() -> Staff:
    return cast.member("noor", cast.location("Riverside"), is_clinician=True, first_name="Noor")


@pytest.fixture
def alma(doctor: Staff) -> Patient:
    return walk.registered(Location.objects.get(name="Riverside"), doctor, NOW)


@pytest.fixture
def client(doctor: Staff) -> Client:
    return cast.logged_in(doctor)


def page_of(alma: Patient) -> str:
    return reverse("patients:assess", args=[alma.pk])


def send(client: Client, alma: Patient, **said: Any) -> str:
    """What the page says to it."""
    usual = {"hair_loss_type": "androgenetic", "grading": "ludwig:I", **VERTEX}
    answer = client.post(page_of(alma), {**usual, **said}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


def form_of(client: Client, alma: Patient, query: str = "") -> Any:
    return client.get(page_of(alma) + query).context["form"]


# -- quick -----------------------------------------------------------------------------------------------------------
def test_an_area_left_alone_is_unaffected_and_one_word_says_how_all_were_judged(client: Client, alma: Patient) -> None:
    send(client, alma, **{"frontal-thinning": "mild", "frontal-viability": "active"})
    found = {row.area: row for row in Assessment.objects.get().findings.all()}
    assert set(found) == {"vertex", "frontal"}
    assert {row.method for row in found.values()} == {"trichoscope"}


def test_an_area_may_be_judged_in_another_way_than_the_rest(client: Client, alma: Patient) -> None:
    send(client, alma, **{"vertex-method": "distance_only"})
    assert Assessment.objects.get().findings.get().method == "distance_only"


def test_a_measured_area_without_loss_is_kept_as_unaffected(client: Client, alma: Patient) -> None:
    page = send(client, alma, **{"occipital-density": "180"})
    assert Assessment.objects.get().findings.get(area="occipital").thinning == "none"
    assert "Unaffected" in page and "180\u00a0hairs per cm²" in page


def test_the_suggested_protocol_is_one_click_from_the_verdict(client: Client, alma: Patient) -> None:
    walk.library()
    page = send(client, alma)
    main = page.index("c-button--main")
    assert f"{reverse('plans:plan-new', args=[alma.pk])}?protocol=prp" in page[main : main + 300]


def test_each_treatment_has_its_own_verdict(client: Client, alma: Patient) -> None:
    client.post(page_of(alma), {"hair_loss_type": "androgenetic", "grading": "ludwig:I", **VERTEX,
                                "contraindications": ["septicaemia"]})  # fmt: skip
    made = Assessment.objects.get()
    shown = client.get(f"{page_of(alma)}?shown={made.pk}").context["story"].shown
    assert {one.treatment: one.verdict for one in shown.treatments} == {
        "Exosomes": "suitable", "PRP": "not_suitable", "Exosomes and PRP": "not_suitable"
    }  # fmt: skip


def test_bald_patches_are_referred_with_their_source(client: Client, alma: Patient) -> None:
    page = send(client, alma, **{"vertex-thinning": "severe", "vertex-bald": "on", "vertex-viability": "not_viable"})
    assert "Refer to a transplant surgeon." in page
    assert "Make a plan" not in page


# -- figures ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("grading", "ludwig:VII", "Ludwig has no grade “VII”: it has I, II, III."),
        ("grading", "moon:3", "“moon” is not a scale this program knows."),
        ("grading", "salt:S3", "SALT is worked out from its four areas"),
        ("pull_test_hairs", "400", "One pull yields between 0 and 100 hairs: under 3 is normal."),
        ("pull_test_hairs", "a few", "Enter a whole number."),
        ("shed_per_day", "-4", "50–150 is usually normal."),
        ("shed_per_day", "99999999999", "50–150 is usually normal."),
        ("shedding_scale", "7", "The shedding scale goes from 1 to 6, not 7."),
        ("salt_left", "120", "The loss is a percentage from 0 to 100, not 120."),
    ],
)
def test_a_figure_that_cannot_be_is_refused_at_its_field_and_kept(
    field: str, value: str, sentence: str, client: Client, alma: Patient
) -> None:
    areas = {"salt_top": "0", "salt_back": "0", "salt_left": "0", "salt_right": "0"} if "salt" in field else {}
    answer = client.post(page_of(alma), {"hair_loss_type": "areata", **VERTEX, **areas, field: value})
    form = answer.context["form"]
    assert any(sentence in error for error in form.errors[field])
    assert not form.non_field_errors()
    assert form[field].value() == value
    assert not Assessment.objects.exists()


def test_half_of_salt_asks_for_the_other_half_at_its_fields(client: Client, alma: Patient) -> None:
    form = client.post(page_of(alma), {"hair_loss_type": "areata", **VERTEX, "salt_top": "30"}).context["form"]
    assert set(form.errors) == {"salt_back", "salt_left", "salt_right"}


def test_salt_is_worked_out_and_shown_in_both_bands(client: Client, alma: Patient) -> None:
    page = send(client, alma, hair_loss_type="areata", grading="", salt_top="60", salt_back="50", salt_left="10",
                salt_right="10")  # fmt: skip
    assert "SALT 39.6: S2, 25–49 %; in the UK’s bands moderate." in page
    assert Assessment.objects.get().grade == "S2"


def test_to_look_at_a_figure_writes_nothing_and_needs_nothing_else(client: Client, alma: Patient) -> None:
    said = {"do": "look", "pull_test_hairs": "5", "shed_per_day": "100", "salt_top": "150"}
    page = client.post(page_of(alma), said).content.decode()
    assert "<html" not in page
    for words in ("Positive: under 3 would be normal.", "Usually normal", "from 0 to 100, not 150"):
        assert words in page
    assert not Assessment.objects.exists()


def test_what_a_figure_means_stands_beside_it_without_any_script(client: Client, alma: Patient) -> None:
    page = send(client, alma, hair_loss_type="", pull_test_hairs="5", shedding_scale="6")
    assert "Positive: under 3 would be normal." in page
    assert "Excessive: 1–4 are normal" in page


# -- days ------------------------------------------------------------------------------------------------------------
def test_a_day_belongs_to_what_is_ticked_and_goes_when_it_is_unticked(client: Client, alma: Patient) -> None:
    send(client, alma, **{"contraindications": ["nsaid-recent"], "last_on-nsaid-recent": f"{TODAY}",
                          "recheck_on-pregnancy": f"{TODAY + DAY}"})  # fmt: skip
    made = Assessment.objects.get()
    assert made.contraindication_dates == {"nsaid-recent": {"last_on": f"{TODAY}"}}


@pytest.mark.parametrize(
    ("field", "code", "value", "sentence"),
    [
        ("last_on", "nsaid-recent", f"{TODAY + DAY}", "The last time cannot lie in the future."),
        ("last_on", "systemic-steroid-recent", "1900-01-01", "more than five years ago"),
        ("recheck_on", "pregnancy", f"{TODAY}", "This day has come"),
        ("recheck_on", "pregnancy", "2200-01-01", "more than three years ahead"),
        ("recheck_on", "scalp-infection", "soon", "Enter a valid date."),
    ],
)
def test_a_day_that_cannot_be_is_refused_at_its_field(
    field: str, code: str, value: str, sentence: str, client: Client, alma: Patient
) -> None:
    said = {"hair_loss_type": "androgenetic", **VERTEX, "contraindications": [code], f"{field}-{code}": value}
    form = client.post(page_of(alma), said).context["form"]
    assert any(sentence in error for error in form.errors[f"{field}-{code}"])
    assert not Assessment.objects.exists()


def test_the_page_says_when_it_cleared_and_reads_the_verdict_anew(client: Client, alma: Patient, clock: Clock) -> None:
    walk.library()
    send(client, alma, **{"contraindications": ["nsaid-recent"], "last_on-nsaid-recent": f"{TODAY}"})
    address = f"{page_of(alma)}?shown={Assessment.objects.get().pk}"
    assert "It clears on" in client.get(address).content.decode()
    clock(NOW + 3 * DAY)
    page = client.get(address)
    assert "Cleared on Thu 26 Nov 2026." in page.content.decode()
    prp = page.context["story"].shown.treatments[1]
    assert (prp.treatment, prp.verdict) == ("PRP", "suitable")


# -- again -----------------------------------------------------------------------------------------------------------
def test_the_next_one_starts_from_the_newest_and_says_of_when_it_is(
    client: Client, alma: Patient, clock: Clock
) -> None:
    look = TODAY + 30 * DAY
    send(client, alma, **{"contraindications": ["pregnancy"], "recheck_on-pregnancy": f"{look}", "salt_top": "10",
         "salt_back": "0", "salt_left": "0", "salt_right": "0", "medicines": "Iron", "notes": "Came with her sister",
         "nutritional_gap": "on"})  # fmt: skip
    clock(NOW + 7 * DAY)
    page = client.get(page_of(alma))
    form, areas = page.context["form"], {one.area.value: one for one in page.context["areas"]}
    assert "as on <strong>Mon 23 Nov 2026</strong>" in page.content.decode()
    kept = {"hair_loss_type": "androgenetic", "grading": "ludwig:I", "salt_top": 10, "medicines": "Iron",
            "nutritional_gap": True, "contraindications": ["pregnancy"], "recheck_on-pregnancy": look}  # fmt: skip
    assert {name: form[name].value() for name in kept} == kept
    assert areas["vertex"]["thinning"].value() == "mild"
    assert not form["notes"].value()
    assert not form_of(client, alma, "?blank=1")["hair_loss_type"].value()


def test_sent_back_unchanged_it_is_the_same_assessment(client: Client, alma: Patient, clock: Clock) -> None:
    send(client, alma, **{"contraindications": ["pregnancy", "nsaid-recent"], "last_on-nsaid-recent": f"{TODAY}",
                          "recheck_on-pregnancy": f"{TODAY + 30 * DAY}", "frontal-thinning": "mild",
                          "frontal-density": "140", "too_young_for_transplant": "on"})  # fmt: skip
    clock(NOW + DAY)
    page = client.get(page_of(alma))
    said: dict[str, Any] = {}
    for form in (page.context["form"], page.context["method"], *page.context["areas"]):
        for field in form:
            value = field.value()
            if value not in (None, "", False):
                said[field.html_name] = "on" if value is True else value
    client.post(page_of(alma), said)
    lines = client.get(page_of(alma)).context["story"].lines
    assert [line.changes for line in lines] == [(), None]


def test_a_day_to_look_again_that_has_come_must_be_looked_at(client: Client, alma: Patient, clock: Clock) -> None:
    days = {"contraindications": ["pregnancy"], "recheck_on-pregnancy": f"{TODAY + 7 * DAY}"}
    send(client, alma, **days)
    clock(NOW + 7 * DAY)
    assert "It is time to look again" in client.get(page_of(alma)).content.decode()
    assert "This day has come" in send(client, alma, **days)
    send(client, alma)
    assert [row.contraindications for row in Assessment.objects.all()] == [[], ["pregnancy"]]


def test_the_history_shows_what_changed(client: Client, alma: Patient, clock: Clock) -> None:
    send(client, alma, pull_test_hairs="2", contraindications=["tobacco"])
    clock(NOW + 7 * DAY)
    send(client, alma, grading="ludwig:II", pull_test_hairs="6", severe_scarring="on",
         **{"vertex-thinning": "moderate"})  # fmt: skip
    newest, oldest = client.get(page_of(alma)).context["story"].lines
    assert {change.label: (change.was, change.now) for change in newest.changes} == {
        "Grade": ("Ludwig I", "Ludwig II"), "Pull test": ("2", "6"), "Severe scarring": ("", "yes"),
        "Vertex": ("mild thinning, miniaturised hairs present, trichoscope",
                   "moderate thinning, miniaturised hairs present, trichoscope"),
        "Tobacco": ("yes", ""),
    }  # fmt: skip
    assert oldest.changes is None


# -- the house's promises --------------------------------------------------------------------------------------------
def test_every_contraindication_is_offered_with_its_source(client: Client, alma: Patient) -> None:
    ticks = [tick for _, _, rows in form_of(client, alma).groups() for tick in rows]
    assert sorted(tick.row.code for tick in ticks) == sorted(CONTRAINDICATIONS)
    assert all(tick.row.source for tick in ticks)


def test_many_assessments_cost_no_more_queries_than_one(
    doctor: Staff, alma: Patient, django_assert_max_num_queries: Any
) -> None:
    for number in range(8):
        walk.assessed(alma, doctor, NOW - number * DAY, "pregnancy")
    client = walk.at_work(doctor)
    with django_assert_max_num_queries(6):  # session, user, patient, assessments, findings, sidebar's counts
        assert client.get(page_of(alma)).status_code == 200
