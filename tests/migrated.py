"""One database migrated ahead, on each engine, and a copy of it for every process that tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql

# Where script/test put what it migrated: a file, and the name of a database on its PostgreSQL.
FILE, DATABASE = "TEST_MIGRATED_FILE", "TEST_MIGRATED_DATABASE"
NAME = "migrated"


def migrate_file(place: Path, env: dict[str, str]) -> subprocess.Popen[bytes]:
    return _migrate({**env, "DATABASE_URL": f"sqlite:///{place}"})


def migrate_database(url: str, env: dict[str, str]) -> subprocess.Popen[bytes]:
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
    return _migrate({**env, "DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{NAME}"))})


def copy_migrated() -> bool:
    """Put a copy where Django would make this process's test database; False when nothing was migrated ahead."""
    from django.db import connection

    mine = connection.creation._get_test_db_name()
    if connection.vendor == "sqlite":
        if not (made := os.environ.get(FILE)):
            return False
        # A run before this one, in the same folder, may have been killed: what lies beside its file belongs to that.
        for left in ("", "-wal", "-shm", "-journal"):
            Path(f"{mine}{left}").unlink(missing_ok=True)
        shutil.copyfile(made, mine)
        return True
    if not (made := os.environ.get(DATABASE)):
        return False
    with connection.creation._nodb_cursor() as server:
        server.execute(f'DROP DATABASE IF EXISTS "{mine}"')
        server.execute(f'CREATE DATABASE "{mine}" TEMPLATE "{made}"')
    return True


def _migrate(env: dict[str, str]) -> subprocess.Popen[bytes]:
    words = [sys.executable, "-m", "django", "migrate", "-v0", "--settings=tests.settings"]
    return subprocess.Popen(words, env=env, cwd=Path(__file__).parent.parent)
