from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from clinic.models import Location, Staff
from patients.models import Patient

pytestmark = pytest.mark.django_db

TEXT = "Vorname;Nachname;Geburtsdatum;E-Mail\nJürgen;Weiß;31.3.1980;j@example.org\n"
BAD = TEXT + "Zoë;Tan;31.2.1990;\n"
CHOSEN = {"first_name": "Vorname", "last_name": "Nachname", "birth_date": "Geburtsdatum", "email": "E-Mail"}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, settings: object) -> Iterator[Path]:
    settings.VAR_DIR = tmp_path  # type: ignore[attr-defined]
    yield tmp_path / "imports"


@pytest.fixture
def here() -> Location:
    return Location.objects.create(
        name="Riverside", time_zone="Asia/Singapore", phone="+65 5550 0100", email="desk@x.test"
    )


def member(username: str, here: Location, **roles: bool) -> Client:
    person = Staff.objects.create(username=username, is_staff=True, **roles)
    person.locations.add(here)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def desk(here: Location) -> Client:
    return member("desk", here, is_front_desk=True)


def send(client: Client, here: Location, content: bytes) -> str:
    """Upload a table and return where the program leads next, "" when it stays."""
    upload = SimpleUploadedFile("Mei Tan.csv", content)
    response = client.post(reverse("patients:import"), {"file": upload, "location": here.pk})
    return response.headers.get("Location", "")


def at_the_check(client: Client, here: Location, text: str = TEXT) -> str:
    response = client.post(send(client, here, text.encode()), CHOSEN)
    return response.headers["Location"]


def test_a_table_is_brought_in_from_upload_to_the_last_page(desk: Client, here: Location, folder: Path) -> None:
    assert "Read the table" in desk.get(reverse("patients:import")).text
    columns = send(desk, here, TEXT.encode("cp1252"))
    page = desk.get(columns).text
    assert "Jürgen" in page
    assert "Windows-1252" in page
    for header in CHOSEN.values():
        assert f'<option value="{header}" selected>' in page
    check = desk.post(columns, CHOSEN).headers["Location"]
    page = desk.get(check).text
    assert "<dt>Would be registered</dt><dd>1</dd>" in page
    assert not Patient.objects.exists()
    done = desk.post(check, {"on_bad": "all_or_nothing"})
    assert done.headers["Location"] == reverse("patients:import-done")
    assert "<dt>Registered</dt><dd>1</dd>" in desk.get(reverse("patients:import-done")).text
    patient = Patient.objects.get()
    assert (patient.name, patient.home_location) == ("Jürgen Weiß", here)
    assert list(folder.iterdir()) == []


def test_the_order_of_dates_is_suggested_from_the_table(desk: Client, here: Location) -> None:
    text = "Vorname,Geburtsdatum\nA x,1/2/1980\nB x,31/3/1980\n"
    assert '<option value="dmy" selected>' in desk.get(send(desk, here, text.encode())).text


def test_refused_rows_are_listed_and_stop_all_or_nothing(desk: Client, here: Location) -> None:
    check = at_the_check(desk, here, BAD)
    assert "There is no such day as “31.2.1990”." in desk.get(check).text
    again = desk.post(check, {"on_bad": "all_or_nothing"})
    assert "Nobody was registered" in again.text
    assert not Patient.objects.exists()
    assert desk.post(check, {"on_bad": "skip_bad"}).status_code == 302
    assert Patient.objects.count() == 1


def test_people_registered_already_are_named(desk: Client, here: Location) -> None:
    desk.post(at_the_check(desk, here), {"on_bad": "skip_bad"})
    page = desk.get(at_the_check(desk, here)).text
    assert "<bdi>Jürgen Weiß</bdi>, registered already" in page
    assert "There is nobody to register in this table." in page


def test_a_second_click_imports_nothing_more(desk: Client, here: Location) -> None:
    check = at_the_check(desk, here)
    assert desk.post(check, {"on_bad": "skip_bad"}).status_code == 302
    assert desk.post(check, {"on_bad": "skip_bad"}).status_code == 404
    assert Patient.objects.count() == 1


@pytest.mark.parametrize("content", [b"PK\x03\x04 a workbook", b"Name;City\nM\0ei;x\n", b" \n"])
def test_what_is_no_table_is_answered_on_the_form_and_not_kept(
    content: bytes, desk: Client, here: Location, folder: Path
) -> None:
    upload = SimpleUploadedFile("x.csv", content)
    page = desk.post(reverse("patients:import"), {"file": upload, "location": here.pk})
    assert page.status_code == 200
    assert "CSV" in page.text or "empty" in page.text
    assert list(folder.iterdir()) == []


def test_a_column_chosen_twice_is_answered_on_the_form(desk: Client, here: Location) -> None:
    columns = send(desk, here, TEXT.encode())
    page = desk.post(columns, CHOSEN | {"last_name": "Vorname"})
    assert (page.status_code, "chosen twice" in page.text) == (200, True)


def test_the_table_lies_in_a_private_folder_under_a_name_that_says_nothing(
    desk: Client, here: Location, folder: Path
) -> None:
    send(desk, here, TEXT.encode())
    (kept,) = folder.iterdir()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "Mei" not in kept.name


@pytest.mark.parametrize("page", ["import-columns", "import-check"])
def test_a_colleagues_table_is_not_there(page: str, desk: Client, here: Location) -> None:
    key = at_the_check(desk, here).rstrip("/").split("/")[-2]
    colleague = member("colleague", here, is_front_desk=True)
    response = colleague.get(reverse(f"patients:{page}", args=[key]))
    assert response.status_code == 404
    assert "Jürgen" not in response.text


def test_another_clinics_location_cannot_be_chosen(desk: Client) -> None:
    other = Location.objects.create(name="Hillside", time_zone="Asia/Singapore", phone="1", email="x@x.test")
    assert send(desk, other, TEXT.encode()) == ""
    assert "Hillside" not in desk.get(reverse("patients:import")).text


def test_a_clinician_may_not_and_a_stranger_is_sent_to_the_door(here: Location) -> None:
    address = reverse("patients:import")
    assert member("doctor", here, is_clinician=True).get(address).status_code == 403
    assert "login" in Client().get(address).headers["Location"]


def test_markup_in_a_table_stays_text(desk: Client, here: Location) -> None:
    text = 'Vorname;Nachname;Geburtsdatum;E-Mail\n<script>x</script>;"<img src=x>";<b>1;<i>@x\n'
    columns = send(desk, here, text.encode())
    for page in (desk.get(columns).text, desk.get(at_the_check(desk, here, text)).text):
        assert "<script>x" not in page
        assert "<img src=x" not in page
        assert "<b>1" not in page
