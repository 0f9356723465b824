"""A language to write in: sentences, dates, hours, numbers and lists as its readers write them.

A sentence is named by its English words, as everywhere in the house; a language without a translation for it shows
the English ones. English gives exactly what `clinic.rules.wording` gives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from gettext import NullTranslations
from typing import Literal
from zoneinfo import ZoneInfo

from clinic.catalogues import catalogue, languages
from clinic.rules import wording

ENGLISH = "en"
_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
# FSI and PDI: what stands between them takes its own direction and does not disturb the sentence around it.
FIRST_STRONG, POP = "\u2068", "\u2069"

Direction = Literal["ltr", "rtl"]


@dataclass(frozen=True, eq=False)
class Tongue:
    """One language. Made by `tongue`, once per process."""

    code: str
    sentences: NullTranslations

    @property
    def direction(self) -> Direction:
        return "rtl" if self.code in _RIGHT_TO_LEFT else "ltr"

    @property
    def is_english(self) -> bool:
        return self.code == ENGLISH

    def say(self, text: str, /, **values: object) -> str:
        """Return the sentence in this language, `{names}` in it filled in. Without values it is taken as it is."""
        said = self.sentences.gettext(text) if text else ""
        return said.format(**values) if values else said

    def plural(self, one: str, other: str, n: int, /, **values: object) -> str:
        """Return the form that goes with `n`: two in English, six in Arabic. `{n}` in it is the number."""
        return self.sentences.ngettext(one, other, n).format(n=n, **values)

    def knows(self, text: str) -> bool:
        return self.is_english or self.sentences.gettext(text) != text

    def own(self, text: str) -> str:
        """Return what somebody may have typed: translated where the house knows it, else as it is and set apart."""
        return self.say(text) if self.knows(text) else self.apart(text)

    def apart(self, text: str) -> str:
        """Set a name, a number or an address apart, so that its direction disturbs nothing. English needs it not."""
        return f"{FIRST_STRONG}{text}{POP}" if text and self.direction == "rtl" else text

    def day(self, day: date) -> str:
        """Return "Tue 3 Nov 2026"."""
        return wording.day_words(day) if self.is_english else _day(self, day)

    def clock(self, instant: datetime, zone: ZoneInfo) -> str:
        """Return the wall clock in `zone`: "10:30"."""
        return wording.clock_words(instant, zone)

    def hours(self, starts: datetime, ends: datetime | None, zone: ZoneInfo) -> str:
        """Return "10:30 to 11:15", or the start alone when the end falls on another day or is not known."""
        begins = starts.astimezone(zone)
        end = ends.astimezone(zone) if ends else None
        if end is None or end.date() != begins.date():
            return f"{begins:%H:%M}"
        return self.say("{begins} to {ends}", begins=f"{begins:%H:%M}", ends=f"{end:%H:%M}")

    def moment(self, instant: datetime, zone: ZoneInfo) -> str:
        """Return "10:30 on Tue 3 Nov 2026"."""
        local = instant.astimezone(zone)
        return self.say("{clock} on {day}", clock=f"{local:%H:%M}", day=self.day(local.date()))

    def zone_name(self, zone: ZoneInfo) -> str:
        """Return "Singapore time", "UTC"."""
        return wording.zone_words(zone) if self.is_english else _zone(self, zone)

    def distance(self, day: date, today: date) -> str:
        """Return "today", "in 12 days", "3 weeks ago"."""
        return wording.distance_words(day, today) if self.is_english else _distance(self, (day - today).days)

    def list(self, words: Sequence[str]) -> str:
        """Return "a", "a and b", "a, b and c"."""
        if self.is_english or len(words) < 2:
            return wording.list_words(words)
        return self.say("{first} and {last}", first=self.say(", ").join(words[:-1]), last=words[-1])

    def first_up(self, words: str) -> str:
        return wording.first_up(words)


@cache
def tongue(code: str) -> Tongue:
    """Return the language of a code: "ar", "en-gb". English where the house has no such language."""
    plain = code.partition("-")[0].lower()
    if plain in languages():
        return Tongue(plain, catalogue(plain)) if plain == code else tongue(plain)
    return Tongue(ENGLISH, NullTranslations()) if code == ENGLISH else tongue(ENGLISH)


@lru_cache(maxsize=4096)
def _day(self: Tongue, day: date) -> str:
    weekday, _, month, _ = wording.day_words(day).split(" ")
    words = "{weekday} {day} {month} {year}"
    return self.say(words, weekday=self.say(weekday), day=day.day, month=self.say(month), year=day.year)


@cache
def _zone(self: Tongue, zone: ZoneInfo) -> str:
    place, gap, time = wording.zone_words(zone).rpartition(" ")
    return self.say("{place} time", place=self.own(place)) if gap else self.apart(time)


def _distance(self: Tongue, days: int) -> str:
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if days in near:
        return self.say(near[days])
    length = _length(self, abs(days))
    return self.say("in {length}", length=length) if days > 0 else self.say("{length} ago", length=length)


def _length(self: Tongue, days: int) -> str:
    """As `wording.distance_words` counts: days below three weeks, then full weeks, months, years."""
    if days < 21:
        return self.plural("{n} day", "{n} days", days)
    if days < 91:
        return self.plural("{n} week", "{n} weeks", days // 7)
    if days < 730:
        return self.plural("{n} month", "{n} months", int(days / 30.4375 + 0.01))
    return self.plural("{n} year", "{n} years", int(days / 365.25 + 0.001))
