"""script/server on a machine that is not fit for it: one sentence, and nothing left behind."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ("bash", "dirname", "mkdir", "touch", "rm", "cat", "cksum", "sed", "tail", "sleep", "grep")

pytestmark = pytest.mark.once


@pytest.fixture
def place(tmp_path):
    """A copy of the scripts in a folder with a space, and a PATH without any Python."""
    house = tmp_path / "my clinic"
    shutil.copytree(ROOT / "script", house / "script")
    (house / "requirements.txt").touch()
    (tmp_path / "bin").mkdir()
    for tool in TOOLS:
        (tmp_path / "bin" / tool).symlink_to(shutil.which(tool))
    return house


def start(house, **more):
    env = {"PATH": str(house.parent / "bin"), "HOME": str(house.parent), **more}
    command = [house / "script" / "server"]
    return subprocess.run(
        [shutil.which("bash"), *command], cwd="/", env=env, capture_output=True, text=True, timeout=30
    )


def pretend_python(house, version):
    fake = house.parent / "bin" / "python3"
    fake.write_text(f'#!/bin/sh\ncase "$2" in *version_info*) exit 1;; *) echo {version};; esac\n')
    fake.chmod(0o755)


def test_a_machine_without_python_is_told_so_in_one_sentence(place):
    refused = start(place)
    assert (refused.returncode, refused.stderr) == (1, "Python 3.11 or newer is needed; found none.\n")


def test_a_too_old_python_is_named_in_one_sentence(place):
    pretend_python(place, "3.9.18")
    refused = start(place)
    assert (refused.returncode, refused.stderr) == (1, "Python 3.11 or newer is needed; found only 3.9.18.\n")


def test_a_python_asked_for_by_name_is_not_replaced_by_another(place):
    refused = start(place, PYTHON="/nowhere/python3.12")
    assert (refused.returncode, refused.stderr) == (1, "PYTHON=/nowhere/python3.12 is not Python 3.11 or newer.\n")


def test_a_folder_nobody_may_write_to_is_one_sentence(place):
    # A file in the place of the folder stops root as well, whom no permission stops.
    (place / "var").touch()
    refused = start(place)
    expected = f"The folder {place} cannot be written to; put the program where you may write.\n"
    assert (refused.returncode, refused.stderr) == (1, expected)
    assert not (place / ".venv").exists()


def test_the_scripts_are_executable_and_sound():
    for name in ("script/server", "script/test", ".ci/run"):
        assert os.access(ROOT / name, os.X_OK)
        assert subprocess.run(["bash", "-n", ROOT / name], check=False).returncode == 0
