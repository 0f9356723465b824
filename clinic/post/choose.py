"""Which way mail leaves, by the settings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from clinic.post.folder import FolderPost
from clinic.post.protocol import Post
from clinic.post.smtp import LONGEST_SEND, SmtpPost, Tls

USUAL_PORT = {Tls.NONE: 25, Tls.STARTTLS: 587, Tls.SSL: 465}


def open_post(settings: Mapping[str, object] | None, folder: Path) -> Post:
    """Return SMTP when settings name a server, else the folder. Use it as a context manager, once per batch.

    `settings` has the shape django-environ's `email_url` gives (EMAIL_HOST, EMAIL_PORT, EMAIL_HOST_USER,
    EMAIL_HOST_PASSWORD, EMAIL_USE_TLS, EMAIL_USE_SSL) and may add EMAIL_TIMEOUT and EMAIL_WALL_LIMIT in seconds.
    Refusal("clear_text_mail") when the server is another machine and TLS is not asked for.
    """
    if not settings or not settings.get("EMAIL_HOST"):
        return FolderPost(folder)
    tls = Tls.SSL if settings.get("EMAIL_USE_SSL") else Tls.STARTTLS if settings.get("EMAIL_USE_TLS") else Tls.NONE
    return SmtpPost(
        host=_text(settings, "EMAIL_HOST"),
        port=int(_number(settings, "EMAIL_PORT", USUAL_PORT[tls])),
        username=_text(settings, "EMAIL_HOST_USER"),
        password=_text(settings, "EMAIL_HOST_PASSWORD"),
        tls=tls,
        timeout=_number(settings, "EMAIL_TIMEOUT", 15.0),
        wall_limit=_number(settings, "EMAIL_WALL_LIMIT", LONGEST_SEND),
    )


def _text(settings: Mapping[str, object], key: str) -> str:
    return str(settings.get(key) or "")


def _number(settings: Mapping[str, object], key: str, usual: float) -> float:
    return float(str(settings.get(key) or usual))
