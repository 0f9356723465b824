"""Figures of a plasma preparation: what the centrifuge did, and how much richer the plasma became."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

_G_PER_CM = Decimal("0.00001118")  # relative centrifugal force per centimetre and (rounds per minute) squared


def spin_force(*, rpm: int, radius_cm: Decimal) -> int:
    """Return the relative centrifugal force in g: 1.118e-5 · r · rpm², to the nearest whole."""
    return int((_G_PER_CM * radius_cm * rpm * rpm).quantize(Decimal(1), ROUND_HALF_UP))


def concentration(*, blood: int | None, plasma: int | None) -> Decimal | None:
    """Return how many times the platelets of the blood the plasma holds, to a tenth; None when not counted."""
    if not blood or not plasma:
        return None
    return (Decimal(plasma) / blood).quantize(Decimal("0.1"), ROUND_HALF_UP)
