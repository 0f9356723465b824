"""What makes a person the same person on paper: names, addresses, numbers and birth dates in one comparable form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from functools import lru_cache

from clinic.rules.refusal import Refusal

LONGEST_LOCAL, LONGEST_ADDRESS = 64, 254  # RFC 5321, in characters
FEWEST_DIGITS, MOST_DIGITS = 4, 15  # E.164 allows 15
EARLIEST_BIRTH = date(1900, 1, 1)

# Letters that are one letter to their owner and carry no accent Unicode could take off.
_LATIN = {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
_LATIN_ACCENTS = re.compile(r"([\u0000-\u024f])[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff]+")
_ASCII_GAP = re.compile(r"[^a-z0-9]+")
_JOINED = "'’‘`´ʼʻʹ׳\u200c\u200d\u0640\u00ad"  # written inside a name or not: O'Brien, OBrien; the Arabic tatweel
_UNJOIN = str.maketrans("", "", _JOINED)
_ARABIC_VOWELS = range(0x064B, 0x0653)  # optional in writing

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")
_OLD_IDNA_DIFFERS = "ßς"  # the old IDNA turns these into another domain, the new one does not

_SHORTENED = re.compile(r"\d+[.,]\d+e\+?\d+", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d ()./\u2010-\u2015-]+")
_DATE = re.compile(r"(\d{1,4})([-/.])(\d{1,2})\2(\d{1,4})(?:[ T]00:00(?::00(?:\.0+)?)?)?")


class DateOrder(StrEnum):
    """How a file writes its dates."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


def fold_name(text: str) -> str:
    """Return the name as it is compared: no case, no Latin accents, punctuation as one space. Any script stays itself.

    "Anne-Marie  O’Brien" and "anne marie obrien" are the same, "Müller" and "Mueller" are not. Folding again changes
    nothing.
    """
    if text.isascii():
        return " ".join(_ASCII_GAP.sub(" ", text.translate(_UNJOIN).lower()).split())
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_UNJOIN)
    bare = _LATIN_ACCENTS.sub(r"\1", unicodedata.normalize("NFKD", plain).casefold())
    return " ".join(unicodedata.normalize("NFC", bare.translate(_FOLDED)).split())


class _Folding(dict[int, str]):
    """What each character becomes, worked out when it first comes by: a translation table for all of Unicode."""

    def __missing__(self, point: int) -> str:
        character = chr(point)
        kind = unicodedata.category(character)
        if kind == "Cf" or character in _JOINED or point in _ARABIC_VOWELS:
            becomes = ""
        else:
            becomes = _LATIN.get(character, character) if kind[0] in "LNM" else " "
        self[point] = becomes
        return becomes


_FOLDED = _Folding()


