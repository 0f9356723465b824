"""Several connections, one clerk: each letter once, at most one in doubt for each connection, marks in groups."""

from __future__ import annotations

import threading
from collections import Counter
from contextlib import suppress
from functools import partial

import pytest

from clinic.post import SmtpPost, Tls
from plans.letters.compose import for_batch
from plans.models import Reminder
from plans.operations import clerk as clerks
from plans.operations.dispatch import deliver_due
from plans.rules.reminders import LetterKind
from plans.rules.states import ReminderState
from tests.operations.letter_cast import DAY, NOW, TestPost, book, patient, plan_of
from tests.post.crooked_server import CUT, CrookedServer

pytestmark = pytest.mark.django_db
COUNT, LINES = 9, 3


@pytest.fixture(autouse=True)
def _letters() -> None:
    for number in range(COUNT):
        plan = plan_of(patient(f"P{number}"))
        book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    Reminder.objects.exclude(kind=LetterKind.APPOINTMENT_BOOKED).delete()


def deliver(server: CrookedServer, *, lines: int = LINES) -> dict[str, int]:
    post = partial(SmtpPost, "127.0.0.1", server.port, tls=Tls.NONE, timeout=2, wall_limit=4)
    return dict(deliver_due(now=lambda: NOW, post_factory=post, for_batch=for_batch, lines=lines))


def states() -> Counter[str]:
    return Counter(Reminder.objects.values_list("state", flat=True))


def test_several_connections_send_each_letter_once() -> None:
    with CrookedServer() as server:
        assert deliver(server) == {"sent": COUNT}
        assert 1 < server.connections <= LINES
    assert len(set(server.kept)) == len(server.kept) == COUNT


def test_what_several_connections_say_is_written_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """All connections reach the mail's body at once, so their marks wait for the clerk together."""
    together = threading.Barrier(LINES, timeout=0.5)
    groups, doubtful = [], []
    whole = clerks.Clerk._together

    def counted(self: clerks.Clerk, sent: list[object], leaving: list[object]) -> list[bool]:
        answers = whole(self, sent, leaving)
        groups.append(len(sent) + len(leaving))
        doubtful.append(states()[ReminderState.HANDED_OFF])
        return answers

    class Gathering(TestPost):
        def send(self, *mail: object) -> object:
            with suppress(threading.BrokenBarrierError):
                together.wait()
            return super().send(*mail)

    monkeypatch.setattr(clerks.Clerk, "_together", counted)
    ends = deliver_due(now=lambda: NOW, post_factory=Gathering, for_batch=for_batch, lines=LINES)
    assert ends == {"sent": COUNT}
    assert max(doubtful) <= LINES
    assert sum(groups) == 2 * COUNT


def test_a_server_that_cuts_after_the_dot_leaves_each_letter_in_doubt_once() -> None:
    with CrookedServer(dot=CUT) as server:
        assert deliver(server) == {"planned": COUNT}
    assert len(server.kept) == COUNT
    assert set(Reminder.objects.values_list("attempt", flat=True)) == {1}


def test_a_server_that_is_away_is_called_once() -> None:
    with CrookedServer(banner="421 too busy") as server:
        deliver(server)
        assert server.connections == 1
    assert states() == {ReminderState.PLANNED: COUNT}
    assert set(Reminder.objects.values_list("attempt", flat=True)) == {0}


def test_a_server_that_takes_one_connection_still_gets_every_letter() -> None:
    with _OneAtATime() as server:
        assert deliver(server) == {"sent": COUNT}
    assert len(set(server.kept)) == COUNT


def test_a_post_that_cannot_be_opened_ends_the_turn_and_gives_everything_back() -> None:
    def nowhere() -> TestPost:
        raise ValueError("no such server")

    with pytest.raises(ValueError, match="no such server"):
        deliver_due(now=lambda: NOW, post_factory=nowhere, for_batch=for_batch, lines=LINES)
    assert states() == {ReminderState.PLANNED: COUNT}
    assert not Reminder.objects.exclude(lease_token=None).exists()


@pytest.mark.parametrize("lines", [1, LINES])
def test_asked_to_stop_it_finishes_what_is_on_its_way_and_gives_the_rest_back(lines: int) -> None:
    sent = TestPost()
    deliver_due(
        now=lambda: NOW,
        post_factory=lambda: sent,
        for_batch=for_batch,
        lines=lines,
        is_stopping=lambda: len(sent.mails) > 1,
    )
    assert states() == {ReminderState.SENT: len(sent.mails), ReminderState.PLANNED: COUNT - len(sent.mails)}
    assert len(sent.mails) < COUNT


class _OneAtATime(CrookedServer):
    """It answers a second connection with 421, as a small provider does."""

    def _talk(self, sock: object) -> None:
        if self.connections > 1:
            self._act(sock, "421 4.7.0 too many connections")
            return
        super()._talk(sock)
