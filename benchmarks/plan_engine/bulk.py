"""A changed care rule brought to every plan under way, against the plain way: one plan after the other.

Goal: 10,000 active plans in at most 60 s on SQLite with every commit on disk.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from clinic_of import NOW, PROTOCOL, fill
from figures import Took, middle, peak, timed

PLAIN = 200  # as many as tell what one costs


def measure(asked: argparse.Namespace) -> None:
    import django

    django.setup()
    from django.db import connection

    filled = timed(lambda: setattr(asked, "manager", fill(asked.plans)))
    print(f"{asked.plans:,} active plans on {connection.vendor}, written in {filled.wall:.0f} s; {peak():.0f} MB")
    _look(asked)
    batch, plain = [], []
    for number in range(asked.rounds):
        weeks = 5 if number % 2 == 0 else 4
        plain.append(_plain(weeks, min(PLAIN, asked.plans)))
        batch.append(_batch(weeks, asked))
    _compare(middle(batch), middle(plain), asked.plans)


def _batch(weeks: int, asked: argparse.Namespace) -> Took:
    from plans.models import Protocol
    from plans.operations.replanning import ask_replanning
    from plans.replan_steps import go_on

    rows: list[Any] = []

    def work() -> None:
        protocol = Protocol.objects.published().get(key=PROTOCOL)
        row = ask_replanning(
            rule=_rule(protocol, weeks), protocol_ids=[protocol.pk], with_plans=True, reason="To measure it",
            by=asked.manager, now=NOW,
        )  # fmt: skip
        rows.append(go_on(row.pk))

    took = timed(work)
    row = rows[0]
    print(
        f"in steps, to {weeks} weeks: {took.wall:.1f} s ({took.cpu:.1f} s of one core), "
        f"{row.total / took.wall:,.0f} plans/s, peak {peak():.0f} MB: {row.changed:,} changed, "
        f"{len(row.trouble):,} left alone, {row.letters_changed:,} letters",
        flush=True,
    )
    return took


def _look(asked: argparse.Namespace) -> None:
    """What the page of consequences takes: which plans change, and what in as many as four seconds allow."""
    from plans.models import Protocol
    from plans.operations.foresee import effects, foresee, sort_plans

    protocol = Protocol.objects.published().get(key=PROTOCOL)
    copies, plans = sort_plans(wanted=_rule(protocol, 5), protocol_ids=[protocol.pk], by=asked.manager, now=NOW)
    judged = timed(lambda: sort_plans(wanted=copies.wanted, protocol_ids=[protocol.pk], by=asked.manager, now=NOW))
    found: list[Any] = []
    looked = timed(lambda: found.append(foresee(copies, plans.changing, now=NOW, seconds=4)))
    listed = timed(lambda: effects(copies, plans.changing[:50], now=NOW))
    print(
        f"looking first: {len(plans.changing):,} change, judged in {judged.wall:.1f} s; consequences of "
        f"{found[0].looked_at:,} in {looked.wall:.1f} s; a page of 50 in {listed.wall:.2f} s",
        flush=True,
    )


def _plain(weeks: int, count: int) -> Took:
    """What the same change costs plan by plan, for some of them; nothing of it is kept. Seconds for each plan."""
    from django.db import transaction

    from plans.models import Plan
    from plans.operations.redate import redate_plan
    from plans.rules.care_change import with_rule

    def work() -> None:
        with transaction.atomic():
            for plan in Plan.objects.select_related("patient__home_location", "location").order_by("-pk")[:count]:
                plan.course = with_rule(plan.course, _rule(plan.protocol, weeks))
                plan.save()
                redate_plan(plan, now=NOW)
            transaction.set_rollback(True)

    took = timed(work)
    return Took(took.wall / count, took.cpu / count)


def _rule(protocol: Any, weeks: int) -> Any:
    from clinic.rules.spans import Span, Unit
    from plans.models.protocol_course import course_of

    return replace(course_of(protocol).rule("no-dye"), ends=Span(weeks, Unit.WEEKS))


def _compare(batch: Took, plain: Took, plans: int) -> None:
    print(f"median: in steps {batch.wall:.1f} s, {batch.cpu:.1f} s of one core ({plans / batch.wall:,.0f} plans/s)")
    print(
        f"        plan by plan {plain.wall * plans:.0f} s, {plain.cpu * plans:.0f} s of one core, from {PLAIN} of "
        f"them, without a commit each: {plain.cpu * plans / batch.cpu:.1f} times the work"
    )
