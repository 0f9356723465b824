"""The database itself refuses a practitioner, a room or a patient booked twice, minutes between two included.

PostgreSQL: exclusion constraints. SQLite has none: triggers that look for an overlap under the write lock. A later
migration that rebuilds the table on SQLite has to make its triggers anew; a test notices when one is gone.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

HOLDS = "state IN ('booked', 'confirmed', 'arrived', 'in_treatment', 'done')"
ENDS = {"practitioner": "practitioner_free_at", "room": "room_free_at", "patient": "ends"}
POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    *(
        f"ALTER TABLE plans_appointment ADD CONSTRAINT {whose}_is_booked_once "
        f"EXCLUDE USING gist ({whose}_id WITH =, tstzrange(starts, {until}) WITH &&) WHERE ({HOLDS})"
        for whose, until in ENDS.items()
    ),
]


def _trigger(whose: str, until: str, verb: str) -> str:
    return (
        f"CREATE TRIGGER {whose}_is_booked_once_{verb.lower()} BEFORE {verb} ON plans_appointment "
        f"WHEN NEW.{HOLDS} AND EXISTS (SELECT 1 FROM plans_appointment AS other "
        f"WHERE other.{whose}_id = NEW.{whose}_id AND other.id <> NEW.id AND other.{HOLDS} "
        f"AND other.starts < NEW.{until} AND other.{until} > NEW.starts) "
        f"BEGIN SELECT RAISE(ABORT, '{whose}_is_booked_once'); END"
    )


SQLITE = [_trigger(whose, until, verb) for whose, until in ENDS.items() for verb in ("INSERT", "UPDATE")]
UNDO = {
    "postgresql": [f"ALTER TABLE plans_appointment DROP CONSTRAINT {whose}_is_booked_once" for whose in ENDS],
    "sqlite": [f"DROP TRIGGER {whose}_is_booked_once_{verb}" for whose in ENDS for verb in ("insert", "update")],
}


def refuse(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def allow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_calendar")]
    operations = [migrations.RunPython(refuse, allow)]
