from __future__ import annotations

import socket
import ssl
import time

import pytest
from aiosmtpd.controller import Controller

from clinic.post import Outcome, OutcomeKind, SmtpPost, Tls
from clinic.rules.refusal import Refusal
from tests.post.crooked_server import CUT, DRIBBLE, NONSENSE, STALL, USUAL, CrookedServer

MAIL = b"Subject: Hello\r\n\r\nFirst line\r\n.a line that begins with a dot\r\nLast line\r\n"
PATIENT, CLINIC = "mei@example.org", "desk@clinic.example"


def post_to(server: CrookedServer, **more) -> SmtpPost:
    settings = {"tls": Tls.NONE, "timeout": 0.4, "wall_limit": 1.5} | more
    return SmtpPost("127.0.0.1", server.port, **settings)


def send_one(server: CrookedServer, **more) -> Outcome:
    with post_to(server, **more) as post:
        return post.send(PATIENT, CLINIC, MAIL, "r1")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def test_a_mail_arrives_byte_for_byte_at_a_real_server():
    seen = []

    class Keeper:
        async def handle_DATA(self, server, session, envelope):
            seen.append((envelope.mail_from, envelope.rcpt_tos, envelope.original_content))
            return "250 kept"

    port = free_port()
    controller = Controller(Keeper(), hostname="127.0.0.1", port=port)
    controller.start()
    try:
        with SmtpPost("127.0.0.1", port, tls=Tls.NONE, timeout=2) as post:
            outcomes = [post.send(PATIENT, CLINIC, MAIL, f"r{n}") for n in range(3)]
    finally:
        controller.stop()
    assert [outcome.kind for outcome in outcomes] == [OutcomeKind.SENT] * 3
    assert seen == [(CLINIC, [PATIENT], MAIL)] * 3


def test_a_batch_uses_one_connection():
    with CrookedServer() as server, post_to(server) as post:
        kinds = {post.send(PATIENT, CLINIC, MAIL, f"r{n}").kind for n in range(20)}
        assert kinds == {OutcomeKind.SENT}
        assert server.connections == 1
    assert server.kept == [MAIL] * 20


BEFORE_THE_CONVERSATION = [
    ({"banner": STALL}, None),
    ({"banner": CUT}, None),
    ({"banner": "554 go away"}, 554),
    ({"banner": "421 too busy"}, 421),
    ({"banner": NONSENSE}, None),
    ({"banner": DRIBBLE}, None),
    ({"ehlo": "502 what is that"}, 502),
    ({"ehlo": STALL}, None),
    ({"mail": "550 5.7.1 we do not know you"}, 550),
    ({"mail": "530 5.7.0 log in first"}, 530),
    ({"rcpt": "530 5.7.0 log in first"}, 530),
]


@pytest.mark.parametrize(("faults", "code"), BEFORE_THE_CONVERSATION)
def test_what_the_server_has_against_us_is_not_held_against_the_mail(faults, code):
    with CrookedServer(**faults) as server:
        outcome = send_one(server)
    assert (outcome.kind, outcome.code) == (OutcomeKind.OURS, code)
    assert server.kept == []


REFUSED = [
    ({"mail": "451 later"}, OutcomeKind.REFUSED_FOR_NOW, 451),
    ({"rcpt": "450 4.7.1 greylisted"}, OutcomeKind.REFUSED_FOR_NOW, 450),
    ({"rcpt": "421 closing"}, OutcomeKind.REFUSED_FOR_NOW, 421),
    ({"rcpt": "550 5.1.1 no such user"}, OutcomeKind.REFUSED_FOR_GOOD, 550),
    ({"rcpt": "552 5.2.2 mailbox full"}, OutcomeKind.REFUSED_FOR_GOOD, 552),
    ({"rcpt": CUT}, OutcomeKind.REFUSED_FOR_NOW, None),
    ({"rcpt": STALL}, OutcomeKind.REFUSED_FOR_NOW, None),
    ({"data": "451 4.3.0 try later"}, OutcomeKind.REFUSED_FOR_NOW, 451),
    ({"data": "554 no"}, OutcomeKind.REFUSED_FOR_GOOD, 554),
    ({"data": "250 what now"}, OutcomeKind.REFUSED_FOR_NOW, 250),
    ({"data": NONSENSE}, OutcomeKind.REFUSED_FOR_NOW, None),
    ({"data": CUT}, OutcomeKind.REFUSED_FOR_NOW, None),
]


