"""A protocol's content as plain values: what is given how often, what to do and avoid, when results are looked at.

A plan keeps its own frozen copy (`Course.to_json`), so a later protocol version never changes it.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any

from clinic.rules.spans import Span, Unit

AT_ONCE = Span(0, Unit.DAYS)
TWO_WEEKS, FOUR_WEEKS = Span(2, Unit.WEEKS), Span(4, Unit.WEEKS)


class Modality(StrEnum):
    EXOSOME = "exosome"
    PRP = "prp"
    MESOTHERAPY = "mesotherapy"
    MICRONEEDLING = "microneedling"
    FILLER = "filler"
    MEDICAL = "medical"
    TRANSPLANT = "transplant"

    @property
    def label(self) -> str:
        return "PRP" if self is Modality.PRP else self.value.capitalize()


# Given at a session. A medicine is taken at home, a transplant is a surgeon's: both stand alongside the course.
GIVEN_AT_SESSIONS = (
    Modality.EXOSOME,
    Modality.PRP,
    Modality.MESOTHERAPY,
    Modality.MICRONEEDLING,
    Modality.FILLER,
)


class CarePhase(StrEnum):
    PRE = "pre"
    AFTER = "after"

    @property
    def label(self) -> str:
        return "Before" if self is CarePhase.PRE else "After"


class CareKind(StrEnum):
    DO = "do"
    AVOID = "avoid"
    ASK_DOCTOR = "ask_doctor"

    @property
    def label(self) -> str:
        return self.value.replace("_", " ").capitalize()


class CareBy(StrEnum):
    PATIENT = "patient"
    STAFF = "staff"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Interval:
    """From one session of a component to its next: not before, aim for, not after."""

    earliest: Span
    target: Span
    latest: Span


@dataclass(frozen=True, slots=True)
class Component:
    """One modality's course. `starts` is its offset (staggered) from the plan's start, or from the first session of
    the component `starts_after` names; a component that `shares_visit_with` another is given on the same day while
    both have sessions left."""

    key: str
    modality: Modality
    sessions_min: int
    sessions_usual: int
    sessions_max: int
    interval: Interval
    starts: Span = AT_ONCE
    shares_visit_with: str = ""
    minutes: int = 45
    starts_after: str = ""


@dataclass(frozen=True, slots=True)
class LeastGap:
    """No less than `span` between a session of `first` and a later one of `second`, in either order."""

    first: Modality
    second: Modality
    span: Span


@dataclass(frozen=True, slots=True)
class ReviewPoint:
    """A promised look at results, counted from the first session done. An offset of 0 is the baseline."""

    key: str
    title: str
    offset: Span
    opens_before: Span = TWO_WEEKS
    closes_after: Span = FOUR_WEEKS


@dataclass(frozen=True, slots=True)
class CareRule:
    """One thing to do, to avoid or to ask about around a session.

    `act` is what a restriction is about ("dye", "wash", "heat"): rules on the same act merge, strictest end wins.
    PRE: begins `starts` before the session and ends `ends` before it (None: at the session).
    AFTER: begins `starts` after the session's end (None: at once) and ends `ends` after it
    (None: no end, either `ongoing` or one the clinic still has to set).
    `modalities` empty: every session. `in_force` False: shipped because a source says it, but the
    clinic picked another.
    """

    key: str
    phase: CarePhase
    kind: CareKind
    act: str
    text: str
    source: str
    starts: Span | None = None
    ends: Span | None = None
    ongoing: bool = False
    by: CareBy = CareBy.PATIENT
    modalities: tuple[Modality, ...] = ()
    conflicts_with: str = ""
    in_force: bool = True


@dataclass(frozen=True, slots=True)
class Alongside:
    """What belongs to the course and is not given at a session: a medicine at home (MEDICAL), a referral (TRANSPLANT).

    It begins `starts` after the plan's start, or on `began_on` once that is written down; a medicine is taken for
    `lasts` (None: continuously) or until `stopped_on`. Source: S0, S1 (medical treatment is continuous; a transplant
    is surgery elsewhere).
    """

    key: str
    modality: Modality
    name: str
    starts: Span = AT_ONCE
    lasts: Span | None = None
    source: str = ""
    began_on: date | None = None
    stopped_on: date | None = None


@dataclass(frozen=True, slots=True)
class Maintenance:
    """A booster after the last session, not before `earliest`, not after `latest`."""

    earliest: Span
    target: Span
    latest: Span


@dataclass(frozen=True, slots=True)
class Course:
    components: tuple[Component, ...]
    reviews: tuple[ReviewPoint, ...]
    care_rules: tuple[CareRule, ...]
    least_gaps: tuple[LeastGap, ...] = ()
    maintenance: Maintenance | None = None
    view_set: str = "pattern"
    expectations: tuple[Expectation, ...] = field(default=())
    alongside: tuple[Alongside, ...] = ()

    def component(self, key: str) -> Component:
        """Return the component with that key. KeyError when there is none."""
        return {part.key: part for part in self.components}[key]

    def rule(self, key: str) -> CareRule | None:
        return next((rule for rule in self.care_rules if rule.key == key), None)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON; `from_json(to_json(x)) == x`."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Course:
        """Read what `to_json` wrote. KeyError, TypeError or ValueError when it is not one."""
        return Course(
            components=tuple(_component(item) for item in raw["components"]),
            reviews=tuple(_review(item) for item in raw["reviews"]),
            care_rules=tuple(_care_rule(item) for item in raw["care_rules"]),
            least_gaps=tuple(
                LeastGap(Modality(g["first"]), Modality(g["second"]), _span(g["span"])) for g in raw["least_gaps"]
            ),
            maintenance=Maintenance(**_spans(raw["maintenance"])) if raw["maintenance"] else None,
            view_set=raw["view_set"],
            expectations=tuple(Expectation(**item) for item in raw["expectations"]),
            alongside=tuple(_alongside(item) for item in raw.get("alongside", ())),
        )


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a source says a patient may see when: shown to the patient with its source, never as a promise."""

    when: str
    text: str
    source: str


