"""The database itself refuses a practitioner, a room or a patient booked twice, minutes between two included.

PostgreSQL: exclusion constraints. SQLite has none: triggers that look for an overlap under the write lock. Of those that
begin before the new one ends, only the last can reach into it, for none of them overlap: a look at one row, however
many years of appointments there are. A later migration that rebuilds the table on SQLite has to make its triggers anew;
a test notices when one is gone.
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
        f"WHEN NEW.{HOLDS} AND (SELECT other.{until} FROM plans_appointment AS other "
        f"WHERE other.{whose}_id = NEW.{whose}_id AND other.id <> NEW.id AND other.{HOLDS} "
        f"AND other.starts < NEW.{until} ORDER BY other.starts DESC LIMIT 1) > NEW.starts "
        f"BEGIN SELECT RAISE(ABORT, '{whose}_is_booked_once'); END"
    )


SQLITE = [_trigger(whose, until, verb) for whose, until in ENDS.items() for verb in ("INSERT", "UPDATE")]
UNDO = {
    "postgresql": [f"ALTER TABLE plans_appointment DROP CONSTRAINT {whose}_is_booked_once" for whose in ENDS],
    "sqlite": [f"DROP TRIGGER {whose}_is_booked_once_{verb}" for whose in ENDS for verb in ("insert", "update")],
}


class BookedTwice(Exception):
    """Somebody or something holds two appointments at once already: which one stands is for people to say."""


def refuse(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for whose, until in ENDS.items():
        _look_for_two_at_once(schema_editor, whose, until)
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def _look_for_two_at_once(schema_editor: BaseDatabaseSchemaEditor, whose: str, until: str) -> None:
    """In order of time, each must be over when the next begins."""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, next_id FROM (SELECT id, {until} AS until, LEAD(id) OVER later AS next_id, "
            f"LEAD(starts) OVER later AS next_starts FROM plans_appointment WHERE {HOLDS} AND {whose}_id IS NOT NULL "
            f"WINDOW later AS (PARTITION BY {whose}_id ORDER BY starts, id)) AS pairs WHERE next_starts < until LIMIT 5"
        )
        if pairs := cursor.fetchall():
            shown = "; ".join(f"{one} and {other}" for one, other in pairs)
            raise BookedTwice(
                f"Appointments of the same {whose} overlap: {shown}. Cancel one of each pair with the version before "
                "this one, then migrate again."
            )


def allow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_calendar")]
    operations = [migrations.RunPython(refuse, allow)]
