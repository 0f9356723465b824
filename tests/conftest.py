"""What every test may ask for: real servers, a browser, and the rules by which tests are chosen."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
from django.test import TransactionTestCase
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.migrated import copy_migrated
from tests.servers import Postgres, Valkey

DATABASE_FIXTURES = {
    "db",
    "transactional_db",
    "live_server",
    "django_db_reset_sequences",
    "django_db_serialized_rollback",
}
PAGES_ON_BOTH = {
    "test_board_pages.py",
    "test_calendar_pages.py",
    "test_to_book.py",
    "test_waiting_pages.py",
}
# Opens every address for everybody; what is refused by other ways in is refused before any database is asked.
OPENS_EVERY_PAGE = "test_everybody_gets_what_the_table_says_and_reads_no_more"
# Sending, showing and serving photos: the tray's locks are the file system's, the rows are tested by test_uploads.py.
PHOTO_PAGES = {"test_upload_pages.py", "test_upload_trouble.py", "test_photo_serving.py"}
# A day's run sees these on one database, --long on both.
ON_THE_FIRST = (
    "test_the_demo_fills_an_empty_clinic_on_any_day",
    "test_a_whole_course[Singapore]",
    "test_two_dispatchers_with_two_ticks_each_send_twelve_hundred_letters_once",
    "test_killed_dispatchers_lose_nothing_and_repeat_at_most_one_letter_each",
)
ON_THE_SECOND = ("test_a_whole_course[Cairo]", "test_of_many_desks_one_has_the_time")
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

_calm = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
hypothesis_settings.register_profile("default", max_examples=30, deadline=None, suppress_health_check=_calm)
hypothesis_settings.register_profile("long", max_examples=10_000, deadline=None, suppress_health_check=_calm)
hypothesis_settings.load_profile("long" if os.environ.get("TEST_LONG") else "default")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Choose by what this run is for; script/test says in its last line what no run was for."""
    wrong = [item for item in items if not _belongs(item)]
    if wrong:
        config.hook.pytest_deselected(items=wrong)
        items[:] = [item for item in items if item not in set(wrong)]


def _belongs(item: pytest.Item) -> bool:
    if item.get_closest_marker("long") and not os.environ.get("TEST_LONG"):
        return False
    if os.environ.get("TEST_SECOND_DATABASE"):
        once = item.get_closest_marker("once") or item.get_closest_marker("browser")
        return not once and _touches_the_database(item) and not _is_a_detail(item)
    return bool(os.environ.get("TEST_LONG")) or not item.name.startswith(ON_THE_SECOND)


def _is_a_detail(item: pytest.Item) -> bool:
    """What stands on a page is the same on both databases. A day's run opens every address on the second one, and the
    pages whose queries are written for each; --long brings all."""
    is_page = item.path.parent.name == "pages" and item.path.name not in PAGES_ON_BOTH
    is_detail = is_page and not item.name.startswith(OPENS_EVERY_PAGE)
    is_detail = is_detail or item.path.name in PHOTO_PAGES or item.name.startswith(ON_THE_FIRST)
    return is_detail and not os.environ.get("TEST_LONG") and not item.get_closest_marker("both_databases")


def _touches_the_database(item: pytest.Item) -> bool:
    if item.get_closest_marker("django_db") or item.get_closest_marker("both_databases"):
        return True
    family = getattr(item, "cls", None)
    if family is not None and issubclass(family, TransactionTestCase):
        return True
    return bool(DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())))


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_modify_db_settings: None, django_db_blocker: Any) -> bool:
    """script/test migrates one database ahead: then each process begins with a copy of it, and nobody clears it away
    but the folder, or the server, that it lies in."""
    with django_db_blocker.unblock():
        return copy_migrated()


@pytest.fixture(scope="session", autouse=True)
def the_audit_can_be_emptied_between_tests() -> Iterator[None]:
    """Tests that commit for real are cleared by deleting rows on SQLite, which the audit's trigger refuses: its lock
    opens for that moment. PostgreSQL truncates, which the trigger allows."""
    import django.db.backends.sqlite3.base  # noqa: F401 - first, or the two modules import each other in a circle
    from django.db.backends.sqlite3.operations import DatabaseOperations

    audit = import_module("clinic.migrations.0002_audit_is_append_only")
    flush = DatabaseOperations.sql_flush

    def sql_flush(self: DatabaseOperations, *args: Any, **kwargs: Any) -> list[str]:
        statements = flush(self, *args, **kwargs)
        return [*audit.UNDO["sqlite"], *statements, *audit.SQLITE] if statements else statements

    DatabaseOperations.sql_flush = sql_flush
    yield
    DatabaseOperations.sql_flush = flush


@pytest.fixture(scope="session")
def valkey() -> Iterator[Valkey]:
    """A real broker of this test process."""
    with Valkey() as server:
        yield server


@pytest.fixture
def valkey_url(valkey: Valkey) -> str:
    """Where the cache finds it; `valkey.broker_url` is the same place in Celery's spelling."""
    return valkey.url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real PostgreSQL, also in the run on SQLite."""
    if given := os.environ.get("TEST_POSTGRES_URL"):
        yield given
        return
    with Postgres() as server:
        yield server.url


@pytest.fixture
def database_url(transactional_db: None) -> str:
    """The test database as another process has to spell it in DATABASE_URL."""
    from django.db import connection

    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    return f"postgres://{found['USER']}@{found['HOST']}:{found['PORT']}/{found['NAME']}"


@pytest.fixture(scope="session")
def chromium_path() -> str:
    for name in CHROMIUM_NAMES:
        if path := shutil.which(name):
            return path
    pytest.fail("Chromium is not installed; script/test --browser installs it.")


@pytest.fixture(scope="session")
def chromium(chromium_path: str) -> Iterator[object]:
    """Playwright's handle on the installed Chromium: `page = chromium.new_page()`."""
    from playwright.sync_api import sync_playwright

    # Playwright's loop runs in this thread; Django would take its database calls for asynchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        alone = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=chromium_path, args=[*alone, "--disable-dev-shm-usage"])
        yield browser
        browser.close()
