"""The protocol library: published courses as readable files, read into plain values.

One TOML file is one protocol; four more hold what they share (`library_shared`). Nothing is read half:
any mistake refuses the whole library with one sentence naming the file and the key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from clinic.rules.spans import AVERAGE_MONTH, Span, Unit
from plans.rules.course import (
    AT_ONCE,
    Alongside,
    CareRule,
    Component,
    Course,
    Interval,
    LeastGap,
    Maintenance,
    Modality,
    ReviewPoint,
)
from plans.rules.library_shared import SHARED_FILES, Shared, calendar_span, read_shared, source_of
from plans.rules.library_tables import Table, read_table

LIBRARY = Path(__file__).resolve().parents[1] / "library"
DAYS_PER = {Unit.DAYS: 1.0, Unit.WEEKS: 7.0, Unit.MONTHS: AVERAGE_MONTH}
KEYS = ("key", "title", "summary", "source", "note", "is_default", "view_set", "price_note", "reviews",
        "reviews_offered", "care_sets", "care_rules", "maintenance", "component", "least_gap", "alongside")  # fmt: skip


@dataclass(frozen=True, slots=True)
class LibraryProtocol:
    """One published course.

    `note` names every choice made where the source leaves one, `care_notes` the same per care rule (key, note).
    `reviews_offered` are looks the source names beyond the promised ones. `fingerprint` is the SHA-256 of the
    content: comments, layout and the order of keys do not change it, any content does.
    """

    key: str
    title: str
    summary: str
    note: str
    source: str
    course: Course
    price_note: str
    is_default: bool
    fingerprint: str
    reviews_offered: tuple[ReviewPoint, ...] = ()
    care_notes: tuple[tuple[str, str], ...] = ()


def read_library(folder: Path) -> tuple[LibraryProtocol, ...]:
    """Return every protocol of `folder`, the default first, then by key.

    ValueError with one sentence naming file and key for any mistake in any file.
    """
    shared = read_shared(folder)
    files = sorted(path for path in folder.glob("*.toml") if path.name not in SHARED_FILES)
    found = [_protocol(read_table(path), shared, stem=path.stem) for path in files]
    defaults = [protocol.key for protocol in found if protocol.is_default]
    if len(defaults) != 1:
        raise ValueError(f"Exactly one protocol must say “is_default = true”, not {len(defaults)}: {defaults}.")
    return tuple(sorted(found, key=lambda protocol: (not protocol.is_default, protocol.key)))


def _protocol(file: Table, shared: Shared, *, stem: str) -> LibraryProtocol:
    file.only(*KEYS)
    if file.text("key") != stem:
        raise file.wrong("key", f"is “{file.text('key')}”, but must be the file's name, “{stem}”")
    course = _course(file, shared)
    parts = {
        "key": stem,
        "title": file.text("title"),
        "summary": file.text("summary"),
        "note": file.text("note", ""),
        "source": source_of(file, shared.sources),
        "price_note": file.text("price_note", ""),
    }
    is_default = file.flag("is_default", default=False)
    offered = _reviews(file, shared, "reviews_offered")
    return LibraryProtocol(
        **parts,
        course=course,
        is_default=is_default,
        fingerprint=protocol_fingerprint({**parts, "is_default": is_default}, course, offered),
        reviews_offered=offered,
        care_notes=tuple(
            (rule.key, shared.care_notes[rule.key]) for rule in course.care_rules if rule.key in shared.care_notes
        ),
    )


def protocol_fingerprint(words: Mapping[str, object], course: Course, offered: Iterable[ReviewPoint] = ()) -> str:
    """Return the fingerprint of a protocol. What it does not say is left out: a new kind of statement changes none."""
    content = course.to_json()
    if not content["alongside"]:
        del content["alongside"]
    for part in content["components"]:
        if not part["starts_after"]:
            del part["starts_after"]
    price = {"price": str(words["price"])} if words.get("price") is not None else {}
    said = {name: text for name, text in words.items() if name != "price"}
    return fingerprint({**said, **price, "course": content, "reviews_offered": [review.key for review in offered]})


def fingerprint(content: object) -> str:
    """Return the SHA-256 (hex) of `content` as canonical JSON: sorted keys, no blanks, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _course(file: Table, shared: Shared) -> Course:
    components = tuple(_component(table) for table in file.tables("component"))
    if not components:
        raise file.wrong("component", "is missing: a protocol gives at least one treatment")
    keys = [component.key for component in components]
    for table, part in zip(file.tables("component"), components, strict=True):
        if keys.count(part.key) > 1:
            raise table.wrong("key", f"is “{part.key}”, which another component has too")
        if part.shares_visit_with and part.shares_visit_with not in set(keys) - {part.key}:
            raise table.wrong("shares_visit_with", f"names “{part.shares_visit_with}”, which is no other component")
        if part.starts_after and part.starts_after not in set(keys) - {part.key}:
            raise table.wrong("starts_after", f"names “{part.starts_after}”, which is no other component")
    reviews = _reviews(file, shared, "reviews")
    if not reviews:
        raise file.wrong("reviews", "is missing: results are looked at on dates fixed in advance")
    return Course(
        components=components,
        reviews=reviews,
        care_rules=_care_rules(file, shared),
        least_gaps=tuple(_least_gap(table) for table in file.tables("least_gap")),
        maintenance=_maintenance(file.table("maintenance")) if file.has("maintenance") else None,
        view_set=file.text("view_set"),
        expectations=shared.expectations_for(frozenset(component.modality for component in components)),
        alongside=tuple(_alongside(table, shared) for table in file.tables("alongside")),
    )


