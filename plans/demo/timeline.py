"""Stories told side by side, in the order of their hours, while the mail goes out as it would have."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial

from clinic.post import Post
from plans.demo.stage import Stage
from plans.models import Postroom, Reminder
from plans.operations.dispatch import deliver_due
from plans.operations.handoff import Compose
from plans.rules.states import ReminderState

Story = Iterator[datetime]
TICK = timedelta(minutes=1)


def play(
    stages: Sequence[Stage],
    stories: Sequence[tuple[Stage, Story]],
    *,
    until: datetime,
    post: Callable[[], Post],
    compose: Compose,
    progress: Callable[[str], None],
) -> None:
    """Run every story up to `until`. A story yields the hour of what it does next; an hour to come ends it."""
    queue: list[tuple[datetime, int, Story]] = []
    for place, (_, story) in enumerate(stories):
        _push(queue, place, story, until)
    done = 0
    before = queue[0][0] if queue else until
    while queue:
        moment, place, story = heapq.heappop(queue)
        _deliver_until(before, moment, post, compose)
        before = moment
        for stage in stages:
            stage.now = moment
        _push(queue, place, story, until)
        done += 1
        if done % 20 == 0:
            progress(f"{done} things have happened, it is {moment:%d %b %Y}")
    _deliver_until(before, until, post, compose)


def _push(queue: list[tuple[datetime, int, Story]], place: int, story: Story, until: datetime) -> None:
    moment = next(story, None)
    if moment is not None and moment <= until:
        heapq.heappush(queue, (moment, place, story))


def _deliver_until(before: datetime, moment: datetime, post: Callable[[], Post], compose: Compose) -> None:
    """Let the mail of the time since `before` go out: each at its own minute, what was due already at once."""
    while True:
        planned = Reminder.objects.filter(state=ReminderState.PLANNED, due_at__lte=moment - TICK)
        due = planned.order_by("due_at").values_list("due_at", flat=True).first()
        if due is None:
            return
        tick = max(due, before) + TICK
        # The alarm clock has ticked all the while; only the ticks that found nothing are left out here.
        Postroom.objects.update_or_create(pk=1, defaults={"last_tick_at": tick - TICK})
        deliver_due(now=partial(_same, tick), post_factory=post, compose=compose)


def _same(moment: datetime) -> datetime:
    return moment
