"""Reports as mail servers and mail programs really write them, about a letter of ours. No real names or hosts."""

from __future__ import annotations

import base64

KEY = "r0190a5d000007000800000000000abcd.v1"
OURS = f"<{KEY}@clinic.example>"
WHO = "mei@example.org"


def original(message_id: str = OURS, to: str = WHO, earlier: str = "") -> str:
    references = f"In-Reply-To: {earlier}\r\nReferences: {earlier}\r\n" if earlier else ""
    return (
        f"From: Riverside Hair Clinic <desk@clinic.example>\r\nTo: Mei <{to}>\r\nSubject: Your appointment\r\n"
        f"Date: Mon, 05 Oct 2026 01:00:00 +0000\r\nMessage-ID:\r\n {message_id}\r\n{references}"
        f"Auto-Submitted: auto-generated\r\nIdempotency-Key: {message_id[1:].partition('@')[0]}\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\nHello Mei\r\n"
    )


def report(
    status: str, *, diagnostic: str = "", action: str = "failed", to: str = WHO, letter: str = "", asked: str = "",
    head: str = "", third: str = "message/rfc822",
) -> bytes:  # fmt: skip
    """A delivery status notification (RFC 3464)."""
    said = f"Diagnostic-Code: {diagnostic}\r\n" if diagnostic else ""
    wanted = f"Original-Recipient: rfc822;{asked}\r\n" if asked else ""
    return (
        f"{head}From: MAILER-DAEMON@mx.example (Mail Delivery System)\r\nTo: desk@clinic.example\r\n"
        "Subject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\r\nMessage-Id: <1@mx.example>\r\n\r\n'
        "This is a MIME-encapsulated message.\r\n\r\n--B\r\nContent-Description: Notification\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nI'm sorry to have to inform you.\r\n\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n"
        "Arrival-Date: Mon,  5 Oct 2026 01:00:01 +0000\r\n\r\n"
        f"Final-Recipient: rfc822; {to}\r\n{wanted}Action: {action}\r\nStatus: {status}\r\n{said}\r\n"
        f"--B\r\nContent-Type: {third}\r\n\r\n{letter or original()}\r\n--B--\r\n"
    ).encode()


POSTFIX = report(
    "5.1.1", asked=WHO, third="text/rfc822-headers",
    diagnostic="smtp; 550 5.1.1 <mei@example.org>: Recipient address rejected: User\r\n    unknown in virtual mailbox table",
)  # fmt: skip
POSTFIX_NO_DOMAIN = report(
    "5.4.4", diagnostic="X-Postfix; Host or domain name not found. Name service error for name=example.org type=A"
)
POSTFIX_GAVE_UP = report("4.4.1", diagnostic="X-Postfix; connect to mx.example.org: Connection timed out")
POSTFIX_DELAYED = report("4.2.0", action="delayed", diagnostic="smtp; 451 4.2.0 Greylisted, see later")
EXIM = report("5.0.0", diagnostic="smtp; 550 5.1.1 No such user here", head=f"X-Failed-Recipients: {WHO}\r\n")
EXIM_UNROUTEABLE = report("5.0.0", diagnostic="", head=f"X-Failed-Recipients: {WHO}\r\n")
EXCHANGE = report(
    "5.1.10",
    diagnostic="smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    head="X-MS-Exchange-Message-Is-Ndr:\r\nContent-Language: en-US\r\n",
)
EXCHANGE_POLICY = report("5.7.133", diagnostic="smtp;550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; denied")
GMAIL = report(
    "5.1.1",
    diagnostic=(
        "smtp; 550-5.1.1 The email account that you tried to reach does not exist. Please try\r\n"
        " 550-5.1.1 double-checking the recipient's email address for typos. 550 5.1.1 NoSuchUser - gsmtp"
    ),
)
GMAIL_FULL = report("5.2.2", diagnostic="smtp; 552-5.2.2 The recipient's inbox is out of storage space and inactive.")
SPAM_VERDICT = report("5.0.0", diagnostic="smtp; 550 Blocked: mailbox unavailable for senders on our block list")
DELIVERED = report("2.0.0", action="delivered", diagnostic="smtp; 250 2.0.0 Ok")
FORWARDED = report("5.1.1", to="mei.other@elsewhere.example", asked=WHO, diagnostic="smtp; 550 5.1.1 User unknown")
THREADED = report("5.1.1", letter=original(earlier="<r0190a5d0000070008000000000000001.v1@clinic.example>"))

