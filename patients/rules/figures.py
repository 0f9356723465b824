"""What the figures of an assessment mean: bounds, bands and plain words, each with who says so."""

from __future__ import annotations

from dataclasses import dataclass

from patients.rules.scalp import SHEDDING_GRADES, salt_band, salt_score, shedding_is_excessive

SALT_AREAS = ("salt_top", "salt_back", "salt_left", "salt_right")
MOST_SHED = 2000  # a bound of ours against slips: nobody counts more
MOST_PULLED = 100  # likewise: more than one pull can hold

S_BAND_WORDS = {
    "S0": "no loss", "S1": "under 25 %", "S2": "25–49 %", "S3": "50–74 %", "S4": "75–99 %", "S5": "all of it"
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """As measured, None where not. Percentages of hair lost per area for SALT, hairs per day, grade, hairs per pull."""

    shed_per_day: int | None = None
    shedding_scale: int | None = None
    pull_test_hairs: int | None = None
    salt_top: int | None = None
    salt_back: int | None = None
    salt_left: int | None = None
    salt_right: int | None = None

    @property
    def salt(self) -> float | None:
        """Return the SALT score, 0–100; None unless all four areas are given. ValueError outside 0–100."""
        top, back, left, right = self.salt_top, self.salt_back, self.salt_left, self.salt_right
        if top is None or back is None or left is None or right is None:
            return None
        return salt_score(top, back, left, right)


@dataclass(frozen=True, slots=True)
class Meaning:
    """`state` is how the figure looks: good, wait (worth attention) or alarm (cannot be)."""

    words: str
    state: str
    source: str


def uk_band(score: float) -> str:
    """Return how severe a SALT score is in the UK's words: 1–20, 21–49, 50–94, 95–100. Source: alopecia.org.uk.

    As with the S-bands, a fraction stays in the band it has not left.
    """
    if not 0 <= score <= 100:
        raise ValueError(f"A SALT score lies between 0 and 100, not {score}.")
    if score == 0:
        return "no loss"
    bands = ((21, "limited"), (50, "moderate"), (95, "severe"))
    return next((words for top, words in bands if score < top), "very severe")


def faults(figures: Figures) -> dict[str, str]:
    """Return a sentence for every figure that cannot be, by its name."""
    found: dict[str, str] = {}
    for name in SALT_AREAS:
        percent = getattr(figures, name)
        if percent is not None and not 0 <= percent <= 100:
            found[name] = f"The loss is a percentage from 0 to 100, not {percent}."
    given = [name for name in SALT_AREAS if getattr(figures, name) is not None]
    if given and len(given) < len(SALT_AREAS):
        missing = (name for name in SALT_AREAS if name not in given)
        found |= dict.fromkeys(missing, "SALT weighs all four areas: give this one too, 0 where nothing is lost.")
    if figures.shedding_scale is not None and figures.shedding_scale not in SHEDDING_GRADES:
        found["shedding_scale"] = f"The shedding scale goes from 1 to 6, not {figures.shedding_scale}."
    if figures.shed_per_day is not None and not 0 <= figures.shed_per_day <= MOST_SHED:
        found["shed_per_day"] = f"Between 0 and {MOST_SHED:,} hairs a day: 50–150 is usually normal."
    if figures.pull_test_hairs is not None and not 0 <= figures.pull_test_hairs <= MOST_PULLED:
        found["pull_test_hairs"] = f"One pull yields between 0 and {MOST_PULLED} hairs: under 3 is normal."
    return found


def meanings(figures: Figures) -> dict[str, Meaning]:
    """Return what each figure says, by its name; SALT under `salt`. What cannot be says so instead."""
    wrong = {name: Meaning(sentence, "alarm", "") for name, sentence in faults(figures).items()}
    read = {
        "shed_per_day": _shed(figures.shed_per_day),
        "shedding_scale": _shedding(figures.shedding_scale),
        "pull_test_hairs": _pull(figures.pull_test_hairs),
        "salt": None if wrong.keys() & set(SALT_AREAS) else _salt(figures.salt),
    }
    return {name: wrong.get(name) or meaning for name, meaning in read.items() if meaning} | wrong


def _shed(hairs: int | None) -> Meaning | None:
    if hairs is None:
        return None
    if hairs > 150:
        return Meaning("More than the usual 50–150 a day.", "wait", "S0")
    words = "Usually normal: 50–150 a day." if hairs >= 50 else "Less than the usual 50–150 a day."
    return Meaning(words, "good", "S0")


def _shedding(grade: int | None) -> Meaning | None:
    if grade is None or grade not in SHEDDING_GRADES:
        return None
    words, state = ("Excessive", "wait") if shedding_is_excessive(grade) else ("Normal", "good")
    return Meaning(f"{words}: 1–4 are normal, 5 and 6 excessive. Long hair only.", state, "Sinclair scale, 2015")


def _pull(hairs: int | None) -> Meaning | None:
    if hairs is None:
        return None
    words, state = ("Normal: under 3.", "good") if hairs < 3 else ("Positive: under 3 would be normal.", "wait")
    return Meaning(f"{words} A rough test.", state, "hairauthority.com")


def _salt(score: float | None) -> Meaning | None:
    if score is None:
        return None
    band = salt_band(score)
    words = f"SALT {score:g}: {band}, {S_BAND_WORDS[band]}; in the UK’s bands {uk_band(score)}."
    return Meaning(words, "good" if score == 0 else "wait", "dermatopics.dk, alopecia.org.uk")
