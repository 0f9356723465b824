"""Whether a treatment fits a patient, and why: listed reasons decide, there is no score behind them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from patients.rules.contraindications import CONTRAINDICATIONS, EXOSOME, Strength, contraindication
from patients.rules.contraindications import may_override as may_override  # asked for beside `blocking`
from patients.rules.scalp import (
    HairLossType,
    Labelled,
    ScaleKind,
    ScalpArea,
    Severity,
    Stage,
    Viability,
    ViabilityMethod,
    grade_of,
)

OURS = "program"  # a reason no source states: the program says only that it does not know


class Weighs(Labelled):
    FOR = "for"
    CAUTION = "caution"
    MISSING = "missing"
    REFER = "refer"
    AGAINST = "against"


class Verdict(Labelled):
    SUITABLE = "suitable"
    POSSIBLY = "possibly"
    NOT_SUITABLE = "not_suitable"
    REFER_FIRST = "refer_first"
    NOT_ASSESSED = "not_assessed"


# The gravest reason decides: this order is the whole precedence.
PRECEDENCE = (
    (Weighs.AGAINST, Verdict.NOT_SUITABLE),
    (Weighs.REFER, Verdict.REFER_FIRST),
    (Weighs.MISSING, Verdict.NOT_ASSESSED),
    (Weighs.CAUTION, Verdict.POSSIBLY),
    (Weighs.FOR, Verdict.SUITABLE),
)


@dataclass(frozen=True, slots=True)
class AreaFindingFacts:
    """What was found in one area. `density` in hairs per cm², None when not measured."""

    area: ScalpArea
    thinning: Severity = Severity.NONE
    bald: bool = False
    viability: Viability = Viability.UNKNOWN
    method: ViabilityMethod | None = None
    miniaturised: bool = False
    density: float | None = None

    @property
    def is_affected(self) -> bool:
        return self.bald or self.thinning is not Severity.NONE

    @property
    def has_miniaturised_hair(self) -> bool:
        return self.miniaturised or self.viability is Viability.MINIATURISED

    @property
    def is_examined(self) -> bool:
        return self.viability is not Viability.UNKNOWN and self.method is not None and self.method.is_enough

    @property
    def is_alive(self) -> bool:
        """Return whether living follicles were seen, and seen well enough."""
        return self.is_examined and self.viability is not Viability.NOT_VIABLE

    @property
    def is_lost(self) -> bool:
        """Return whether nothing is left to treat: examined and not viable, or bald with no living follicle seen."""
        return (self.is_examined and self.viability is Viability.NOT_VIABLE) or (self.bald and not self.is_alive)


@dataclass(frozen=True, slots=True)
class AssessmentFacts:
    """An assessment as plain values. `too_young_for_transplant` is the clinician's word: no source gives an age.
    `dermatologist_agreed`: the patient was referred and came back with a yes."""

    hair_loss_type: HairLossType | None = None
    scale: ScaleKind | None = None
    grade: str = ""
    age: int | None = None
    findings: tuple[AreaFindingFacts, ...] = ()
    scalp_infection: bool = False
    scalp_inflammation: bool = False
    severe_scarring: bool = False
    nutritional_gap: bool = False
    underlying_condition: bool = False
    poor_response_to_prp: bool = False
    long_standing_smooth: bool = False
    too_young_for_transplant: bool = False
    dermatologist_agreed: bool = False
    contraindications: frozenset[str] = frozenset()

    @property
    def stage(self) -> Stage | None:
        """Return the grade's stage; without a grade the worst thinning found; None when neither is known."""
        if self.scale is not None and self.grade:
            return grade_of(self.scale, self.grade).stage
        order = list(Severity)
        worst = max((finding.thinning for finding in self.findings), key=order.index, default=None)
        return None if worst is None else _STAGE_OF[worst]


_STAGE_OF = {
    Severity.NONE: Stage.NONE,
    Severity.MILD: Stage.MILD,
    Severity.MODERATE: Stage.MODERATE,
    Severity.SEVERE: Stage.ADVANCED,
}


@dataclass(frozen=True, slots=True)
class Reason:
    code: str
    sentence: str
    source: str
    weighs: Weighs


@dataclass(frozen=True, slots=True)
class Suitability:
    """The verdict and every reason, gravest first."""

    verdict: Verdict
    reasons: tuple[Reason, ...]


def judge(facts: AssessmentFacts, modalities: Collection[str] = EXOSOME) -> Suitability:
    """Return the verdict that the gravest reason gives (`PRECEDENCE`), with all reasons.

    The sources' table speaks of exosomes; the state of scalp and follicles is weighed alike for every modality,
    contraindications only where they apply. ValueError for an unknown contraindication or grade.
    """
    reasons = [
        *_contraindications(facts, frozenset(modalities)),
        *_refer(facts),
        *_follicles(facts),
        *_loss(facts),
        *_person(facts),
    ]
    order = [weighs for weighs, _ in PRECEDENCE]
    reasons.sort(key=lambda reason: order.index(reason.weighs))
    verdict = dict(PRECEDENCE)[reasons[0].weighs] if reasons else Verdict.NOT_ASSESSED
    return Suitability(verdict, tuple(reasons))


