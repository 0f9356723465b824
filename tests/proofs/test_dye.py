"""No letter ever allows dye before the safe date: what mails say, against a calendar that counts on its fingers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from random import Random
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from clinic.models import Location
from clinic.rules.spans import Span, Unit
from patients.models import Patient
from plans.models import Appointment, Plan, Reminder
from plans.rules.course import CareKind, CarePhase, CareRule
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import COURSE, DAY, MINUTE, NOW, book, cancel, complete, location, patient, plan_of
from tests.post.crooked_server import CrookedServer
from tests.proofs.conftest import Hour
from tests.proofs.desk import OPEN, mail_goes_to, turn

pytestmark = pytest.mark.django_db

ZONES = ("Asia/Singapore", "Africa/Cairo", "America/New_York", "Europe/Lisbon", "Australia/Lord_Howe", "Asia/Beirut")
ABOUT_DYE = {LetterKind.AFTER_CARE, LetterKind.NO_DYE, LetterKind.NO_DYE_HALF, LetterKind.DYE_AGAIN}
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
A_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) (\d{1,2}) ([A-Z][a-z]{2}) (\d{4})"
ALLOWED_FROM = re.compile(rf"(?:dye[^\n.]*\bfrom|[Aa]llowed since|[Aa]llowed from)[:\s]+{A_DAY}")
DONE_BEFORE = re.compile(rf"done before {A_DAY}")
NOTE = re.compile(r"DTSTART;VALUE=DATE:(\d{8})")


@dataclass
class Fingers:
    """Four weeks are twenty-eight days by the clock on the wall, and no fewer hours either."""

    zone: ZoneInfo
    after: timedelta
    before: timedelta | None
    held: list[datetime] = field(default_factory=list)
    booked: dict[object, datetime] = field(default_factory=dict)

    def forbids(self, day: date) -> bool:
        midnight = datetime.combine(day, time.min, self.zone)
        for ended in self.held:
            wall = ended.astimezone(self.zone).replace(tzinfo=None) + self.after
            if midnight.replace(tzinfo=None) < wall or midnight.astimezone(UTC) < ended + self.after:
                return True
        return any(first <= day <= last for first, last in self.near())

    def near(self) -> Iterator[tuple[date, date]]:
        for starts in self.booked.values() if self.before else ():
            day = starts.astimezone(self.zone).date()
            yield day - (self.before or timedelta(0)), day


def stated(kind: str, mail: EmailMessage) -> Iterator[date]:
    text = mail.get_body(preferencelist=("plain",)).get_content()
    for found in ALLOWED_FROM.finditer(text):
        day = date(int(found[3]), MONTHS.index(found[2]) + 1, int(found[1]))
        assert found[0].split("\n")[-1] in mail.get_body(preferencelist=("html",)).get_content()
        yield day
    for part in mail.iter_attachments() if kind == LetterKind.NO_DYE else ():
        note = part.get_content()
        for digits in NOTE.findall(note if isinstance(note, str) else note.decode()):
            yield datetime.strptime(digits, "%Y%m%d").date()


class Life:
    """One patient in one zone under one rule: some sessions held, some booked, some moved or given up."""

    def __init__(self, seed: int, server: CrookedServer, hour: Hour) -> None:
        self.chance, self.server, self.hour, self.read = Random(seed), server, hour, len(server.kept)
        self.now = NOW + self.chance.randrange(0, 200) * DAY
        zone = self.chance.choice(ZONES)
        Location.objects.filter(pk=location().pk).update(time_zone=zone)
        after, before = self.chance.randrange(7, 50), self.chance.choice((None, None, 3, 7, 10))
        self.fingers = Fingers(ZoneInfo(zone), timedelta(days=after), timedelta(days=before) if before else None)
        who = patient(f"S{seed}")
        self.patient = Patient.objects.select_related("home_location").get(pk=who.pk)
        self.plan = plan_of(self.patient, sessions=4)
        self.sessions = list(self.plan.sessions.all())
        self._rules(after, before)
        self.story = [f"seed {seed}, {zone}, {after} days after, {before} before"]
        self.checked = 0

    def _rules(self, after: int, before: int | None) -> None:
        rules = [rule for rule in COURSE.care_rules if rule.act != "dye"]
        span = Span(after // 7, Unit.WEEKS) if after % 7 == 0 else Span(after, Unit.DAYS)
        text = "Do not dye your hair."
        rules.append(CareRule("no-dye", CarePhase.AFTER, CareKind.AVOID, "dye", text, "OWNER", ends=span))
        if before:
            lead = Span(before, Unit.DAYS)
            rules.append(CareRule("no-dye-pre", CarePhase.PRE, CareKind.AVOID, "dye", text, "OWNER", starts=lead))
        self.plan.course = replace(COURSE, care_rules=tuple(rules))
        self.plan.save()
        self.plan = Plan.objects.get(pk=self.plan.pk)

    def run(self) -> int:
        for session in self.sessions[: self.chance.randrange(1, 5)]:
            self.until(self.now + self.chance.randrange(0, 20) * DAY)
            starts = self.some_time()
            visit = book(self.patient, starts, session=session, now=self.now)
            self.fingers.booked[visit.pk] = starts
            self.story.append(f"{self.now:%c} booked for {starts:%c}")
            if self.chance.random() < 0.3:
                self.give_up(visit)
                continue
            self.until(visit.ends + self.chance.randrange(1, 300) * MINUTE)
            del self.fingers.booked[visit.pk]
            self.fingers.held.append(visit.ends)
            with transaction.atomic():
                complete(session, visit.ends, now=self.now)
            self.story.append(f"held until {visit.ends:%c}, written down {self.now:%c}")
        self.until(self.now + 120 * DAY)
        return self.checked

    def give_up(self, visit: Appointment) -> None:
        self.until(self.now + (visit.starts - self.now) * self.chance.random())
        if self.now < visit.starts:
            del self.fingers.booked[visit.pk]
            cancel(visit, self.now)
            self.story.append(f"{self.now:%c} cancelled")

    def some_time(self) -> datetime:
        day = (self.now + self.chance.randrange(1, 45) * DAY).date()
        clock = time(self.chance.randrange(0, 24), self.chance.choice((0, 15, 30, 45)))
        return datetime.combine(day, clock, self.fingers.zone).astimezone(UTC)

    def until(self, moment: datetime) -> None:
        while (due := self.next_due()) and due <= moment:
            self.now = max(due, self.now + MINUTE)
            turn(self.hour, self.now)
            self.judge()
        self.now = max(moment, self.now)

    def next_due(self) -> datetime | None:
        mine = Reminder.objects.filter(patient=self.patient, state__in=OPEN).order_by("due_at")
        return mine.values_list("due_at", flat=True).first()

    def judge(self) -> None:
        arrived, self.read = self.server.kept[self.read :], len(self.server.kept)
        today = self.now.astimezone(self.fingers.zone).date()
        for mail in (message_from_bytes(raw, policy=policy.default) for raw in arrived):
            kind = Reminder.objects.get(message_id=mail["Message-ID"]).kind
            days = list(stated(kind, mail))
            if kind in ABOUT_DYE - {LetterKind.AFTER_CARE}:
                assert days, (kind, mail.get_body(preferencelist=("plain",)).get_content())
            if kind == LetterKind.DYE_AGAIN:
                days.append(today)
                self.judge_the_end(mail)
            for day in days:
                self.checked += 1
                assert not self.fingers.forbids(day), (self.story, kind, f"allows dye on {day}, told on {today}")

    def judge_the_end(self, mail: EmailMessage) -> None:
        """Who may dye again is told until when, where a session to come forbids it once more."""
        text = mail.get_body(preferencelist=("plain",)).get_content()
        near = [first for first, _ in self.fingers.near()]
        told = [date(int(f[3]), MONTHS.index(f[2]) + 1, int(f[1])) for f in DONE_BEFORE.finditer(text)]
        assert not near or (told and max(told) <= min(near)), (self.story, told, near)


def live(seeds: range, settings: object, hour: Hour) -> int:
    with CrookedServer() as server:
        mail_goes_to(settings, server.port, EMAIL_TIMEOUT=5, EMAIL_WALL_LIMIT=10)
        checked = sum(Life(seed, server, hour).run() for seed in seeds)
    assert not Reminder.objects.filter(state=ReminderState.FAILED).exists()
    return checked


@pytest.mark.once
def test_no_letter_allows_dye_too_early(settings: object, hour: Hour) -> None:
    assert live(range(4), settings, hour) >= 12


@pytest.mark.long
def test_no_letter_of_two_hundred_courses_allows_dye_too_early(settings: object, hour: Hour) -> None:
    checked = live(range(1000, 1200), settings, hour)
    print(f"\n{checked} dates checked")
    assert checked >= 700
