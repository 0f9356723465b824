"""From a reminder's row to the mail itself. Asked once in a letter's life: the bytes are kept, not made again."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from django.conf import settings

from clinic.models import Location
from clinic.post import Envelope, build
from plans.letters.facts import LetterFacts
from plans.letters.gather import facts_in, mail_domain
from plans.letters.reading import Reading, read_for
from plans.letters.render import Letter, house_trio, render
from plans.letters.source import compiled
from plans.models import LetterWording, Reminder
from plans.operations.handoff import Compose, Composed, letter_key
from plans.rules.letter_kinds import LetterKind

logger = logging.getLogger(__name__)


def compose(reminder: Reminder) -> Composed:
    """Return the mail of a row whose `handed_off_at` and `recipient` are set. What it raises fails that row only."""
    return _compose(read_for([reminder]), reminder)


def for_batch(reminders: Sequence[Reminder]) -> Compose:
    """Read what all these letters state, and return what writes each of them."""
    if not reminders:
        return compose
    reading = read_for(reminders)
    return lambda reminder: _compose(reading, reminder)


def _compose(reading: Reading, reminder: Reminder) -> Composed:
    facts = facts_in(reading, reminder)
    letter, wording = _written(facts, _wording(reading, reminder, facts))
    key = letter_key(reminder)
    message_id = f"<{key}@{mail_domain(reminder.location)}>"
    envelope = _envelope(reminder, facts, letter, message_id, key, _references(reading, reminder))
    return Composed(
        recipient=reminder.recipient,
        sender=envelope.sender,
        subject=letter.subject,
        message_id=message_id,
        mime=build(envelope),
        key=key,
        language=facts.language,
        wording_id=wording.pk if wording else None,
    )


def _written(facts: LetterFacts, wording: LetterWording | None) -> tuple[Letter, LetterWording | None]:
    """Write the letter in the location's own words, or in the house's where those fail: it must not wait for a typo."""
    if wording:
        try:
            return render(facts, compiled(wording.subject, wording.body, facts.kind, facts.language)), wording
        except Exception:
            logger.exception("wording %s cannot be written with; the house's words were taken", wording.pk)
    return render(facts, house_trio(facts.kind, facts.language)), None


def _wording(reading: Reading, reminder: Reminder, facts: LetterFacts) -> LetterWording | None:
    return reading.wordings.get((reminder.location_id, facts.kind.value, facts.language))


def _envelope(
    reminder: Reminder, facts: LetterFacts, letter: Letter, message_id: str, key: str, references: tuple[str, ...]
) -> Envelope:
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
        references=references,
    )


def _sender(location: Location) -> str:
    """The desk's own address, unless the mail server only takes mail from one address for all."""
    return getattr(settings, "MAIL_FROM", "") or location.email


def _references(reading: Reading, reminder: Reminder) -> tuple[str, ...]:
    """Return the letter this one follows: a mail program then shows an appointment's letters as one thread."""
    if reminder.kind == LetterKind.APPOINTMENT_BOOKED and reminder.supersedes_id is None:
        return ()
    about = reading.chains.get(reminder.about_id, frozenset({reminder.about_id}))
    for one in reversed(reading.earlier[reminder.patient_id]):
        if one.about_id in about and one.id != reminder.pk:
            return (one.message_id,)
    return ()