def ascii_digits(text: str) -> str:
    """Write the digits of any script as 0 to 9."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(mark)) if mark.isdecimal() else mark for mark in text)


def normal_email(text: str) -> str:
    """Return the address in the one form we store: trimmed, NFC, domain in lower case and ASCII (IDNA).

    The part before the @ keeps its case. Refusal "email" when mail to it could not be sent safely: control, invisible
    or separator characters, letters beyond ASCII before the @, over 64 characters there or 254 in all.
    """
    address = unicodedata.normalize("NFC", text.strip())
    if not address.isascii() or not address.isprintable() or " " in address:
        _refuse_the_unseen(address)
    local, at, domain = address.partition("@")
    if not at or "@" in domain or not local or not domain:
        raise _no_email("The e-mail address must look like name@example.org.")
    if len(local) > LONGEST_LOCAL or len(address) > LONGEST_ADDRESS:
        raise _no_email("The e-mail address is too long: 64 characters before the @ and 254 in all are allowed.")
    if not _LOCAL.fullmatch(local):
        raise _no_email("The part of the e-mail address before the @ holds a character that mail cannot carry.")
    whole = f"{local}@{_ascii_domain(domain)}"
    if len(whole) > LONGEST_ADDRESS:
        raise _no_email("The e-mail address is too long: 254 characters in all are allowed.")
    return whole


def _refuse_the_unseen(address: str) -> None:
    if any(unicodedata.category(character)[0] in "CZ" for character in address):
        raise _no_email("The e-mail address holds a space or an invisible character: type it again.")


@lru_cache(maxsize=1024)
def _ascii_domain(domain: str) -> str:
    wrong = _no_email("The part of the e-mail address after the @ is not a domain, for example example.org.")
    if any(character in _OLD_IDNA_DIFFERS for character in domain.lower()):
        raise _no_email("Write the domain of the e-mail address in its ASCII form, beginning with xn--.")
    try:
        plain = domain.encode("idna").decode("ascii").lower()
    except UnicodeError as error:
        raise wrong from error
    labels = plain.split(".")
    if len(labels) < 2 or not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise wrong
    return plain


def _no_email(sentence: str) -> Refusal:
    return Refusal("email", sentence)


def normal_phone(text: str) -> str:
    """Return digits, with a leading + when the number has one: "+49 (0)30/123-45" is "+493012345".

    National and 00 numbers stay as they are: what they mean depends on where they are dialled. Refusal "phone" for
    anything else, also for a number a spreadsheet has shortened to 6.59E+09.
    """
    number = ascii_digits(text)
    if not number.isascii():
        number = "".join(mark for mark in number if unicodedata.category(mark) != "Cf")
    number = " ".join(number.split())
    if _SHORTENED.fullmatch(number):
        raise Refusal("phone", "A spreadsheet has shortened this phone number: make the column text and save again.")
    if not _PHONE.fullmatch(number):
        raise Refusal("phone", "A phone number is digits, with + first when it begins with the country's code.")
    if re.fullmatch(r"\d+\.0", number):  # a spreadsheet took it for a decimal number
        number = number[:-2]
    if number.startswith("+"):
        number = number.replace("(0)", "")
    digits = re.sub(r"\D", "", number)
    if not FEWEST_DIGITS <= len(digits) <= MOST_DIGITS:
        raise Refusal("phone", f"A phone number has {FEWEST_DIGITS} to {MOST_DIGITS} digits; give one number only.")
    return "+" + digits if number.startswith("+") else digits


def parse_birth_date(text: str, order: DateOrder | None, *, today: date) -> date:
    """Read 1980-03-31, 31/3/1980, 31.3.1980 or, declared so, 3/31/1980. The order is declared by who owns the file.

    Without it a date that two orders read differently is a Refusal "birth-date"; points mean day.month.year unless
    declared otherwise. Refused too: two-digit years, days that do not exist, before 1900, after `today`.
    """
    parts = _DATE.fullmatch(ascii_digits(text.strip()))
    if not parts:
        raise _no_date(f"“{text.strip()[:40]}” is not a date: write it as year-month-day, for example 1980-03-31.")
    first, point, second, third = parts[1], parts[2], parts[3], parts[4]
    readings = _readings(first, second, third, order, pointed=point == ".")
    if not readings:
        raise _no_date(f"“{text.strip()[:40]}” is not a date with a four-digit year in the order this file uses.")
    days = {day for reading in readings if (day := _day(*reading))}
    if not days:
        raise _no_date(f"There is no such day as “{text.strip()[:40]}”.")
    if len(days) > 1:
        raise _no_date(f"“{text.strip()[:40]}” can be read in two ways: say whether day or month comes first.")
    (born,) = days
    if not EARLIEST_BIRTH <= born <= today:
        raise _no_date("The birth date lies in the future." if born > today else "The birth date lies before 1900.")
    return born


def _readings(
    first: str, second: str, third: str, order: DateOrder | None, *, pointed: bool
) -> list[tuple[str, str, str]]:
    """Return the ways, each as year, month, day, in which the three numbers may be meant."""
    if len(first) == 4 and len(third) <= 2:
        return [(first, second, third)]
    if len(third) != 4 or len(first) > 2 or order is DateOrder.YMD:
        return []
    by_day, by_month = (third, second, first), (third, first, second)
    if order is DateOrder.DMY or (order is None and pointed):
        return [by_day]
    return [by_month] if order is DateOrder.MDY else [by_day, by_month]


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def _no_date(sentence: str) -> Refusal:
    return Refusal("birth-date", sentence)


def suggest_date_order(texts: Iterable[str]) -> DateOrder | None:
    """Return the one order in which all these dates exist, as a suggestion to confirm; None when several or none do."""
    found = [parts for text in texts if (parts := _DATE.fullmatch(ascii_digits(text.strip())))]
    pairs = [(int(parts[1]), int(parts[3]), len(parts[1])) for parts in found]
    if not pairs:
        return None
    if all(length == 4 for _, _, length in pairs):
        return DateOrder.YMD
    written = [(first, second) for first, second, length in pairs if length < 3]
    by_day = all(second <= 12 for _, second in written)
    by_month = all(first <= 12 for first, _ in written)
    if by_day == by_month:
        return None
    return DateOrder.DMY if by_day else DateOrder.MDY


class KnownPeople:
    """Recognises who was seen before, each under a mark of the caller's (a line, an id).

    Two records are the same person when name (folded, first and last) and birth date are the same, or e-mail address
    (whatever its case) and birth date. Where one of them has no birth date, name and e-mail address together decide.
    """

    def __init__(self) -> None:
        self._marks: dict[str, str] = {}

    def add(self, mark: str, *, name: str, email: str, born: date | None) -> None:
        """Remember a person. The first mark under which somebody was seen stays."""
        for key in self._keys(name, email, born):
            self._marks.setdefault(key, mark)
        if name and email:
            self._marks.setdefault(f"anyone|{name}|{email.casefold()}", mark)
            if born is None:
                self._marks.setdefault(f"undated|{name}|{email.casefold()}", mark)

    def find(self, *, name: str, email: str, born: date | None) -> str | None:
        """Return the mark of the same person, None when nobody known is."""
        keys = self._keys(name, email, born)
        if name and email:
            keys.append(f"{'anyone' if born is None else 'undated'}|{name}|{email.casefold()}")
        return next((self._marks[key] for key in keys if key in self._marks), None)

    @staticmethod
    def _keys(name: str, email: str, born: date | None) -> list[str]:
        named = [f"name|{name}|{born}"] if name and born else []
        return [*named, f"mail|{email.casefold()}|{born}"] if email and born else named
