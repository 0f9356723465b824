"""Public holidays of a year, and of which country a place keeps them. The dates are those of the package `holidays`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import cache

import holidays
from holidays.registry import COUNTRIES

from clinic.rules.jurisdictions import Jurisdiction

NAME_LENGTH = 80
FIRST_YEAR, LAST_YEAR = 2020, 2099
# Where the law a place works under is a country's. The others are several countries, or any.
COUNTRY_OF = {Jurisdiction.US: "US", Jurisdiction.UK: "GB", Jurisdiction.SG: "SG", Jurisdiction.EG: "EG"}


@dataclass(frozen=True, slots=True)
class Holiday:
    day: date
    name: str


def country_of(jurisdiction: str) -> str:
    """Return the country whose holidays are meant, by its two letters; "" when people have to choose."""
    return COUNTRY_OF.get(Jurisdiction(jurisdiction), "")


@cache
def countries() -> tuple[tuple[str, str], ...]:
    """Return the two letters and the name of every country whose holidays are known, by name."""
    known = ((names[1], _words(names[0])) for names in COUNTRIES.values())
    return tuple(sorted(known, key=lambda one: one[1]))


@cache
def regions(country: str) -> tuple[str, ...]:
    """Return the parts of the country that keep holidays of their own, as the package names them."""
    return tuple(holidays.list_supported_countries().get(country, ()))


def holidays_of(country: str, year: int, region: str = "") -> tuple[Holiday, ...]:
    """Return the public holidays of a year in order, with English names where the package has them.

    Two of the same date are one: "Labour Day, Vesak Day". Empty for a country, region or year that is not known.
    """
    if country not in dict(countries()) or (region and region not in regions(country)):
        return ()
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return ()
    spoken = holidays.country_holidays(country)
    tongues = (spoken.default_language or "", *spoken.supported_languages)
    language = next((one for one in tongues if one.startswith("en")), None)
    found = holidays.country_holidays(country, subdiv=region or None, years=year, language=language)
    return tuple(Holiday(day, name.replace("; ", ", ")[:NAME_LENGTH]) for day, name in sorted(found.items()))


def _words(name: str) -> str:
    """Return “HongKong” as “Hong Kong”."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    return re.sub(r"\b(And|Of|The)\b", lambda found: found[0].lower(), spaced)
