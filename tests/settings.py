"""The clinic's own settings, with what would make tests slow or leave traces put aside."""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

if "TEST_PLACE" not in os.environ:
    # Whoever made the place clears it away; processes started from here share it.
    os.environ["TEST_PLACE"] = tempfile.mkdtemp(prefix="clinic-tests-")
    atexit.register(shutil.rmtree, os.environ["TEST_PLACE"], ignore_errors=True)
_place = os.environ["TEST_PLACE"]
os.environ.setdefault("SECRET_KEY", "only-for-tests-" + "x" * 50)
os.environ.setdefault("DEBUG", "true")
os.environ["VAR_DIR"] = f"{_place}/var"
os.environ["MEDIA_ROOT"] = f"{_place}/media"
Path(os.environ["VAR_DIR"]).mkdir(parents=True, exist_ok=True)

from clinic.settings import *  # noqa: E402, F403

DEBUG = False
ALLOWED_HOSTS = ["*"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
SECURE_SSL_REDIRECT = False
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_TASK_ALWAYS_EAGER = False
MAIL_PER_MINUTE = 0
POSTROOM_MARK = ""  # rows are rolled back between tests, a file is not

# A file, so that other processes and threads see the rows; nobody needs them after a power cut.
_database = DATABASES["default"]  # noqa: F405
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["TEST"] = {"NAME": f"{_place}/test.sqlite3"}
    _database["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON"
