"""Every way in which a mail server can go wrong, and what has to become of a letter then.

The ends are those of the specification: what is our own fault costs the letter no try, what was refused is tried again
or failed, and where nobody can know whether the mail was taken, harmless letters go once more while of the others a
human is asked.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from tests.post.crooked_server import CUT, DRIBBLE, NONSENSE, STALL


class End(StrEnum):
    OURS = "our fault: planned, no try counted"
    LATER = "refused for now: planned, one try counted"
    NEVER = "refused for good: failed"
    NOBODY = "no such mailbox: failed, and the patient's mailbox is dead"
    DOUBT = "nobody knows: harmless ones go once more, of the others a human is asked"
    SENT = "sent"


@dataclass(frozen=True)
class Fault:
    """`takes`: the server keeps the mail although its answer is bad. `daily`: quick enough for every day."""

    name: str
    says: dict[str, str]
    end: End
    takes: bool = False
    daily: bool = False
    login: bool = False
    tls: str = ""
    served: dict[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


STARTTLS = "250-crooked.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"
LOGIN = "250-crooked.test\r\n250 AUTH PLAIN LOGIN"
REFUSED = {"nobody listens": "refused"}

_OURS = [
    Fault("nobody listens", REFUSED, End.OURS, daily=True),
    Fault("banner stalls", {"banner": STALL}, End.OURS),
    Fault("banner is cut", {"banner": CUT}, End.OURS, daily=True),
    Fault("banner is nonsense", {"banner": NONSENSE}, End.OURS),
    Fault("banner dribbles", {"banner": DRIBBLE}, End.OURS),
    Fault("banner 421", {"banner": "421 too busy"}, End.OURS, daily=True),
    Fault("banner 554", {"banner": "554 go away"}, End.OURS),
    Fault("EHLO 502", {"ehlo": "502 what is that"}, End.OURS),
    Fault("EHLO stalls", {"ehlo": STALL}, End.OURS),
    Fault("EHLO is cut", {"ehlo": CUT}, End.OURS),
    Fault("EHLO is nonsense", {"ehlo": NONSENSE}, End.OURS),
    Fault("password refused", {"ehlo": LOGIN, "auth": "535 5.7.8 wrong password"}, End.OURS, login=True, daily=True),
    Fault("login not offered", {"ehlo": "250 crooked.test"}, End.OURS, login=True),
    Fault("login is cut", {"ehlo": LOGIN, "auth": CUT}, End.OURS, login=True),
    Fault("login asked for at MAIL", {"mail": "530 5.7.0 log in first"}, End.OURS),
    Fault("sender refused", {"mail": "550 5.7.1 we do not know you"}, End.OURS, daily=True),
    Fault("login asked for at RCPT", {"rcpt": "530 5.7.0 log in first"}, End.OURS),
]
_TLS = [
    Fault("TLS stripped", {"ehlo": LOGIN}, End.OURS, login=True, tls="starttls", daily=True),
    Fault("TLS refused", {"ehlo": STARTTLS, "starttls": "454 not now"}, End.OURS, login=True, tls="starttls"),
    Fault("TLS cut", {"ehlo": STARTTLS, "starttls": CUT}, End.OURS, login=True, tls="starttls"),
    Fault("TLS spoken before", {"ehlo": STARTTLS, "starttls": "220 go\r\n250 more"}, End.OURS, tls="starttls"),
    Fault("certificate nobody vouches for", {"ehlo": STARTTLS}, End.OURS, login=True, tls="starttls", daily=True),
    Fault("the same at once", {}, End.OURS, login=True, tls="ssl", served={"tls_at_once": True}),
    Fault("a clear server where TLS is wanted at once", {}, End.OURS, login=True, tls="ssl"),
]
_REFUSED = [
    Fault("MAIL 451", {"mail": "451 later"}, End.LATER, daily=True),
    Fault("MAIL 421", {"mail": "421 closing"}, End.LATER),
    Fault("MAIL stalls", {"mail": STALL}, End.LATER),
    Fault("MAIL is cut", {"mail": CUT}, End.LATER),
    Fault("RCPT 450", {"rcpt": "450 4.7.1 greylisted"}, End.LATER, daily=True),
    Fault("RCPT 421", {"rcpt": "421 closing"}, End.LATER),
    Fault("RCPT stalls", {"rcpt": STALL}, End.LATER),
    Fault("RCPT is cut", {"rcpt": CUT}, End.LATER),
    Fault("RCPT is nonsense", {"rcpt": NONSENSE}, End.LATER),
    Fault("RCPT 5.1.1", {"rcpt": "550 5.1.1 no such user"}, End.NOBODY, daily=True),
    Fault("RCPT 5.2.2", {"rcpt": "552 5.2.2 mailbox full"}, End.NEVER, daily=True),
    Fault("RCPT 5.7.1", {"rcpt": "550 5.7.1 policy"}, End.NEVER),
    Fault("DATA 451", {"data": "451 4.3.0 try later"}, End.LATER),
    Fault("DATA 554", {"data": "554 no"}, End.NEVER),
    Fault("DATA stalls", {"data": STALL}, End.LATER),
    Fault("DATA is cut", {"data": CUT}, End.LATER, daily=True),
    Fault("DATA is nonsense", {"data": NONSENSE}, End.LATER),
]
_AFTER = [
    # The kernel has taken the last byte of so short a mail before the cut is seen: that is doubt, too.
    Fault("cut in the body", {"dot": "cut before"}, End.DOUBT),
    Fault("cut after the dot, taken", {"dot": CUT}, End.DOUBT, takes=True, daily=True),
    Fault("cut after the dot, lost", {"dot": CUT}, End.DOUBT, daily=True),
    Fault("stall after the dot, taken", {"dot": STALL}, End.DOUBT, takes=True),
    Fault("stall after the dot, lost", {"dot": STALL}, End.DOUBT),
    Fault("nonsense after the dot, taken", {"dot": NONSENSE}, End.DOUBT, takes=True),
    Fault("nonsense after the dot, lost", {"dot": NONSENSE}, End.DOUBT),
    Fault("dribble after the dot, taken", {"dot": DRIBBLE}, End.DOUBT, takes=True),
    Fault("220 after the dot, taken", {"dot": "220 hello?"}, End.DOUBT, takes=True),
    Fault("451 after the dot", {"dot": "451 4.3.0 try later"}, End.LATER),
    Fault("421 after the dot", {"dot": "421 closing"}, End.LATER),
    Fault("554 after the dot", {"dot": "554 5.7.1 looks like spam"}, End.NEVER, daily=True),
    Fault("QUIT stalls", {"quit": STALL}, End.SENT, takes=True),
    Fault("QUIT is cut", {"quit": CUT}, End.SENT, takes=True),
    Fault("QUIT 500", {"quit": "500 never"}, End.SENT, takes=True),
]

FAULTS = [*_OURS, *_TLS, *_REFUSED, *_AFTER]
DAILY = [fault for fault in FAULTS if fault.daily]
