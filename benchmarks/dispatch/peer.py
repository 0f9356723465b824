"""The peers' side, in their own environment: `peer.py MAILS DATABASE_URL`, then one line of JSON in, one out.

They get subject, text and HTML ready-made and make the mail of it; nothing is rendered. Modes: `django` is
`send_messages` on one kept connection and no queue; `post_office` is `send_queued` with the fastest settings it has
(batch of 5,000, no log rows, one process or two); `mailer` is django-mailer's `send_all` without its file lock.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
from django.conf import settings


def main(mails: Path, url: str) -> None:
    settings.configure(
        SECRET_KEY="only-for-this-benchmark",
        USE_TZ=True,
        INSTALLED_APPS=["django.contrib.contenttypes", "post_office", "mailer"],
        DATABASES={"default": database(url)},
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=25,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates"}],
        MAILER_USE_FILE_LOCK=False,
        MAILER_EMAIL_MAX_BATCH=None,
        POST_OFFICE={
            "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
            "BATCH_SIZE": 5000,
            "LOG_LEVEL": 0,
            "MESSAGE_ID_ENABLED": True,
            "SENDING_ORDER": ["id"],
        },
    )
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    logging.disable(logging.INFO)
    known = json.loads(mails.read_text())
    letters = [(sender, to, *texts) for (sender, to, _), texts in zip(known["mails"], known["texts"], strict=True)]
    print(json.dumps({"letters": len(letters)}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        settings.EMAIL_PORT = asked["port"]
        durability(durable=asked["durable"])
        work = MODES[asked["mode"]](letters[: asked["letters"]], asked)
        before, began = cpu(), time.perf_counter()
        work()
        answer = {"wall": time.perf_counter() - began, "cpu": cpu() - before, "sent": asked["letters"]}
        print(json.dumps(answer), flush=True)


def database(url: str) -> dict[str, Any]:
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        options = {"timeout": 60, "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL"}
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": parts.path[1:], "OPTIONS": options}
    where = {"HOST": parts.hostname, "PORT": parts.port, "USER": parts.username, "NAME": parts.path[1:]}
    return {"ENGINE": "django.db.backends.postgresql", **where}


def durability(*, durable: bool) -> None:
    from django.db import connection

    # Processes that were forked last time have ended, and a session they shared has ended with them.
    connection.close()
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA synchronous={'FULL' if durable else 'NORMAL'}")
        else:
            cursor.execute(f"SET synchronous_commit = {'on' if durable else 'off'}")


def by_django(letters: list[Any], asked: dict[str, Any]) -> Callable[[], object]:
    from django.core.mail import EmailMultiAlternatives, get_connection

    def work() -> None:
        made = []
        for sender, to, subject, text, html in letters:
            mail = EmailMultiAlternatives(subject, text, sender, [to])
            mail.attach_alternative(html, "text/html")
            made.append(mail)
        get_connection().send_messages(made)

    return work


def by_post_office(letters: list[Any], asked: dict[str, Any]) -> Callable[[], object]:
    from post_office.mail import create, send_queued
    from post_office.models import PRIORITY, STATUS, Email

    Email.objects.all().delete()
    mails = [
        create(sender, [to], subject=subject, message=text, html_message=html, priority=PRIORITY.medium, commit=False)
        for sender, to, subject, text, html in letters
    ]
    Email.objects.bulk_create(mails)
    Email.objects.update(status=STATUS.queued)
    return partial(send_queued, processes=asked.get("processes", 1), log_level=0)


def by_mailer(letters: list[Any], asked: dict[str, Any]) -> Callable[[], object]:
    from django.core.mail import EmailMultiAlternatives
    from mailer.engine import send_all
    from mailer.models import PRIORITY_MEDIUM, Message, MessageLog, make_message

    Message.objects.all().delete()
    MessageLog.objects.all().delete()
    for sender, to, subject, text, html in letters:
        message = make_message(subject=subject, body=text, from_email=sender, to=[to], priority=PRIORITY_MEDIUM)
        mail = EmailMultiAlternatives(subject, text, sender, [to])
        mail.attach_alternative(html, "text/html")
        message.email = mail
        message.save()
    return send_all


MODES = {"django": by_django, "post_office": by_post_office, "mailer": by_mailer}


def cpu() -> float:
    """Processor seconds of this process and of the children it has waited for."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