def _component(table: Table) -> Component:
    table.only("key", "modality", "sessions", "interval", "starts", "shares_visit_with", "starts_after", "minutes")
    sessions = table.table("sessions")
    sessions.only("min", "usual", "max")
    least, usual, most = sessions.number("min"), sessions.number("usual"), sessions.number("max")
    if not least <= usual <= most:
        raise table.wrong("sessions", f"must rise from min to usual to max, not {least}, {usual}, {most}")
    interval = table.table("interval")
    return Component(
        key=table.text("key"),
        modality=table.choice("modality", Modality),
        sessions_min=least,
        sessions_usual=usual,
        sessions_max=most,
        interval=Interval(*_ordered(interval)),
        starts=calendar_span(table, "starts") if table.has("starts") else AT_ONCE,
        shares_visit_with=table.text("shares_visit_with", ""),
        minutes=table.number("minutes"),
        starts_after=table.text("starts_after", ""),
    )


def _alongside(table: Table, shared: Shared) -> Alongside:
    table.only("key", "modality", "name", "starts", "lasts", "source")
    return Alongside(
        key=table.text("key"),
        modality=table.choice("modality", Modality),
        name=table.text("name"),
        starts=calendar_span(table, "starts") if table.has("starts") else AT_ONCE,
        lasts=calendar_span(table, "lasts") if table.has("lasts") else None,
        source=source_of(table, shared.sources) if table.has("source") else "",
    )


def _maintenance(table: Table) -> Maintenance:
    return Maintenance(*_ordered(table))


def _ordered(table: Table) -> tuple[Span, Span, Span]:
    """Return earliest, target, latest. A month counts as 30.44 days here, only to see that they rise."""
    table.only("earliest", "target", "latest")
    earliest, target, latest = (calendar_span(table, key) for key in ("earliest", "target", "latest"))
    days = [span.number * DAYS_PER[span.unit] for span in (earliest, target, latest)]
    if days[0] <= 0:
        raise table.wrong("earliest", "must be at least 1 day")
    if days != sorted(days):
        raise ValueError(
            f"{table.place}: must rise from earliest to target to latest, not {earliest}, {target}, {latest}."
        )
    return earliest, target, latest


def _least_gap(table: Table) -> LeastGap:
    table.only("first", "second", "span")
    return LeastGap(table.choice("first", Modality), table.choice("second", Modality), calendar_span(table, "span"))


def _reviews(file: Table, shared: Shared, key: str) -> tuple[ReviewPoint, ...]:
    return tuple(shared.reviews[name] for name in file.known_names(key, shared.reviews, "review point"))


def _care_rules(file: Table, shared: Shared) -> tuple[CareRule, ...]:
    """Return the rules of the named sets and the rules named one by one, in that order, each once."""
    sets = file.known_names("care_sets", shared.care_sets, "care set")
    keys = dict.fromkeys(rule for name in sets for rule in shared.care_sets[name])
    keys |= dict.fromkeys(file.known_names("care_rules", shared.care_rules, "care rule"))
    rules = {key: shared.care_rules[key] for key in keys}
    for rule in rules.values():
        other = rules.get(rule.conflicts_with)
        if other and rule.in_force and other.in_force:
            raise file.wrong(
                "care_rules", f"has both “{rule.key}” and “{other.key}” in force, which conflict: pick one"
            )
    return tuple(rules.values())
