"""Which protocols to look at first, by the sources' rules of thumb. Neither treatment is better in general (S0)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from patients.rules.contraindications import EXOSOME, EXOSOME_PRP, PRP
from patients.rules.scalp import HairLossType, ScaleKind, Stage
from patients.rules.suitability import AssessmentFacts, Suitability, Verdict, Weighs, judge

Suggestion = tuple[str, str, str]  # protocol key, why, source
PRP_SUITS = {"II", "III", "III vertex", "IV", "V"}  # Norwood–Hamilton, P1


@dataclass(frozen=True, slots=True)
class Referral:
    """To whom, and why."""

    whom: str
    why: str
    source: str


def suggest_protocols(suitability: Suitability, facts: AssessmentFacts) -> tuple[Suggestion, ...]:
    """Return protocols worth a look, the first one first, as (key, why, source).

    Empty when a referral or an assessment comes first. Each is left out when what it gives is not suitable, so a
    contraindication to one treatment still leaves the other.
    """
    if suitability.verdict in (Verdict.REFER_FIRST, Verdict.NOT_ASSESSED):
        return ()
    fits = (Verdict.SUITABLE, Verdict.POSSIBLY)
    found: dict[str, Suggestion] = {}
    for given, suggestion in _rules_of_thumb(facts):
        if judge(facts, given).verdict in fits:
            found.setdefault(suggestion[0], suggestion)
    return tuple(found.values())


def suggest_referrals(suitability: Suitability, facts: AssessmentFacts) -> tuple[Referral, ...]:
    """Return who should see this patient instead or first. A transplant is a referral, never a session here."""
    codes = {reason.code: reason for reason in suitability.reasons}
    found = []
    if firsts := [reason for reason in suitability.reasons if reason.weighs is Weighs.REFER]:
        found.append(Referral("a dermatologist, first", firsts[0].sentence, firsts[0].source))
    bald = codes.get("bald-patches") or codes.get("some-areas-bald")
    if bald and not facts.too_young_for_transplant:
        why = "Hair transplant is for completely bald areas, where nothing is left to treat here."
        found.append(Referral("a transplant surgeon", why, "S0, S1, S3"))
    return tuple(found)


def _rules_of_thumb(facts: AssessmentFacts) -> Iterator[tuple[frozenset[str], Suggestion]]:
    pattern = facts.hair_loss_type is HairLossType.ANDROGENETIC
    both = "Both together are used for hereditary loss."
    if facts.poor_response_to_prp:
        yield EXOSOME, ("exosome-monthly-standard", "Exosomes when PRP has plateaued.", "S0")
    elif facts.stage is Stage.EARLY:
        yield PRP, ("prp", "PRP for early intervention.", "S0")
        yield EXOSOME, ("exosome-monthly-standard", "Early thinning: follicles are still active.", "S0")
    else:
        yield EXOSOME, ("exosome-monthly-standard", "Exosomes when more support is needed.", "S0")
    if pattern:
        yield EXOSOME_PRP, ("exosome-prp-same-day", both, "S1, S2, S3")
        yield EXOSOME_PRP, ("exosome-prp-staggered", both, "S1, S2, S3")
    yield EXOSOME, ("exosome-single-then-review", "One session, then look before more is promised.", "S0")
    if not facts.poor_response_to_prp:
        if facts.scale is ScaleKind.NORWOOD_HAMILTON and facts.grade in PRP_SUITS:
            yield PRP, ("prp", "Norwood–Hamilton II to V is the range PRP suits best.", "P1")
        yield PRP, ("prp", "Uses the patient's own blood.", "S0, S1, S3")
