"""After a restore: which letters that look due have left in fact, by what the mail server or the folder knows."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.parser import BytesHeaderParser
from email.utils import parsedate_to_datetime
from pathlib import Path
from uuid import UUID

from django.db import transaction

from clinic.operations.audit import record
from clinic.rules.refusal import Refusal
from plans.models import Reminder
from plans.operations.holding import COMMAND_LINE
from plans.operations.moves import move
from plans.operations.postroom_row import lock_postroom
from plans.rules.happened import Happened
from plans.rules.letter_kinds import KIND_POLICY, Doubt, LetterKind
from plans.rules.states import ReminderState

FOUND = "found among the sent mails after a restore"
NOT_FOUND = "a backup was put back: nobody knows whether it had left; ask the patient"
AT_ONCE = 500
# A letter's key stands in front of the @ of its Message-ID and is derived from the row alone.
_KEY = re.compile(rb"\br([0-9a-f]{32})\.v(\d{1,6})\b")
_HEADERS = 65_536

Key = tuple[UUID, int]
Found = Mapping[Key, datetime | None]


def reconcile(*, since: datetime, found: Found, now: datetime) -> Counter[str]:
    """Settle the open letters that were due since the backup, and return how many ended in each state.

    Found among what has left: sent. Not found, and harmful twice: unknown, for a human. The others stay planned, and
    leave when a human releases. Refusal `not_held`: letters must not leave meanwhile.
    """
    ends: Counter[str] = Counter()
    after: UUID | None = None
    while rows := _settle_some(since, found, now, after, ends):
        after = rows[-1].pk
    with transaction.atomic():
        row = lock_postroom()
        details = {"since": since.isoformat(), **ends}
        record(Happened.LETTERS_RECONCILED, about=row, by=None, by_name=COMMAND_LINE, now=now, details=details)
    return ends


@transaction.atomic
def _settle_some(
    since: datetime, found: Found, now: datetime, after: UUID | None, ends: Counter[str]
) -> list[Reminder]:
    if lock_postroom().held_since is None:
        raise Refusal("not_held", "Hold the letters first (hold_letters), or some leave while this looks.")
    doubtful = Reminder.objects.open().filter(due_at__lte=now, useful_until__gte=since)
    if after:
        doubtful = doubtful.filter(pk__gt=after)
    locked = doubtful.select_related("patient", "location").select_for_update(of=("self",))
    rows = list(locked.defer("mime").order_by("pk")[:AT_ONCE])
    for row in rows:
        _settle(row, since, found, now)
        ends[row.state] += 1
    return rows


def _settle(row: Reminder, since: datetime, found: Found, now: datetime) -> None:
    key = row.pk, row.content_version
    if key in found:
        left = found[key] or max(row.due_at, since)
        move(row, ReminderState.SENT, now=now, reason=FOUND, sent_at=left)
    elif KIND_POLICY[LetterKind(row.kind)].in_doubt is Doubt.ASK:
        move(row, ReminderState.UNKNOWN, now=now, reason=NOT_FOUND)


def keys_in_log(lines: Iterable[bytes]) -> dict[Key, datetime | None]:
    """Every letter a log names, in whatever form: a mail server's log, or a mail service's export."""
    return {_key(match): None for line in lines for match in _KEY.finditer(line)}


def keys_in_folder(folder: Path) -> dict[Key, datetime | None]:
    """Every letter whose mail lies in a folder of mails or a maildir, with the date it bears."""
    return dict(_mails(folder))


def _mails(folder: Path) -> Iterator[tuple[Key, datetime | None]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            with file.open("rb") as mail:
                head = BytesHeaderParser().parsebytes(mail.read(_HEADERS))
            # Only its own name: the letters it refers to are others.
            match = _KEY.search(str(head["Message-ID"] or "").encode())
            if match:
                yield _key(match), _date(str(head["Date"] or ""))


def _key(match: re.Match[bytes]) -> Key:
    return UUID(hex=match[1].decode()), int(match[2])


def _date(text: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(text)
    except ValueError:
        return None
    return found.astimezone(UTC) if found.tzinfo else None
