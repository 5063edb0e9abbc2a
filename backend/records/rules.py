"""Rules of the register of originals. Pure."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from backend.core.problem import Invalid
from backend.core.text import parse_date, squeeze

FIRST_GRADUATION: Final = 1945
YOUNGEST_GRADUATE: Final = 10
LENGTHS: Final[Mapping[str, int]] = {
    "serialNumber": 30, "registerNumber": 30, "fullName": 100, "birthplace": 120, "ethnicity": 40,
    "classification": 40,
}  # fmt: skip
OPTIONAL: Final = frozenset({"birthplace", "ethnicity", "classification"})
CORRECTABLE: Final[Mapping[str, str]] = {
    "fullName": "full_name", "birthDate": "birth_date", "sex": "sex", "birthplace": "birthplace",
    "ethnicity": "ethnicity",
}  # fmt: skip
"""What a decision may change in a line (TT 10/2026 art. 15: civil status), by its name outside → the column."""
SEXES: Final = frozenset({"MALE", "FEMALE"})


def clean_text(field: str, text: str) -> str:
    """The text of a column in order. Raises Invalid: records.text_missing, records.text_too_long(most)."""
    clean, most = squeeze(text), LENGTHS[field]
    if not clean and field not in OPTIONAL:
        raise Invalid("records.text_missing", field=field)
    if len(clean) > most:
        raise Invalid("records.text_too_long", field=field, most=most)
    return clean


def check_days(birth_date: date, graduation_year: int, issued_on: date, today: date) -> None:
    """Raises Invalid: records.year_wrong, records.issued_wrong, records.birth_date_wrong."""
    if not FIRST_GRADUATION <= graduation_year <= today.year:
        raise Invalid("records.year_wrong", field="graduationYear")
    if issued_on > today or issued_on.year < graduation_year:
        raise Invalid("records.issued_wrong", field="issuedOn")
    if birth_date.year + YOUNGEST_GRADUATE > graduation_year or birth_date.year < FIRST_GRADUATION - 100:
        raise Invalid("records.birth_date_wrong", field="birthDate")


def corrected(changes: Mapping[str, object], today: date) -> dict[str, str]:
    """What is to stand in the register instead, by the name outside; days as ISO texts, empty ones left out.

    Raises Invalid: records.nothing_to_correct, records.not_correctable, records.birth_date_wrong, records.sex_wrong.
    """
    said = {name: squeeze(str(value)) for name, value in changes.items() if value is not None and str(value).strip()}
    if not said:
        raise Invalid("records.nothing_to_correct", field="changes")
    if said.keys() - CORRECTABLE.keys():
        raise Invalid("records.not_correctable", field="changes")
    return {name: _corrected(name, value, today) for name, value in said.items()}


def _corrected(name: str, value: str, today: date) -> str:
    if name == "birthDate":
        day = parse_date(value)
        if day is None or day > today:
            raise Invalid("records.birth_date_wrong", field="birthDate")
        return day.isoformat()
    if name == "sex":
        if value not in SEXES:
            raise Invalid("records.sex_wrong", field="sex")
        return value
    return clean_text(name, value)
