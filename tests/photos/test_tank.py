"""The decoding process may fall; the program does not, and the next photo is developed."""

import os
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path

import pytest

from clinic.rules.refusal import Refusal
from plans.darkroom import Darkroom, Limits, develop, develop_many, spare
from plans.darkroom.tank import wire

from . import corpus

GOOD = corpus.saved(corpus.picture())
ROOT = Path(__file__).parents[2]


@cache
def lacy_png() -> bytes:
    """Thirty honest megapixels: slow to decode, and more than a small memory limit allows."""
    image = corpus.picture((800, 600)).resize((6400, 4800))
    return corpus.saved(image, "PNG", compress_level=1)


def test_a_photo_beyond_the_memory_limit_is_refused_and_the_next_works() -> None:
    with Darkroom(Limits(memory_mib=120)) as room:
        for _ in range(3):
            with pytest.raises(Refusal) as refused:
                room.develop(lacy_png())
            assert refused.value.code in {"photo_bomb", "photo_broken"}
            assert room.develop(GOOD).width == 640


def test_a_decoder_that_hangs_is_stopped_and_the_next_works() -> None:
    with Darkroom(Limits(wall_seconds=0.4)) as room:
        room.develop(GOOD)
        first = room.pid
        os.kill(first, signal.SIGSTOP)
        started = time.monotonic()

        with pytest.raises(Refusal) as refused:
            room.develop(GOOD)

        assert refused.value.code == "photo_timeout"
        assert time.monotonic() - started < 3
        assert room.develop(GOOD).width == 640
        assert room.pid != first


def test_a_decoder_that_works_too_long_ends_itself() -> None:
    with Darkroom(Limits(wall_seconds=0.05)) as room, pytest.raises(Refusal) as refused:
        room.develop(lacy_png())
    assert refused.value.code == "photo_timeout"


def test_a_decoder_killed_between_photos_is_replaced_unseen() -> None:
    with Darkroom() as room:
        room.develop(GOOD)
        os.kill(room.pid, signal.SIGKILL)
        time.sleep(0.1)
        assert room.develop(GOOD).width == 640


def test_a_decoder_killed_at_work_costs_only_its_photo() -> None:
    upload = lacy_png()
    with Darkroom() as room:
        room.develop(GOOD)
        pid = room.pid
        killer = threading.Timer(0.08, os.kill, (pid, signal.SIGKILL))
        killer.start()
        with pytest.raises(Refusal) as refused:
            room.develop(upload)
        killer.join()
        assert refused.value.code == "photo_broken"
        assert room.develop(GOOD).width == 640


def test_no_process_is_left_behind() -> None:
    with Darkroom() as room:
        room.develop(GOOD)
        pid = room.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_the_decoder_ends_when_the_program_is_killed() -> None:
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from plans.darkroom import Darkroom\n"
        "from tests.photos import corpus\n"
        "room = Darkroom(); room.develop(corpus.saved(corpus.picture()))\n"
        "print(room.pid, flush=True); sys.stdin.read()\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", program, str(ROOT)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    orphan = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and alive(orphan):
        time.sleep(0.02)
    assert not alive(orphan)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_the_decoder_is_confined_and_knows_nothing_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "only-for-the-program")
    with Darkroom(Limits(memory_mib=900)) as room:
        room.develop(GOOD)
        proc = Path(f"/proc/{room.pid}")
        limits = {line[:26].strip(): line[26:].split()[0] for line in (proc / "limits").read_text().splitlines()}
        maps = (proc / "maps").read_text()
        environment = (proc / "environ").read_bytes()
    assert limits["Max address space"] == str(900 << 20)
    assert limits["Max file size"] == "0"
    assert limits["Max core file size"] == "0"
    assert "_sqlite3" not in maps
    assert "pi_heif" not in maps, "loaded only for a photo that needs it"
    assert b"SECRET_KEY" not in environment


def test_the_tank_imports_nothing_of_the_program() -> None:
    start = "import sys; sys.path.append(sys.argv[1]); import tank.worker, tank.develop; print(*sorted(sys.modules))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", start, str(ROOT / "plans/darkroom")], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in done.stdout.split()}
    assert "tank" in loaded
    assert not loaded & {"django", "celery", "clinic", "patients", "plans", "socket"}


def test_many_photos_share_a_process_and_a_bad_one_stops_nobody() -> None:
    results = list(develop_many([GOOD, b"", GOOD[:500], GOOD]))

    assert [getattr(result, "code", "fine") for result in results] == ["fine", "photo_empty", "photo_broken", "fine"]


def test_threads_take_turns() -> None:
    with Darkroom() as room:
        seen: list[int] = []
        uploads = [corpus.saved(corpus.picture((400 + 10 * n, 300))) for n in range(8)]
        threads = [threading.Thread(target=lambda up=up: seen.append(room.develop(up).width)) for up in uploads]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(seen) == [400 + 10 * n for n in range(8)]


def test_one_shot_and_shared_process_agree(room: Darkroom) -> None:
    upload = corpus.chatty_jpeg(5)
    assert develop(upload) == room.develop(upload)


def test_a_decoder_that_cannot_start_is_our_fault_and_not_the_photos(monkeypatch: pytest.MonkeyPatch) -> None:
    spare.drop()
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(RuntimeError, match="did not start"):
        develop(GOOD)


@pytest.mark.parametrize(
    "answer", [b"", b"\x00\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x02{}"]
)
def test_a_garbled_answer_is_noticed(answer: bytes, tmp_path: Path) -> None:
    (tmp_path / "answer").write_bytes(answer)
    with (tmp_path / "answer").open("rb") as stream, pytest.raises(wire.Garbled):
        wire.receive(stream, max_bytes=10)


@pytest.mark.long
def test_a_hundred_times_at_the_limit_a_hundred_times_recovered() -> None:
    upload = lacy_png()
    with Darkroom(Limits(memory_mib=120)) as room:
        for _ in range(100):
            with pytest.raises(Refusal):
                room.develop(upload)
            assert room.develop(GOOD).width == 640
