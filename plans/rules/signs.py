"""What a patient may notice after a session: which signs mean "call now", and what usually becomes of the others.

No diagnosis and no promise: the words are those of the sources. Source of the red flags: S3, and S1 with S3 for severe
allergic reactions; of the usual course: S1, S3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

LONG_SWELLING = timedelta(days=3)


@dataclass(frozen=True, slots=True)
class Sign:
    """`usual`: what usually becomes of it; a red flag has none."""

    key: str
    words: str
    usual: str = ""
    source: str = "S3"
    is_red: bool = False


SEVERE_PAIN = Sign("severe_pain", "Severe or unusual pain", is_red=True)
HIGH_FEVER = Sign("high_fever", "High fever", is_red=True)
DISCHARGE = Sign("discharge", "Discharge or pus", is_red=True)
SWELLING_STAYS = Sign("swelling_stays", "Swelling for more than 3 days", is_red=True)
ALLERGIC = Sign(
    "allergic", "Trouble breathing, a swollen face or lips, or a rash all over", source="S1, S3", is_red=True
)
REDNESS = Sign("redness", "Redness", "Redness usually goes within hours, on the same day.")
SWELLING = Sign("swelling", "Swelling", "Swelling usually goes within 1 to 2 days.")
SORE = Sign("sore", "Some pain or a sensitive scalp", "Pain where the needle went in is usually short.")
BRUISE = Sign("bruise", "A bruise", "Bruises happen, more easily with blood thinners.")
ITCHING = Sign("itching", "Itching", "Itching happens after microneedling.")

RED_FLAGS = (ALLERGIC, SEVERE_PAIN, HIGH_FEVER, DISCHARGE, SWELLING_STAYS)
OTHERS = (REDNESS, SWELLING, SORE, BRUISE, ITCHING)
SIGNS: Mapping[str, Sign] = MappingProxyType({sign.key: sign for sign in (*RED_FLAGS, *OTHERS)})


def known_signs(keys: Iterable[str]) -> tuple[str, ...]:
    """Return those of the keys that stand in the library, once each, in its order."""
    asked = set(keys)
    return tuple(key for key in SIGNS if key in asked)


def must_call_now(keys: Iterable[str], *, since_session: timedelta | None) -> bool:
    """Return whether one of the signs is a red flag. Swelling is one too once the last session is 3 days ago.

    `since_session` None: no session was held yet.
    """
    noticed = set(keys)
    stays = since_session is not None and since_session >= LONG_SWELLING
    return any(SIGNS[key].is_red for key in noticed) or (SWELLING.key in noticed and stays)
