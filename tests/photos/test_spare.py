"""A decoding process stands ready before the photo comes: for one upload, and it is nobody's but its program's."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from plans.darkroom import Limits, develop, spare, warm

from . import corpus
from .test_tank import GOOD, ROOT, alive

HEAD = "import os, sys, time; sys.path.insert(0, sys.argv[1])\nfrom plans.darkroom import develop, spare, warm\n"
FORKING = (
    HEAD
    + """
from tests.photos.test_tank import GOOD
warm()
mine = spare.pid()
child = os.fork()
if not child:
    wrong = spare.pid() is not None
    wrong |= develop(GOOD).width != 640 or spare.pid() in (None, mine)
    os._exit(wrong)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0, "the child has no spare of its own"
assert spare.pid() == mine
assert develop(GOOD).width == 640
lasting = os.fork()
if not lasting:
    time.sleep(30)
    os._exit(0)
print(spare.pid(), lasting, flush=True)
sys.stdin.read()
"""
)


@pytest.fixture(autouse=True)
def _empty_shelf() -> Iterator[None]:
    spare.drop()
    yield
    spare.drop()


def program(source: str) -> subprocess.Popen[str]:
    words = [sys.executable, "-c", source, str(ROOT)]
    return subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def gone_soon(pid: int) -> bool:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and alive(pid):
        time.sleep(0.02)
    return not alive(pid)


def test_each_photo_has_a_process_of_its_own_that_stood_ready() -> None:
    warm()
    first = spare.pid()
    warm()
    assert spare.pid() == first, "one is enough"

    assert develop(GOOD).width == 640

    assert not alive(first)
    second = spare.pid()
    assert alive(second)
    assert develop(corpus.chatty_jpeg(5)).height == 480
    assert not alive(second)


def test_a_spare_that_died_waiting_costs_no_photo() -> None:
    for how in (signal.SIGKILL, signal.SIGALRM):
        warm()
        os.kill(spare.pid(), how)
        assert develop(GOOD).width == 640


def test_other_limits_want_another_process() -> None:
    warm()
    assert spare.take(Limits(memory_mib=900)) is None
    assert spare.pid() is not None


def test_nothing_is_started_until_somebody_asks() -> None:
    count = "print(open(f'/proc/self/task/{os.getpid()}/children').read().split(), spare.pid())"
    assert program(HEAD + count).communicate()[0] == "[] None\n"


def test_a_spare_ends_with_its_program() -> None:
    pid = int(program(HEAD + "warm(); print(spare.pid())").communicate()[0])
    assert gone_soon(pid)


def test_a_forked_worker_has_its_own_spare_and_keeps_no_other_alive() -> None:
    with program(FORKING) as parent:
        pid, lasting = map(int, parent.stdout.readline().split())
        assert alive(pid)
        parent.kill()
        parent.wait()
        try:
            assert gone_soon(pid), "the surviving child must not hold its pipe"
            assert alive(lasting)
        finally:
            os.kill(lasting, signal.SIGKILL)


def test_a_forgotten_process_ends_itself() -> None:
    start = (
        "import sys; sys.path.append(sys.argv[1]); import tank.limits; tank.limits.IDLE_SECONDS = 0.1\n"
        "from tank.worker import main; main('900', '8', '9')"
    )
    words = [sys.executable, "-I", "-c", start, str(Path(ROOT) / "plans/darkroom")]
    forgotten = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
    assert forgotten.wait(10) == -signal.SIGALRM
    forgotten.stdin.close()
