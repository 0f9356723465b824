"""A manager writes a letter in the clinic's own words, looks at it, sends it to herself, and publishes it."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from clinic.models import AuditLine, Staff
from plans.letters.source import house_source
from plans.models import LetterWording, Reminder
from plans.rules.letter_kinds import LetterKind
from tests.pages.visits import Clinic, first_of, open_pages

pytestmark = pytest.mark.django_db
KIND = LetterKind.APPOINTMENT_BOOKED
SUBJECT, BODY = house_source(KIND)
OURS = BODY.replace("Hello", "Dear").rstrip("\n")


@pytest.fixture
def clinic(settings: Any, tmp_path: Path) -> Iterator[Clinic]:
    settings.MAIL_FOLDER, settings.POST = tmp_path / "mail", None
    clinic = open_pages(settings, tmp_path)
    Staff.objects.filter(pk=clinic.cast.manager.pk).update(email="manager@example.org")
    yield clinic


@pytest.fixture
def manager(clinic: Clinic) -> Client:
    return clinic.manager


def address(clinic: Clinic, page: str = "wording", *more: object, kind: str = KIND, language: str = "en") -> str:
    return reverse(f"plans:{page}", args=[clinic.cast.here.pk, kind, language, *more])


def typed(**said: object) -> dict[str, object]:
    return {"subject": SUBJECT, "body": OURS, "note": "Warmer", "seen": 0, **said}


def post(manager: Client, path: str, *, follow: bool = True, **said: object) -> str:
    answer = manager.post(path, typed(**said), follow=follow)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def publish(manager: Client, clinic: Clinic, **said: object) -> str:
    return post(manager, address(clinic), **{"do": "publish", **said})


def test_own_words_are_published_compared_used_again_and_given_up(clinic: Clinic, manager: Client) -> None:
    assert "Version 1 is in use" in publish(manager, clinic)
    assert "Version 2 is in use" in publish(manager, clinic, body=f"{OURS}\nBring a hat.", seen=1)
    page = unescape(manager.get(address(clinic, "wording-version", 1)).content.decode())
    assert "<del><mark>Bring a hat.</mark></del>" in page
    page = post(manager, address(clinic, "wording-version", 1), note="No hat after all", seen=2)
    assert "Version 1 is in use again, as version 3" in page
    assert "Own words" in manager.get(f"{reverse('plans:wordings')}?at={clinic.cast.here.pk}").content.decode()
    assert LetterWording.objects.current().get().made_by == clinic.cast.manager
    manager.get(address(clinic, "wording-drop"))
    assert LetterWording.objects.current().count() == 1  # it only asked
    assert "Version 3 is kept" in post(manager, address(clinic, "wording-drop"), seen=3)
    assert not LetterWording.objects.current().exists()


def test_a_broken_letter_is_refused_with_its_line_and_nothing_typed_is_lost(clinic: Clinic, manager: Client) -> None:
    broken = f"{OURS}\nSee {{{{ practitoner }}}} <b>soon</b>"
    page = publish(manager, clinic, body=broken, note="A note of mine")
    line = broken.count("\n") + 1
    assert f"Line {line}</a>: This letter has no {{{{ practitoner }}}}. Did you mean {{{{ practitioner }}}}?" in page
    assert f"Line {line}: This letter has no" in page  # said once more where publishing was refused
    assert broken in page.replace("\r\n", "\n")
    assert "A note of mine" in page
    assert not LetterWording.objects.exists()


def test_whoever_comes_second_is_told_and_loses_nothing(clinic: Clinic, manager: Client) -> None:
    publish(manager, clinic)
    page = publish(manager, clinic, body=f"{OURS}\nMine.", seen=0)
    assert "published version 1 meanwhile" in page
    assert "Mine." in page
    assert 'name="seen" value="1"' in page  # they have seen it now
    assert LetterWording.objects.count() == 1
    assert "Version 2 is in use" in publish(manager, clinic, body=f"{OURS}\nMine.", seen=1)


def test_what_the_house_says_already_is_not_published(clinic: Clinic, manager: Client) -> None:
    assert "change it first" in publish(manager, clinic, body=BODY.rstrip("\n"))
    assert "Write what is different" in publish(manager, clinic, note="")
    assert "Mend what is marked below" in publish(manager, clinic, subject="")
    assert not LetterWording.objects.exists()


def test_the_preview_reads_what_was_typed_with_sample_facts_and_writes_nothing(clinic: Clinic, manager: Client) -> None:
    lines = AuditLine.objects.count()
    page = post(manager, address(clinic, "wording-preview"), body=f"{OURS}\nWe look forward to it.", dark="on")
    assert page.count("We look forward to it.") == 2  # in the letter and in its plain text
    assert "/p/sample-link/" in page
    assert "@media all" in page
    assert "Line 1" in post(manager, address(clinic, "wording-preview"), body="{{ no }}")
    assert AuditLine.objects.count() == lines
    assert not LetterWording.objects.exists()


def test_the_preview_with_a_patient_shows_her_letter_and_no_link_of_hers(
    clinic: Clinic, manager: Client, caplog: pytest.LogCaptureFixture
) -> None:
    session = first_of(clinic.plan("Zenobia"))
    row = clinic.booked(session)
    letter = Reminder.objects.get(about_id=row.pk, kind=KIND)
    before = Reminder.objects.filter(pk=letter.pk).values().get()
    page = post(manager, address(clinic, "wording-preview"), words="zeno")
    assert f'value="{row.patient_id}"' in page
    page = post(manager, address(clinic, "wording-preview"), patient=row.patient_id)
    assert "Dear <bdi>Zenobia</bdi>" in page
    assert clinic.cast.practitioners[0].name in page
    assert "/p/sample-link/" in page
    assert page.count("/p/") == page.count("/p/sample-link/")
    assert Reminder.objects.filter(pk=letter.pk).values().get() == before
    subject, body = house_source(LetterKind.NO_DYE)
    path = address(clinic, "wording-preview", kind="no_dye")
    other = post(manager, path, subject=subject, body=body, patient=row.patient_id)
    assert "has no letter of this kind" in other
    assert "zenobia" not in caplog.text.lower()
    stranger = clinic.cast.patient("Stranger")
    type(stranger).objects.filter(pk=stranger.pk).update(home_location=clinic.cast.there)
    assert "Stranger" not in post(manager, address(clinic, "wording-preview"), patient=stranger.pk)


def test_a_test_letter_goes_to_ones_own_address_and_unsubscribes_nobody(
    clinic: Clinic, manager: Client, settings: Any
) -> None:
    row = clinic.booked(first_of(clinic.plan("Zenobia")))
    page = post(manager, address(clinic, "wording-test"), patient=row.patient_id, body=f"{OURS}\nOnly a test.")
    assert "no mail server is set up" in page
    assert "Only a test." in page  # and it is still in the editor
    mail = only_mail(settings.MAIL_FOLDER)
    assert mail["To"].endswith("<manager@example.org>")
    assert mail["Subject"].startswith("[Test] ")
    assert mail["List-Unsubscribe"] is None
    assert mail["Message-ID"].startswith("<test-")
    text = mail.get_body(("plain",)).get_content()
    assert "Dear Zenobia" in text
    assert "/p/sample-link/" in text
    assert str(row.calendar_uid) not in mail.as_string()
    line = AuditLine.objects.get(happened="letter.tested")
    assert (line.by, line.patient_id) == (clinic.cast.manager, row.patient_id)
    assert "mend what is marked" in post(manager, address(clinic, "wording-test"), body="{{ no }}")
    Staff.objects.update(email="")
    assert "has no e-mail address" in post(manager, address(clinic, "wording-test"))
    assert len(list(settings.MAIL_FOLDER.glob("*.eml"))) == 1


def only_mail(folder: Path) -> EmailMessage:
    (file,) = folder.glob("*.eml")
    return message_from_bytes(file.read_bytes(), policy=policy.default)


@pytest.mark.parametrize(
    ("kind", "language"), [(KIND, "en"), (LetterKind.SERIES_BOOKED, "ar"), (LetterKind.NO_DYE, "ar")]
)
def test_the_house_s_words_stand_in_the_editor_the_way_they_are_read(
    clinic: Clinic, manager: Client, kind: LetterKind, language: str
) -> None:
    page = unescape(manager.get(address(clinic, kind=kind, language=language)).content.decode())
    assert house_source(kind, language)[1].strip() in page
    assert "data-line=" not in page
    assert ('dir="rtl"' in page) is (language == "ar")


def test_the_editor_costs_few_queries(clinic: Clinic, manager: Client, django_assert_max_num_queries: Any) -> None:
    publish(manager, clinic)
    with django_assert_max_num_queries(9):
        manager.get(reverse("plans:wordings"))
    with django_assert_max_num_queries(9):
        manager.get(address(clinic))


def test_nobody_but_a_manager_of_the_place_reads_them(clinic: Clinic) -> None:
    for person, status in ((clinic.desk, 403), (clinic.doctor, 403), (clinic.outsider, 404)):
        assert person.get(address(clinic)).status_code == status
        assert person.post(address(clinic, "wording-preview"), typed()).status_code == status
        assert person.post(address(clinic, "wording-test"), typed()).status_code == status
    assert clinic.manager.get(address(clinic, kind="nonsense")).status_code == 404
    assert clinic.manager.get(address(clinic, language="xx")).status_code == 404
    assert clinic.manager.get(address(clinic, "wording-version", 7)).status_code == 404
