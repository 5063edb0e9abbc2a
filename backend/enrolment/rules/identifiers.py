"""Codes, names of classes and states of pupils as schools write them."""

import re
from collections.abc import Mapping
from datetime import date
from typing import Final

from backend.core.text import search_key, squeeze

PUPIL_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9._\-]{0,19}")
MINISTRY_CODE_DIGITS: Final = 10
NATIONAL_ID_DIGITS: Final = 12
TEMPORARY_PREFIX: Final = "TAM-"
_CLASS_NAME: Final = re.compile(r"(1[0-2]|[1-9])(?![0-9])[A-ZĐ0-9./\-]{0,12}")
_WHEN: Final = re.compile(r" (?:k[yi] ?(?:1|2|i|ii)|(?:trong )?he)$")

# The twelve states of the sector's workbook are six words, four of them said of semester 1, semester 2 or the summer;
# the last rows are what schools write by hand.
_STATUSES: Final[Mapping[str, str]] = {
    search_key(said): status
    for said, status in {
        "Đang học": "STUDYING",
        "Chuyển đến": "STUDYING",
        "Nghỉ học xin học lại": "STUDYING",
        "Chuyển đi": "TRANSFERRED",
        "Thôi học": "DROPPED_OUT",
        "Bỏ học": "DROPPED_OUT",
        "Chuyển khỏi trường": "TRANSFERRED",
        "Chuyển trường": "TRANSFERRED",
        "Bảo lưu": "SUSPENDED",
        "Tạm nghỉ": "SUSPENDED",
        "Tốt nghiệp": "COMPLETED",
        "Đã tốt nghiệp": "COMPLETED",
        "Hoàn thành chương trình": "COMPLETED",
    }.items()
}

# A position's name proposes a role; a person of the school confirms it. Nothing else in a file does.
_ROLE_HINTS: Final[Mapping[str, str]] = {
    search_key(said): role
    for said, role in {
        "Hiệu trưởng": "HEADTEACHER",
        "Giáo vụ": "ACADEMIC_CLERK",
        "Học vụ": "ACADEMIC_CLERK",
        "Nhân viên giáo vụ": "ACADEMIC_CLERK",
        "Giáo viên": "SUBJECT_TEACHER",
        "Giáo viên bộ môn": "SUBJECT_TEACHER",
        "Tổ trưởng chuyên môn": "SUBJECT_TEACHER",
        "Tổ phó chuyên môn": "SUBJECT_TEACHER",
    }.items()
}


def pupil_status(said: str) -> str | None:
    """STUDYING, TRANSFERRED, DROPPED_OUT, SUSPENDED or COMPLETED; None for a state that is not known."""
    key = _WHEN.sub("", search_key(said))
    # "Thôi học kỳ 1" and "Thôi học học kỳ 1" are both written, so "học" may belong to either half.
    return _STATUSES.get(key) or _STATUSES.get(key.removesuffix(" hoc"))


def role_hint(position: str) -> str | None:
    """The role a position's name suggests, to be confirmed by a person; None for every position without one."""
    return _ROLE_HINTS.get(search_key(position))


def class_name_of(said: str) -> str | None:
    """A class name as it is stored ("6 a1" → "6A1"), or None when it does not begin with a grade from 1 to 12."""
    name = squeeze(said).upper().replace(" ", "").removeprefix("LỚP")
    return name if _CLASS_NAME.fullmatch(name) else None


def grade_of(class_name: str) -> int | None:
    """The grade, which is the leading number of a class name: "10A3" → 10."""
    match = _CLASS_NAME.fullmatch(class_name)
    return int(match[1]) if match else None


def is_temporary_code(code: str) -> bool:
    """A code given by the school until the ministry's own exists; then the pupil is renamed, not entered twice."""
    return code.startswith(TEMPORARY_PREFIX)


def temporary_code(national_id: str) -> str:
    return TEMPORARY_PREFIX + national_id


def national_id_warnings(national_id: str, birth_date: date | None, sex: str | None) -> tuple[str, ...]:
    """Codes of what looks wrong in a personal identification number: 12 digits, of which the fourth tells century and
    sex and the next two the year of birth. Warnings only: the register itself holds mistakes."""
    if not (len(national_id) == NATIONAL_ID_DIGITS and national_id.isascii() and national_id.isdigit()):
        return ("import.national_id_malformed",)
    found = []
    century_and_sex, year = int(national_id[3]), int(national_id[4:6])
    if birth_date is not None:
        if year != birth_date.year % 100:
            found.append("import.national_id_birth_year")
        if century_and_sex // 2 != birth_date.year // 100 - 19:
            found.append("import.national_id_century")
    if sex in ("MALE", "FEMALE") and (century_and_sex % 2 == 1) != (sex == "FEMALE"):
        found.append("import.national_id_sex")
    return tuple(found)
