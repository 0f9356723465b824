"""Letters held, the mail server left alone, the pace, and the crowd after an outage: by a clock the test turns."""

from __future__ import annotations

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection

from clinic.models import AuditLine
from clinic.post import FolderPost, Outcome, OutcomeKind
from clinic.rules.refusal import Forbidden, Refusal
from plans.letters.compose import compose
from plans.models import Postroom, Reminder
from plans.operations.dispatch import deliver_due
from plans.operations.holding import hold_letters, release_letters
from plans.operations.postroom import close_turn, connection_failed, open_turn
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import DAY, HOUR, MINUTE, NOW, TestPost, book, complete, patient, plan_of, staff

pytestmark = pytest.mark.django_db

REFUSED = Outcome(OutcomeKind.OURS, None, "Cannot connect: Connection refused")


def deliver(post: object, now: datetime) -> Counter[str]:
    return deliver_due(now=lambda: now, post_factory=lambda: post, compose=compose, limit=5_000)


def many(count: int) -> list[Reminder]:
    """So many patients with one letter each that is due now."""
    for number in range(count):
        one = patient(f"Mei{number}")
        book(one, NOW + 20 * DAY + number * HOUR)
    Reminder.objects.exclude(kind=LetterKind.APPOINTMENT_BOOKED).delete()
    return list(Reminder.objects.order_by("due_at", "id"))


# -- the mail server ---------------------------------------------------------------------------------------------------
class DeadUntil(TestPost):
    """A mail server that cannot be reached until `back`; `now` is what the test's clock says."""

    def __init__(self, back: datetime) -> None:
        super().__init__()
        self.back, self.now, self.calls = back, NOW, 0

    def send(self, *args: object, **kwargs: object) -> Outcome:
        self.calls += 1
        return REFUSED if self.now < self.back else super().send(*args, **kwargs)


def test_an_hour_without_a_mail_server_burns_no_try_and_all_is_sent_soon_after():
    rows = many(12)
    post = DeadUntil(back=NOW + HOUR)
    sent_by = {}
    for minute in range(80):
        post.now = NOW + minute * MINUTE
        deliver(post, post.now)
        sent_by[minute] = Reminder.objects.filter(state=ReminderState.SENT).count()
        if minute < 60:
            assert not Reminder.objects.exclude(attempt=0).exists()
    assert post.calls - len(post.mails) <= 5 + 11, "five tries, then one probe every five minutes"
    assert sent_by[59] == 0
    assert sent_by[75] == len(rows)
    assert set(Reminder.objects.values_list("attempt", flat=True)) == {1}
    assert Postroom.objects.get().failures == 0


def test_one_letter_tries_whether_the_server_is_back_whoever_asks():
    for _ in range(5):
        connection_failed(now=NOW, reason="Connection refused")
    assert not open_turn(now=NOW + MINUTE).may_send
    assert open_turn(now=NOW + 5 * MINUTE).allowance == 1
    assert not open_turn(now=NOW + 5 * MINUTE).may_send, "the second dispatcher waits for the first one's probe"
    assert open_turn(now=NOW + 8 * MINUTE).allowance == 1, "a probe that died is tried again"


# -- the pace ----------------------------------------------------------------------------------------------------------
def test_all_dispatchers_together_keep_to_the_limit_of_a_minute(settings):
    settings.MAIL_PER_MINUTE = 8
    many(20)
    post = TestPost()
    counts = []
    for second in (0, 5, 30, 60, 61, 119, 120, 180):
        deliver(post, NOW + timedelta(seconds=second))
        counts.append(len(post.mails))
    assert counts == [8, 8, 8, 16, 16, 16, 20, 20]


def test_what_a_turn_did_not_use_is_free_for_the_next_one(settings):
    settings.MAIL_PER_MINUTE = 8
    first = open_turn(now=NOW)
    assert (first.allowance, open_turn(now=NOW).allowance) == (8, 0)
    close_turn(now=NOW, sent=3, turn=first)
    assert open_turn(now=NOW).allowance == 5


# -- clocks ------------------------------------------------------------------------------------------------------------
def test_a_clock_set_back_two_hours_sends_nothing_again_and_holds_until_a_human_looks():
    many(2)
    post = TestPost()
    deliver(post, NOW + 3 * HOUR)
    book(patient("New"), NOW + 30 * DAY, now=NOW + HOUR)
    deliver(post, NOW + HOUR)
    assert len(post.mails) == 2
    assert "clock is 2 hours behind" in Postroom.objects.get().hold_reason
    release_letters(why="The clock is right now.", by=staff("boss", is_manager=True), now=NOW + HOUR)
    deliver(post, NOW + HOUR + MINUTE)
    assert set(post.copies.values()) == {1}
    assert len(post.mails) == 3


