"""Letters over one connection, or over several at once.

With several, each has a thread that waits on its socket and does nothing else; all that is to be written or read in the
database is done by the caller's thread, which prepares further letters while the mail server thinks.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from queue import Empty, SimpleQueue
from threading import Thread

from clinic.post import Outcome, OutcomeKind, Post, Ready
from plans.operations.clerk import Clerk
from plans.operations.handoff import Letter

logger = logging.getLogger(__name__)

# So many letters stand ready for each connection, so that none waits for the next to be written.
READY_PER_LINE = 4
# A letter that says nothing for longer is beyond its hard limit.
LONGEST_SILENCE = 60.0
GOODBYE = 5.0


def send_on_one(
    open_post: Callable[[], Post], letters: Iterator[Letter | None], clerk: Clerk, *, is_over: Callable[[], bool]
) -> None:
    """Send one after the other; a letter's end is written with the mark of the next, in one transaction."""
    with open_post() as post:
        for letter in letters:
            if letter is None:
                clerk.write([], [])
                continue
            clerk.note(letter, post_letter(post, letter, partial(clerk.may_leave, letter)))
            if clerk.trouble or clerk.broken or is_over():
                break
        clerk.write([], [])


def post_letter(post: Post, letter: Letter, ready: Ready) -> Outcome:
    mail = letter.composed
    try:
        return post.send(mail.recipient, mail.sender, mail.mime, mail.key, ready)
    except Exception:
        # A bug below us: once marked, whether bytes left is unknown, and the next letter is not to blame.
        logger.exception("letter %s could not be posted", mail.key)
        kind = OutcomeKind.IN_DOUBT if letter.has_left else OutcomeKind.REFUSED_FOR_NOW
        return Outcome(kind, None, "The program stumbled while posting it.")


@dataclass(slots=True)
class _Call:
    """What a line has to say: its letter may leave next (no outcome), has its end, or the line itself broke."""

    letter: Letter | None = None
    answer: SimpleQueue[bool] | None = None
    outcome: Outcome | None = None
    error: BaseException | None = None


class Lines:
    """`send` returns when every letter has its end, or when the server or the database is of no use any more.

    A second connection is opened when the first has got as far as a mail's body, and so on: a server that is away is
    called once, and one that takes three connections keeps its three.
    """

    def __init__(
        self,
        open_post: Callable[[], Post],
        letters: Iterator[Letter | None],
        clerk: Clerk,
        *,
        most: int,
        is_over: Callable[[], bool],
    ) -> None:
        self._open_post, self._letters, self._clerk = open_post, letters, clerk
        self._most, self._is_over = most, is_over
        self._calls: SimpleQueue[_Call] = SimpleQueue()
        self._ready: SimpleQueue[Letter | None] = SimpleQueue()
        self._threads: list[Thread] = []
        self._open = self._under_way = 0
        self._has_more = True

    def send(self) -> None:
        try:
            while not (self._clerk.trouble or self._clerk.broken or self._is_over()):
                if not self._step():
                    break
        finally:
            self._close()

    def _step(self) -> bool:
        """Serve who waits for the clerk; when nobody does, make the next letter ready. False when all is done."""
        calls = self._take_calls()
        if not calls and self._has_more and self._ready.qsize() < READY_PER_LINE * self._most:
            self._prepare_one()
            return True
        if not calls and not self._under_way:
            return False
        self._serve(calls or self._take_calls(wait=True))
        return True

    def _prepare_one(self) -> None:
        try:
            letter = next(self._letters)
        except StopIteration:
            self._has_more = False
            return
        if letter is None:
            return
        self._under_way += 1
        self._ready.put(letter)
        if not self._open:
            self._open_line()

    def _open_line(self) -> None:
        thread = Thread(target=self._run, daemon=True)
        self._threads.append(thread)
        self._open += 1
        thread.start()

    def _take_calls(self, *, wait: bool = False) -> list[_Call]:
        """Return everything the lines have to say by now: it will be one transaction."""
        calls = [self._calls.get(timeout=LONGEST_SILENCE)] if wait else []
        while not self._calls.empty():
            calls.append(self._calls.get())
        return calls

    def _serve(self, calls: list[_Call]) -> None:
        for call in calls:
            if call.error:
                self._open -= 1
                self._under_way -= call.letter is not None
                self._clerk.fail(call.error)
        asking = [call for call in calls if call.letter and call.answer]
        done = [(call.letter, call.outcome) for call in calls if call.letter and call.outcome]
        ended = [one for one in done if not self._is_for_another(*one)]
        self._under_way -= len(ended)
        answers = self._clerk.write(ended, [call.letter for call in asking if call.letter])
        for call, answer in zip(asking, answers, strict=True):
            if call.answer:
                call.answer.put(answer)
        if any(answers) and self._open < self._most and self._ready.qsize():
            self._open_line()

    def _is_for_another(self, letter: Letter, outcome: Outcome) -> bool:
        """A connection that cannot be used is given up; its letter goes over another, as long as there is one."""
        if outcome.kind is not OutcomeKind.OURS:
            return False
        self._open -= 1
        if letter.has_left or not self._open:
            return False
        self._most = self._open
        self._ready.put(letter)
        return True

    def _run(self) -> None:
        """A line's own thread: it waits on its socket, and for the clerk's word."""
        answer: SimpleQueue[bool] = SimpleQueue()
        letter: Letter | None = None
        try:
            with self._open_post() as post:
                while letter := self._ready.get():
                    outcome = post_letter(post, letter, partial(self._ask, letter, answer))
                    self._calls.put(_Call(letter, outcome=outcome))
                    if outcome.kind is OutcomeKind.OURS:
                        return
        except BaseException as error:
            self._calls.put(_Call(letter, error=error))

    def _ask(self, letter: Letter, answer: SimpleQueue[bool]) -> bool:
        self._calls.put(_Call(letter, answer))
        return answer.get()

    def _close(self) -> None:
        """Take back what no line has begun, and wait for what is on its way: each has its own hard limit."""
        with suppress(Empty):
            while True:
                self._ready.get_nowait()
                self._under_way -= 1
        for _ in self._threads:
            self._ready.put(None)
        try:
            while self._under_way > 0:
                self._serve(self._take_calls(wait=True))
        except Empty:
            logger.error("%s letters are still on their way; their lease will run out", self._under_way)
        for thread in self._threads:
            thread.join(GOODBYE)
