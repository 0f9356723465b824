"""A test letter, to the address of whoever asks for it."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from django.conf import settings

from clinic.models import Location, Staff
from clinic.post import Envelope, Outcome, OutcomeKind, build, open_post
from plans.letters.gather import mail_domain
from plans.letters.render import Letter

_ENDED = {
    OutcomeKind.SENT: "The mail server took the test letter for {to}. It should arrive within a minute.",
    OutcomeKind.REFUSED_FOR_NOW: "Not sent: the mail server would not take it just now{said}. Try again in a minute.",
    OutcomeKind.REFUSED_FOR_GOOD: "Not sent: the mail server refused it{said}. Is {to} your address?",
    OutcomeKind.IN_DOUBT: "It may have been sent: the mail server fell silent at the end{said}. Look for it first.",
    OutcomeKind.OURS: "Not sent: the mail server cannot be used as it is set up{said}. Letters to patients wait too.",
}


def send_test(letter: Letter, *, location: Location, to: Staff, now: datetime) -> Outcome:
    """Post it at once. It has an id of its own and unsubscribes nobody."""
    key = f"test-{uuid4().hex}"
    sender = getattr(settings, "MAIL_FROM", "") or location.email
    envelope = Envelope(
        sender=sender,
        sender_name=location.name,
        reply_to=location.email,
        recipient=to.email,
        recipient_name=str(to),
        subject=f"[Test] {letter.subject}",
        text=letter.text,
        html=letter.html,
        message_id=f"<{key}@{mail_domain(location)}>",
        date=now,
        idempotency_key=key,
        calendar=letter.calendar,
        calendar_method=letter.calendar_method,
    )
    mail = build(envelope)
    with open_post(settings.POST, settings.MAIL_FOLDER) as post:
        return post.send(to.email, sender, mail, key)


def outcome_words(outcome: Outcome, to: str) -> str:
    has_server = bool(settings.POST and settings.POST.get("EMAIL_HOST"))
    if outcome.kind is OutcomeKind.SENT and not has_server:
        return "The test letter was written to the mail folder: no mail server is set up here, so nothing is sent."
    said = f": {outcome.text.rstrip('.')}" if outcome.text else ""
    return _ENDED.get(outcome.kind, _ENDED[OutcomeKind.OURS]).format(to=to, said=said)
