"""Due letters in another program's database: `python -m tests.proofs.plant COUNT NOW`, and with COUNT 0 only a look.

It prints how many letters are in which state, as JSON.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import datetime


def main(count: int, now: datetime) -> None:
    import django

    django.setup()
    from plans.models import Reminder
    from tests.proofs.letters import due_letters

    if count:
        due_letters(count, now)
    print(json.dumps(Counter(Reminder.objects.values_list("state", flat=True))))


if __name__ == "__main__":
    main(int(sys.argv[1]), datetime.fromisoformat(sys.argv[2]))