def blocking(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Return what holds a plan up: all that weighs against or asks for a referral, and relative contraindications,
    which `may_override` lets a clinician set aside with a written reason."""
    return tuple(
        reason for reason in reasons if reason.weighs in (Weighs.AGAINST, Weighs.REFER) or may_override(reason.code)
    )


def _contraindications(facts: AssessmentFacts, modalities: frozenset[str]) -> Iterator[Reason]:
    for code in facts.contraindications:
        contraindication(code)
    codes = facts.contraindications | ({"scalp-infection"} if facts.scalp_infection else set())
    for row in CONTRAINDICATIONS.values():
        if row.code in codes and row.applies_to(modalities):
            grave = row.strength in (Strength.ABSOLUTE, Strength.TEMPORARY)
            yield Reason(row.code, row.sentence, row.source, Weighs.AGAINST if grave else Weighs.CAUTION)


def _refer(facts: AssessmentFacts) -> Iterator[Reason]:
    """S2: severe scarring, a nutritional gap or an underlying condition go to a dermatologist first."""
    medical = facts.hair_loss_type in (HairLossType.SCALP_DISEASE, HairLossType.OTHER_MEDICAL)
    found = (
        ("severe-scarring", facts.severe_scarring or facts.hair_loss_type is HairLossType.SCARRING, "Scarring"),
        ("nutritional-gap", facts.nutritional_gap, "A nutritional gap"),
        ("underlying-condition", facts.underlying_condition or medical, "An underlying condition"),
    )
    for code, holds, what in found:
        if holds and facts.dermatologist_agreed:
            yield Reason(code, f"{what} was found; the dermatologist agreed to treatment.", "S2", Weighs.CAUTION)
        elif holds:
            yield Reason(code, f"{what} was found: refer to a dermatologist first.", "S2", Weighs.REFER)


def _follicles(facts: AssessmentFacts) -> Iterator[Reason]:
    affected = [finding for finding in facts.findings if finding.is_affected]
    # A bald patch of alopecia areata may still hold living follicles: it is lost only when examined.
    areata = facts.hair_loss_type is HairLossType.AREATA
    lost = [finding for finding in affected if finding.is_lost and (finding.is_examined or not areata)]
    if facts.long_standing_smooth:
        yield Reason("long-standing-smooth", "The scalp has been smooth for long.", "S0", Weighs.AGAINST)
    if lost and len(lost) == len(affected):
        yield Reason("bald-patches", "Follicles are no longer viable where hair is missing: consider a transplant "
                     "referral.", "S0, S3, S4", Weighs.AGAINST)  # fmt: skip
    elif lost:
        yield Reason("some-areas-bald", f"Nothing to treat at {_places(lost)}: consider a transplant referral there.",
                     "S0, S3, S4", Weighs.CAUTION)  # fmt: skip
    if any(finding.has_miniaturised_hair for finding in affected):
        yield Reason("miniaturised-hair", "Fine, miniaturised hair is still present.", "S0", Weighs.FOR)
    yield from _unexamined(affected, lost)


def _unexamined(affected: list[AreaFindingFacts], lost: list[AreaFindingFacts]) -> Iterator[Reason]:
    distant = [finding for finding in affected if finding.method is ViabilityMethod.DISTANCE_ONLY]
    unknown = [f for f in affected if not f.is_examined and f not in distant and f not in lost]
    if distant:
        yield Reason("viability-from-distance", f"Viability at {_places(distant)} is not assessed well enough: looking "
                     "from a distance is not enough.", "S0", Weighs.CAUTION)  # fmt: skip
    if not affected:
        yield Reason("no-findings", "No thinning or bald area is recorded yet.", "S0", Weighs.MISSING)
    elif unknown and len(unknown) == len(affected):
        yield Reason("viability-unknown", "Follicle viability is not judged in any area.", "S0", Weighs.MISSING)
    elif unknown:
        yield Reason("viability-partly-unknown", f"Viability at {_places(unknown)} is not judged yet.", "S0",
                     Weighs.CAUTION)  # fmt: skip


def _loss(facts: AssessmentFacts) -> Iterator[Reason]:
    kind, stage = facts.hair_loss_type, facts.stage
    if kind is None:
        yield Reason("type-unknown", "The type of hair loss is not recorded yet.", "S0, S3", Weighs.MISSING)
    if stage is Stage.EARLY:
        yield Reason("early-thinning", "Thinning is early: follicles are still active.", "S0", Weighs.FOR)
    if kind is HairLossType.ANDROGENETIC and stage in (Stage.MILD, Stage.MODERATE):
        yield Reason("mild-to-moderate-pattern", "Pattern loss is mild to moderate.", "S0, S3", Weighs.FOR)
    if stage is Stage.ADVANCED:
        yield Reason("advanced-stage", "The loss is advanced: look at each area for living follicles.", "S0, S3, S4",
                     Weighs.CAUTION)  # fmt: skip
    if kind is HairLossType.DIFFUSE:
        yield Reason("diffuse-cause", "Diffuse loss: look for the cause (iron, vitamin D, hormones).", "S0, S3",
                     Weighs.CAUTION)  # fmt: skip
    if kind is HairLossType.AREATA:
        yield Reason("areata-not-covered", "The sources' suitability table does not cover alopecia areata.", OURS,
                     Weighs.CAUTION)  # fmt: skip


def _person(facts: AssessmentFacts) -> Iterator[Reason]:
    if facts.too_young_for_transplant:
        yield Reason("too-young-for-transplant", "Too young for a transplant.", "S1", Weighs.FOR)
    if facts.poor_response_to_prp:
        yield Reason("poor-response-to-prp", "PRP alone did little.", "S0, S2", Weighs.CAUTION)
    if facts.scalp_inflammation:
        yield Reason("scalp-inflamed", "The scalp is inflamed: calm it before a session.", "S3", Weighs.CAUTION)
    if facts.age is not None and facts.age < 18:
        yield Reason("minor", "No source speaks of patients under 18.", OURS, Weighs.CAUTION)


def _places(findings: Iterable[AreaFindingFacts]) -> str:
    return ", ".join(finding.area.label.lower() for finding in findings)
