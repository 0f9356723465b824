"""Turn the environment's words into the values that settings hold. No Django models, no clock."""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TypedDict
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

LONGEST_SOCKET_PATH = 100  # the kernel stops at 107 bytes and reports it as "invalid argument"
MAIL_TLS = {
    "smtp": "",
    "smtp+tls": "starttls",
    "smtp+starttls": "starttls",
    "submission": "starttls",
    "smtps": "ssl",
    "smtp+ssl": "ssl",
}
MAIL_PORTS = {"": 25, "starttls": 587, "ssl": 465}


class MailServer(TypedDict):
    """Where mail is handed over, under Django's own names. Clear text is for loopback only; seconds per read."""

    EMAIL_HOST: str
    EMAIL_PORT: int
    EMAIL_HOST_USER: str
    EMAIL_HOST_PASSWORD: str
    EMAIL_USE_TLS: bool
    EMAIL_USE_SSL: bool
    EMAIL_TIMEOUT: float


def mail_server(url: str) -> MailServer | None:
    """Read `smtp+tls://user:password@host:587?timeout=20`; None when empty. Raises ImproperlyConfigured."""
    if not url:
        return None
    parts = urlsplit(url)
    if parts.scheme not in MAIL_TLS or not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL must look like smtp+tls://user:password@host:587 (or smtps://, smtp://).")
    tls = MAIL_TLS[parts.scheme]
    try:
        timeout = float(parse_qs(parts.query).get("timeout", ["20"])[0])
        port = parts.port or MAIL_PORTS[tls]
    except ValueError:
        raise ImproperlyConfigured("EMAIL_URL has a port or a timeout that is not a number.") from None
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_TLS": tls == "starttls",
        "EMAIL_USE_SSL": tls == "ssl",
        "EMAIL_TIMEOUT": timeout,
    }


def broker_socket(var: Path) -> Path:
    """Where the embedded broker listens: inside `var`, or in a short private place when that path is too long."""
    inside = var / "broker" / "valkey.sock"
    if len(os.fsencode(inside)) < LONGEST_SOCKET_PATH:
        return inside
    name = hashlib.sha256(os.fsencode(var)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"clinic-{os.getuid()}-{name}" / "valkey.sock"


def socket_urls(socket: Path) -> tuple[str, str]:
    """The same socket as the cache and as the queue spell it."""
    path = quote(str(socket))
    return f"unix://{path}?db=0", f"redis+socket://{path}?virtual_host=0"


def local_environment(var: Path) -> Path:
    """The file that holds the settings of a clinic tried out on one machine."""
    return var / "env"


def is_off(value: str | None) -> bool:
    return value is not None and value.strip().lower() in {"", "0", "off", "no", "false", "n", "f"}


def speaks_for_itself(environment: Mapping[str, str]) -> bool:
    """Whether somebody configured this clinic on purpose, so that the local file must not answer for them."""
    return is_off(environment.get("DEBUG")) or bool(environment.get("SECRET_KEY"))


def write_local_environment(var: Path) -> None:
    """Give a machine that was told nothing a secret of its own. Whole or not at all, for its owner only."""
    target = local_environment(var)
    draft = target.with_suffix(".new")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write("# Written on the first start, for trying out on this machine only.\n")
        file.write(f"DEBUG=true\nSECRET_KEY={secrets.token_urlsafe(50)}\n")
    draft.replace(target)
