"""From a reminder's row to the mail itself. Asked once in a letter's life: the bytes are kept, not made again."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q

from clinic.models import Location
from clinic.post import Envelope, build
from plans.letters.facts import LetterFacts
from plans.letters.gather import facts_of, mail_domain
from plans.letters.render import Letter, render
from plans.models import Appointment, Reminder
from plans.operations.handoff import Composed, letter_key
from plans.rules.reminders import LetterKind


def compose(reminder: Reminder) -> Composed:
    """Return the mail of a row whose `handed_off_at` and `recipient` are set. What it raises fails that row only."""
    facts = facts_of(reminder)
    letter = render(facts)
    key = letter_key(reminder)
    message_id = f"<{key}@{mail_domain(reminder.location)}>"
    envelope = _envelope(reminder, facts, letter, message_id, key)
    return Composed(
        recipient=reminder.recipient,
        sender=envelope.sender,
        subject=letter.subject,
        message_id=message_id,
        mime=build(envelope),
        key=key,
    )


def _envelope(reminder: Reminder, facts: LetterFacts, letter: Letter, message_id: str, key: str) -> Envelope:
    return Envelope(
        sender=_sender(reminder.location),
        sender_name=facts.clinic_name,
        reply_to=facts.reply_to,
        recipient=reminder.recipient,
        recipient_name=reminder.patient.name,
        subject=letter.subject,
        text=letter.text,
        html=letter.html,
        message_id=message_id,
        date=facts.written_at,
        idempotency_key=key,
        calendar=letter.calendar,
        calendar_method=letter.calendar_method,
        unsubscribe_url=facts.unsubscribe_url,
        references=_references(reminder),
    )


def _sender(location: Location) -> str:
    """The desk's own address, unless the mail server only takes mail from one address for all."""
    return getattr(settings, "MAIL_FROM", "") or location.email


def _references(reminder: Reminder) -> tuple[str, ...]:
    """Return the letter this one follows: a mail program then shows an appointment's letters as one thread."""
    if reminder.kind == LetterKind.APPOINTMENT_BOOKED and reminder.supersedes_id is None:
        return ()
    moved_from = Appointment.objects.filter(rescheduled_to=reminder.about_id).values("pk")
    own = Appointment.objects.filter(Q(pk=reminder.about_id) | Q(rescheduled_to=reminder.about_id))
    series = own.exclude(series=None).values("series")
    earlier = Reminder.objects.filter(
        Q(about_id=reminder.about_id) | Q(about_id__in=moved_from) | Q(about_id__in=series),
        patient=reminder.patient_id,
        message_id__gt="",
    )
    newest = earlier.exclude(pk=reminder.pk).order_by("-handed_off_at").values_list("message_id", flat=True).first()
    return (newest,) if newest else ()
