from __future__ import annotations

import os
import stat
import threading
import time
from pathlib import Path

import pytest

from clinic.post import FolderPost, OutcomeKind, SmtpPost, open_post

PATIENT, CLINIC = "mei@example.org", "desk@clinic.example"


def test_a_mail_becomes_one_private_file(tmp_path: Path):
    with FolderPost(tmp_path / "outbox") as post:
        assert post.send(PATIENT, CLINIC, b"hello\r\n", "r1.v1").kind is OutcomeKind.SENT
    file = tmp_path / "outbox" / "r1.v1.eml"
    assert file.read_bytes() == b"hello\r\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(file.parent) == ["r1.v1.eml"]


def test_the_same_key_again_is_the_same_mail(tmp_path: Path):
    with FolderPost(tmp_path) as post:
        post.send(PATIENT, CLINIC, b"hello\r\n", "r1")
        before = (tmp_path / "r1.eml").stat()
        assert post.send(PATIENT, CLINIC, b"hello\r\n", "r1").kind is OutcomeKind.SENT
    assert (tmp_path / "r1.eml").stat().st_ino == before.st_ino
    assert os.listdir(tmp_path) == ["r1.eml"]


def test_another_mail_under_a_used_key_is_refused_and_the_first_stays(tmp_path: Path):
    with FolderPost(tmp_path) as post:
        post.send(PATIENT, CLINIC, b"first\r\n", "r1")
        outcome = post.send(PATIENT, CLINIC, b"second\r\n", "r1")
    assert outcome.kind is OutcomeKind.REFUSED_FOR_GOOD
    assert not outcome.blames_address
    assert (tmp_path / "r1.eml").read_bytes() == b"first\r\n"


def test_twenty_senders_of_one_key_leave_one_whole_file(tmp_path: Path):
    kinds = []

    def send() -> None:
        with FolderPost(tmp_path) as post:
            kinds.append(post.send(PATIENT, CLINIC, b"x" * 50_000, "r1").kind)

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert kinds == [OutcomeKind.SENT] * 20
    assert os.listdir(tmp_path) == ["r1.eml"]


@pytest.mark.parametrize("key", ["", "../r1", "a/b", ".hidden", "x" * 121, "r\n1"])
def test_a_key_can_never_name_a_file_elsewhere(key: str, tmp_path: Path):
    with FolderPost(tmp_path) as post, pytest.raises(ValueError, match="cannot name a mail"):
        post.send(PATIENT, CLINIC, b"hello", key)


def test_a_folder_that_is_gone_is_ours(tmp_path: Path):
    folder = tmp_path / "outbox"
    with FolderPost(folder) as post:
        folder.rmdir()
        assert post.send(PATIENT, CLINIC, b"hello", "r1").kind is OutcomeKind.OURS


def test_a_bad_address_is_refused_in_the_folder_too(tmp_path: Path):
    with FolderPost(tmp_path) as post:
        assert post.send("mei", CLINIC, b"hello", "r1").blames_address
    assert os.listdir(tmp_path) == []


def test_only_old_leavings_of_killed_writers_are_swept(tmp_path: Path):
    old, young = tmp_path / ".r1.aa.part", tmp_path / ".r2.bb.part"
    for part in (old, young):
        part.write_bytes(b"half")
    os.utime(old, (time.time() - 7200,) * 2)
    with FolderPost(tmp_path):
        assert os.listdir(tmp_path) == [young.name]


def test_the_settings_choose_the_way(tmp_path: Path):
    assert isinstance(open_post(None, tmp_path), FolderPost)
    assert isinstance(open_post({}, tmp_path), FolderPost)
    by_smtp = {"EMAIL_HOST": "mail.example.org", "EMAIL_PORT": None, "EMAIL_USE_TLS": True}
    assert isinstance(open_post(by_smtp, tmp_path), SmtpPost)
