"""What is typed into a search field, as pieces of a patient's text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patients.rules.identity import fold_name
from patients.rules.search import GAP, pieces_of

NAMES = st.text(st.sampled_from("aAbzáéñßøŁ'’- ليلىحسن王小明ङ"), min_size=3, max_size=24).filter(lambda n: fold_name(n))


def text_of(name: str, email: str = "", phone: str = "") -> str:
    folded = GAP.join(fold_name(name).split())
    return f"{GAP}{folded}\n{GAP}{email.lower()}\n{GAP}{phone.lstrip('+')}"


def is_found(typed: str, text: str) -> bool:
    return all(any(piece in text for piece in pieces) for pieces in pieces_of(typed))


MEI = text_of("Zoë Anne-Marie O’Brien", "Zoe.OBrien77@Mail.Example", "+3906551234")


@pytest.mark.parametrize(
    "typed",
    [
        "zoe", "ZOË", "nne", "anne marie", "marie anne", "Anne-Marie", "o'br", "obri", "brien zo",
        "zoe.obrien77@mail.example", "77@mail", "EXAMPLE", "065 51", "06551", "+39 06", "+39 (0)6 55", "0039 0655",
        "1234", "zoe 1234", "1234 zoe", "z", "zo", "m", "zoe,", "ob", "39", "obrien77", "77@", "@", "+", "", "   ", "zoe +",
    ],
)  # fmt: skip
def test_any_part_of_a_name_an_address_or_a_number_is_found(typed: str) -> None:
    assert is_found(typed, MEI)


@pytest.mark.parametrize(
    "typed", ["zoa", "zoe smith", "06 6551", "9999", "n", "en", "%", "_", '"', "77 66", "marie zoex"]
)
def test_what_is_no_part_is_not_found(typed: str) -> None:
    assert not is_found(typed, MEI)


def test_one_or_two_letters_find_beginnings_and_whole_names_of_scripts_that_need_no_more() -> None:
    assert is_found("an", MEI)
    assert not is_found("ri", MEI)
    assert is_found("小明", text_of("王小明"))


def test_numbers_typed_one_after_the_other_are_one_number() -> None:
    assert is_found("06 55 12", MEI)
    assert is_found("12 34", text_of("Room 12 34"))
    assert not is_found("12 34", text_of("A", phone="+3412"))


@given(name=NAMES, data=st.data())
def test_three_letters_of_any_part_of_a_name_find_it(name: str, data: st.DataObject) -> None:
    part = data.draw(st.sampled_from(fold_name(name).split()))
    begins = data.draw(st.integers(0, max(0, len(part) - 3)))
    ends = data.draw(st.integers(min(len(part), begins + 3), len(part)))
    assert is_found(part[begins:ends], text_of(name)) or len(part) < 3


@given(
    digits=st.text("0123456789", min_size=6, max_size=15),
    gaps=st.lists(st.sampled_from(["", " ", "-", "/", "."]), min_size=15, max_size=15),
    begins=st.integers(0, 3),
)
def test_a_number_is_found_however_it_is_spaced(digits: str, gaps: list[str], begins: int) -> None:
    typed = "".join(digit + gap for digit, gap in zip(digits[begins:], gaps, strict=False))
    assert is_found(typed, text_of("A", phone="+" + digits))


@given(st.text(max_size=60))
def test_whatever_is_typed_is_taken_apart_into_pieces_an_index_knows(typed: str) -> None:
    for pieces in pieces_of(typed):
        assert pieces
        for piece in pieces:
            assert len(piece) >= 3 or not (piece.isascii() and piece.isalnum())
            assert "\0" not in piece
            assert "\n" not in piece