def test_a_clock_put_forward_four_hundred_days_sends_nothing_and_ends_nothing():
    many(3)
    Reminder.objects.update(due_at=NOW + DAY)
    open_turn(now=NOW)
    post = TestPost()
    before = list(Reminder.objects.values_list("pk", "state", "due_at"))
    for minutes in (0, 1, 60):
        assert not deliver(post, NOW + 400 * DAY + minutes * MINUTE)
    assert list(Reminder.objects.values_list("pk", "state", "due_at")) == before
    assert not post.mails
    release_letters(why="The clock is right again.", by=staff("boss", is_manager=True), now=NOW)
    deliver(post, NOW + DAY)
    assert len(post.mails) == 3


# -- a backup put back -------------------------------------------------------------------------------------------------
@pytest.fixture
def mark(tmp_path: Path, settings: object) -> Path:
    settings.POSTROOM_MARK = str(tmp_path / "var" / "postroom.json")
    (tmp_path / "var").mkdir()
    return Path(settings.POSTROOM_MARK)


def test_a_database_behind_its_mark_is_held_and_other_machines_never_hold_each_other(
    mark: Path, settings: object, django_capture_on_commit_callbacks: object
) -> None:
    def turn() -> bool:
        with django_capture_on_commit_callbacks(execute=True):
            return open_turn(now=NOW).may_send

    here, there = settings.POSTROOM_MARK, str(mark.with_name("other.json"))
    for place in (here, there, here, here, there):
        settings.POSTROOM_MARK = place
        assert turn(), "a mark that is behind says only that others are busy"
    assert oct(mark.stat().st_mode & 0o777) == "0o600"
    Postroom.objects.update(serial=2)
    assert not turn()
    assert "backup put back" in Postroom.objects.get().hold_reason
    with django_capture_on_commit_callbacks(execute=True):
        release_letters(why="All reconciled.", by=staff("boss", is_manager=True), now=NOW)
    assert turn(), "what a human has released is not held for the same mark"
    mark.with_name("other.json").write_text("{half a")
    assert turn(), "a mark that cannot be read holds nobody"
    mark.with_name("other.json").write_text('{"serial": 900, "at": "2026-10-05T01:00:00+00:00", "house": "another"}')
    assert turn(), "a new database in an old folder is no restore"


@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_yesterdays_sqlite_file_put_back_sends_nothing_until_reconciled_and_released(
    mark: Path, tmp_path: Path, settings: object, capsys: pytest.CaptureFixture[str]
) -> None:
    boss = staff("boss", is_manager=True)
    rows = many(3)
    again = patient("Dye")
    complete(plan_of(again).sessions.first(), NOW - 28 * DAY)
    Reminder.objects.filter(patient=again).exclude(kind=LetterKind.DYE_AGAIN).delete()
    Reminder.objects.filter(patient=again).update(due_at=NOW, useful_until=NOW + 10 * DAY)
    never = Reminder.objects.get(patient=again)
    open_turn(now=NOW - MINUTE)
    backup = _copy_of_the_database(tmp_path / "backup.sqlite3")
    folder = FolderPost(tmp_path / "mail")
    Reminder.objects.filter(pk__in=[rows[2].pk, never.pk]).update(due_at=NOW + HOUR)
    assert deliver(folder, NOW)[ReminderState.SENT] == 2
    _put_back(backup)

    post = TestPost()
    for minutes in (0, 1, 2):
        assert not deliver(post, NOW + DAY + minutes * MINUTE)
    assert Postroom.objects.get().held_since
    with time_machine.travel(NOW + DAY + 4 * MINUTE, tick=False):
        call_command("reconcile_mail", since=NOW - MINUTE, folder=tmp_path / "mail")
    assert "1 planned, 2 sent, 1 unknown" in capsys.readouterr().out
    release_letters(why="Compared with the mail folder.", by=boss, now=NOW + DAY + 5 * MINUTE)
    deliver(post, NOW + DAY + 6 * MINUTE)
    assert post.recipients == [rows[2].patient.email]
    never.refresh_from_db()
    assert never.state == ReminderState.UNKNOWN


def _copy_of_the_database(place: Path) -> Path:
    with sqlite3.connect(place) as copy:
        connection.connection.backup(copy)
    copy.close()
    return place


def _put_back(backup: Path) -> None:
    name = connection.settings_dict["NAME"]
    connection.close()
    for end in ("-wal", "-shm"):
        Path(f"{name}{end}").unlink(missing_ok=True)
    shutil.copyfile(backup, name)


