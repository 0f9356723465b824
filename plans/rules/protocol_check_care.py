"""Faults of care rules: windows that cannot be, names that are not there, a statement nobody stands behind."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from clinic.rules.spans import Span, Unit
from plans.rules.course import CareKind, CarePhase, CareRule
from plans.rules.protocol_fault import Fault, key_faults, length_fault
from plans.rules.span_order import is_never_more

_NO_TIME = Span(0, Unit.HOURS)


def care_faults(rules: Sequence[CareRule]) -> Iterator[Fault]:
    keys = [rule.key for rule in rules]
    yield from key_faults("care_rules", keys)
    for number, rule in enumerate(rules):
        place = f"care_rules[{number}]"
        for name in ("act", "text", "source"):
            if not getattr(rule, name).strip():
                yield Fault(f"{place}.{name}", f"no_{name}", _MISSING[name])
        if rule.conflicts_with and (rule.conflicts_with == rule.key or rule.conflicts_with not in keys):
            sentence = (
                f"“{rule.conflicts_with}” is no other rule of this protocol: give another rule's key, or nothing."
            )
            yield Fault(f"{place}.conflicts_with", "unknown_key", sentence)
        yield from _window_faults(place, rule)


_MISSING = {
    "act": "Say in one word what it is about, such as “dye”: rules on the same act are read together.",
    "text": "Write what the patient reads.",
    "source": "Say who says so, such as “S3”, “OWNER” or the name of a guideline.",
}


def _window_faults(place: str, rule: CareRule) -> Iterator[Fault]:
    wrong = [
        fault
        for name, span in (("starts", rule.starts), ("ends", rule.ends))
        if span
        for fault in length_fault(f"{place}.{name}", span)
    ]
    yield from wrong
    if rule.ongoing and rule.ends is not None:
        yield Fault(f"{place}.ends", "ongoing_ends", "It goes on without an end, so leave the end empty.")
    elif not wrong:
        yield from (_before if rule.phase is CarePhase.PRE else _after)(place, rule)


def _before(place: str, rule: CareRule) -> Iterator[Fault]:
    """Counted back from the session: it begins further away than it ends."""
    if rule.ongoing:
        yield Fault(
            f"{place}.ongoing", "ongoing_before", "Before a session nothing is ongoing: it ends with the session."
        )
    # What is forbidden needs a day from which it is; what is only to be asked about may count from booking.
    if rule.starts is None and (rule.ends is not None or rule.kind is CareKind.AVOID):
        yield Fault(f"{place}.starts", "no_start", "Say from when before the session it counts, such as “1 week”.")
    elif rule.ends and rule.starts and not is_never_more(rule.ends, rule.starts):
        sentence = f"It would end {rule.ends} before the session, before it begins ({rule.starts} before): give less."
        yield Fault(f"{place}.ends", "ends_first", sentence)


def _after(place: str, rule: CareRule) -> Iterator[Fault]:
    if rule.ends is None:
        return
    starts = rule.starts or _NO_TIME
    if not is_never_more(starts, rule.ends):
        sentence = f"It would end {rule.ends} after the session, before it begins ({starts} after): give more."
        yield Fault(f"{place}.ends", "ends_first", sentence)
    elif rule.ends.unit is Unit.HOURS and is_never_more(rule.ends, starts):
        yield Fault(f"{place}.ends", "no_length", "It would end as soon as it begins: give it some time.")
