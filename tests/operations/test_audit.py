"""What happened, happened: the audit only grows."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction

from clinic.models import AuditLine
from tests.cast import open_clinic

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "statement",
    ["UPDATE clinic_auditline SET reason = 'never happened'", "DELETE FROM clinic_auditline"],
)
def test_the_database_itself_keeps_the_audit(statement: str) -> None:
    open_clinic().patient()
    before = list(AuditLine.objects.order_by("pk").values())
    with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
        connection.cursor().execute(statement)
    line = AuditLine.objects.first()
    with pytest.raises(PermissionError):
        line.save()
    with pytest.raises(PermissionError):
        line.delete()
    for change in (lambda rows: rows.update(reason="x"), lambda rows: rows.delete()):
        with pytest.raises(DatabaseError, match="never changed or deleted"), transaction.atomic():
            change(AuditLine.objects.all())
    assert list(AuditLine.objects.order_by("pk").values()) == before
