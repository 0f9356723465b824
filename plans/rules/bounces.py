"""What a report about a letter means: for the letter, and for the address it went to."""

from __future__ import annotations

import re
from dataclasses import dataclass

from plans.rules.states import BounceKind

# What stands before the @ of every Message-ID of ours: the row's id and the version of what it says.
KEY = r"r[0-9a-f]{32}\.v\d{1,6}"

# Codes that say no more than "refused": the words beside them have to tell why.
_VAGUE = re.compile(r"[245]\.(0\.\d{1,3}|[1-7]\.0|5\.\d{1,3}|3\.\d{1,3})")
_IN_WORDS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_BASIC = re.compile(r"(?<![\d.])([45]\d\d)(?![\d.])")
# 5.1.7 and 5.1.8 blame the sender's address. The others: no such mailbox, no such domain, or one that was closed.
_ADDRESS_CODES = re.compile(r"5\.(1\.([1-6]|10)|2\.1|4\.4|4\.310)")
_FULL_CODES = re.compile(r"[45]\.2\.2")
_FULL = re.compile(r"over ?quota|quota exceeded|mailbox (is )?full|full mailbox|insufficient storage", re.IGNORECASE)
_NOBODY = re.compile(
    r"user unknown|unknown user|no such (user|mailbox|recipient|person)|does(n't| not) (exist|have)|unroute?able"
    r"|mailbox (unavailable|not found|unknown|disabled)|recipient (unknown|not found)|invalid (recipient|mailbox)"
    r"|account (is )?(disabled|inactive)|not a valid mailbox",
    re.IGNORECASE,
)
_POLICY = re.compile(r"spam|block|black ?list|policy|reputation|denied|relay|dmarc|\bspf\b|dkim", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """One report as it came in. `key`: which letter it names, "" for none of ours. `recipients`: whose mail it speaks
    of, in lower case; empty where the reporter keeps that to itself.

    `is_final`: the letter will not arrive any more. `blames_address`: nor will any other sent there.
    """

    kind: BounceKind
    key: str = ""
    recipients: tuple[str, ...] = ()
    code: str = ""
    text: str = ""
    is_final: bool = False
    blames_address: bool = False


@dataclass(frozen=True, slots=True)
class Meaning:
    kind: BounceKind
    code: str
    blames_address: bool


def meaning(code: str, text: str) -> Meaning:
    """Read a refusal. A full mailbox is a passing fault of the address, however final the server says it is; a policy
    against us (5.7) blames the letter and not its address."""
    code = _finest(code, text)
    if _FULL_CODES.fullmatch(code) or (_is_vague(code) and (code == "552" or _FULL.search(text))):
        return Meaning(BounceKind.TRANSIENT, code, False)
    if code.startswith("4"):
        return Meaning(BounceKind.TRANSIENT, code, False)
    return Meaning(BounceKind.PERMANENT, code, _blames_address(code, text))


def _blames_address(code: str, text: str) -> bool:
    if _ADDRESS_CODES.fullmatch(code):
        return True
    return _is_vague(code) and bool(_NOBODY.search(text)) and not _POLICY.search(text)


def _is_vague(code: str) -> bool:
    return len(code) <= 3 or bool(_VAGUE.fullmatch(code))


def _finest(code: str, text: str) -> str:
    """The finest code there is: a vague one gives way to that in the server's own words."""
    if not _is_vague(code):
        return code
    for found in _IN_WORDS.findall(text):
        if not _is_vague(found):
            return str(found)
    if code:
        return code
    words = _IN_WORDS.search(text) or _BASIC.search(text)
    return words[1] if words else ""
