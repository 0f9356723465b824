"""Settings that would lose data, mail or privacy are refused before the program starts."""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register

from clinic.wiring import MailServer

Apps = Sequence[AppConfig] | None


@register(Tags.security)
def mail_is_not_sent_in_clear(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    post: MailServer | None = settings.POST
    if post is None:
        return []
    found: list[CheckMessage] = []
    if not (post["EMAIL_USE_TLS"] or post["EMAIL_USE_SSL"] or is_loopback(post["EMAIL_HOST"])):
        found.append(
            Error(
                f"Mail to {post['EMAIL_HOST']} would travel in clear text.",
                hint="Use smtp+tls:// or smtps:// in EMAIL_URL; clear text is for a server on this machine only.",
                id="clinic.E001",
            )
        )
    if not 0 < post["EMAIL_TIMEOUT"] <= 120:
        found.append(
            Error(
                "EMAIL_URL needs a timeout between 1 and 120 seconds: without one a silent server holds the worker.",
                id="clinic.E002",
            )
        )
    return found


@register(Tags.database)
def sqlite_takes_its_lock_first(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return []
    options = database.get("OPTIONS", {})
    found: list[CheckMessage] = []
    if options.get("transaction_mode") != "IMMEDIATE":
        found.append(Error("SQLite must begin its transactions IMMEDIATE, or writers fail at once.", id="clinic.E003"))
    if not options.get("timeout"):
        found.append(Error("SQLite needs a timeout, or the second of two writers fails.", id="clinic.E004"))
    return found


@register()
def time_zones_are_recent(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    """Egypt has had summer time again since 2023; data that does not know it is too old to promise a date with."""
    summer = datetime(2024, 7, 1, 12, tzinfo=ZoneInfo("Africa/Cairo")).utcoffset()
    if summer is not None and summer.total_seconds() == 3 * 3600:
        return []
    return [Error("The time zone data of this machine is too old.", hint="Update tzdata.", id="clinic.E005")]


@register()
def the_clock_is_not_moved_in_earnest(app_configs: Apps, **kwargs: Any) -> list[CheckMessage]:
    if settings.CLOCK_FILE and not settings.DEBUG:
        return [Error("CLOCK_FILE moves the time; it is for demos and tests, with DEBUG on.", id="clinic.E006")]
    return []


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
