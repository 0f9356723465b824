"""The fingerprint stays as long as the same would happen, and is another when anything shown is."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from clinic.rules.local_time import local_day
from plans.rules.cascade import preview
from plans.rules.changes import Complete, Pin
from tests.rules.plans import (
    changes,
    few,
    free,
    instants,
    plans,
    plans_and_changes,
    to_come,
    tried,
)


@few
@given(plans_and_changes())
def test_a_minute_later_the_same_is_shown(case):
    facts, change = case
    shown = tried(facts, change)
    later_on = replace(facts, now=facts.now + timedelta(minutes=1))
    assert preview(later_on, change).fingerprint == shown.fingerprint


@few
@given(plans_and_changes(), st.data())
def test_the_fingerprint_is_another_exactly_when_something_else_is_shown(case, data):
    facts, change = case
    other = data.draw(changes(facts))
    one, two = tried(facts, change), tried(facts, other)
    assert (one.fingerprint == two.fingerprint) == (visible(one) == visible(two))


def visible(shown):
    diff = shown.diff
    changed = [
        [pair for pair in pairs if pair.is_changed] for pairs in (diff.sessions, diff.reviews, diff.restrictions)
    ]

    def letter(one):
        return one and (one.kind, one.about, one.facts, local_day(one.due_at, shown.facts.zone))

    letters = [(letter(pair.before), letter(pair.after)) for pair in diff.letters if pair.is_changed]
    return changed, letters, shown.conflicts, shown.troubles


@few
@given(plans(), st.data())
def test_the_fingerprint_tells_when_the_world_moved(facts, data):
    """Somebody else completes a session between looking and accepting, and a date that was shown is another."""
    change = data.draw(st.sampled_from([Pin(step.ref, facts.today) for step in free(facts)] or [None]))
    assume(change is not None)
    step = data.draw(st.sampled_from(to_come(facts)))
    assume(step.ref != change.ref)
    looked = preview(facts, change)
    moved = tried(Complete(step.ref, *instants(facts, facts.today)).applied(facts), change)
    assert (looked.fingerprint == moved.fingerprint) == (visible(looked) == visible(moved))