@pytest.mark.parametrize(("faults", "kind", "code"), REFUSED)
def test_a_fault_before_the_dot_is_never_in_doubt(faults, kind, code):
    with CrookedServer(**faults) as server:
        outcome = send_one(server)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert server.kept == []


def test_a_connection_cut_in_the_middle_of_a_long_mail_is_not_in_doubt():
    long_mail = MAIL + b"x" * 70 * 1024 * 1024
    with CrookedServer(dot="cut before") as server, post_to(server, wall_limit=10) as post:
        assert post.send(PATIENT, CLINIC, long_mail, "r1").kind is OutcomeKind.REFUSED_FOR_NOW
    assert server.kept == []


AFTER_THE_DOT = [
    (CUT, OutcomeKind.IN_DOUBT, None),
    (STALL, OutcomeKind.IN_DOUBT, None),
    (NONSENSE, OutcomeKind.IN_DOUBT, None),
    (DRIBBLE, OutcomeKind.IN_DOUBT, None),
    ("220 hello?", OutcomeKind.IN_DOUBT, 220),
    ("451 4.3.0 try later", OutcomeKind.REFUSED_FOR_NOW, 451),
    ("421 closing", OutcomeKind.REFUSED_FOR_NOW, 421),
    ("554 5.7.1 looks like spam", OutcomeKind.REFUSED_FOR_GOOD, 554),
    ("250", OutcomeKind.SENT, 250),
]


IN_ONE_WRITE = "250-crooked.test\r\n250-PIPELINING\r\n250 8BITMIME"
EVERY_FAULT = [faults for faults, *_ in REFUSED if faults.get("data") != NONSENSE]
EVERY_FAULT += [
    {"mail": "451 later"},
    {"mail": "550 5.7.1 no"},
    {"mail": CUT},
    *({"dot": a} for a, *_ in AFTER_THE_DOT),
]


@pytest.mark.parametrize("faults", [{}, *EVERY_FAULT], ids=str)
def test_three_commands_in_one_write_end_as_three_writes_do(faults):
    ends = []
    for offers in ({}, {"ehlo": IN_ONE_WRITE}):
        with CrookedServer(**faults, **offers) as server, post_to(server) as post:
            first = post.send(PATIENT, CLINIC, MAIL, "r1")
            kept = list(server.kept)
            server.says.update(USUAL, **offers)
            ends.append((first.kind, first.code, kept, post.send(PATIENT, CLINIC, MAIL, "r2").kind))
    assert ends[0] == ends[1]
    assert ends[0][3] is OutcomeKind.SENT


@pytest.mark.parametrize("offers", [{}, {"ehlo": IN_ONE_WRITE}], ids=["plain", "pipelining"])
def test_a_mail_called_back_at_the_last_moment_leaves_nothing(offers):
    with CrookedServer(**offers) as server, post_to(server) as post:
        withdrawn = post.send(PATIENT, CLINIC, MAIL, "r1", lambda: False)
        assert withdrawn.kind is OutcomeKind.WITHDRAWN
        assert post.send(PATIENT, CLINIC, MAIL, "r2").kind is OutcomeKind.SENT
        assert server.connections == 2
    assert server.kept == [MAIL]


def test_ready_is_asked_after_the_server_has_agreed_and_only_then():
    asked: list[list[str]] = []
    with CrookedServer(ehlo=IN_ONE_WRITE) as server, post_to(server) as post:
        post.send(PATIENT, CLINIC, MAIL, "r1", lambda: asked.append(list(server.heard)) or True)
        server.says["rcpt"] = "450 4.7.1 greylisted"
        post.send(PATIENT, CLINIC, MAIL, "r2", lambda: asked.append([]) or True)
    assert [heard[-1] for heard in asked] == ["DATA"]


@pytest.mark.parametrize(("answer", "kind", "code"), AFTER_THE_DOT)
def test_after_the_dot_only_a_clear_answer_ends_the_doubt(answer, kind, code):
    with CrookedServer(dot=answer) as server:
        outcome = send_one(server)
    assert (outcome.kind, outcome.code) == (kind, code)
    assert server.kept == [MAIL]


