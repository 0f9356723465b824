"""A form sent twice is carried out once: a double click, or a browser that sends it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from clinic.models import SentForm, Staff


def once(
    token: UUID | None, *, deed: str, by: Staff | None, now: datetime, do: Callable[[], Sequence[UUID]]
) -> list[UUID]:
    """Do it, unless a form with this token was carried out already; return the ids of what it made, then or now.

    The row of the token is written first: a second request waits for it, and then finds the answer. When `do` refuses,
    nothing is kept and the form can be sent again. Without a token it is simply done.
    """
    if token is None:
        return list(do())
    with transaction.atomic():
        row, is_new = SentForm.objects.get_or_create(token=token, defaults={"deed": deed, "by": by, "done_at": now})
        if is_new:
            row.answer = [str(made) for made in do()]
            row.save(update_fields=["answer"])
        return [UUID(made) for made in row.answer]
