from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage
from email.utils import parseaddr

import pytest

from clinic.post import Envelope, ascii_address, build
from clinic.rules.refusal import Refusal

ENVELOPE = Envelope(
    sender="post@clinic.example",
    sender_name="Clinic, Ltd.",
    reply_to="desk@clinic.example",
    recipient="mei@example.org",
    recipient_name="Mei",
    subject="Your appointment on Tue 3 Nov 2026, 10:30",
    text="Hello Mei,\n\nsee you.\n",
    html="<p>Hello Mei,</p><p>see you.</p>",
    message_id="<r1.v1@clinic.example>",
    date=datetime(2026, 10, 5, 7, 0, tzinfo=UTC),
    idempotency_key="r1.v1",
    unsubscribe_url="https://clinic.example/stop/abc",
)


def read(envelope: Envelope) -> EmailMessage:
    return message_from_bytes(build(envelope), policy=policy.default)


def written(part: EmailMessage) -> str:
    return part.get_content().replace("\r\n", "\n")


def decoded_mailbox(mail: EmailMessage, header: str) -> tuple[str, str]:
    """Read a mailbox by the old parser: the new one puts a space between two encoded words of one name."""
    raw = next(value for name, value in mail.raw_items() if name == header)
    encoded, address = parseaddr(raw.replace("\r\n", "").replace("\n", ""))
    return str(make_header(decode_header(encoded))), address


def test_the_mail_says_what_the_envelope_says():
    mail = read(ENVELOPE)
    assert mail["From"] == '"Clinic, Ltd." <post@clinic.example>'
    assert mail["To"] == "Mei <mei@example.org>"
    assert mail["Reply-To"] == "desk@clinic.example"
    assert mail["Subject"] == ENVELOPE.subject
    assert mail["Message-ID"] == "<r1.v1@clinic.example>"
    assert mail["Date"].datetime == ENVELOPE.date
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Unsubscribe"] == "<https://clinic.example/stop/abc>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]
    assert [written(part) for part in mail.iter_parts()] == [ENVELOPE.text, ENVELOPE.html]
    assert not mail.defects
    assert not [defect for part in mail.walk() for defect in part.defects]


def test_the_same_envelope_is_the_same_bytes_and_another_is_not():
    assert build(ENVELOPE) == build(replace(ENVELOPE))
    assert build(ENVELOPE) != build(replace(ENVELOPE, message_id="<r2.v1@clinic.example>"))


def test_a_calendar_travels_as_an_attachment_with_its_method():
    calendar = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
    mail = read(replace(ENVELOPE, calendar=calendar, calendar_method="CANCEL"))
    letter, attached = mail.iter_parts()
    assert letter.get_content_type() == "multipart/alternative"
    assert attached.get_content_type() == "text/calendar"
    assert attached["Content-Type"].params["method"] == "CANCEL"
    assert attached.get_filename() == "appointment.ics"
    assert attached.get_payload(decode=True) == calendar


def test_a_mail_that_replaces_another_points_at_it():
    mail = read(replace(ENVELOPE, references=("<r0.v1@clinic.example>", "r0.v2@clinic.example")))
    assert mail["References"] == "<r0.v1@clinic.example> <r0.v2@clinic.example>"
    assert mail["In-Reply-To"] == "<r0.v2@clinic.example>"


@pytest.mark.parametrize(
    "name",
    [
        "نور الهدى عبد الرحمن محمد السيد إبراهيم",
        "李美玲",
        "மீனாட்சி சுந்தரம்",
        "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh-Smythe",
        'O"Brien \\ (Mei), Jr. <x@y.test>',
        "=?utf-8?Q?not_ours?=",
        "👩🏽‍⚕️" * 12,
    ],
)
def test_every_name_and_subject_comes_back_as_it_was(name: str):
    mail = read(replace(ENVELOPE, recipient_name=name, sender_name=name, subject=name, text=name, html=name))
    for header, address in (("To", ENVELOPE.recipient), ("From", ENVELOPE.sender)):
        assert decoded_mailbox(mail, header) == (name, address)
    assert len(mail["To"].addresses) == 1
    assert mail["Subject"] == name
    assert [written(part) for part in mail.iter_parts()] == [name, name]


@pytest.mark.parametrize("control", ["\r\n", "\n", "\r", "\x0b", "\x0c", "\x00", "\x85", "\u2028", "\u2029"])
def test_nothing_typed_can_start_a_header(control: str):
    evil = f"Mei{control}Bcc: everyone@example.org{control}{control}<script>"
    mail = read(replace(ENVELOPE, recipient_name=evil, sender_name=evil, subject=evil))
    assert sorted(mail.keys()) == sorted(read(ENVELOPE).keys())
    assert len(mail["To"].addresses) == 1
    assert "Bcc" not in mail
    for field in ("sender", "reply_to", "recipient"):
        with pytest.raises(Refusal) as caught:
            build(replace(ENVELOPE, **{field: f"mei@example.org{control}Bcc: x@y.test"}))
        assert caught.value.code == "address"
    for field in ("message_id", "unsubscribe_url", "idempotency_key"):
        with pytest.raises(ValueError, match=r"cannot stand|must be plain"):
            build(replace(ENVELOPE, **{field: f"https://x{control}Bcc:x"}))


def test_lines_are_ascii_end_in_crlf_and_stay_short():
    letter = ("word " * 2000 + "\n") + "x" * 5000 + "\r" + "نور" * 900 + "\n.\n..\nFrom here\n" + "trailing \n"
    raw = build(
        replace(
            ENVELOPE,
            text=letter,
            html=f"<p>{letter}</p>",
            subject="s" * 3000,
            recipient_name="n" * 3000,
            references=tuple(f"<{'r' * 200}{n}@clinic.example>" for n in range(20)),
            calendar=b"x" * 5000,
        )
    )
    lines = raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 998
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert raw.isascii()
    mail = message_from_bytes(raw, policy=policy.default)
    text = next(part for part in mail.walk() if part.get_content_type() == "text/plain")
    assert written(text) == letter.replace("\r", "\n")


def test_a_date_without_its_zone_is_a_mistake():
    with pytest.raises(ValueError, match="time zone"):
        build(replace(ENVELOPE, date=datetime(2026, 10, 5, 7, 0)))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Mei.Li+hair@Example.ORG", "Mei.Li+hair@example.org"),
        (" mei@example.org ", "mei@example.org"),
        ("mei@bücher.example", "mei@xn--bcher-kva.example"),
        ("mei@localhost", "mei@localhost"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_a_good_address_is_written_one_way(typed: str, written: str):
    assert ascii_address(typed) == written


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "mei",
        "@example.org",
        "mei@",
        "mei@example",
        "mei@@example.org",
        "mei@exa mple.org",
        "a@b.test,c@d.test",
        "a@b.test c@d.test",
        "<a@b.test>",
        '"a b"@example.org',
        ".mei@example.org",
        "me..i@example.org",
        "mei@-example.org",
        "mei@example..org",
        "mei@example.org\x00",
        "mei\u202e@example.org",
        "mëi@example.org",
        "a" * 65 + "@example.org",
        "mei@" + ".".join(["x" * 60] * 5),
    ],
)
def test_what_a_server_could_misread_is_refused_with_a_sentence(typed: str):
    with pytest.raises(Refusal) as caught:
        ascii_address(typed)
    assert caught.value.code == "address"
    assert "mail address is not valid" in caught.value.sentence
    assert not typed or typed not in caught.value.sentence
