"""Under whose name mails and calendar entries are numbered."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings

from clinic.models import Location

_NO_NAMES = {"", "localhost", "127.0.0.1", "::1"}


def mail_domain(location: Location) -> str:
    """What stands behind the @ of a Message-ID: the program's own name, or the desk's when it has none."""
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    return location.email.rpartition("@")[2] if host in _NO_NAMES else host
