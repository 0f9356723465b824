"""Everything that differs between two clinics comes from the environment; `.env.example` explains each name."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse_lazy
from redis.backoff import NoBackoff
from redis.retry import Retry

from clinic.look import UNFOLD as UNFOLD
from clinic.wiring import broker_socket, local_environment, mail_server, socket_urls, speaks_for_itself

django_stubs_ext.monkeypatch()  # lets annotations such as ModelAdmin[Plan] be read by Python, too

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")
VAR_DIR = Path(env.str("VAR_DIR", default=str(BASE_DIR / "var"))).absolute()
if not speaks_for_itself(os.environ):
    environ.Env.read_env(local_environment(VAR_DIR))

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is missing. Set it to a long random text (see .env.example), "
        "or start with script/server to try the program out on this machine."
    )

# Where the program is reached: the base of every link in a mail.
PUBLIC_URL = env.str("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
_here = [_public.hostname or "127.0.0.1", *(["127.0.0.1", "localhost"] if DEBUG else [])]
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=_here)
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]
USES_TLS = _public.scheme == "https"

INSTALLED_APPS = [
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.import_export",
    "unfold.contrib.simple_history",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django_htmx",
    "crispy_forms",
    "simple_history",
    "import_export",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "clinic.apps.ClinicConfig",
    "patients.apps.PatientsConfig",
    "plans.apps.PlansConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "clinic.middleware.private_pages",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "clinic.middleware.working_hours",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
]
ROOT_URLCONF = "clinic.urls"
WSGI_APPLICATION = "clinic.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]
FORM_RENDERER = "django.forms.renderers.DjangoTemplates"
CRISPY_TEMPLATE_PACK = "unfold_crispy"
CRISPY_ALLOWED_TEMPLATE_PACKS = ["unfold_crispy"]

# -- rows ------------------------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'clinic.sqlite3'}")}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # Whoever waits looks ten times a second and may miss the gaps between busy writers for long.
        "timeout": 60,
        # A transaction that begins by reading and goes on to write would fail at once instead of waiting its turn.
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
    }
else:
    # Compiling a query costs more than our short ones ever take.
    _database["OPTIONS"] = {"connect_timeout": 3, "options": "-c jit=off", **_database.get("OPTIONS", {})}
    _database["CONN_MAX_AGE"] = 60
    _database["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# -- broker and cache ------------------------------------------------------------------------------------------------
BROKER_SOCKET = broker_socket(VAR_DIR)
_cache_url, _queue_url = socket_urls(BROKER_SOCKET)
REDIS_URL = env.str("REDIS_URL", default="")
BROKER_IS_OURS = not REDIS_URL
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default=REDIS_URL or _queue_url)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL or _cache_url,
        "OPTIONS": {
            "serializer": "clinic.json_cache.JSONSerializer",
            # /healthz has to answer quickly above all when the cache is gone.
            "socket_timeout": 1,
            "retry": Retry(NoBackoff(), 1),  # a broker that was restarted: once more, on a new connection
        },
    }
}
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TASK_IGNORE_RESULT = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 10, "socket_connect_timeout": 3}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "clinic.beat:Beat"
CELERY_BEAT_SCHEDULE = {
    # A tick nobody took within its minute is worthless: the next one does the same work.
    "tick": {"task": "plans.tasks.tick", "schedule": 60.0, "options": {"expires": 55}},
    "returned-mail": {"task": "plans.tasks.returned_mail", "schedule": 300.0, "options": {"expires": 290}},
}

# -- mail ------------------------------------------------------------------------------------------------------------
# Patients' letters go through clinic.post; Django's own mail (a forgotten password) takes the same road.
POST = mail_server(env.str("EMAIL_URL", default=""))
MAIL_CONNECTIONS = env.int("MAIL_CONNECTIONS", default=4)  # to the mail server, for each dispatcher
MAIL_FOLDER = Path(env.str("MAIL_FOLDER", default=str(VAR_DIR / "mail")))
MAIL_PER_MINUTE = env.int("MAIL_PER_MINUTE", default=600)  # all dispatchers together; 0 is no limit
# How far the postroom has counted, outside the database: a backup put back is noticed by it.
POSTROOM_MARK = str(VAR_DIR / "postroom.json")
# What comes back: a mailbox that is read, and the address a mail service calls.
BOUNCES_URL = env.str("BOUNCES_URL", default="")
MAIL_HOOK_SECRET = env.str("MAIL_HOOK_SECRET", default="")
MAIL_HOOK_KEY = env.str("MAIL_HOOK_KEY", default="")
MAIL_FROM = env.str("MAIL_FROM", default="")  # letters come from the location itself when this is empty
DEFAULT_FROM_EMAIL = SERVER_EMAIL = MAIL_FROM or "clinic@localhost"
EMAIL_SUBJECT_PREFIX = ""
if POST:
    globals().update(POST)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = MAIL_FOLDER / "staff"

# -- pictures and static files ---------------------------------------------------------------------------------------
# There is no MEDIA_URL on purpose: every picture is served by a view that asks who is looking.
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default=str(BASE_DIR / "media")))
# Every picture that is uploaded goes through it; by name, because it stands right of whom it serves.
DARKROOM = "plans.darkroom.develop"
# What may come in, in bytes: of one patient, by one person within an hour, and what the disk keeps free whatever comes.
PHOTO_BYTES_PER_PATIENT = env.int("PHOTO_BYTES_PER_PATIENT", default=4_000_000_000)
PHOTO_BYTES_PER_HOUR = env.int("PHOTO_BYTES_PER_HOUR", default=2_000_000_000)
PHOTO_DISK_FLOOR = env.int("PHOTO_DISK_FLOOR", default=500_000_000)
PHOTO_MOST_OPEN = env.int("PHOTO_MOST_OPEN", default=300)  # files of one person that wait for their view
# Where the web server in front finds MEDIA_ROOT for itself (an internal location); empty: the program sends them.
PHOTO_SENDFILE = env.str("PHOTO_SENDFILE", default="")
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
WHITENOISE_USE_FINDERS = WHITENOISE_AUTOREFRESH = DEBUG
_static = "django.contrib.staticfiles.storage.StaticFilesStorage"
if not DEBUG:
    _static = "whitenoise.storage.CompressedManifestStaticFilesStorage"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage", "OPTIONS": {}},
    "staticfiles": {"BACKEND": _static},
}
if MEDIA_BUCKET := env.str("MEDIA_BUCKET", default=""):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": MEDIA_BUCKET,
            "endpoint_url": env.str("MEDIA_ENDPOINT", default="") or None,
            "default_acl": None,
            "querystring_auth": True,
            "querystring_expire": 60,
            "file_overwrite": False,
        },
    }

# -- who comes in ----------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "clinic.Staff"
SIMPLE_HISTORY_HISTORY_ID_USE_UUID = True  # no address of the program counts its rows
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validators}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_validators}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_validators}.CommonPasswordValidator"},
]
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")
LOGOUT_REDIRECT_URL = ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_ADAPTER = "clinic.accounts.ClosedDoorAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_PREVENT_ENUMERATION = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Course"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEBUG

SESSION_COOKIE_AGE = 30 * 60  # idle; clinic.middleware keeps a session at work alive, and ends it after a day's work
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"

# -- what browsers are told ------------------------------------------------------------------------------------------
SECURE_SSL_REDIRECT = USES_TLS and not DEBUG
SECURE_REDIRECT_EXEMPT = [r"^healthz(/deep)?$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if SECURE_SSL_REDIRECT else 0
# Subdomains and the browsers' preload lists bind the owner's whole domain, which is not ours to promise.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# Staff pages: Alpine evaluates attributes, Unfold writes inline styles. Patients' pages have a stricter policy.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "script-src": ["'self'", "'unsafe-eval'"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "object-src": ["'none'"],
        "base-uri": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
}
if MEDIA_BUCKET:  # browsers are led there for every picture
    _bucket = env.str("MEDIA_ENDPOINT", default="") or f"https://{MEDIA_BUCKET}.s3.amazonaws.com"
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append("{0.scheme}://{0.netloc}".format(urlsplit(_bucket)))

# -- language, time, log ---------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en-gb"
FORMAT_MODULE_PATH = "clinic.formats"  # "Tue 3 Nov 2026" everywhere
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
CLOCK_FILE = env.str("CLOCK_FILE", default="")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"()": "clinic.discreet.Discreet", "format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}
    },
    "handlers": {"out": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["out"], "level": env.str("LOG_LEVEL", default="INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "django.request": {"level": "ERROR"},
        "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
    },
}
