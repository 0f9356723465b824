"""What speaks against a treatment in this patient, as a table: every row names its source and its strength."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from clinic.rules.spans import Span, Unit

# Modalities are named as in the protocols; this package may not import them.
EXOSOME = frozenset({"exosome"})
PRP = frozenset({"prp"})
EXOSOME_PRP = EXOSOME | PRP
INJECTED = frozenset({"exosome", "prp", "mesotherapy", "microneedling", "filler"})


class Strength(StrEnum):
    """ABSOLUTE: never. TEMPORARY: not until it has passed. RELATIVE: only with a clinician's written reason.
    CAUTION: shown, does not hold anything up."""

    ABSOLUTE = "absolute"
    TEMPORARY = "temporary"
    RELATIVE = "relative"
    CAUTION = "caution"

    @property
    def label(self) -> str:
        return self.value.capitalize()


@dataclass(frozen=True, slots=True)
class Contraindication:
    """One row. `clears_after` is how long after the last time it stops mattering, where the source says so.

    `may_pass`: relative, with no such time, but a state one may look at again (a fever, a blood count).
    """

    code: str
    label: str
    strength: Strength
    sentence: str
    source: str
    modalities: frozenset[str]
    clears_after: Span | None = None
    may_pass: bool = False

    @property
    def may_recheck(self) -> bool:
        """Return whether a day to look at it again makes sense."""
        return self.strength is Strength.TEMPORARY or self.may_pass

    def applies_to(self, modalities: frozenset[str]) -> bool:
        return bool(self.modalities & modalities)


_A, _T, _R, _C = Strength.ABSOLUTE, Strength.TEMPORARY, Strength.RELATIVE, Strength.CAUTION

_ROWS = (
    # Strength: S1 and S3 list the first six without one; ours says whether the state can pass.
    Contraindication("pregnancy", "Pregnant or breastfeeding", _T,
                     "Not during pregnancy or breastfeeding.", "S1, P4", INJECTED),
    Contraindication("scalp-infection", "Scalp infection", _T,
                     "Not while the scalp is infected: treat the infection first.", "S1, S3, P3, P4", INJECTED),
    Contraindication("exosome-allergy", "Earlier allergic reaction to exosomes", _A,
                     "No exosomes after an allergic reaction to them.", "S1", EXOSOME),
    Contraindication("component-allergy", "Allergy to a component", _A,
                     "Allergic to a component of the treatment.", "S3", INJECTED),
    Contraindication("cancer-treatment", "Chemotherapy or radiotherapy under way", _T,
                     "Not during chemotherapy or radiotherapy.", "S1", INJECTED),
    Contraindication("no-injections", "A condition that prevents injections", _A,
                     "A condition prevents injections.", "S3", INJECTED),
    Contraindication("anticoagulants", "Anticoagulants", _R,
                     "Bleeding and bruising are likelier. Pause only on the doctor's advice.", "S1, S3, P4", INJECTED),
    Contraindication("anti-inflammatories", "Anti-inflammatories", _C,
                     "Ask the doctor whether anti-inflammatories should be paused.", "S3", INJECTED),
    Contraindication("high-dose-vitamins", "High-dose vitamins", _C,
                     "Ask the doctor whether high-dose vitamins should be paused.", "S3", INJECTED),
    # PRP: from a vendor of kits (P3) and a provider's page (P4).
    Contraindication("platelet-dysfunction", "Platelet dysfunction", _A,
                     "Platelets do not work as they should: PRP has nothing to build on (vendor).", "P3", PRP),
    Contraindication("critical-thrombocytopenia", "Critically low platelets", _A,
                     "Platelets are critically low (vendor).", "P3", PRP),
    Contraindication("haemodynamic-instability", "Unstable circulation", _A,
                     "Circulation is unstable: no blood is drawn for PRP (vendor).", "P3", PRP),
    Contraindication("septicaemia", "Septicaemia", _A, "Blood infection (vendor).", "P3", PRP),
    Contraindication("unwilling", "Unwilling to accept the risks", _A,
                     "The patient does not want to accept the risks (vendor).", "P3", PRP),
    Contraindication("nsaid-recent", "Anti-inflammatory within 48 hours", _R,
                     "An anti-inflammatory was taken within the last 48 hours (vendor).", "P3", PRP,
                     Span(48, Unit.HOURS)),
    Contraindication("steroid-injection-recent", "Steroid injection at the site within a month", _R,
                     "A steroid was injected at the site within the last month (vendor).", "P3", PRP,
                     Span(1, Unit.MONTHS)),
    Contraindication("systemic-steroid-recent", "Systemic steroid within two weeks", _R,
                     "A systemic steroid was taken within the last two weeks (vendor).", "P3", PRP,
                     Span(2, Unit.WEEKS)),
    Contraindication("tobacco", "Tobacco", _R, "The patient smokes (vendor).", "P3", PRP),
    Contraindication("recent-fever", "Recent fever or illness", _R,
                     "The patient had a fever recently (vendor).", "P3", PRP, may_pass=True),
    Contraindication("cancer", "Cancer, above all of blood or bone", _R,
                     "Cancer, above all of the blood or the bone (vendor).", "P3", PRP),
    Contraindication("low-haemoglobin", "Haemoglobin below 10 g/dL", _R,
                     "Haemoglobin is below 10 g/dL (vendor).", "P3", PRP, may_pass=True),
    Contraindication("low-platelets", "Platelets below 100,000/µL", _R,
                     "Platelets are below 100,000/µL (vendor).", "P3", PRP, may_pass=True),
    Contraindication("active-dermatitis", "Active dermatitis of the scalp", _T,
                     "Not while the skin of the scalp is inflamed (vendor).", "P4", PRP),
)  # fmt: skip

CONTRAINDICATIONS: MappingProxyType[str, Contraindication] = MappingProxyType({row.code: row for row in _ROWS})


def contraindication(code: str) -> Contraindication:
    """Return the row. ValueError with a sentence for a code the table does not have."""
    try:
        return CONTRAINDICATIONS[code]
    except KeyError as error:
        raise ValueError(f"“{code}” is not a contraindication this program knows.") from error


def may_override(code: str) -> bool:
    """Return whether a clinician may go on with a written reason: only where the table says relative."""
    row = CONTRAINDICATIONS.get(code)
    return row is not None and row.strength is Strength.RELATIVE
