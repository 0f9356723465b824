"""What must hold before anything starts: a folder to write in, a free port, nobody else running here."""

from __future__ import annotations

import fcntl
import os
import socket
from pathlib import Path
from typing import TextIO

import environ

from clinic.serve.refused import CannotServe
from clinic.wiring import local_environment, speaks_for_itself, write_local_environment


def var_folder() -> Path:
    """The folder settings will name, asked before settings can be read."""
    root = Path(__file__).resolve().parents[2]
    environ.Env.read_env(root / ".env")
    return Path(os.environ.get("VAR_DIR") or root / "var").absolute()


def furnish(var: Path) -> None:
    """Make the folders the program writes to; on a machine nobody configured also its local settings."""
    try:
        for folder in (var, var / "log", var / "broker", var / "mail"):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = var / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
        if not speaks_for_itself(os.environ) and not local_environment(var).exists():
            write_local_environment(var)
    except OSError as error:
        raise CannotServe(f"The folder {var} cannot be written to ({error.strerror}).") from None


def listen(host: str, port: int) -> socket.socket:
    """Take the port now, so that nobody can have it once the other parts have started."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    door = socket.socket(family, socket.SOCK_STREAM)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((host, port))
        door.listen(128)
    except OSError as error:
        door.close()
        raise CannotServe(
            f"Port {port} on {host} cannot be used ({error.strerror}); choose another with --port."
        ) from None
    return door


def only_one(var: Path) -> TextIO:
    """Hold the folder for as long as the returned file is open: two brokers on one log would destroy it."""
    lock = (var / "serve.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.seek(0)
        who = lock.read().strip()
        lock.close()
        raise CannotServe(f"The program is already running in {var}{f' ({who})' if who else ''}.") from None
    lock.truncate(0)
    lock.write(f"process {os.getpid()}")
    lock.flush()
    return lock


def private_folder(folder: Path) -> None:
    """A folder only we may enter, also where everybody may write, such as /tmp."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = folder.lstat()
    except OSError as error:
        raise CannotServe(f"The folder {folder} for the broker cannot be made ({error.strerror}).") from None
    if folder.is_symlink() or found.st_uid != os.getuid():
        raise CannotServe(f"The folder {folder} for the broker belongs to somebody else.")
    folder.chmod(0o700)
