from __future__ import annotations

import unicodedata
from datetime import date
from email.message import EmailMessage

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clinic.rules.refusal import Refusal
from patients.rules.identity import (
    DateOrder,
    KnownPeople,
    fold_name,
    normal_email,
    normal_phone,
    parse_birth_date,
    suggest_date_order,
)

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anne-Marie  O’Brien", "anne marie obrien"),
        ("ZOË Žižek", "zoe zizek"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("Weiß", "WEISS"),
        ("ＭＥＩ　Ｌｉ", "mei li"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Tan, Mei.", "Tan Mei"),
        ("مُحَمَّد", "محمد"),
        ("İpek", "ipek"),
    ],
)
def test_two_spellings_of_a_name_are_the_same(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


@pytest.mark.parametrize("name", ["李小龍", "김민준", "நளினி", "राधिका", "ישראל", "Ελενη"])
def test_a_name_in_any_script_keeps_all_its_letters(name: str) -> None:
    assert fold_name(name) == unicodedata.normalize("NFC", name.casefold())


@given(st.text(st.characters(max_codepoint=127), max_size=20))
def test_a_plain_name_folds_alone_as_it_does_beside_another_script(text: str) -> None:
    assert fold_name(f"{text} 李") == f"{fold_name(text)} 李".strip()


@pytest.mark.parametrize(
    ("one", "other"), [("Müller", "Mueller"), ("Иван", "Ива"), ("राधिका", "राधक"), ("Йован", "Иован")]
)
def test_different_names_stay_different(one: str, other: str) -> None:
    assert fold_name(one) != fold_name(other)


@given(st.text(max_size=30))
@example("İ'ǰ΅ﬃ")
def test_folding_again_changes_nothing(text: str) -> None:
    once = fold_name(text)
    assert fold_name(once) == once


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (" Mei.Tan@Example.ORG ", "Mei.Tan@example.org"),
        ("a@münchen.example", "a@xn--mnchen-3ya.example"),
        ("a@mu\u0308nchen.example", "a@xn--mnchen-3ya.example"),
        ("o'brien+hair@example.org", "o'brien+hair@example.org"),
        ("a@x.test\u2028", "a@x.test"),
        ("a" * 64 + "@example.org", "a" * 64 + "@example.org"),
    ],
)
def test_an_address_has_one_form(text: str, address: str) -> None:
    assert normal_email(text) == normal_email(address) == address


@pytest.mark.parametrize(
    "text",
    [
        "", "@", "mei", "mei@", "@example.org", "mei@example", "a@b@example.org", "mei@example..org", "mei@-x.org",
        "a@x.te\u2028st", "a@x.test\x0bBcc: q", "a\x00@x.test", "a@x.test\r\nBcc: b@x.test",
        "a\u200b@x.test",
        "a" * 65 + "@x.test", "a@" + "b" * 64 + ".test", "a@" + "b." * 126 + "test", '"a b"@x.test', "a b@x.test",
        "mei@[127.0.0.1]",
        "mei@127.0.0.1", "Mei <mei@x.test>", "mailto:mei@x.test", "a,b@x.test", "a..b@x.test", ".a@x.test", "ü@x.test",
        "a@straße.test",
        "a@x_y.test", "a@\ud800.test",
    ],
)  # fmt: skip
def test_an_address_no_mail_could_carry_safely_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        normal_email(text)
    assert refused.value.code == "email"


@given(st.text(max_size=40) | st.from_regex(r"[^@]{1,10}@[^@]{1,10}\.[a-z]{2,4}", fullmatch=True))
def test_whatever_passes_makes_one_recipient_and_no_further_header(text: str) -> None:
    try:
        address = normal_email(text)
    except Refusal:
        return
    assert address.isascii()
    assert address.isprintable()
    assert " " not in address
    assert normal_email(address) == address
    message = EmailMessage()
    message["To"] = address
    assert [who.addr_spec for who in message["To"].addresses] == [address]
    assert message.as_bytes().count(b"\n") == 2


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+65 9123-4567", "+6591234567"),
        ("+49 (0)30/123 45", "+493012345"),
        ("030 / 123 45", "03012345"),
        ("0065 9123 4567", "006591234567"),
        ("٩١٢٣٤٥٦٧", "91234567"),
        ("91234567.0", "91234567"),
        ("\u202a+65 9123 4567\u202c", "+6591234567"),
        ("9123\u00a04567", "91234567"),
    ],
)
def test_a_phone_number_is_kept_as_digits(text: str, number: str) -> None:
    assert normal_phone(text) == normal_phone(number) == number


@pytest.mark.parametrize(
    "text", ["", "n/a", "6.59E+09", "6,59123E+09", "123", "9123 4567 / 9876 54321", "1+2345", "call me", "²³⁴⁵⁶"]
)
def test_what_cannot_be_dialled_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        normal_phone(text)
    assert refused.value.code == "phone"


