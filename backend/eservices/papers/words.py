"""How papers say things: days, sizes, names of fields and values, in Vietnamese, the language of the papers."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from backend.core.clock import VIETNAM
from backend.core.graphql.problems import words
from backend.eservices.rules.definition import Definition, FormField
from backend.eservices.rules.forms import visible

KIB: Final = 1024


def said(code: str, **params: object) -> str:
    """The words for a code of ours in the language of the papers."""
    return words(f"eservices.paper.{code}", "vi", **params)


def day(value: date | None) -> str:
    """22/11/2026, as Vietnamese papers write it; empty for none."""
    return f"{value:%d/%m/%Y}" if value else ""


def moment(value: datetime | None) -> str:
    """14:05, 22/11/2026 in Vietnam; empty for none."""
    return f"{value.astimezone(VIETNAM):%H:%M,\u00a0%d/%m/%Y}" if value else ""


def long_day(value: date) -> dict[str, str]:
    """The parts of "ngày … tháng … năm …": days below ten and the first two months have a nought (NĐ 30/2020)."""
    month = f"{value.month:02d}" if value.month < 3 else str(value.month)
    return {"day": f"{value.day:02d}", "month": month, "year": str(value.year)}


def size(count: int) -> str:
    """340 KB, 1,2 MB."""
    if count < KIB * KIB:
        return f"{max(1, round(count / KIB))} KB"
    return f"{count / KIB / KIB:.1f} MB".replace(".", ",")


def phone(number: str) -> str:
    """0912 345 678 for +84912345678."""
    local = "0" + number.removeprefix("+84") if number.startswith("+84") else number
    return f"{local[:4]} {local[4:7]} {local[7:]}".strip()


def masked(full_name: str) -> str:
    """N. T. N. Lan: a name its owner recognises and nobody else learns."""
    parts = full_name.split()
    return " ".join([*(f"{part[0]}." for part in parts[:-1]), *parts[-1:]])


def grouped(code: str) -> str:
    """ABCD-EFGH-JKLM-NPQR."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def lowered(name: str) -> str:
    """The name of a procedure in the middle of a sentence."""
    return name[:1].lower() + name[1:]


def basis(text: str) -> str:
    """The laws a procedure rests on; of "what it is (the laws)" what stands in brackets."""
    before, _, inside = text.partition("(")
    return inside.rpartition(")")[0] or before.strip()


def target(definition: Definition, path: str) -> str:
    """The label of a field or the name of a document that a defect is about."""
    kind, _, name = path.partition(":")
    if kind == "document" and name in definition.documents:
        return definition.documents[name].name["vi"]
    if kind == "field" and name in definition.fields:
        return definition.fields[name].label["vi"]
    return name or path


def defect(definition: Definition, path: str, chosen: str) -> str:
    """What is wrong, in the words of the definition's own check."""
    kind, _, name = path.partition(":")
    checks = definition.documents[name].checks if kind == "document" and name in definition.documents else {}
    return checks[chosen]["vi"] if chosen in checks else said("other_defect")


def answers_of(definition: Definition, answers: Mapping[str, Any]) -> list[dict[str, str]]:
    """What the applicant wrote herself, in the order of the form: label and value; not what was filled in for her."""
    shown = visible(definition, answers)
    rows: list[dict[str, str]] = []
    for name in (name for step in definition.steps for name in step.fields):
        asked = definition.fields[name]
        if asked.prefill is None and name in shown and (value := value_of(definition, asked, answers.get(name))):
            rows.append({"label": asked.label["vi"], "value": value})
    return rows


def value_of(definition: Definition, asked: FormField, value: Any) -> str:
    """An answer as it is read: the words of a choice, a day, yes or no; a repeat as its rows."""
    if isinstance(value, list):
        rows: Sequence[Any] = value
        return "; ".join(", ".join(str(each) for each in row.values()) for row in rows if isinstance(row, dict))
    options = _options(definition, asked.name)
    if isinstance(value, str) and value in options:
        return options[value]["vi"]
    if isinstance(value, bool):
        return said("yes" if value else "no")
    if isinstance(value, str) and asked.schema.get("format") == "date":
        return day(date.fromisoformat(value))
    return "" if value is None else str(value)


def _options(definition: Definition, name: str) -> Mapping[str, Mapping[str, str]]:
    return definition.raw.get("form", {}).get("fields", {}).get(name, {}).get("options") or {}


def field_label(name: str) -> str:
    """A datum of a person, as papers call it."""
    return said(f"field_{name}")


def field_value(name: str, value: str | None) -> str:
    """A datum of a person, as papers write it."""
    if not value:
        return ""
    if name == "birthDate":
        return day(date.fromisoformat(value))
    if name == "sex":
        return "" if value == "UNKNOWN" else said(f"sex_{value}")
    return value
