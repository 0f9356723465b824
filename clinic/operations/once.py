"""A form sent twice is carried out once: a double click, or a browser that sends it again."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from clinic.models import SentForm, Staff
from clinic.operations.deadlock import again_after_a_deadlock
from clinic.rules.refusal import Refusal

# Nobody sends a form again that was open a week ago: a day's work ends every session long before.
KEPT = timedelta(days=7)


@again_after_a_deadlock
def once(
    token: UUID | None, *, deed: str, by: Staff | None, now: datetime, do: Callable[[], Sequence[UUID]]
) -> list[UUID]:
    """Do it, unless a form with this token was carried out already; return the ids of what it made, then or now.

    The row of the token is written first: a second request waits for it, and then finds the answer. When `do` refuses,
    nothing is kept and the form can be sent again. Without a token it is simply done, with nothing kept. Refusal:
    other_form, when the token was used for something else or by somebody else.
    """
    with transaction.atomic():
        if token is None:
            return list(do())
        row, is_new = SentForm.objects.get_or_create(token=token, defaults={"deed": deed, "by": by, "done_at": now})
        if (row.deed, row.by_id) != (deed, by.pk if by else None):
            raise Refusal("other_form", "This form was used for something else before: open its page anew.")
        if is_new:
            row.answer = [str(made) for made in do()]
            row.save(update_fields=["answer"])
        return [UUID(made) for made in row.answer]


def forget_sent_forms(*, now: datetime) -> int:
    """Forget the tokens nobody can send again. Returns how many."""
    return SentForm.objects.filter(done_at__lt=now - KEPT).delete()[0]