@pytest.mark.parametrize(
    ("text", "order", "born"),
    [
        ("1980-03-31", None, date(1980, 3, 31)),
        ("1980-3-1", DateOrder.DMY, date(1980, 3, 1)),
        ("1980/03/31", DateOrder.YMD, date(1980, 3, 31)),
        ("1980-03-31 00:00:00", None, date(1980, 3, 31)),
        ("1980-03-31T00:00:00.000", None, date(1980, 3, 31)),
        ("31/03/1980", None, date(1980, 3, 31)),
        ("03/31/1980", None, date(1980, 3, 31)),
        ("05/05/1980", None, date(1980, 5, 5)),
        ("1/2/1980", DateOrder.DMY, date(1980, 2, 1)),
        ("1/2/1980", DateOrder.MDY, date(1980, 1, 2)),
        ("1.2.1980", None, date(1980, 2, 1)),
        ("٣١/٠٣/١٩٨٠", None, date(1980, 3, 31)),
        ("22/11/2026", None, TODAY),
        ("01/01/1900", None, date(1900, 1, 1)),
        ("29/02/2024", None, date(2024, 2, 29)),
    ],
)
def test_a_birth_date_is_read(text: str, order: DateOrder | None, born: date) -> None:
    assert parse_birth_date(text, order, today=TODAY) == born


@pytest.mark.parametrize(
    ("text", "order", "words"),
    [
        ("1/2/1980", None, "two ways"),
        ("31/03/1980", DateOrder.MDY, "no such day"),
        ("03/31/1980", DateOrder.DMY, "no such day"),
        ("31/03/1980", DateOrder.YMD, "order"),
        ("29/02/2023", None, "no such day"),
        ("31/3/80", DateOrder.DMY, "four-digit"),
        ("29676", None, "not a date"),
        ("31-03/1980", None, "not a date"),
        ("23/11/2026", None, "future"),
        ("2523-03-31", None, "future"),
        ("31/12/1899", None, "before 1900"),
        ("0000-01-01", None, "no such day"),
        ("soon", None, "not a date"),
        ("1980-03-31 15:30", None, "not a date"),
    ],
)
def test_a_doubtful_birth_date_is_refused(text: str, order: DateOrder | None, words: str) -> None:
    with pytest.raises(Refusal, match=words) as refused:
        parse_birth_date(text, order, today=TODAY)
    assert refused.value.code == "birth-date"


STYLES = [("%d/%m/%Y", "dmy"), ("%m/%d/%Y", "mdy"), ("%Y-%m-%d", "ymd")]


@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from(STYLES))
def test_a_declared_order_reads_every_date_back(born: date, style: tuple[str, str]) -> None:
    assert parse_birth_date(born.strftime(style[0]), DateOrder(style[1]), today=TODAY) == born


@given(st.dates(date(1900, 1, 1), TODAY), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_an_undeclared_order_never_gives_another_date(born: date, style: str) -> None:
    if born.day <= 12 and born.day != born.month:
        with pytest.raises(Refusal, match="two ways"):
            parse_birth_date(born.strftime(style), None, today=TODAY)
    else:
        assert parse_birth_date(born.strftime(style), None, today=TODAY) == born


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["1/2/1980", "31/3/1980"], DateOrder.DMY),
        (["1/2/1980", "3/31/1980"], DateOrder.MDY),
        (["1980-01-02", "x"], DateOrder.YMD),
        (["1/2/1980"], None),
        (["31/3/1980", "3/31/1980"], None),
        ([], None),
    ],
)
def test_the_order_is_suggested_only_when_the_dates_leave_one(dates: list[str], order: DateOrder | None) -> None:
    assert suggest_date_order(dates) is order


BORN, OTHER = date(1980, 3, 31), date(1981, 3, 31)


@pytest.mark.parametrize(
    ("name", "email", "born", "found"),
    [
        ("mei tan", "", BORN, "line 2"),
        ("li tan", "MEI@example.org", BORN, "line 2"),
        ("mei tan", "mei@example.org", OTHER, None),
        ("mei tan", "mei@example.org", None, "line 2"),
        ("mei tan", "", None, None),
        ("li tan", "mei@example.org", None, None),
        ("li tan", "", BORN, None),
    ],
)
def test_a_person_seen_before_is_recognised(name: str, email: str, born: date | None, found: str | None) -> None:
    known = KnownPeople()
    known.add("line 2", name="mei tan", email="mei@example.org", born=BORN)
    known.add("line 3", name="mei tan", email="mei@example.org", born=BORN)
    assert known.find(name=name, email=email, born=born) == found


def test_a_person_known_without_a_birth_date_is_recognised_by_name_and_address() -> None:
    known = KnownPeople()
    known.add("line 2", name="mei tan", email="mei@example.org", born=None)
    assert known.find(name="mei tan", email="mei@example.org", born=BORN) == "line 2"
    assert known.find(name="li tan", email="mei@example.org", born=BORN) is None
    assert known.find(name="mei tan", email="", born=BORN) is None
