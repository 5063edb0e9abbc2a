"""Vietnamese text: order of names, search without diacritics, phones, dates and marks as people write them.

Pure: no clock, no I/O. Everything the system stores passes through `squeeze` first, because workbooks and some
keyboards deliver decomposed letters (NFD), doubled spaces and invisible characters.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import phonenumbers

_ALPHABET: Final = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_TONES: Final = {"\u0300": "1", "\u0309": "2", "\u0303": "3", "\u0301": "4", "\u0323": "5"}
_INVISIBLE: Final = {"Cc", "Cf", "Cs"}

# Mobile numbers have nine digits after +84 and begin with 3, 5, 7, 8 or 9; landlines ten, beginning with 2.
# The metadata of `phonenumbers` also knows which sub-ranges are open today; operators open new ones every year and a
# school must not be refused a parent's real number, so only the shape decides here.
_VIETNAM_NUMBER: Final = re.compile(r"[35789]\d{8}|2\d{9}")
_PHONE_CHARACTERS: Final = re.compile(r"\+?[\d\s().\-]{6,24}")

_DAY_FIRST: Final = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_YEAR_FIRST: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_SERIAL_TEXT: Final = re.compile(r"\d{5}")
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2100


def nfc(text: str) -> str:
    """The text with every letter composed, the only form that is stored."""
    return unicodedata.normalize("NFC", text)


def squeeze(text: str) -> str:
    """NFC, single spaces, no space at the ends, no control or invisible characters."""
    composed = nfc(text)
    if composed.isprintable():
        return " ".join(composed.split())
    return " ".join(visible(composed).split())


def visible(text: str) -> str:
    """NFC without control and invisible characters, such as those that turn the direction of writing; spaces stay."""
    kept = (" " if char.isspace() else char for char in nfc(text))
    return "".join(char for char in kept if unicodedata.category(char) not in _INVISIBLE)


def given_name(full_name: str) -> str:
    """The last word of a Vietnamese name, by which people are called: "Nguyễn Thị Minh Khai" → "Khai"."""
    words = squeeze(full_name).split()
    return words[-1] if words else ""


def name_sort_key(full_name: str) -> str:
    """A plain string that sorts names byte by byte in the order of a Vietnamese class list.

    Given name, then family name, then middle names. Within each: letters of the Vietnamese alphabet first, then tones
    (none, huyền, hỏi, ngã, sắc, nặng), then capitals. Compare with collation "C".
    """
    words = squeeze(full_name).split()
    if not words:
        return ""
    return " ".join(_word_key(part) for part in (words[-1], words[0], " ".join(words[1:-1])))


def _word_key(text: str) -> str:
    """Letters, tones and capitals, each part closed by a space: below every weight, so a shorter word comes first."""
    letters, tones, capitals = [], [], []
    for char in text:
        lower = char.lower()
        decomposed = unicodedata.normalize("NFD", lower)
        base = nfc("".join(mark for mark in decomposed if mark not in _TONES))
        letters.append(_letter_weight(base))
        tones.append(next((_TONES[mark] for mark in decomposed if mark in _TONES), "0"))
        capitals.append("1" if char != lower else "0")
    return " ".join(("".join(letters), "".join(tones), "".join(capitals)))


def _letter_weight(base: str) -> str:
    if base == " ":
        return "!"
    if len(base) == 1 and base in _ALPHABET:
        return chr(ord("0") + _ALPHABET.index(base))
    return "~" + base[:1]


def search_key(text: str) -> str:
    """Lower case without diacritics and with đ as d, for search that forgives: "Nguyễn Đức" → "nguyen duc"."""
    decomposed = unicodedata.normalize("NFD", squeeze(text).lower())
    bare = "".join(char for char in decomposed if not "\u0300" <= char <= "\u036f")
    return " ".join(bare.replace("đ", "d").split())


def parse_phone(value: str | int | float) -> str | None:
    """A Vietnamese mobile or landline number in E.164 ("+84912345678"), or None when it is not one.

    Numbers are accepted as workbooks hold them, the leading zero lost. Foreign numbers are refused: the one-time code
    goes out by a domestic gateway, and paid foreign ranges are the usual way to abuse one.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        if not value.is_integer():
            return None
        value = int(value)
    text = squeeze(str(value))
    if not _PHONE_CHARACTERS.fullmatch(text):
        return None
    try:
        number = phonenumbers.parse(text, "VN")
    except phonenumbers.NumberParseException:
        return None
    if number.country_code != 84 or not _VIETNAM_NUMBER.fullmatch(str(number.national_number)):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def mask_phone(phone: str) -> str:
    """A number its owner recognises and nobody else learns: the last three digits only."""
    return "••• ••• " + phone[-3:] if len(phone) > 6 else "•••"


def parse_date(value: str | float | int | date | datetime) -> date | None:
    """A day from "dd/mm/yyyy", an ISO day, an Excel serial number of the 1900 system or a date; None for anything else.

    Days before 1900 and after 2100 are refused as slips of the hand.
    """
    if isinstance(value, datetime):
        found: date | None = value.date()
    elif isinstance(value, date):
        found = value
    elif isinstance(value, bool):
        found = None
    elif isinstance(value, int | float):
        found = _date_of_serial(value)
    else:
        found = _date_of_text(squeeze(value))
    return found if found is not None and FIRST_YEAR <= found.year <= LAST_YEAR else None


def _date_of_serial(serial: float) -> date | None:
    if not 1 <= serial < 80_000 or int(serial) == 60:
        return None  # serial 60 is the 29/02/1900 that never was
    epoch = date(1899, 12, 30) if serial > 60 else date(1899, 12, 31)
    return epoch + timedelta(days=int(serial))


def _date_of_text(text: str) -> date | None:
    if _SERIAL_TEXT.fullmatch(text):
        return _date_of_serial(int(text))
    if match := _DAY_FIRST.fullmatch(text):
        day, month, year = (int(part) for part in match.groups())
    elif match := _YEAR_FIRST.fullmatch(text):
        year, month, day = (int(part) for part in match.groups())
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def format_mark(mark: Decimal) -> str:
    """A mark as it is printed in Vietnam: one decimal and a comma, "8,5"."""
    return str(mark.quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)).replace(".", ",")
