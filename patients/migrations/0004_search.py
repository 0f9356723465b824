"""Any part of a name, an e-mail address or a phone number is found by an index of its three-letter pieces.

The text is a generated column: no way of writing a patient can leave it behind. PostgreSQL: pg_trgm. SQLite: an FTS5
table, kept by triggers. The numbers under which FTS5 knows people are kept in a table of their own, because SQLite may
number the rows of a table without a whole-number key anew (VACUUM). A later migration that rebuilds the table of
patients on SQLite has to make the triggers anew; a test notices when one is gone.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Value
from django.db.models.functions import Concat, Lower, Replace

SEARCH_TEXT = models.GeneratedField(
    expression=Concat(
        Value("  "), Replace("folded_name", Value(" "), Value("  ")),
        Value("\n  "), Lower("email"),
        Value("\n  "), Replace("phone", Value("+"), Value("")), output_field=models.TextField(),
    ),
    output_field=models.TextField(),
    db_persist=True,
    help_text="What a search looks at, written by the database itself.",
)  # fmt: skip

KEY = "(SELECT number FROM patients_search_number WHERE patient_id = {row}.id)"
TABLES = [
    "CREATE TABLE patients_search_number (number INTEGER PRIMARY KEY, patient_id CHAR(32) NOT NULL UNIQUE)",
    "CREATE VIRTUAL TABLE patients_search USING fts5(words, tokenize = 'trigram case_sensitive 1', columnsize = 0)",
]
FILL = [
    "INSERT INTO patients_search_number (patient_id) SELECT id FROM patients_patient",
    "INSERT INTO patients_search (rowid, words) SELECT number, search_text FROM patients_patient "
    "JOIN patients_search_number ON patient_id = id",
]
TRIGGERS = [
    "CREATE TRIGGER patients_search_insert AFTER INSERT ON patients_patient BEGIN "
    "INSERT INTO patients_search_number (patient_id) VALUES (NEW.id); "
    f"INSERT INTO patients_search (rowid, words) VALUES ({KEY.format(row='NEW')}, NEW.search_text); END",
    "CREATE TRIGGER patients_search_update AFTER UPDATE ON patients_patient "
    "WHEN OLD.search_text IS NOT NEW.search_text BEGIN "
    f"UPDATE patients_search SET words = NEW.search_text WHERE rowid = {KEY.format(row='NEW')}; END",
    "CREATE TRIGGER patients_search_delete AFTER DELETE ON patients_patient BEGIN "
    f"DELETE FROM patients_search WHERE rowid = {KEY.format(row='OLD')}; "
    "DELETE FROM patients_search_number WHERE patient_id = OLD.id; END",
]
SQLITE = [*TABLES, *FILL, *TRIGGERS]
POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX patients_by_any_part ON patients_patient USING gin (search_text gin_trgm_ops)",
]
UNDO = {
    "sqlite": [
        *(f"DROP TRIGGER patients_search_{verb}" for verb in ("insert", "update", "delete")),
        "DROP TABLE patients_search",
        "DROP TABLE patients_search_number",
    ],
    "postgresql": ["DROP INDEX patients_by_any_part"],
}


def find(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def forget(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("patients", "0003_assessment_details")]
    operations = [
        migrations.AddField("patient", "search_text", SEARCH_TEXT),
        migrations.RunPython(find, forget),
    ]
