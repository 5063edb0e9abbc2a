"""Forms: which questions apply, what stays of the answers, and what is wrong with them. Pure.

The definition says it; JSON Schema (2020-12, without references) checks single answers, conditions and checks are
ours. Nobody trusts the client: the server asks here before anything is kept.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from jsonschema.exceptions import ValidationError

from backend.core.problem import Invalid, Named
from backend.core.text import nfc
from backend.core.text import visible as without_invisible
from backend.eservices.rules.conditions import holds, is_filled
from backend.eservices.rules.definition import Definition, Document, FormField, Words
from backend.eservices.rules.json_schema import size_of, validator

MOST_BYTES: Final = 64 * 1024
DEEPEST: Final = 4
"""The answers, a repeat, one of its items, a value."""


@dataclass(frozen=True)
class Wrong:
    """One thing to put right: "field:reason", "field:children.0.name" or "document:birth_certificate"."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def visible(definition: Definition, answers: Mapping[str, Any]) -> set[str]:
    """The fields that apply. A field that does not counts as empty for the conditions of others."""
    return _visible(definition, _clean(answers))


def _visible(definition: Definition, answers: Mapping[str, Any]) -> set[str]:
    shown: dict[str, bool] = {}

    def is_shown(name: str) -> bool:
        if name not in shown:
            condition = definition.fields[name].show
            shown[name] = condition is None or holds(condition, _Kept(answers, definition.fields, is_shown))
        return shown[name]

    return {name for name in definition.fields if is_shown(name)}


class _Kept(Mapping[str, Any]):
    """The answers without those of hidden fields, found out one at a time."""

    def __init__(self, answers: Mapping[str, Any], fields: Mapping[str, FormField], is_shown: Any) -> None:
        self._answers, self._fields, self._is_shown = answers, fields, is_shown

    def __getitem__(self, name: str) -> Any:
        if name in self._fields and name in self._answers and self._is_shown(name):
            return self._answers[name]
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._answers if name in self._fields and self._is_shown(name))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def pruned(definition: Definition, answers: Mapping[str, Any]) -> dict[str, Any]:
    """What stays of the answers: of fields that apply, with text in order, without what is empty or was not asked."""
    clean = _clean(answers)
    shown = _visible(definition, clean)
    return {name: value for name, value in clean.items() if name in shown}


def asked_documents(definition: Definition, answers: Mapping[str, Any]) -> list[Document]:
    """The documents that apply with these answers, required or not."""
    kept = pruned(definition, answers)
    return [paper for paper in definition.documents.values() if paper.show is None or holds(paper.show, kept)]


def wrong(definition: Definition, answers: Mapping[str, Any], documents: Mapping[str, int]) -> list[Wrong]:
    """Everything that is wrong, in the order of the form. `documents`: how many files each document has."""
    kept = pruned(definition, answers)
    shown = visible(definition, answers)
    found = [Wrong(f"field:{name}", "eservices.form_unknown") for name in answers if name not in definition.fields]
    for name in (name for step in definition.steps for name in step.fields if name in shown):
        found += _wrong_field(definition.fields[name], kept)
    broken = {fault.path for fault in found}
    for check in definition.checks:
        path = f"field:{check.field}"
        if check.field in shown and path not in broken and holds(check.when, kept):
            found.append(Wrong(path, "eservices.form_said", _said(check.message)))
    return found + list(_wrong_documents(definition, kept, documents))


