"""Spans in the database, as people write them: "4 weeks"."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models

from clinic.rules.spans import Span


class SpanField(models.CharField):  # type: ignore[type-arg]  # generic only in the stubs
    """Stores a `Span` as text, takes and gives `Span` (or None)."""

    if TYPE_CHECKING:  # how the stubs learn what a field holds
        _pyi_private_set_type: Any
        _pyi_private_get_type: Any
        _pyi_lookup_exact_type: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 16)
        super().__init__(*args, **kwargs)

    def from_db_value(self, value: str | None, *_: object) -> Span | None:
        return Span.parse(value) if value else None

    def to_python(self, value: Any) -> Span | None:
        if value in (None, ""):
            return None
        if isinstance(value, Span):
            return value
        try:
            return Span.parse(str(value))
        except ValueError as error:
            raise ValidationError(str(error)) from error

    def get_prep_value(self, value: Any) -> str | None:
        span = self.to_python(value)
        return None if span is None else str(span)

    def value_to_string(self, obj: models.Model) -> str:
        return self.get_prep_value(self.value_from_object(obj)) or ""

    def clean(self, value: Any, model_instance: models.Model | None) -> Any:
        span = self.to_python(value)
        self.validate(span, model_instance)
        return span
