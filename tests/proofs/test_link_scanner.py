"""Mail filters open every link before the patient does. Whatever they open, nothing in the database changes."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from html import unescape
from urllib.parse import urlsplit

import pytest
from django.test import Client

from plans.models import Reminder
from plans.operations.reminders import replan_reminders
from tests.operations.letter_cast import DAY, NOW, book, cancel, complete, patient, plan_of, review_of
from tests.post.crooked_server import CrookedServer
from tests.proofs.conftest import Hour
from tests.proofs.desk import mail_goes_to, turn, whole_database

pytestmark = pytest.mark.django_db

LINK = re.compile(r"https?://[^\s\"'<>)]+")


@pytest.mark.once
def test_a_scanner_of_ten_mails_changes_nothing(settings: object, hour: Hour) -> None:
    scan(settings, hour, at_least=10, people=3)


@pytest.mark.long
def test_a_scanner_of_five_hundred_mails_changes_nothing(settings: object, hour: Hour) -> None:
    scan(settings, hour, at_least=500, people=105)


def scan(settings: object, hour: Hour, *, at_least: int, people: int) -> None:
    settings.PUBLIC_URL = "http://testserver"
    mails = letters_of_a_course(settings, hour, people)
    links = sorted({link for mail in mails for link in links_in(mail)})
    assert len(mails) >= at_least
    assert {urlsplit(link).path.split("/")[1] for link in links if "testserver" in link} >= {"p", "u"}
    before = whole_database()
    answers = {opened(link) for link in links if "testserver" in link}
    assert answers <= {200, 302, 405, 410}
    assert 200 in answers
    assert whole_database() == before


def letters_of_a_course(settings: object, hour: Hour, people: int) -> list[bytes]:
    """Booked, moved, reminded, treated, warned, allowed again, invited: as many people as it takes."""
    for number in range(people):
        plan = plan_of(patient(f"Mei{number}"))
        first, second, third = plan.sessions.all()
        review_of(plan, 3, (NOW + 60 * DAY).date())
        book(plan.patient, NOW + 7 * DAY, session=first)
        complete(second, NOW - 29 * DAY, now=NOW)
        cancel(book(plan.patient, NOW + 9 * DAY, session=third), NOW)
        replan_reminders(plan.patient, now=NOW)
    with CrookedServer() as server:
        mail_goes_to(settings, server.port, EMAIL_TIMEOUT=5, EMAIL_WALL_LIMIT=10)
        for day in (0, 5, 6, 7):
            turn(hour, NOW + day * DAY)
            turn(hour, NOW + day * DAY + 0.5 * DAY)
    assert not Reminder.objects.filter(state="failed").exists()
    return server.kept


def links_in(mail: bytes) -> set[str]:
    """What a scanner finds: in both bodies, in the calendar file and in the header for unsubscribing."""
    read = message_from_bytes(mail, policy=policy.default)
    texts = [str(read["List-Unsubscribe"] or "")]
    for part in read.walk():
        if part.get_content_maintype() == "text":
            body = part.get_content()
            texts.append(unescape(body if isinstance(body, str) else body.decode()).replace("\r\n ", ""))
    return {link.rstrip(".,;") for text in texts for link in LINK.findall(text)}


def opened(link: str) -> int:
    """HEAD, GET, and GET once more as a scanner that follows what it is sent to."""
    door, parts = Client(), urlsplit(link)
    where = parts.path + (f"?{parts.query}" if parts.query else "")
    door.head(where)
    door.options(where)
    door.get(where, follow=True)
    return int(door.get(where).status_code)