def check_size(answers: Any) -> None:
    """Refuse what no form can mean. Raises Invalid: eservices.answers_invalid, eservices.answers_too_large(most)."""
    if not isinstance(answers, dict) or _depth(answers) > DEEPEST:
        raise Invalid("eservices.answers_invalid", field="answers")
    size = size_of(answers)
    if size is None:
        raise Invalid("eservices.answers_invalid", field="answers")
    if size > MOST_BYTES:
        raise Invalid("eservices.answers_too_large", field="answers", most=MOST_BYTES // 1024)


def _depth(value: Any) -> int:
    """Levels of objects and lists; stops counting just beyond what is allowed."""
    level, deepest = [value], 0
    while (level := [v for v in level if isinstance(v, dict | list)]) and deepest <= DEEPEST:
        deepest += 1
        level = [inner for v in level for inner in (v.values() if isinstance(v, dict) else v)]
    return deepest


def _clean(value: Any) -> Any:
    """Text as it is kept: NFC, no invisible characters, no space around it; lines stay. Empty answers go."""
    if isinstance(value, str):
        lines = (without_invisible(line).rstrip() for line in value.splitlines())
        return nfc("\n".join(lines).strip())
    if isinstance(value, Mapping):
        cleaned = {key: _clean(inner) for key, inner in value.items()}
        return {key: inner for key, inner in cleaned.items() if is_filled(inner)}
    if isinstance(value, list):
        return [_clean(inner) for inner in value]
    return value


def _wrong_field(asked: FormField, kept: Mapping[str, Any]) -> Iterator[Wrong]:
    path = f"field:{asked.name}"
    if asked.name not in kept:
        if asked.required:
            yield _missing(path, asked.required_words)
        return
    errors = sorted(validator(asked.schema).iter_errors(kept[asked.name]), key=lambda error: list(map(str, error.path)))
    told: set[str] = set()
    for error in errors:
        for where, code, params in _explained(error):
            place = ".".join([path, *map(str, [*error.path, *where])])
            if place not in told:
                told.add(place)
                yield Wrong(place, code, params)


def _missing(path: str, own: Words | None) -> Wrong:
    return Wrong(path, "eservices.form_said", _said(own)) if own else Wrong(path, "eservices.form_required")


def _said(message: Words) -> Mapping[str, Any]:
    return {"words": Named(message["vi"], message["en"])}


_EXPLAINED: Final[Mapping[str, tuple[str, str]]] = {
    "minLength": ("eservices.form_too_short", "least"),
    "maxLength": ("eservices.form_too_long", "most"),
    "minItems": ("eservices.form_too_few", "least"),
    "maxItems": ("eservices.form_too_many", "most"),
}
_PLAIN: Final[Mapping[str, str]] = {
    "pattern": "eservices.form_pattern",
    "enum": "eservices.form_choice",
    "format": "eservices.form_date",
}
_KINDS: Final[Mapping[str, str]] = {"integer": "eservices.form_whole_number", "number": "eservices.form_number"}


def _explained(error: ValidationError) -> Iterable[tuple[list[str], str, Mapping[str, Any]]]:
    """Where below the error's place, which code, and what its words need."""
    rule = str(error.validator)
    instance: Any = error.instance
    schema: Any = error.schema
    if rule == "required":
        return [([name], "eservices.form_required", {}) for name in schema["required"] if name not in instance]
    if rule == "additionalProperties":
        return [([name], "eservices.form_unknown", {}) for name in instance if name not in schema["properties"]]
    if rule in _EXPLAINED:
        code, name = _EXPLAINED[rule]
        return [([], code, {name: error.validator_value})]
    if rule in ("minimum", "maximum"):
        return [([], *_range(schema))]
    if rule == "type":
        return [([], _KINDS.get(str(error.validator_value), "eservices.form_kind"), {})]
    return [([], _PLAIN.get(rule, "eservices.form_kind"), {})]


def _range(schema: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if "minimum" in schema and "maximum" in schema:
        return "eservices.form_number_range", {"least": schema["minimum"], "most": schema["maximum"]}
    if "minimum" in schema:
        return "eservices.form_number_least", {"least": schema["minimum"]}
    return "eservices.form_number_most", {"most": schema["maximum"]}


def _wrong_documents(definition: Definition, kept: Mapping[str, Any], documents: Mapping[str, int]) -> Iterator[Wrong]:
    asked = {paper.id: paper for paper in asked_documents(definition, kept)}
    for paper in asked.values():
        count = documents.get(paper.id, 0)
        if paper.required and count == 0:
            yield Wrong(f"document:{paper.id}", "eservices.document_required")
        elif count > paper.most:
            yield Wrong(f"document:{paper.id}", "eservices.document_too_many", {"most": paper.most})
    for name, count in documents.items():
        if name not in definition.documents and count:
            yield Wrong(f"document:{name}", "eservices.document_unknown")
