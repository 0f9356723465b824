"""A clinic behind a real server, people in a real browser, and a watch on what that browser says and asks for."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command

from clinic.models import Staff
from tests.cast import Cast, open_clinic

WORD = "quite-long-and-rare-7"
DESKTOP = {"width": 1360, "height": 850}
PHONE = {"width": 390, "height": 844}


@dataclass
class Visitor:
    """Somebody at a browser: counts what they click and how long it takes, and keeps a picture of what they saw."""

    page: Any
    house: str
    pictures: Path | None
    clicks: int = 0
    faults: list[str] = field(default_factory=list)
    abroad: list[str] = field(default_factory=list)
    _began: float = 0.0

    def watch(self) -> None:
        self.page.on(
            "console", lambda said: self.faults.append(said.text) if said.type in ("error", "warning") else None
        )
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("response", lambda answer: self._heard(answer.status, answer.url))
        self.page.context.on("request", lambda asked: self._asked(asked.url))

    def _heard(self, status: int, url: str) -> None:
        if status >= 400:
            self.faults.append(f"{status} {url}")

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.house).netloc and not url.startswith(("data:", "blob:")):
            self.abroad.append(url)

    def start(self) -> None:
        self.clicks, self._began = 0, time.perf_counter()

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._began

    def opens(self, path: str) -> None:
        """A link from a mail, or an address somebody has open already: no click inside the program."""
        self.page.goto(path if path.startswith("http") else self.house + path)

    def clicks_on(self, name: str, role: str = "link", **more: Any) -> None:
        self.clicks += 1
        with self.page.expect_navigation(wait_until="load"):
            self.page.get_by_role(role, name=name, **more).first.click()

    def types(self, label: str, words: str) -> None:
        self.page.get_by_label(label, exact=True).first.fill(words)

    def reads(self) -> str:
        return " ".join(self.page.locator("main, #content, body").first.inner_text().split())

    def keeps(self, name: str) -> None:
        """A picture of the whole page, for people to look at afterwards, where they said they would."""
        if self.pictures is None:
            return
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.evaluate("scrollTo(0, 0)")  # what sticks to the window is drawn where it stands
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)

    def is_clean(self) -> None:
        assert self.faults == [], "the browser complained"
        assert self.abroad == [], "something was asked for from another house"


@pytest.fixture
def clinic(transactional_db: None, settings: Any) -> Cast:
    """The cast, able to log in."""
    cast = open_clinic(keys=("exosome-prp-same-day", "prp"))
    for person in (cast.desk, cast.doctor, cast.manager):
        person.is_staff = True
        person.set_password(WORD)
        person.save()
    return cast


@pytest.fixture
def stand_at(clinic: Cast, monkeypatch: pytest.MonkeyPatch) -> Callable[[datetime], None]:
    """Move the clock of the server, which runs in a thread of this process."""

    def move(now: datetime) -> None:
        clinic.now = now

    monkeypatch.setattr("clinic.clock.now", lambda: clinic.now)
    return move


@pytest.fixture
def pictures() -> Path | None:
    """Where whoever wants to look at them asks for them: SCREENSHOTS=folder."""
    named = os.environ.get("SCREENSHOTS")
    return Path(named) if named else None


@pytest.fixture
def visit(
    chromium: Any,
    live_server: Any,
    clinic: Cast,
    stand_at: Callable[[datetime], None],
    settings: Any,
    pictures: Path | None,
) -> Iterator[Callable[..., Visitor]]:
    """Open a browser: `visit()` at a desk, `visit(phone=True)` on a telephone without scripts, `as_=` logged in."""
    settings.PUBLIC_URL = live_server.url
    opened = []

    def come(*, phone: bool = False, as_: Staff | None = None) -> Visitor:
        kind = (
            {
                "viewport": PHONE,
                "has_touch": True,
                "is_mobile": True,
                "java_script_enabled": False,
                "device_scale_factor": 2,
            }
            if phone
            else {"viewport": DESKTOP}
        )
        context = chromium.new_context(**kind, locale="en-GB", timezone_id="Asia/Singapore")
        context.set_default_timeout(15_000)
        opened.append(context)
        visitor = Visitor(context.new_page(), live_server.url, pictures)
        visitor.watch()
        if as_:
            log_in(visitor, as_)
        return visitor

    yield come
    for context in opened:
        context.close()


def log_in(visitor: Visitor, person: Staff) -> None:
    visitor.opens("/")
    visitor.page.get_by_label("Username").fill(person.username)
    visitor.page.get_by_label("Password").first.fill(WORD)
    visitor.page.get_by_role("button", name="Log in", exact=True).click()
    visitor.page.wait_for_url("**/admin/")


@pytest.fixture
def mail_folder(settings: Any, tmp_path: Path) -> Path:
    settings.POST, settings.MAIL_FOLDER = None, tmp_path / "mail"
    return settings.MAIL_FOLDER


def mails(folder: Path, kind: str = "") -> list[str]:
    """The plain text of every mail that went out, newest first."""
    call_command("dispatch_reminders")
    files = sorted(folder.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns, reverse=True)
    found = [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]
    return [one.get_body(("plain",)).get_content() for one in found if kind in str(one["Subject"])]


def link_in(mail: str) -> str:
    return re.search(r"https?://\S+/p/\S+", mail)[0].rstrip(".,)>")
