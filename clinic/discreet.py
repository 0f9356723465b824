"""Log lines that give nobody's link away."""

from __future__ import annotations

import logging
import re

# Patients' pages and calendar feeds live below these, and what follows is the key to them.
SIGNED_LINK = re.compile(r"/(p|u|feeds)/[^\s\"'<>?#]+")


class Discreet(logging.Formatter):
    """Writes /p/…, /u/… and /feeds/… for every link that is a key, in messages and in tracebacks alike."""

    def format(self, record: logging.LogRecord) -> str:
        return SIGNED_LINK.sub(r"/\1/…", super().format(record))
