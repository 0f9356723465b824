"""One mail address, made safe to write into a header and an SMTP command."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from clinic.rules.refusal import Refusal

LONGEST_LOCAL_PART = 64
LONGEST_ADDRESS = 254

# Dot-atom only (RFC 5322 3.2.3): quoted local parts are legal, unused by people, and where injections hide.
_LOCAL_PART = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


@lru_cache(maxsize=1024)
def ascii_address(text: str) -> str:
    """Return the address in ASCII, its domain in IDNA form and lower case.

    Refusal("address") with a sentence for everything a mail server could misread: control and separator
    characters, two addresses, a local part over 64 or an address over 254 characters (RFC 5321 4.5.3.1).
    """
    local_part, at, domain = unicodedata.normalize("NFC", text).strip(" ").rpartition("@")
    if not at or not _LOCAL_PART.fullmatch(local_part) or len(local_part) > LONGEST_LOCAL_PART:
        raise _refusal("the part before the @ cannot be used")
    address = f"{local_part}@{_ascii_domain(domain)}"
    if len(address) > LONGEST_ADDRESS:
        raise _refusal("it is too long")
    return address


def _ascii_domain(domain: str) -> str:
    try:
        labels = domain.encode("idna").decode("ascii").lower().split(".")
    except UnicodeError:
        raise _refusal("the part after the @ cannot be used") from None
    if (len(labels) < 2 and labels != ["localhost"]) or not all(_LABEL.fullmatch(label) for label in labels):
        raise _refusal("the part after the @ cannot be used")
    return ".".join(labels)


def _refusal(why: str) -> Refusal:
    # The address itself is not repeated: the sentence ends in lists and logs.
    return Refusal("address", f"This mail address is not valid: {why}. Please check it with the patient.")
