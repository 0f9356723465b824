"""A mail server that goes wrong at every step of the dialogue, and what becomes of a letter of either policy."""

from __future__ import annotations

import socket
from datetime import timedelta

import pytest

from patients.models import MailboxState, Patient
from plans.models import Reminder
from plans.rules.letter_kinds import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import DAY, NOW, book, complete, patient, plan_of
from tests.post.crooked_server import CrookedServer
from tests.proofs.conftest import Hour
from tests.proofs.desk import mail_goes_to, turn
from tests.proofs.faults import DAILY, FAULTS, REFUSED, End, Fault

pytestmark = pytest.mark.django_db

FOUR_WEEKS_AGO = NOW - 29 * DAY + timedelta(hours=6)  # Sun 6 Sep 2026 15:00 in Singapore: dye on Mon 5 Oct
PIPELINING = {"ehlo": "250-crooked.test\r\n250-PIPELINING\r\n250 8BITMIME"}
GOING_WELL = [NOW + timedelta(minutes=minutes) for minutes in (30, 31, 32, 60, 90)]


@pytest.fixture
def harmless() -> Reminder:
    """A letter that may come twice: a booked appointment."""
    plan = plan_of(patient("Rita"))
    book(plan.patient, NOW + 40 * DAY, session=plan.sessions.first())
    return Reminder.objects.get(kind=LetterKind.APPOINTMENT_BOOKED)


@pytest.fixture
def harmful(harmless: Reminder) -> Reminder:
    """One that may not: dyeing is allowed again. Nothing else is due."""
    plan = plan_of(patient("Ada"))
    complete(plan.sessions.first(), FOUR_WEEKS_AGO, now=NOW)
    found = Reminder.objects.get(kind=LetterKind.DYE_AGAIN)
    Reminder.objects.exclude(pk__in=[harmless.pk, found.pk]).delete()
    assert (harmless.due_at, found.due_at) == (NOW, NOW)
    return found


@pytest.fixture
def server(request: pytest.FixtureRequest, fault: Fault, settings: object) -> CrookedServer:
    context = request.getfixturevalue("server_context") if fault.tls else None
    says = {} if fault.says is REFUSED else fault.says
    with CrookedServer(context=context, keeps=fault.takes, **says, **fault.served) as server:
        login = {"EMAIL_HOST_USER": "desk", "EMAIL_HOST_PASSWORD": "open-sesame"} if fault.login else {}
        tls = {"EMAIL_USE_TLS": fault.tls == "starttls", "EMAIL_USE_SSL": fault.tls == "ssl"}
        mail_goes_to(settings, nobody_there() if fault.says is REFUSED else server.port, **login, **tls)
        yield server


def nobody_there() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.mark.parametrize("fault", DAILY, ids=str)
def test_every_day_faults(
    fault: Fault, server: CrookedServer, harmless: Reminder, harmful: Reminder, hour: Hour, settings: object
) -> None:
    prove(fault, server, harmless, harmful, hour, settings)


@pytest.mark.long
@pytest.mark.parametrize("fault", [fault for fault in FAULTS if not fault.daily], ids=str)
def test_the_other_faults(
    fault: Fault, server: CrookedServer, harmless: Reminder, harmful: Reminder, hour: Hour, settings: object
) -> None:
    prove(fault, server, harmless, harmful, hour, settings)


PIPELINED = [fault for fault in FAULTS if not fault.tls and not fault.login and "ehlo" not in fault.says]


@pytest.mark.long
@pytest.mark.parametrize("fault", [fault for fault in PIPELINED if "banner" not in fault.says], ids=str)
def test_the_same_where_commands_may_be_sent_together(
    fault: Fault, server: CrookedServer, harmless: Reminder, harmful: Reminder, hour: Hour, settings: object
) -> None:
    server.says |= PIPELINING
    prove(fault, server, harmless, harmful, hour, settings)


def prove(
    fault: Fault, server: CrookedServer, harmless: Reminder, harmful: Reminder, hour: Hour, settings: object
) -> None:
    turn(hour, NOW)
    after_the_fault(fault, harmless, harmful)
    nothing_in_clear(fault, server)
    with CrookedServer() as well:
        mail_goes_to(settings, well.port)
        for now in GOING_WELL:
            turn(hour, now)
        after_all(fault, harmless, harmful, [*server.kept, *well.kept])


def after_the_fault(fault: Fault, harmless: Reminder, harmful: Reminder) -> None:
    for row, is_harmless in ((harmless, True), (harmful, False)):
        row.refresh_from_db()
        expected, attempt = {
            End.OURS: (ReminderState.PLANNED, 0),
            End.LATER: (ReminderState.PLANNED, 1),
            End.NEVER: (ReminderState.FAILED, 1),
            End.NOBODY: (ReminderState.FAILED, 1),
            End.DOUBT: (ReminderState.PLANNED if is_harmless else ReminderState.UNKNOWN, 1),
            End.SENT: (ReminderState.SENT, 1),
        }[fault.end]
        assert (row.state, row.attempt, row.lease_token) == (expected, attempt, None), row.kind
    boxes = set(Patient.objects.values_list("mailbox", flat=True))
    assert boxes == {MailboxState.DEAD if fault.end is End.NOBODY else MailboxState.GOOD}


def nothing_in_clear(fault: Fault, server: CrookedServer) -> None:
    """Neither a password, nor an address, nor a word of a letter where the connection was to be encrypted."""
    if fault.tls:
        for secret in (b"AUTH", b"MAIL", b"RCPT", b"open-sesame", b"example.org", b"Subject"):
            assert secret not in server.in_clear
        assert server.kept == []


def after_all(fault: Fault, harmless: Reminder, harmful: Reminder, arrived: list[bytes]) -> None:
    ends = {
        End.OURS: (ReminderState.SENT, ReminderState.SENT),
        End.LATER: (ReminderState.SENT, ReminderState.SENT),
        End.NEVER: (ReminderState.FAILED, ReminderState.FAILED),
        End.NOBODY: (ReminderState.FAILED, ReminderState.FAILED),
        End.DOUBT: (ReminderState.SENT, ReminderState.UNKNOWN),
        End.SENT: (ReminderState.SENT, ReminderState.SENT),
    }[fault.end]
    for row, end in zip((harmless, harmful), ends, strict=True):
        row.refresh_from_db()
        copies = [mail for mail in arrived if row.message_id and row.message_id.encode() in mail]
        assert row.state == end
        assert len(copies) == int(end == ReminderState.SENT or fault.takes) + int(
            fault.takes and fault.end is End.DOUBT and end == ReminderState.SENT
        )
        assert len({*copies, bytes(row.mime)} if copies else {0}) == 1, "a second copy is the first to the last byte"
    assert Reminder.objects.count() == 2