@pytest.mark.parametrize("goodbye", [STALL, CUT, NONSENSE, "500 never"])
def test_a_bad_goodbye_does_not_unsend_the_mail(goodbye):
    with CrookedServer(quit=goodbye) as server:
        assert send_one(server).kind is OutcomeKind.SENT


def test_a_dribbling_server_cannot_hold_the_sender():
    with CrookedServer(dot=DRIBBLE) as server, post_to(server, timeout=0.5, wall_limit=0.8) as post:
        began = time.monotonic()
        post.send(PATIENT, CLINIC, MAIL, "r1")
        assert time.monotonic() - began < 1.3


@pytest.mark.parametrize("goodbye", ["421 enough for today", CUT])
def test_a_server_that_hangs_up_between_mails_is_called_again(goodbye):
    with CrookedServer() as server, post_to(server) as post:
        server.after_mail[1] = goodbye
        assert post.send(PATIENT, CLINIC, MAIL, "r1").kind is OutcomeKind.SENT
        assert post.send(PATIENT, CLINIC, MAIL, "r2").kind is OutcomeKind.SENT
        assert server.connections == 2
    assert server.kept == [MAIL] * 2


def test_a_stray_reply_is_never_taken_for_the_next_mails():
    with CrookedServer() as server, post_to(server) as post:
        server.after_mail[1] = "250 2.0.0 a reply too many"
        post.send(PATIENT, CLINIC, MAIL, "r1")
        time.sleep(0.05)
        assert post.send(PATIENT, CLINIC, MAIL, "r2").kind is OutcomeKind.SENT
        assert server.connections == 2
    assert server.kept == [MAIL] * 2


def test_one_refused_mail_does_not_stop_the_batch():
    with CrookedServer() as server, post_to(server) as post:
        server.says["rcpt"] = "550 5.1.1 no such user"
        assert post.send(PATIENT, CLINIC, MAIL, "r1").kind is OutcomeKind.REFUSED_FOR_GOOD
        server.says["rcpt"] = "250 fine"
        assert post.send(PATIENT, CLINIC, MAIL, "r2").kind is OutcomeKind.SENT
        assert server.connections == 1


def test_nobody_listening_is_ours():
    with SmtpPost("127.0.0.1", free_port(), tls=Tls.NONE, timeout=1) as post:
        assert post.send(PATIENT, CLINIC, MAIL, "r1").kind is OutcomeKind.OURS


@pytest.mark.parametrize("bad", ["", "mei", "mei@x.test\u2028", "a@x.test\x0bBcc: q", "a@b.test>\r\nRCPT TO:<c@d.test"])
def test_a_bad_address_never_reaches_the_wire(bad):
    with CrookedServer() as server, post_to(server) as post:
        outcome = post.send(bad, CLINIC, MAIL, "r1")
        assert outcome.kind is OutcomeKind.REFUSED_FOR_GOOD
        assert outcome.blames_address
        assert post.send(PATIENT, CLINIC, MAIL, "r2").kind is OutcomeKind.SENT
    assert [line for line in server.heard if line.startswith("RCPT")] == [f"RCPT TO:<{PATIENT}>"]


def test_the_outcome_never_repeats_an_address_or_a_password():
    answer = f"550 5.1.1 <{PATIENT}>: mei unknown, secret-word\x07" + "x" * 400
    with CrookedServer(rcpt=answer, ehlo="250-x\r\n250 AUTH PLAIN") as server:
        outcome = send_one(server, username="u", password="secret-word")
    assert outcome.enhanced == "5.1.1"
    assert len(outcome.text) <= 200
    assert not any(word in outcome.text for word in ("mei", "example.org", "secret-word", "\x07"))


def test_only_a_mailbox_that_is_not_there_blames_the_address():
    table = {
        "550 5.1.1 no such user": True,
        "550 no such user": True,
        "552 5.2.2 mailbox full": False,
        "552 mailbox full": False,
        "550 5.7.1 policy": False,
        "554 no": False,
    }
    for answer, blamed in table.items():
        with CrookedServer(rcpt=answer) as server:
            outcome = send_one(server)
        assert outcome.blames_address is blamed, answer
        assert outcome.is_policy is (" 5.7." in answer)


