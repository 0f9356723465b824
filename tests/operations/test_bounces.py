"""What follows when a letter comes back: for the letter, for the patient's address, and for nobody else."""

from __future__ import annotations

import imaplib
import socketserver
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from clinic.models import AuditLine, Staff
from clinic.rules.refusal import Forbidden, Refusal
from patients.models import MailboxState, Patient
from patients.operations.patients import PatientDetails, change_patient
from plans.bounce_box import fetch_bounces, fetch_quietly
from plans.models import Bounce, Reminder
from plans.operations.bounces import FOREIGN_A_DAY, Noted, note_bounce, note_false_call, trust_address
from plans.operations.outbox import close_letters, resend, stop_reminder
from plans.operations.reminders import replan_reminders
from plans.queries.phone_list import phone_list
from plans.rules.bounce_mail import read_report
from plans.rules.bounces import Report
from plans.rules.reminders import LetterKind
from plans.rules.states import BounceKind, ReminderState
from tests.operations.letter_cast import DAY, HOUR, NOW, book, location, patient, plan_of, staff
from tests.post import reports as mail

pytestmark = pytest.mark.django_db
AT = NOW + HOUR


@pytest.fixture
def manager() -> Staff:
    return staff("manager", is_manager=True)


@pytest.fixture
def letter() -> Reminder:
    """The letter that tells of a booking, gone an hour ago; two more are planned for days to come."""
    plan = plan_of(patient())
    book(plan.patient, NOW + 7 * DAY, session=plan.sessions.first())
    return gone(Reminder.objects.get(kind=LetterKind.APPOINTMENT_BOOKED))


def gone(row: Reminder) -> Reminder:
    row.state, row.sent_at, row.handed_off_at, row.mime = ReminderState.SENT, NOW, NOW, b"From: x\r\n\r\n"
    row.message_id, row.recipient = f"<r{row.pk.hex}.v{row.content_version}@clinic.example>", row.patient.email
    row.save()
    return row


def about(raw: bytes, row: Reminder) -> bytes:
    return raw.replace(mail.KEY.encode(), row.message_id[1:].partition("@")[0].encode())


def note(raw: bytes, row: Reminder, *, now: datetime = AT) -> Noted:
    return note_bounce(read_report(about(raw, row)), source="mailbox", now=now)


def now_of(row: Reminder) -> tuple[str, str]:
    row.refresh_from_db()
    row.patient.refresh_from_db()
    return row.state, row.patient.mailbox


def test_an_address_that_does_not_exist_means_phone_this_patient(letter: Reminder, manager: Staff) -> None:
    assert note(mail.POSTFIX, letter) is Noted.DONE
    assert now_of(letter) == (ReminderState.BOUNCED, MailboxState.DEAD)
    said = AuditLine.objects.filter(happened__in=("reminder.bounced", "patient.mailbox_dead"))
    assert {line.patient_id for line in said} == {letter.patient_id} and said.count() == 2
    [one] = phone_list(manager, now=AT).patients
    assert (one.letters[0].letter, len(one.letters)) == (letter, 3)  # and the two still to come
    assert Reminder.objects.waiting_for_a_human().get() == letter


@pytest.mark.parametrize(
    ("raw", "state", "mailbox"),
    [
        (mail.GMAIL_FULL, ReminderState.BOUNCED, MailboxState.GOOD),
        (mail.EXCHANGE_POLICY, ReminderState.BOUNCED, MailboxState.GOOD),
        (mail.POSTFIX_DELAYED, ReminderState.SENT, MailboxState.GOOD),
        (mail.AWAY[0], ReminderState.SENT, MailboxState.GOOD),
        (mail.complaint(), ReminderState.SENT, MailboxState.GOOD),
    ],
    ids=["full", "policy", "delayed", "away", "complaint"],
)
def test_only_a_dead_address_is_given_up(letter: Reminder, raw: bytes, state: str, mailbox: str) -> None:
    note(raw, letter)
    assert now_of(letter) == (state, mailbox)


