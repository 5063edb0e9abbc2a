"""Names, search keys, phones, dates and marks: the expected orders and forms, as tables."""

import unicodedata
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.core.text import (
    format_mark,
    given_name,
    mask_phone,
    name_sort_key,
    nfc,
    parse_date,
    parse_phone,
    search_key,
    squeeze,
)
from backend.gradebook.rules import parse_mark

WORDS = ["An", "Anh", "Ảnh", "Ánh", "Ăn", "Ân", "Bình", "Bính", "Cúc", "Dung", "Dũng", "Duy", "Đạt", "Đức"]
WORDS += ["Em", "Êm", "Ha", "Hà", "Hả", "Hã", "Há", "Hạ", "Oanh", "Ông", "Ơn", "Út", "Ưng", "Yến"]
NAMES = [
    "Nguyễn Văn An",
    "Bùi Thị Anh",
    "Lê Văn Anh",
    "Nguyễn Anh",
    "Trần Thị Ánh",
    "Phạm Thị Ân",
    "Nguyễn Thị Bình",
    "Dương Dũng",
    "Đỗ Văn Dũng",
    "Nguyễn Văn Đạt",
    "Đặng Đức",
    "Nguyễn Ha",
    "Nguyễn Hà",
    "Nguyễn Hả",
    "Nguyễn Hã",
    "Nguyễn Há",
    "Nguyễn Hạ",
]

ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
TONES = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}
LETTERS = st.sampled_from(
    sorted(
        {
            case(nfc(letter + tone))
            for letter in ALPHABET
            for tone in ("", *TONES)
            for case in (str.lower, str.upper)
            if len(nfc(letter + tone)) == 1
        }
    )
)
WORD = st.text(LETTERS, min_size=1, max_size=5)
FULL_NAME = st.lists(WORD, min_size=1, max_size=5).map(" ".join)


def by_bytes(key: str) -> bytes:
    """PostgreSQL's order under collation "C"."""
    return key.encode()


def word_order(text: str) -> tuple[list[int], list[int], list[bool]]:
    """The order of Vietnamese words spelled out as numbers: letters, then tones, then capitals."""
    letters, tones, capitals = [], [], []
    for char in text:
        marks = unicodedata.normalize("NFD", char.lower())
        base = nfc("".join(mark for mark in marks if mark not in TONES))
        letters.append(0 if base == " " else ALPHABET.index(base) + 1)
        tones.append(max((TONES.get(mark, 0) for mark in marks), default=0))
        capitals.append(char != char.lower())
    return letters, tones, capitals


def name_order(full_name: str) -> tuple[object, ...]:
    words = full_name.split()
    return word_order(words[-1]), word_order(words[0]), word_order(" ".join(words[1:-1]))


@pytest.mark.parametrize("expected", [WORDS, NAMES], ids=["words", "names"])
def test_class_list_order(expected: list[str]) -> None:
    for start in (list(reversed(expected)), sorted(expected)):
        assert sorted(start, key=lambda name: by_bytes(name_sort_key(name))) == expected


@given(FULL_NAME, FULL_NAME)
def test_sort_key_is_the_total_order_of_names(left: str, right: str) -> None:
    a, b = by_bytes(name_sort_key(left)), by_bytes(name_sort_key(right))
    x, y = name_order(left), name_order(right)
    assert (a < b, a == b) == (x < y, x == y)


@given(st.text(max_size=40))
def test_sort_key_survives_any_text(text: str) -> None:
    key = name_sort_key(text)
    assert by_bytes(key) == by_bytes(name_sort_key(unicodedata.normalize("NFD", text)))


