"""What came back is told apart: for good, for now, a machine's answer, a complaint, or nothing at all."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rules.bounce_hooks import Call, is_genuine, service_of
from plans.rules.bounce_mail import read_report
from plans.rules.bounces import Report, meaning
from plans.rules.states import BounceKind
from tests.post import reports as mail

P, T, A, C = BounceKind.PERMANENT, BounceKind.TRANSIENT, BounceKind.AUTO_REPLY, BounceKind.COMPLAINT


# Per report: its kind, the code that decides, whether the letter is lost, whether the address is to blame.
@pytest.mark.parametrize(
    ("raw", "kind", "code", "is_final", "blames"),
    [
        pytest.param(mail.POSTFIX, P, "5.1.1", True, True, id="postfix"),
        pytest.param(mail.POSTFIX_NO_DOMAIN, P, "5.4.4", True, True, id="postfix-no-domain"),
        pytest.param(mail.POSTFIX_GAVE_UP, T, "4.4.1", True, False, id="postfix-gave-up"),
        pytest.param(mail.POSTFIX_DELAYED, T, "4.2.0", False, False, id="postfix-delayed"),
        pytest.param(mail.EXIM, P, "5.1.1", True, True, id="exim"),
        pytest.param(mail.EXIM_UNROUTEABLE, P, "5.0.0", True, False, id="exim-says-nothing"),
        pytest.param(mail.OLD_EXIM, P, "", True, True, id="exim-in-words"),
        pytest.param(mail.EXCHANGE, P, "5.1.10", True, True, id="exchange"),
        pytest.param(mail.EXCHANGE_POLICY, P, "5.7.133", True, False, id="exchange-policy"),
        pytest.param(mail.GMAIL, P, "5.1.1", True, True, id="gmail"),
        pytest.param(mail.GMAIL_FULL, T, "5.2.2", True, False, id="gmail-full"),
        pytest.param(mail.SPAM_VERDICT, P, "5.0.0", True, False, id="blocked-not-unknown"),
        pytest.param(mail.QMAIL, P, "5.1.1", True, True, id="qmail"),
        pytest.param(mail.FORWARDED, P, "5.1.1", True, True, id="forwarded"),
        pytest.param(mail.NESTED, P, "5.1.1", True, True, id="nested"),
        pytest.param(mail.LARGE, P, "5.1.1", True, True, id="five-megabytes"),
        pytest.param(mail.THREADED, P, "5.1.1", True, True, id="a-letter-in-a-thread"),
    ],
)
def test_a_delivery_report_says_what_became_of_which_letter(
    raw: bytes, kind: BounceKind, code: str, is_final: bool, blames: bool
) -> None:
    found = read_report(raw)
    assert (found.kind, found.code, found.is_final, found.blames_address) == (kind, code, is_final, blames)
    assert found.key == mail.KEY
    assert mail.WHO in found.recipients
    assert mail.WHO not in found.text


@pytest.mark.parametrize("raw", mail.AWAY)
def test_a_machine_that_says_it_is_away_is_no_bounce(raw: bytes) -> None:
    found = read_report(raw)
    assert (found.kind, found.key, found.is_final) == (A, mail.KEY, False)


@pytest.mark.parametrize("raw", [mail.PERSON, mail.OWN_LETTER, mail.DELIVERED, mail.complaint("not-spam")])
def test_what_somebody_wrote_and_what_went_well_is_no_report(raw: bytes) -> None:
    assert read_report(raw) is None


@pytest.mark.parametrize("asked", [mail.WHO, ""])
def test_a_complaint_names_the_letter_even_when_it_hides_who_complained(asked: str) -> None:
    found = read_report(mail.complaint(asked=asked))
    assert (found.kind, found.key, found.recipients) == (C, mail.KEY, (asked,) if asked else ())


@pytest.mark.parametrize("raw", mail.BROKEN)
def test_broken_mail_stops_nobody_and_is_read_quickly(raw: bytes) -> None:
    began = time.monotonic()
    read_report(raw)
    assert time.monotonic() - began < 3


@given(raw=st.binary(max_size=400), place=st.integers(0, len(mail.POSTFIX)))
def test_no_damage_makes_the_reading_fail(raw: bytes, place: int) -> None:
    found = read_report(mail.POSTFIX[:place] + raw + mail.POSTFIX[place + len(raw) :])
    assert found is None or isinstance(found, Report)


@pytest.mark.parametrize(
    ("code", "said", "kind", "blames"),
    [
        ("", "550 no such mailbox", P, True), ("", "552 quota exceeded", T, False), ("5.1.8", "bad sender", P, False),
        ("5.2.1", "disabled", P, True), ("550", "5.7.1 relay access denied", P, False), ("", "", P, False),
        ("5.5.0", "mailbox unavailable", P, True), ("5.0.0", "mailbox is full", T, False), ("421", "try later", T, False),
    ],
)  # fmt: skip
def test_only_an_address_that_does_not_exist_is_blamed(code: str, said: str, kind: BounceKind, blames: bool) -> None:
    found = meaning(code, said)
    assert (found.kind, found.blames_address) == (kind, blames)


# -- mail services ---------------------------------------------------------------------------------------------------
def heard(data: Any, *, key: str = "", signature: str = "", at: float = 0) -> list[Report] | None:
    service = service_of(data)
    call = Call(json.dumps(data).encode(), data, signature, at)
    return list(service.reports(data)) if service and is_genuine(service, call, key) else None


def simple(event: str = "failed", **more: object) -> dict[str, Any]:
    return {"reports": [{"message_id": mail.OURS, "recipient": mail.WHO, "event": event, "status": "5.1.1", **more}]}


def mailgun(event: str = "failed", severity: str = "permanent", code: str = "5.1.1", **signed: str) -> dict[str, Any]:
    return {
        "signature": signed,
        "event-data": {
            "event": event, "severity": severity, "recipient": mail.WHO,
            "message": {"headers": {"message-id": mail.OURS[1:-1], "to": mail.WHO}},
            "delivery-status": {"code": 550, "enhanced-code": code, "message": "no such user"},
        },
    }  # fmt: skip


SENDGRID = {
    "sg_event_id": "x", "event": "bounce", "email": mail.WHO, "smtp-id": mail.OURS, "status": "5.1.1", "reason": "550 5.1.1",
}  # fmt: skip
BREVO = {
    "event": "hard_bounce",
    "email": mail.WHO,
    "message-id": mail.OURS,
    "reason": "550 5.1.1 no such user",
    "id": 1,
}


@pytest.mark.parametrize(
    ("data", "kind", "is_final", "blames"),
    [
        (simple(), P, True, True), (simple("delayed", status="4.4.1"), T, False, False), (simple("complaint"), C, False, False),
        (simple("auto_reply"), A, False, False), (mailgun(), P, True, True), (mailgun(severity="temporary"), T, False, False),
        (mailgun(code="5.2.2"), T, True, False), (mailgun("complained"), C, False, False), ([SENDGRID], P, True, True),
        ([{**SENDGRID, "event": "spamreport"}], C, False, False), (BREVO, P, True, True),
        ({**BREVO, "event": "soft_bounce"}, T, False, False), ({**BREVO, "event": "spam"}, C, False, False),
    ],
)  # fmt: skip
def test_each_service_is_understood(data: Any, kind: BounceKind, is_final: bool, blames: bool) -> None:
    [found] = heard(data)
    assert (found.kind, found.is_final, found.blames_address) == (kind, is_final, blames)
    assert (found.key, found.recipients) == (mail.KEY, (mail.WHO,))


@pytest.mark.parametrize(
    "data", [{}, [], 7, "x", None, {"reports": "x"}, {"reports": [1, None]}, {"event-data": 3}, mailgun("opened"), [{}]]
)
def test_what_tells_nothing_reports_nothing(data: Any) -> None:
    assert not heard(data)


def test_a_signed_call_is_believed_and_a_forged_or_old_one_is_not() -> None:
    def seal(text: bytes) -> str:
        return hmac.new(b"key", text, hashlib.sha256).hexdigest()

    stamped = {"timestamp": "1000000", "token": "abc", "signature": seal(b"1000000abc")}
    assert heard(mailgun(**stamped), key="key", at=1_000_300)
    assert heard(mailgun(**stamped), key="other", at=1_000_300) is None
    assert heard(mailgun(**stamped), key="key", at=1_000_000 + 25 * 3600) is None
    assert heard(mailgun(), key="key", at=1_000_300) is None
    assert heard(simple(), key="key", signature="sha256=" + seal(json.dumps(simple()).encode()))
    assert heard(simple(), key="key", signature="sha256=" + seal(b"another body")) is None
    assert heard(simple(), key="key") is None
