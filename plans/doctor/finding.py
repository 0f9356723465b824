"""What the doctor found in one place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """`is_fault`: somebody has to act. Otherwise it is worth knowing, and no alarm. Never a word about a patient."""

    key: str
    sentence: str
    is_fault: bool = True
