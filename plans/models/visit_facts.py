"""What an appointment asks for on its own day."""

from __future__ import annotations

from plans.models.facts import modalities_of
from plans.models.plan import Session
from plans.rules.numbing import NUMBING


def numbing_keys(session: Session | None) -> frozenset[str]:
    """Return the care rules of this session that ask for numbing cream: none for a treatment without needles."""
    if session is None:
        return frozenset()
    course = session.plan.course
    given = set(modalities_of(session, course))
    rules = (rule for rule in course.care_rules if rule.act == NUMBING and rule.in_force)
    return frozenset(rule.key for rule in rules if not rule.modalities or given & set(rule.modalities))