def test_bare_line_ends_cannot_smuggle_a_second_mail():
    with CrookedServer() as server, post_to(server) as post:
        post.send(PATIENT, CLINIC, b"Subject: x\n\nhello\n.\nMAIL FROM:<a@b.test>\n.\r\nend", "r1")
    assert len(server.kept) == 1
    assert server.kept[0].endswith(b"hello\r\n.\r\nMAIL FROM:<a@b.test>\r\n.\r\nend\r\n")


def test_clear_text_to_another_machine_is_refused_before_anything_is_opened():
    with pytest.raises(Refusal) as caught:
        SmtpPost("mail.example.org", 25, tls=Tls.NONE)
    assert caught.value.code == "clear_text_mail"


WITH_STARTTLS = "250-crooked.test\r\n250-STARTTLS\r\n250 AUTH PLAIN LOGIN"


def test_tls_and_login_work_both_ways(server_context: ssl.SSLContext, trusting: ssl.SSLContext):
    for tls, at_once in ((Tls.STARTTLS, False), (Tls.SSL, True)):
        with CrookedServer(context=server_context, tls_at_once=at_once, ehlo=WITH_STARTTLS) as server:
            with post_to(server, tls=tls, context=trusting, username="u", password="p", timeout=2) as post:
                kinds = [post.send(PATIENT, CLINIC, MAIL, f"r{n}").kind for n in range(3)]
            assert kinds == [OutcomeKind.SENT] * 3
            assert server.kept == [MAIL] * 3
            assert server.connections == 1
            assert "AUTH PLAIN AHUAcA==" in server.heard


TLS_FAULTS = {
    "stripped": {"ehlo": "250-crooked.test\r\n250 AUTH PLAIN"},
    "refused": {"ehlo": WITH_STARTTLS, "starttls": "454 4.7.0 not now"},
    "spoken before": {"ehlo": WITH_STARTTLS, "starttls": "220 go\r\n250 injected"},
}


@pytest.mark.parametrize("login", [{}, {"username": "u", "password": "p"}], ids=["open", "login"])
@pytest.mark.parametrize("faults", TLS_FAULTS.values(), ids=TLS_FAULTS)
def test_nothing_is_said_in_clear_when_tls_is_asked_for(faults, login, server_context, trusting):
    with CrookedServer(context=server_context, **faults) as server:
        outcome = send_one(server, tls=Tls.STARTTLS, context=trusting, **login)
    assert outcome.kind is OutcomeKind.OURS
    assert not [line for line in server.heard if line.startswith(("AUTH", "MAIL", "RCPT"))]
    assert server.kept == []


@pytest.mark.parametrize("at_once", [True, False])
def test_a_certificate_nobody_vouches_for_is_refused(at_once, server_context):
    tls = Tls.SSL if at_once else Tls.STARTTLS
    with CrookedServer(context=server_context, tls_at_once=at_once, ehlo=WITH_STARTTLS) as server:
        outcome = send_one(server, tls=tls, username="u", password="p")
    assert outcome.kind is OutcomeKind.OURS
    assert "certificate refused" in outcome.text
    assert not [line for line in server.heard if line.startswith(("AUTH", "MAIL"))]


def test_a_certificate_for_another_host_is_refused(server_context, trusting):
    with (
        CrookedServer(context=server_context, tls_at_once=True) as server,
        SmtpPost("localhost", server.port, tls=Tls.SSL, timeout=1, context=trusting) as post,
    ):
        assert post.send(PATIENT, CLINIC, MAIL, "r1").kind is OutcomeKind.OURS
    assert server.heard == []


@pytest.mark.parametrize(
    ("faults", "code"),
    [
        ({"ehlo": "250-x\r\n250 AUTH PLAIN", "auth": "535 5.7.8 wrong password"}, 535),
        ({"ehlo": "250 x"}, None),
    ],
)
def test_a_refused_login_is_ours(faults, code):
    with CrookedServer(**faults) as server:
        outcome = send_one(server, username="u", password="p")
    assert (outcome.kind, outcome.code) == (OutcomeKind.OURS, code)