def test_a_complaint_stops_invitations_to_reviews_and_nothing_else(letter: Reminder) -> None:
    note(mail.complaint(), letter)
    letter.patient.refresh_from_db()
    wants = letter.patient
    assert (wants.wants_appointment_mail, wants.wants_care_mail, wants.wants_review_mail) == (True, True, False)


def test_the_same_report_by_two_ways_is_one_row(letter: Reminder) -> None:
    note(mail.POSTFIX, letter)
    lines = AuditLine.objects.count()
    assert note(mail.POSTFIX.replace(b"<1@mx.example>", b"<2@mx.example>"), letter) is Noted.KNOWN
    hook = Report(
        kind=BounceKind.PERMANENT, key=read_report(about(mail.POSTFIX, letter)).key, recipients=(mail.WHO,), code="5.1.1",
        is_final=True, blames_address=True,
    )  # fmt: skip
    assert note_bounce(hook, source="hook", now=AT) is Noted.KNOWN
    assert (Bounce.objects.count(), AuditLine.objects.count()) == (1, lines)


SPOOFED = {
    "another-letter": lambda raw, row: raw.replace(b"0190a5d0", b"0190a5d1"),
    "another-version": lambda raw, row: about(raw, row).replace(b".v1@", b".v2@").replace(b".v1\r", b".v2\r"),
    "another-person": lambda raw, row: about(raw, row).replace(b"mei@example.org", b"mallory@example.org"),
    "no-letter": lambda raw, row: raw.replace(mail.KEY.encode(), b"12345"),
    "odd-key": lambda raw, row: raw.replace(mail.KEY.encode(), b"r" + b"0" * 32 + b".v1"),
}


@pytest.mark.parametrize("name", SPOOFED)
def test_a_spoofed_report_is_counted_and_changes_nothing(letter: Reminder, name: str) -> None:
    lines = AuditLine.objects.count()
    assert note_bounce(read_report(SPOOFED[name](mail.POSTFIX, letter)), source="mailbox", now=AT) is Noted.FOREIGN
    assert now_of(letter) == (ReminderState.SENT, MailboxState.GOOD)
    assert AuditLine.objects.count() == lines
    kept = Bounce.objects.get()
    assert (kept.kind, kept.reminder, kept.recipient) == (BounceKind.FOREIGN, None, "")


def test_whoever_floods_the_mailbox_does_not_fill_the_books(letter: Reminder) -> None:
    said = {"received_at": AT, "kind": BounceKind.FOREIGN}
    Bounce.objects.bulk_create(Bounce(digest=str(number), **said) for number in range(FOREIGN_A_DAY))
    assert note_bounce(read_report(mail.POSTFIX), source="mailbox", now=AT) is Noted.FOREIGN
    for _ in range(3):
        note_false_call(source="hook", now=AT)
    assert Bounce.objects.count() == FOREIGN_A_DAY + 1


def test_a_report_that_comes_before_the_letter_is_marked_as_sent_comes_again(letter: Reminder) -> None:
    Reminder.objects.filter(pk=letter.pk).update(state=ReminderState.HANDED_OFF)
    assert note(mail.POSTFIX, letter) is Noted.LATER
    Reminder.objects.filter(pk=letter.pk).update(state=ReminderState.SENT)
    assert note(mail.POSTFIX, letter) is Noted.DONE


def test_a_new_address_is_not_blamed_for_the_old_one_and_makes_mail_go_again(letter: Reminder, manager: Staff) -> None:
    note(mail.POSTFIX, letter)
    details = PatientDetails(first_name="Mei", email="mei.new@example.org")
    change_patient(patient_id=letter.patient_id, details=details, by=manager, now=AT)
    assert now_of(letter)[1] == MailboxState.GOOD
    other = gone(Reminder.objects.filter(state=ReminderState.PLANNED).first())
    Reminder.objects.filter(pk=other.pk).update(recipient=mail.WHO)
    other.refresh_from_db()
    note(mail.GMAIL, other)
    assert now_of(other) == (ReminderState.BOUNCED, MailboxState.GOOD)