def _plain(value: Any) -> Any:  # JSON is any shape
    if isinstance(value, dict):
        if set(value) == {"number", "unit"}:
            return str(Span(value["number"], value["unit"]))
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _span(raw: object) -> Span:
    if not isinstance(raw, str):
        raise TypeError(f"A length of time is written as text, not as {raw!r}.")
    return Span.parse(raw)


def _spans(raw: dict[str, str]) -> dict[str, Span]:
    return {key: _span(text) for key, text in dict(raw).items()}


def _component(raw: dict[str, Any]) -> Component:
    return Component(
        **{
            **raw,
            "modality": Modality(raw["modality"]),
            "interval": Interval(**_spans(raw["interval"])),
            "starts": _span(raw["starts"]),
        }
    )


def _alongside(raw: dict[str, Any]) -> Alongside:
    days = {name: date.fromisoformat(raw[name]) if raw[name] else None for name in ("began_on", "stopped_on")}
    spans = {"starts": _span(raw["starts"]), "lasts": _span(raw["lasts"]) if raw["lasts"] else None}
    return Alongside(**{**raw, **days, **spans, "modality": Modality(raw["modality"])})


def _review(raw: dict[str, Any]) -> ReviewPoint:
    spans = {name: _span(raw[name]) for name in ("offset", "opens_before", "closes_after")}
    return ReviewPoint(**{**raw, **spans})


def _care_rule(raw: dict[str, Any]) -> CareRule:
    return CareRule(
        **{
            **raw,
            "phase": CarePhase(raw["phase"]),
            "kind": CareKind(raw["kind"]),
            "by": CareBy(raw["by"]),
            "starts": _span(raw["starts"]) if raw["starts"] else None,
            "ends": _span(raw["ends"]) if raw["ends"] else None,
            "modalities": tuple(Modality(m) for m in raw["modalities"]),
        }
    )