QMAIL = (
    "From: MAILER-DAEMON@mx.example\r\nTo: desk@clinic.example\r\nSubject: failure notice\r\n\r\n"
    "Hi. This is the qmail-send program at mx.example.\r\nI'm afraid I wasn't able to deliver your message.\r\n\r\n"
    f"<{WHO}>:\r\n192.0.2.7 does not like recipient.\r\nRemote host said: 550 5.1.1 User unknown\r\nGiving up.\r\n\r\n"
    f"--- Below this line is a copy of the message.\r\n\r\nReturn-Path: <desk@clinic.example>\r\n{original()}"
).encode()  # fmt: skip
OLD_EXIM = (
    f"X-Failed-Recipients: {WHO}\r\nAuto-Submitted: auto-replied\r\nFrom: Mail Delivery System <Mailer-Daemon@mx.example>"
    "\r\nTo: desk@clinic.example\r\nSubject: Mail delivery failed: returning message to sender\r\n\r\n"
    "This message was created automatically by mail delivery software.\r\n\r\n"
    f"  {WHO}\r\n    Unrouteable address\r\n\r\n"
    "------ This is a copy of the message, including all the headers. ------\r\n\r\n" + original()
).encode()


def complaint(feedback: str = "abuse", asked: str = WHO) -> bytes:
    """Abuse report format (RFC 5965)."""
    named = f"Original-Rcpt-To: <{asked}>\r\n" if asked else ""
    return (
        "From: <feedback@provider.example>\r\nTo: <abuse@clinic.example>\r\nSubject: FW: Your appointment\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=feedback-report; boundary="F"\r\n\r\n'
        "--F\r\nContent-Type: text/plain\r\n\r\nThis is an email abuse report.\r\n\r\n"
        f"--F\r\nContent-Type: message/feedback-report\r\n\r\nFeedback-Type: {feedback}\r\nUser-Agent: Some/1.0\r\n"
        f"Version: 1\r\n{named}\r\n--F\r\nContent-Type: message/rfc822\r\n\r\n{original()}\r\n--F--\r\n"
    ).encode()


def answer(subject: str, head: str = "") -> bytes:
    return (
        f"From: Mei <{WHO}>\r\nTo: desk@clinic.example\r\nSubject: {subject}\r\nIn-Reply-To: {OURS}\r\n{head}"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nI am away until Monday.\r\n"
    ).encode()


def encoded(subject: str) -> str:
    return f"=?utf-8?B?{base64.b64encode(subject.encode()).decode()}?="


AWAY = (
    answer("Re: Your appointment", "Auto-Submitted: auto-replied (vacation)\r\n"),
    answer("Automatic reply: Your appointment", "X-Auto-Response-Suppress: All\r\n"),
    answer("Re: Your appointment", "X-Autoreply: yes\r\nPrecedence: bulk\r\n"),
    *(
        answer(encoded(subject))
        for subject in (
            "Automatische Antwort: Ihr Termin", "Réponse automatique : Votre rendez-vous", "Respuesta automática: Su cita",
            "رد تلقائي: موعدك", "自动回复：您的预约", "Автоответ: Ваша запись", "Fuori sede: appuntamento",
        )
    ),
)  # fmt: skip
PERSON = answer("Re: Your appointment")
OWN_LETTER = original().encode()

NESTED = (
    b"From: desk@clinic.example\r\nTo: bounces@clinic.example\r\nSubject: Fwd: it came back\r\nMIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="N"\r\n\r\n--N\r\nContent-Type: text/plain\r\n\r\nSee below\r\n'
    b"--N\r\nContent-Type: message/rfc822\r\n\r\n" + POSTFIX + b"\r\n--N--\r\n"
)
LARGE = report("5.1.1", letter=original() + "x" * 5_000_000)
BROKEN = (
    POSTFIX[: POSTFIX.index(b"--B--")],
    POSTFIX.replace(b'boundary="B"', b'boundary="other"'),
    b"\xff\xfe\x00Subject: \xe9\r\n\r\n",
    b"",
    b"Content-Type: message/rfc822\r\n\r\n" * 5_000,
    b'Content-Type: multipart/report; boundary="\xff"\r\nSubject: =?no-such?Q?x?=\r\n\r\n--',
    b"From: =?utf-8?B?////?=\r\nSubject: Undeliverable\r\nX-Failed-Recipients: =?\r\n\r\n",
)
