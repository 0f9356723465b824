"""What the protocols of the library share: sources, care rules, review points, expectations."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass
from pathlib import Path

from clinic.rules.spans import Span, Unit
from plans.rules.course import CareBy, CareKind, CarePhase, CareRule, Expectation, Modality, ReviewPoint
from plans.rules.library_tables import Table, read_table

SHARED_FILES = frozenset({"sources.toml", "care_rules.toml", "reviews.toml", "expectations.toml"})


@dataclass(frozen=True, slots=True)
class Source:
    """Who says so: shown beside every statement of the library."""

    key: str
    title: str
    note: str


@dataclass(frozen=True, slots=True)
class Shared:
    """The shared files, read and checked. `care_notes` holds the choice made in a care rule, by its key."""

    sources: dict[str, Source]
    care_rules: dict[str, CareRule]
    care_sets: dict[str, tuple[str, ...]]
    care_notes: dict[str, str]
    reviews: dict[str, ReviewPoint]
    expectations: tuple[tuple[Expectation, frozenset[Modality]], ...]

    def expectations_for(self, modalities: frozenset[Modality]) -> tuple[Expectation, ...]:
        """Return what fits these modalities; an expectation without any fits all."""
        return tuple(item for item, fits in self.expectations if not fits or fits & modalities)


def read_shared(folder: Path) -> Shared:
    """Read the shared files of `folder`. ValueError with a sentence naming file and key for any mistake."""
    sources = read_sources(folder)
    care = read_table(folder / "care_rules.toml")
    care.only("sets", "rules")
    rules = care.table("rules")
    care_rules = {key: _care_rule(key, rules.table(key), sources) for key in rules.raw}
    for key, rule in care_rules.items():
        if rule.conflicts_with and rule.conflicts_with not in care_rules:
            raise rules.table(key).wrong("conflicts_with", f"names the unknown care rule “{rule.conflicts_with}”")
    sets = care.table("sets")
    return Shared(
        sources=sources,
        care_rules=care_rules,
        care_sets={key: sets.known_names(key, care_rules, "care rule") for key in sets.raw},
        care_notes={key: rules.table(key).text("note") for key in rules.raw if rules.table(key).has("note")},
        reviews=_reviews(read_table(folder / "reviews.toml"), sources),
        expectations=_expectations(read_table(folder / "expectations.toml"), sources),
    )


def read_sources(folder: Path) -> dict[str, Source]:
    """Return the sources by key, in the file's order."""
    file = read_table(folder / "sources.toml")
    found = {}
    for key in file.raw:
        table = file.table(key)
        table.only("title", "note")
        found[key] = Source(key, table.text("title"), table.text("note", ""))
    return found


def source_of(table: Table, sources: Container[str]) -> str:
    """Return the table's sources as written ("S1, S3"), after checking each of them."""
    text = table.text("source")
    for name in text.split(","):
        if name.strip() not in sources:
            raise table.wrong("source", f"names the unknown source “{name.strip()}”")
    return text


def calendar_span(table: Table, key: str) -> Span:
    """Return days, weeks or months. Hours are elapsed time and have no place in a calendar."""
    span = table.span(key)
    if span.unit is Unit.HOURS:
        raise table.wrong(key, "cannot be in hours: it is counted in days, weeks or months")
    return span


def _care_rule(key: str, table: Table, sources: Container[str]) -> CareRule:
    table.only("phase", "kind", "act", "text", "source", "starts", "ends", "ongoing", "by", "modalities",
               "conflicts_with", "in_force", "note")  # fmt: skip
    rule = CareRule(
        key=key,
        phase=table.choice("phase", CarePhase),
        kind=table.choice("kind", CareKind),
        act=table.text("act"),
        text=table.text("text"),
        source=source_of(table, sources),
        starts=table.span_or_none("starts"),
        ends=table.span_or_none("ends"),
        ongoing=table.flag("ongoing", default=False),
        by=table.choice("by", CareBy) if table.has("by") else CareBy.PATIENT,
        modalities=table.choices("modalities", Modality),
        conflicts_with=table.text("conflicts_with", ""),
        in_force=table.flag("in_force", default=True),
    )
    if rule.ongoing and rule.ends:
        raise table.wrong("ongoing", "cannot be true when “ends” is set")
    return rule


def _reviews(file: Table, sources: Container[str]) -> dict[str, ReviewPoint]:
    found = {}
    for key in file.raw:
        table = file.table(key)
        table.only("title", "offset", "opens_before", "closes_after", "source")
        source_of(table, sources)
        found[key] = ReviewPoint(
            key=key,
            title=table.text("title"),
            offset=calendar_span(table, "offset"),
            opens_before=calendar_span(table, "opens_before"),
            closes_after=calendar_span(table, "closes_after"),
        )
    return found


def _expectations(file: Table, sources: Container[str]) -> tuple[tuple[Expectation, frozenset[Modality]], ...]:
    file.only("expectation")
    found = []
    for table in file.tables("expectation"):
        table.only("when", "text", "source", "modalities")
        item = Expectation(table.text("when"), table.text("text"), source_of(table, sources))
        found.append((item, frozenset(table.choices("modalities", Modality))))
    return tuple(found)
