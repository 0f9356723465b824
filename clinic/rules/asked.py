"""What an address asks for, read kindly: something mistyped is the same as nothing."""

from __future__ import annotations

from uuid import UUID


def id_in(text: str) -> UUID | None:
    """Return the id that was written, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
