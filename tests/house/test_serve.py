"""The whole program, started and ended the ways people and machines do it. Linux only, as the program's leash is."""

import os
import shutil
import signal
import socket
import stat
import time

import pytest

from clinic.wiring import broker_socket
from tests import migrated
from tests.house.program import Program, all_gone, manage

pytestmark = pytest.mark.once
LONG = pytest.mark.long


@pytest.fixture(scope="session")
def tables(tmp_path_factory):
    """A database with its tables, made once: by script/test ahead, or here."""
    if ahead := os.environ.get(migrated.FILE):
        return ahead
    var = tmp_path_factory.mktemp("tables")
    made = manage(var, "migrate", "--verbosity=0", DEBUG="true", SECRET_KEY="only-for-tests")
    assert made.returncode == 0, made.stderr
    return var / "clinic.sqlite3"


@pytest.fixture
def var(tmp_path, tables):
    folder = tmp_path / "var"
    folder.mkdir()
    shutil.copy(tables, folder / "clinic.sqlite3")
    return folder


@pytest.fixture
def program(var):
    with Program(var) as started:
        yield started


def test_the_program_comes_up_whole_and_ends_in_its_order(tmp_path):
    # A path with a space and longer than a socket's may be.
    place = tmp_path / ("a rather long name " * 6)
    place.mkdir()
    with Program(place / "var", "--prepare", "--no-demo") as program:
        program.wait_until_ready()
        assert program.address in program.said
        status, body = program.health()
        assert status == 200
        assert body == {"status": "ok", "parts": dict.fromkeys(["web", "database", "broker", "worker", "beat"], "ok")}
        family = program.family()
        began = time.monotonic()
        program.process.send_signal(signal.SIGINT)
        assert program.process.wait(15) == 0
        assert time.monotonic() - began < 10
        ends = [line.split()[0] for line in program.said.splitlines() if line.endswith("has ended")]
        assert ends == ["worker", "beat", "web", "broker"]
        assert not broker_socket(program.var).parent.exists()
        assert all_gone(family, 0)


def test_one_folder_is_one_program_with_one_secret_and_killing_it_leaves_no_orphan(program, var):
    program.wait_until_ready()
    written = var / "env"
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    first = written.read_text()
    assert "DEBUG=true" in first
    refused = manage(var, "serve", "--port", str(program.port + 1))
    assert refused.returncode == 1
    assert refused.stderr.count("\n") == 1
    assert f"already running in {var} (process {program.process.pid})" in refused.stderr
    family = program.family()
    assert len(family) == 5, "broker, web and its one process, worker, beat"
    program.process.kill()
    program.process.wait()
    assert all_gone(family)
    assert manage(var, "check").returncode == 0
    assert written.read_text() == first


@pytest.mark.parametrize(
    "name",
    ["worker", pytest.param("broker", marks=LONG), pytest.param("web", marks=LONG), pytest.param("beat", marks=LONG)],
)
def test_when_a_part_dies_the_others_stop_and_the_command_says_which(program, name):
    program.wait_until_ready()
    family = program.family()
    program.part(name).kill()
    assert program.process.wait(15) == 1
    assert f"The {name} has died (killed by SIGKILL). Its last words:" in program.said
    assert "Traceback" not in program.said
    assert all_gone(family)


def test_a_busy_port_is_one_sentence_before_anything_starts(tmp_path):
    var = tmp_path / "var"
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = manage(var, "serve", "--prepare", "--port", str(port))
    assert refused.returncode == 1
    assert refused.stdout == ""
    assert refused.stderr.strip() == (
        f"CommandError: Port {port} on 127.0.0.1 cannot be used (Address already in use); choose another with --port."
    )
    assert not (var / "clinic.sqlite3").exists()


def test_a_folder_that_cannot_be_written_to_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    refused = manage(tmp_path / "file" / "var", "serve")
    assert refused.returncode == 1
    assert refused.stderr == f"The folder {tmp_path}/file/var cannot be written to (Not a directory).\n"


def test_without_a_secret_a_start_in_earnest_is_refused_in_one_sentence(var):
    refused = manage(var, "serve", DEBUG="false")
    assert refused.returncode == 1
    assert refused.stderr.startswith("Settings: SECRET_KEY is missing.")
    assert refused.stderr.count("\n") == 1
    assert not (var / "env").exists()
