"""What is wrong with a definition: its shape here, whether its parts agree in `agreement.py`. Pure."""

import json as json_module
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from backend.eservices.rules.json_schema import size_of


@dataclass(frozen=True)
class Mistake:
    """One thing to put right, at a JSON pointer into the definition ("" is all of it)."""

    path: str
    code: str
    params: Mapping[str, Any] = field(default_factory=dict)


def at(path: str, *parts: str | int) -> str:
    """The JSON pointer of a part (RFC 6901)."""
    return path + "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in parts)


def fits(json: Any, most_bytes: int) -> bool:
    """Whether it is JSON at all, that a database can keep, and not larger."""
    size = size_of(json)
    return size is not None and size <= most_bytes


def shaped(schema: Mapping[str, Any], value: Any, path: str) -> Iterator[Mistake]:
    """Where the value has not the shape; `path` is its own place."""
    for error in _validator(json_module.dumps(schema)).iter_errors(value):
        yield from _mistaken(error, at(path, *error.absolute_path))


def one_of(kinds: Mapping[str, Mapping[str, Any]], by: str, value: Mapping[str, Any], path: str) -> list[Mistake]:
    """The same for a value whose member `by` says which shape it has."""
    kind = value.get(by)
    if not isinstance(kind, str) or kind not in kinds:
        return [Mistake(at(path, by), "eservices.definition_choice", {"choices": ", ".join(kinds)})]
    return list(shaped(kinds[kind], value, path))


@lru_cache(maxsize=200)
def _validator(schema: str) -> Draft202012Validator:
    return Draft202012Validator(json_module.loads(schema))


_LIMITS: Final[Mapping[str, tuple[str, str]]] = {
    "minLength": ("eservices.definition_too_short", "least"),
    "maxLength": ("eservices.definition_too_long", "most"),
    "minItems": ("eservices.definition_too_few", "least"),
    "maxItems": ("eservices.definition_too_many", "most"),
    "maxProperties": ("eservices.definition_too_many", "most"),
    "minimum": ("eservices.definition_number_least", "least"),
    "maximum": ("eservices.definition_number_most", "most"),
}
_PATTERNS: Final[Mapping[str, str]] = {"\\S": "eservices.definition_words"}


def _mistaken(error: ValidationError, path: str) -> Iterator[Mistake]:
    rule = str(error.validator)
    schema: Any = error.schema
    value: Any = error.validator_value
    instance: Any = error.instance
    if rule == "required":
        missing = next(name for name in value if f"'{name}'" in error.message.split(" ", 1)[0])
        words = "eservices.definition_words" if missing in ("vi", "en") else "eservices.definition_missing"
        yield Mistake(at(path, missing), words, {} if missing in ("vi", "en") else {"name": missing})
    elif rule == "additionalProperties" and value is False:
        for name in instance:
            known = name in schema.get("properties", ())
            fitting = any(_matches(pattern, name) for pattern in schema.get("patternProperties", ()))
            if not known and not fitting:
                named = "patternProperties" in schema
                code = "eservices.definition_name" if named else "eservices.definition_unknown"
                yield Mistake(at(path, name), code, {"name": name[:80]})
    elif rule in _LIMITS:
        code, param = _LIMITS[rule]
        yield Mistake(path, code, {param: value})
    elif rule in ("enum", "const"):
        choices = ", ".join(_shown(choice) for choice in (value if rule == "enum" else [value]))
        yield Mistake(path, "eservices.definition_choice", {"choices": choices})
    elif rule == "pattern":
        yield Mistake(path, _PATTERNS.get(value, "eservices.definition_name"), _name(value, instance))
    elif rule == "uniqueItems":
        yield Mistake(path, "eservices.definition_twice", {"name": ""})
    else:
        kinds = value if isinstance(value, list) else [value]
        yield Mistake(path, "eservices.definition_kind", {"kind": ", ".join(map(str, kinds))})


def _matches(pattern: str, name: str) -> bool:
    return next(_validator(json_module.dumps({"pattern": pattern})).iter_errors(name), None) is None


def _name(pattern: str, instance: str) -> Mapping[str, Any]:
    return {} if pattern in _PATTERNS else {"name": instance[:80]}


def _shown(choice: object) -> str:
    return choice if isinstance(choice, str) else json_module.dumps(choice)