# -- a human holds and releases ----------------------------------------------------------------------------------------
def test_only_who_runs_the_clinic_holds_and_releases_and_says_why():
    boss, desk = staff("boss", is_manager=True), staff("desk", is_front_desk=True)
    many(1)
    with pytest.raises(Forbidden):
        hold_letters(why="No.", by=desk, now=NOW)
    with pytest.raises(Refusal, match="few words why"):
        hold_letters(why=" ", by=boss, now=NOW)
    hold_letters(why="We move to another server.", by=boss, now=NOW)
    post = TestPost()
    assert not deliver(post, NOW + 30 * DAY), "nothing leaves and nothing expires"
    call_command("hold_letters", why="Moved.", release=True)
    with pytest.raises(CommandError, match="not held"):
        call_command("hold_letters", why="Moved.", release=True)
    lines = AuditLine.objects.filter(happened__startswith="letters.").order_by("at", "id")
    assert [(line.happened, line.by_name, line.reason) for line in lines] == [
        ("letters.held", str(boss), "We move to another server."),
        ("letters.released", "command line", "Moved."),
    ]


def test_a_log_of_the_mail_server_tells_what_has_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = many(2)
    log = tmp_path / "mail.log"
    log.write_text(
        f"Oct  5 postfix/cleanup[7]: 4F: message-id=<r{first.pk.hex}.v1@clinic.example>\nodd \udc80\n",
        errors="surrogateescape",
    )
    with pytest.raises(CommandError, match="Hold the letters first"):
        call_command("reconcile_mail", since=NOW, log=log)
    call_command("hold_letters", why="A backup was put back.")
    call_command("reconcile_mail", since=NOW, log=log)
    states = dict(Reminder.objects.values_list("pk", "state"))
    assert states == {first.pk: ReminderState.SENT, second.pk: ReminderState.PLANNED}
    assert "1 planned, 1 sent" in capsys.readouterr().out


# -- a crowd -----------------------------------------------------------------------------------------------------------
@pytest.fixture
def crowd() -> Iterator[list[Reminder]]:
    """Mei with four letters of the same hour about one appointment, and Ann with one."""
    mei, ann = patient("Mei"), patient("Ann")
    visit = book(mei, NOW + 5 * DAY)
    book(ann, NOW + 6 * DAY)
    Reminder.objects.all().delete()
    kinds = {
        LetterKind.NO_DYE: 9 * DAY,
        LetterKind.WEEK_REMINDER: 3 * DAY,
        LetterKind.SESSION_REMINDER: 5 * DAY,
        LetterKind.AFTER_CARE: 90 * MINUTE,
        LetterKind.SWELLING_CHECK: 80 * MINUTE,
    }
    for kind, useful in kinds.items():
        _row(mei, kind, visit.pk, useful)
    _row(ann, LetterKind.NO_DYE, ann.pk, 9 * DAY)
    return list(Reminder.objects.all())


def _row(of: object, kind: LetterKind, about: object, useful: timedelta) -> None:
    Reminder.objects.create(
        kind=kind, patient=of, location=of.home_location, about_id=about, facts=of.first_name,
        due_at=NOW, useful_until=NOW + useful, planned_at=NOW - DAY,
    )  # fmt: skip


def test_after_an_outage_a_patient_gets_one_letter_an_hour_the_soonest_useless_first(crowd: list[Reminder]) -> None:
    from plans.operations.postroom import put_off_crowded

    assert put_off_crowded(now=NOW + 10 * MINUTE) == 0, "in ordinary running all of an hour leave"
    now = NOW + 20 * MINUTE
    assert put_off_crowded(now=now) == 4
    mei = {row.kind: row for row in Reminder.objects.filter(patient__first_name="Mei")}
    assert mei[LetterKind.SWELLING_CHECK].due_at == NOW, "it goes first"
    assert mei[LetterKind.AFTER_CARE].due_at == now + HOUR
    assert mei[LetterKind.WEEK_REMINDER].state == ReminderState.SKIPPED
    assert mei[LetterKind.SESSION_REMINDER].due_at == now + 2 * HOUR
    assert mei[LetterKind.NO_DYE].due_at == now + 3 * HOUR
    assert put_off_crowded(now=now) == 0, "asked twice is asked once"

    Reminder.objects.filter(pk=mei[LetterKind.SWELLING_CHECK].pk).update(state=ReminderState.SENT, sent_at=now)
    new = now + 30 * MINUTE
    _row(mei[LetterKind.NO_DYE].patient, LetterKind.APPOINTMENT_BOOKED, mei[LetterKind.NO_DYE].pk, 20 * DAY)
    Reminder.objects.filter(kind=LetterKind.APPOINTMENT_BOOKED).update(due_at=new)
    assert put_off_crowded(now=new) == 1, "while some are put off, a new one queues up, too"
    assert Reminder.objects.get(kind=LetterKind.APPOINTMENT_BOOKED).due_at == now + HOUR