def test_staff_say_that_an_address_works_after_all(letter: Reminder, manager: Staff) -> None:
    with pytest.raises(Refusal):
        trust_address(patient_id=letter.patient_id, by=manager, now=AT)
    note(mail.POSTFIX, letter)
    with pytest.raises(Forbidden):
        trust_address(patient_id=letter.patient_id, by=staff("doctor", is_clinician=True), now=AT)
    with pytest.raises(Patient.DoesNotExist):
        elsewhere = staff("elsewhere", location("Hilltop Hair Clinic"), is_manager=True)
        trust_address(patient_id=letter.patient_id, by=elsewhere, now=AT)
    trust_address(patient_id=letter.patient_id, by=manager, now=AT)
    assert now_of(letter)[1] == MailboxState.GOOD


# -- stopping, and settling several ----------------------------------------------------------------------------------
def test_a_stopped_letter_stays_stopped_until_it_is_asked_for_again(letter: Reminder, manager: Staff) -> None:
    row = Reminder.objects.filter(kind=LetterKind.SESSION_REMINDER).get()
    with pytest.raises(Refusal):
        stop_reminder(reminder_id=row.pk, reason=" ", by=manager, now=AT)
    stop_reminder(reminder_id=row.pk, reason="told her myself", by=manager, now=AT)
    replan_reminders(row.patient, now=AT)
    assert Reminder.objects.filter(kind=LetterKind.SESSION_REMINDER).get().state == ReminderState.SKIPPED
    assert AuditLine.objects.get(happened="reminder.stopped").reason == "told her myself"
    again = resend(reminder_id=row.pk, by=manager, now=AT)
    assert (again.state, again.due_at) == (ReminderState.PLANNED, row.due_at)


def test_what_has_left_cannot_be_stopped(letter: Reminder, manager: Staff) -> None:
    with pytest.raises(Refusal) as refusal:
        stop_reminder(reminder_id=letter.pk, reason="no", by=manager, now=AT)
    assert refusal.value.code == "not_planned"


def test_several_are_settled_by_one_word_with_a_line_each(letter: Reminder, manager: Staff) -> None:
    note(mail.POSTFIX, letter)
    planned = list(Reminder.objects.filter(state=ReminderState.PLANNED))
    every = [letter, *planned]
    with pytest.raises(Refusal):
        close_letters(reminder_ids=[letter.pk], reason="", by=manager, now=AT)
    done = close_letters(reminder_ids=[row.pk for row in every], reason="told her", by=manager, now=AT)
    assert done == len(every) == AuditLine.objects.filter(reason="told her").count()
    assert now_of(letter)[0] == ReminderState.CLOSED
    assert not phone_list(manager, now=AT).patients
    assert close_letters(reminder_ids=[letter.pk], reason="again", by=manager, now=AT) == 0
    elsewhere = staff("elsewhere", location("Hilltop Hair Clinic"), is_manager=True)
    with pytest.raises(Reminder.DoesNotExist):
        close_letters(reminder_ids=[letter.pk], reason="told her", by=elsewhere, now=AT)


# -- whom to phone -----------------------------------------------------------------------------------------------------
def test_who_has_no_address_is_phoned_about_what_is_due_soon(manager: Staff, django_assert_num_queries) -> None:
    for name in ("Ann", "Bo", "Cy"):
        plan = plan_of(patient(name, email=""))
        book(plan.patient, NOW + 4 * DAY, session=plan.sessions.first())
    far = plan_of(patient("Far", email=""))
    book(far.patient, NOW + 90 * DAY, session=far.sessions.first())
    Reminder.objects.filter(patient=far.patient, due_at__lte=NOW + 7 * DAY).delete()
    unwilling = patient("Dee", email="", wants_appointment_mail=False, wants_care_mail=False)
    book(unwilling, NOW + 4 * DAY)
    with django_assert_num_queries(2):
        found = phone_list(manager, now=NOW).patients
    assert [one.patient.first_name for one in found] == ["Ann", "Bo", "Cy"]
    assert all(line.says == "Fri 9 Oct 2026 09:00" for one in found for line in one.letters)
    assert all(line.is_coming for one in found for line in one.letters)


