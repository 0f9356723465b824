"""Settings, checks, clock, log and cache: what keeps a wrong set-up from doing harm."""

import logging
import os
import socket
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.cache import cache
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from clinic import checks, clock
from clinic.discreet import Discreet
from clinic.json_cache import JSONSerializer
from clinic.pulse import key_of
from clinic.serve.run import Program
from clinic.wiring import broker_socket, mail_server, socket_urls, speaks_for_itself


def found(settings, **changed):
    for name, value in changed.items():
        setattr(settings, name, value)
    return {message.id for message in run_checks() if (message.id or "").startswith("clinic.")}


@pytest.mark.parametrize(
    ("url", "complaints"),
    [
        ("", set()),
        ("smtp://127.0.0.1:2525", set()),
        ("smtp://[::1]:2525", set()),
        ("smtp://localhost", set()),
        ("smtp://mail.example.org", {"clinic.E001"}),
        ("smtp://10.0.0.9", {"clinic.E001"}),
        ("smtp+tls://u:p@mail.example.org:587", set()),
        ("smtps://u:p@mail.example.org", set()),
        ("smtps://mail.example.org?timeout=0", {"clinic.E002"}),
    ],
)
def test_mail_leaves_this_machine_only_enciphered_and_with_a_time_limit(settings, url, complaints):
    assert found(settings, POST=mail_server(url)) == complaints


def test_a_password_with_signs_in_it_is_read_back():
    assert mail_server("smtp+tls://me%40x:p%40ss%2Fw@mail.example.org:2587?timeout=7") == {
        "EMAIL_HOST": "mail.example.org",
        "EMAIL_PORT": 2587,
        "EMAIL_HOST_USER": "me@x",
        "EMAIL_HOST_PASSWORD": "p@ss/w",
        "EMAIL_USE_TLS": True,
        "EMAIL_USE_SSL": False,
        "EMAIL_TIMEOUT": 7.0,
    }


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://host:port", "smtp://"])
def test_a_mail_address_nobody_can_read_is_refused_with_a_sentence(url):
    with pytest.raises(ImproperlyConfigured, match="EMAIL_URL"):
        mail_server(url)


def test_sqlite_without_its_lock_first_is_refused(monkeypatch):
    sqlite = {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": {}}
    monkeypatch.setattr(checks, "settings", SimpleNamespace(DATABASES={"default": sqlite}))
    assert [message.id for message in checks.sqlite_takes_its_lock_first(None)] == ["clinic.E003", "clinic.E004"]


def test_a_moved_clock_is_refused_in_earnest(settings):
    assert found(settings, CLOCK_FILE="clock", DEBUG=False) == {"clinic.E006"}


def test_the_clock_tells_the_time_in_utc(settings):
    settings.CLOCK_FILE = ""
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-10-05T15:00:00+00:00\n", datetime(2026, 10, 5, 15, tzinfo=UTC)),
        ("2026-10-05T15:00:00+02:00", datetime(2026, 10, 5, 13, tzinfo=UTC)),
        ("2026-10-05T15:00:00", datetime(2026, 10, 5, 15, tzinfo=UTC)),
    ],
)
def test_the_clock_can_be_moved_for_a_demo_but_not_in_earnest(settings, tmp_path, text, expected):
    settings.CLOCK_FILE = str(tmp_path / "clock")
    Path(settings.CLOCK_FILE).write_text(text)
    settings.DEBUG = True
    assert clock.now() == expected
    settings.DEBUG = False
    assert clock.now() != expected


def test_the_clock_can_run_ahead_and_come_back(settings, tmp_path):
    settings.DEBUG, settings.CLOCK_FILE = True, str(tmp_path / "clock")
    Path(settings.CLOCK_FILE).write_text("+86400")
    assert timedelta(hours=23) < clock.now() - datetime.now(UTC) < timedelta(hours=25)
    Path(settings.CLOCK_FILE).unlink()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_a_socket_path_is_never_longer_than_the_kernel_allows(tmp_path):
    near, far = tmp_path / "var", tmp_path / ("very " * 30)
    assert broker_socket(Path("/srv/clinic/var")) == Path("/srv/clinic/var/broker/valkey.sock")
    assert len(os.fsencode(broker_socket(far))) < 100
    assert broker_socket(far) == broker_socket(far) != broker_socket(near)


def test_a_socket_path_with_a_space_is_quoted():
    assert socket_urls(Path("/a b/s")) == ("unix:///a%20b/s?db=0", "redis+socket:///a%20b/s?virtual_host=0")


@pytest.mark.parametrize(
    ("environment", "configured"),
    [
        ({}, False),
        ({"DEBUG": "true"}, False),
        ({"DEBUG": "false"}, True),
        ({"DEBUG": "0"}, True),
        ({"SECRET_KEY": "x"}, True),
    ],
)
def test_the_local_secret_never_answers_for_a_clinic_in_earnest(environment, configured):
    assert speaks_for_itself(environment) is configured


def test_a_signed_link_is_never_written_to_a_log():
    line = logging.LogRecord(
        "x", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/p/abc.def:1/tick?x=1",), None
    )
    try:
        raise ValueError("GET http://127.0.0.1:8000/u/abc.def:1 failed")
    except ValueError:
        line.exc_info = sys.exc_info()
    written = Discreet("%(message)s").format(line)
    assert "abc" not in written
    assert "Internal Server Error: /p/…?x=1" in written
    assert "/u/… failed" in written


def test_the_cache_holds_json_and_counts(settings, valkey_url):
    settings.CACHES = redis_at(valkey_url)
    cache.set("times", [1.5, 2.5], 60)
    cache.set("count", 1, 60)
    assert cache.incr("count") == 2
    assert cache.get("times") == [1.5, 2.5]
    assert JSONSerializer().dumps([1.5]) == b"[1.5]"
    with pytest.raises(TypeError):
        cache.set("object", object())


@pytest.mark.django_db
def test_health_names_what_is_missing(client, settings, valkey_url):
    settings.CACHES = redis_at(valkey_url)
    cache.delete_many([key_of("worker"), key_of("beat")])
    cache.set(key_of("beat"), 1, 20)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json()["missing"] == ["worker"]
    cache.set(key_of("worker"), 1, 20)
    assert client.get("/healthz").status_code == 200


@pytest.mark.django_db
def test_health_answers_quickly_when_the_broker_is_gone(client, settings, tmp_path):
    settings.CACHES = redis_at(f"unix://{tmp_path}/nobody?db=0")
    began = time.monotonic()
    answer = client.get("/healthz")
    assert time.monotonic() - began < 2
    assert answer.json()["missing"] == ["broker", "worker", "beat"]
    assert answer["Cache-Control"].endswith("private")


def redis_at(url):
    from clinic import settings as own

    return {"default": {**own.CACHES["default"], "LOCATION": url}}


@pytest.mark.parametrize(
    ("configured", "expected"), [(None, "http://127.0.0.1:{port}"), ("https://a.test/", "https://a.test")]
)
def test_links_lead_to_the_configured_address_or_to_the_port_it_serves(monkeypatch, configured, expected):
    monkeypatch.delenv("PUBLIC_URL", raising=False)
    if configured:
        monkeypatch.setenv("PUBLIC_URL", configured)
    with socket.create_server(("127.0.0.1", 0)) as door:
        program = Program(door=door, say=print, verbose=False)
        assert program.public_url == expected.format(port=door.getsockname()[1])