def test_foreign_letters_and_single_words() -> None:
    names = ["Ksor", "Zơ Râm", "Nguyễn O'Neil"]
    assert len({name_sort_key(name) for name in names}) == 3
    assert name_sort_key("") == name_sort_key("  ") == ""
    assert by_bytes(name_sort_key("Y An")) < by_bytes(name_sort_key("An Ân"))


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("Nguyễn Đức Đạt", "nguyen duc dat"),
        ("NGUYEN  VAN A", "nguyen van a"),
        ("nguyễn văn a", "nguyen van a"),
        ("hòa", "hoa"),
        ("hoà", "hoa"),
        ("thúy", "thuy"),
        ("thuý", "thuy"),
        (unicodedata.normalize("NFD", "Trường Thị Ưng"), "truong thi ung"),
    ],
)
def test_search_key(written: str, key: str) -> None:
    assert search_key(written) == key


def test_squeeze_and_given_name() -> None:
    assert squeeze("  Dư\u00a0Thanh \u200bQuang \n") == "Dư Thanh Quang"
    assert squeeze(unicodedata.normalize("NFD", "Mã lớp")) == "Mã lớp"
    assert given_name("Nguyễn Thị Minh Khai") == "Khai"
    assert given_name(" ") == ""


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0912345678", "+84912345678"),
        ("84912345678", "+84912345678"),
        ("+84 912 345 678", "+84912345678"),
        ("0084912345678", "+84912345678"),
        ("0537 420 780", "+84537420780"),
        ("091.234.5678", "+84912345678"),
        ("(024) 3825-1234", "+842438251234"),
        (389037322.0, "+84389037322"),
        (389037322, "+84389037322"),
        ("389037322", "+84389037322"),
    ],
)
def test_phones_of_vietnam(written: str | float, number: str) -> None:
    assert parse_phone(written) == number


@pytest.mark.parametrize(
    "written",
    ["", "không có", "091234567", "09123456789", "01612345678", "113", "1900 1234", "+1 650 253 0000", "0912E45678"]
    + ["0912345678/0987654321", "0912345678 ext 3", 0.5, True, float("1e20"), "٠٩١٢"],
)
def test_nonsense_is_no_phone(written: str | float) -> None:
    assert parse_phone(written) is None


def test_masked_phone_shows_three_digits() -> None:
    assert mask_phone("+84912345678") == "••• ••• 678"
    assert mask_phone("+84") == "•••"


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("31/08/2026", date(2026, 8, 31)),
        ("1/8/2015", date(2015, 8, 1)),
        ("17-08-2015", date(2015, 8, 17)),
        ("17.08.2015", date(2015, 8, 17)),
        ("2015-08-17", date(2015, 8, 17)),
        ("2015-08-17 00:00:00", date(2015, 8, 17)),
        (40795.0, date(2011, 9, 9)),
        (41044, date(2012, 5, 15)),
        ("40795", date(2011, 9, 9)),
        (59, date(1900, 2, 28)),
        (61, date(1900, 3, 1)),
        (datetime(2015, 8, 17, 12), date(2015, 8, 17)),
        (date(2015, 8, 17), date(2015, 8, 17)),
    ],
)
def test_days_as_schools_write_them(written: str | float | date, day: date) -> None:
    assert parse_date(written) == day


@pytest.mark.parametrize(
    "written",
    ["", "31/02/2015", "13/13/2015", "17/08/15", "2015", "tháng 8", 0, -3, 60, 1e9, True, "17/08/1815", float("nan")],
)
def test_nonsense_is_no_day(written: str | float) -> None:
    assert parse_date(written) is None


@given(st.dates(date(1900, 3, 1), date(2100, 12, 31)))
def test_day_round_trip(day: date) -> None:
    assert parse_date(f"{day.day:02}/{day.month:02}/{day.year}") == day
    if day.year < 2100:
        assert parse_date(float((day - date(1899, 12, 30)).days)) == day


@given(st.integers(0, 100))
def test_mark_round_trip(tenths: int) -> None:
    mark = Decimal(tenths) / 10
    assert parse_mark(format_mark(mark)) == mark
    assert format_mark(parse_mark(format_mark(mark))) == format_mark(mark)