# -- where reports come in ---------------------------------------------------------------------------------------------
def test_a_folder_and_a_maildir_are_read_once(letter: Reminder, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(about(mail.POSTFIX, letter))
    (tmp_path / "b.eml").write_bytes(mail.PERSON)
    (tmp_path / "new").mkdir()
    (tmp_path / "new" / "1.box").write_bytes(about(mail.POSTFIX_DELAYED, letter))
    first = fetch_bounces(f"file://{tmp_path}", now=lambda: AT)
    assert first == {"noted": 1, "somebody's own mail": 1}
    assert not fetch_bounces(f"file://{tmp_path}", now=lambda: AT)
    assert fetch_bounces(f"maildir://{tmp_path}", now=lambda: AT) == {"noted": 1}
    assert [file.name for file in (tmp_path / "cur").iterdir()] == ["1.box:2,S"]


class Imap(socketserver.StreamRequestHandler):
    """As much of IMAP as the program asks for."""

    def handle(self) -> None:
        box: list[list[bytes]] = self.server.box  # type: ignore[attr-defined]
        self.wfile.write(b"* OK ready\r\n")
        for line in self.rfile:
            tag, _, rest = line.strip().partition(b" ")
            said = rest.upper()
            if said.startswith(b"CAPABILITY"):
                self.wfile.write(b"* CAPABILITY IMAP4rev1\r\n")
            elif said.startswith(b"LOGIN") and b'"secret"' not in rest:
                self.wfile.write(tag + b" NO LOGIN failed for somebody\r\n")
                continue
            elif said.startswith(b"SELECT"):
                self.wfile.write(b"* %d EXISTS\r\n* OK [PERMANENTFLAGS (\\Seen \\*)] Limited\r\n" % len(box))
            elif said.startswith(b"UID SEARCH"):
                wanted = [b"%d" % (n + 1) for n, (_, flags) in enumerate(box) if b"COURSEREAD" not in flags.upper()]
                self.wfile.write(b"* SEARCH " + b" ".join(wanted) + b"\r\n")
            elif said.startswith(b"UID FETCH"):
                raw = box[int(rest.split()[2]) - 1][0]
                self.wfile.write(b"* 1 FETCH (UID 1 BODY[]<0> {%d}\r\n%s)\r\n" % (len(raw), raw))
            elif said.startswith(b"UID STORE"):
                box[int(rest.split()[2]) - 1][1] += rest.partition(b"(")[2]
            self.wfile.write(tag + b" OK done\r\n")
            if said.startswith(b"LOGOUT"):
                return


@pytest.fixture
def imap() -> Iterator[socketserver.ThreadingTCPServer]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap) as server:
        server.daemon_threads = True
        server.box = []  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield server
        server.shutdown()


def test_a_mailbox_is_read_without_taking_peoples_mail(letter: Reminder, imap: socketserver.ThreadingTCPServer) -> None:
    box = imap.box = [[about(mail.POSTFIX, letter), b""], [mail.PERSON, b""]]  # type: ignore[attr-defined]
    url = f"imap://desk%40clinic:secret@127.0.0.1:{imap.server_address[1]}/INBOX"
    assert fetch_bounces(url, now=lambda: AT) == {"noted": 1, "somebody's own mail": 1}
    assert [b"\\Seen" in flags for _, flags in box] == [True, False]
    assert not fetch_bounces(url, now=lambda: AT)
    with pytest.raises(imaplib.IMAP4.error):
        fetch_bounces(url.replace("secret", "wrong"), now=lambda: AT)
    assert not fetch_quietly(url.replace("secret", "wrong"), now=lambda: AT)


@pytest.mark.parametrize("url", ["imap://user:word@mail.example.org/INBOX", "pop3://mail.example.org", "nonsense"])
def test_a_mailbox_is_never_read_in_clear_over_the_net(url: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        fetch_bounces(url, now=lambda: AT)


def test_without_a_mailbox_the_command_says_so(settings: object) -> None:
    with pytest.raises(CommandError, match="BOUNCES_URL"):
        call_command("fetch_bounces")
