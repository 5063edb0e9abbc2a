"""Whether the parts of a definition agree: every question has its place, every condition its field. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from backend.eservices.rules import conditions, shape
from backend.eservices.rules.checking import Mistake, at, fits, one_of, shaped
from backend.eservices.rules.patterns import is_safe

Json = Mapping[str, Any]
MOST_BYTES: Final = 128 * 1024
CODES: Final[Mapping[str, re.Pattern[str]]] = {
    "NATIONAL": re.compile(r"[0-9]\.[0-9]{6}"),
    "SCHOOL": re.compile(r"TRUONG\.[0-9]{2,4}"),
}
"""National codes are never invented: a school's own services have a namespace of their own."""
_RESULT_CODE: Final = re.compile(r"KQ\.[A-Z][0-9]{2}\.[0-9]{6}")
_NEED_STUDENT: Final = frozenset({"CERTIFICATE", "TRANSCRIPT", "DATA_CORRECTION"})


def mistakes(json: Any, kind: str, code: str) -> list[Mistake]:
    """Everything that is wrong with the definition of the procedure `code`, which is NATIONAL or SCHOOL.

    Parts of the wrong shape are told of first; they are not asked whether they agree with others.
    """
    if not fits(json, MOST_BYTES):
        return [Mistake("", "eservices.definition_too_large", {"most": MOST_BYTES // 1024})]
    found = [] if CODES[kind].fullmatch(code) else [Mistake("", "eservices.procedure_code", {})]
    found += shaped(shape.DEFINITION, json, "")
    if not isinstance(json, dict):
        return found
    if isinstance(json.get("window"), dict):
        found += one_of(shape.WINDOWS, "kind", json["window"], "/window")
    sound = {name for name in json if not any(f"{m.path}/".startswith(f"/{name}/") for m in found)}
    form = json["form"] if "form" in sound and json["form"] else None
    fields = frozenset(form["schema"]["properties"]) if form else frozenset()
    knows_fields = "form" in sound
    if form:
        found += _form(form)
    if knows_fields and "documents" in sound:
        found += _documents(json["documents"], fields)
    if knows_fields and "term" in sound:
        found += _term(json["term"], fields, windowed=json.get("window") is not None)
    if "handling" in sound and json["handling"]:
        found += _handling(json["handling"], kind, json.get("subject"))
    return [*found, *_whole(json, sound, form)]


def _whole(json: Json, sound: set[str], form: Json | None) -> Iterator[Mistake]:
    """A service with screens of its own has neither form nor dossier; every other one has both."""
    if not {"opens", "form", "documents", "term", "handling"} <= sound:
        return
    for part in ("form", "documents", "term", "handling"):
        if json["opens"] and json[part]:
            yield Mistake(at("", part), "eservices.definition_opens", {})
        if not json["opens"] and not json[part] and part != "documents":
            yield Mistake(at("", part), "eservices.definition_missing", {"name": part})
    subject = json.get("subject")
    if json.get("office") == "STUDENT_SCHOOL" and subject not in (None, "STUDENT"):
        yield Mistake("/office", "eservices.definition_needs_student", {})
    for name, shown in (form["fields"] if form else {}).items():
        if subject == "PERSON" and shown.get("prefill", "").startswith("student."):
            yield Mistake(at("/form/fields", name, "prefill"), "eservices.definition_needs_student", {})


def _form(form: Json) -> Iterator[Mistake]:
    properties, shown = form["schema"]["properties"], form["fields"]
    for name, part in properties.items():
        path = at("/form/schema/properties", name)
        yield from _property(part, path)
        if name not in shown:
            yield Mistake(at("/form/fields", name), "eservices.definition_missing", {"name": name})
    for position, name in enumerate(form["schema"]["required"]):
        if name not in properties:
            yield _unknown_field(at("/form/schema/required", position), name)
    for name, described in shown.items():
        path = at("/form/fields", name)
        if name not in properties:
            yield _unknown_field(path, name)
            continue
        yield from _described(properties[name], described, path)
        yield from _condition(described, "show", path, frozenset(properties))
    yield from _steps(form["steps"], properties)
    yield from _cycles(shown)
    yield from _twice((check["id"] for check in form["checks"]), "/form/checks")
    for position, check in enumerate(form["checks"]):
        path = at("/form/checks", position)
        if check["field"] not in properties:
            yield _unknown_field(at(path, "field"), check["field"])
        yield from _condition(check, "when", path, frozenset(properties))


def _property(part: Any, path: str, kinds: Sequence[str] = tuple(shape.PROPERTIES)) -> Iterator[Mistake]:
    """The schema of one question."""
    wrong = one_of({kind: shape.PROPERTIES[kind] for kind in kinds}, "type", part, path)
    yield from wrong
    if wrong:
        return
    if part["type"] == "string":
        yield from _text(part, path)
    for least, most in (("minLength", "maxLength"), ("minimum", "maximum"), ("minItems", "maxItems")):
        if least in part and most in part and part[least] > part[most]:
            yield Mistake(at(path, least), "eservices.definition_reversed", {"most": part[most]})
    if part["type"] == "array":
        inner = part["items"]["properties"]
        for name, below in inner.items():
            scalars = tuple(kind for kind in shape.PROPERTIES if kind != "array")
            yield from _property(below, at(path, "items", "properties", name), scalars)
        for position, name in enumerate(part["items"].get("required", ())):
            if name not in inner:
                yield _unknown_field(at(path, "items", "required", position), name)
    try:
        Draft202012Validator.check_schema(part)
    except SchemaError:
        yield Mistake(path, "eservices.definition_kind", {"kind": "JSON Schema"})


def _text(part: Json, path: str) -> Iterator[Mistake]:
    if "maxLength" not in part and "enum" not in part and "format" not in part:
        yield Mistake(at(path, "maxLength"), "eservices.definition_missing", {"name": "maxLength"})
    if "pattern" in part and not is_safe(part["pattern"], part.get("maxLength", shape.LONGEST_TEXT)):
        yield Mistake(at(path, "pattern"), "eservices.definition_pattern", {})


def _described(part: Any, described: Json, path: str) -> Iterator[Mistake]:
    """How a question is shown: words for every choice and for every question of a repeat, a source if locked."""
    yield from _options(part, described, path)
    if described.get("locked") and "prefill" not in described:
        yield Mistake(at(path, "locked"), "eservices.definition_locked", {})
    is_list = isinstance(part, Mapping) and part.get("type") == "array"
    items = part.get("items") if is_list else None
    inner = items.get("properties", {}) if isinstance(items, Mapping) else {}
    words = described.get("item", {})
    for name in words:
        if name not in inner:
            yield _unknown_field(at(path, "item", name), name)
    for name, below in inner.items() if isinstance(inner, Mapping) else ():
        if name not in words:
            yield Mistake(at(path, "item", name), "eservices.definition_missing", {"name": name})
        else:
            yield from _options(below, words[name], at(path, "item", name))


def _options(part: Any, described: Json, path: str) -> Iterator[Mistake]:
    choices = part.get("enum", ()) if isinstance(part, Mapping) and part.get("type") == "string" else ()
    options = described.get("options", {})
    for choice in choices:
        if isinstance(choice, str) and choice not in options:
            yield Mistake(at(path, "options", choice), "eservices.definition_missing", {"name": choice})
    for choice in options:
        if choice not in choices:
            yield Mistake(at(path, "options", choice), "eservices.definition_unknown", {"name": choice})


def _steps(steps: Sequence[Json], properties: Json) -> Iterator[Mistake]:
    yield from _twice((step["id"] for step in steps), "/form/steps")
    placed: set[str] = set()
    for position, step in enumerate(steps):
        for number, name in enumerate(step["fields"]):
            path = at("/form/steps", position, "fields", number)
            if name not in properties:
                yield _unknown_field(path, name)
            elif name in placed:
                yield Mistake(path, "eservices.definition_twice", {"name": name})
            placed.add(name)
    for name in properties:
        if name not in placed:
            yield Mistake("/form/steps", "eservices.definition_unplaced", {"name": name})


def _documents(documents: Sequence[Json], fields: frozenset[str]) -> Iterator[Mistake]:
    yield from _twice((paper["id"] for paper in documents), "/documents")
    for position, paper in enumerate(documents):
        path = at("/documents", position)
        yield from _twice((check["id"] for check in paper["checks"]), at(path, "checks"))
        yield from _condition(paper, "show", path, fields)


def _term(terms: Sequence[Json], fields: frozenset[str], *, windowed: bool) -> Iterator[Mistake]:
    for position, term in enumerate(terms):
        path = at("/term", position)
        if ("workingDays" in term) is ("sameDayUntil" in term):
            yield Mistake(path, "eservices.definition_term", {})
        if "from" in term and (not windowed or "sameDayUntil" in term):
            yield Mistake(at(path, "from"), "eservices.definition_window", {})
        if "when" not in term and position < len(terms) - 1:
            yield Mistake(path, "eservices.definition_term_unreached", {})
        yield from _condition(term, "when", path, fields)
    if terms and "when" in terms[-1]:
        yield Mistake(at("/term", len(terms) - 1, "when"), "eservices.definition_last_term", {})


def _handling(handling: Json, kind: str, subject: object) -> Iterator[Mistake]:
    yield from _twice((step["id"] for step in handling["steps"]), "/handling/steps")
    effect, result = handling["effect"], handling["result"]
    fitting = (shape.TEMPLATES[effect],) if effect else shape.PLAIN_TEMPLATES
    if result["template"] not in fitting:
        choices = {"choices": ", ".join(fitting)}
        yield Mistake("/handling/result/template", "eservices.definition_choice", choices)
    code = result["code"]
    if kind == "SCHOOL" and code is not None:
        yield Mistake("/handling/result/code", "eservices.definition_school_code", {})
    if kind == "NATIONAL" and (code is None or not _RESULT_CODE.fullmatch(code)):
        yield Mistake("/handling/result/code", "eservices.definition_result_code", {})
    if (effect in _NEED_STUDENT and subject != "STUDENT") or (effect == "TRANSFER" and subject == "PERSON"):
        yield Mistake("/handling/effect", "eservices.definition_needs_student", {})


def _condition(owner: Json, key: str, path: str, fields: frozenset[str]) -> Iterator[Mistake]:
    if key in owner:
        yield from _conditions(owner[key], at(path, key), fields, 1)


def _conditions(condition: Any, path: str, fields: frozenset[str], depth: int) -> Iterator[Mistake]:
    """A condition has exactly one of its forms, and looks at fields that exist."""
    if not isinstance(condition, Mapping) or depth > conditions.DEEPEST:
        yield Mistake(path, "eservices.definition_condition", {})
        return
    if len(condition) == 1 and (combined := next(iter(condition))) in conditions.COMBINES:
        parts = condition[combined]
        if combined == "not":
            yield from _conditions(parts, at(path, "not"), fields, depth + 1)
        elif isinstance(parts, list) and 1 <= len(parts) <= 20:
            for position, part in enumerate(parts):
                yield from _conditions(part, at(path, combined, position), fields, depth + 1)
        else:
            yield Mistake(at(path, combined), "eservices.definition_condition", {})
        return
    compared = [key for key in condition if key in conditions.COMPARES]
    if len(compared) != 1 or set(condition) != {"field", compared[0]} or not _compares[compared[0]](condition):
        yield Mistake(path, "eservices.definition_condition", {})
        return
    for key in ("field", "less_than_field"):
        if key in condition and (not isinstance(condition[key], str) or condition[key] not in fields):
            yield _unknown_field(at(path, key), str(condition[key])[:80])


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int | float | bool)


_compares: Final[Mapping[str, Callable[[Json], bool]]] = {
    "equals": lambda c: _is_plain(c["equals"]),
    "in": lambda c: isinstance(c["in"], list) and 1 <= len(c["in"]) <= 100 and all(map(_is_plain, c["in"])),
    "filled": lambda c: isinstance(c["filled"], bool),
    "less_than_field": lambda c: isinstance(c["less_than_field"], str),
}


def _cycles(shown: Mapping[str, Json]) -> Iterator[Mistake]:
    """A field must not wait for itself, not even by way of others."""
    waits = {name: set(_looked_at(described.get("show"))) & set(shown) for name, described in shown.items()}
    for name in waits:
        reached, ahead = set[str](), list(waits[name])
        while ahead:
            following = ahead.pop()
            if following not in reached:
                reached.add(following)
                ahead += waits[following]
        if name in reached:
            yield Mistake(at("/form/fields", name, "show"), "eservices.definition_cycle", {"name": name})


def _looked_at(condition: Any) -> Iterable[str]:
    """The fields of a condition, which may be of any shape here."""
    if isinstance(condition, Mapping):
        for key, value in condition.items():
            if key in ("field", "less_than_field") and isinstance(value, str):
                yield value
            elif key in conditions.COMBINES:
                yield from _looked_at(value)
    elif isinstance(condition, list):
        for part in condition:
            yield from _looked_at(part)


def _twice(names: Iterable[str], path: str) -> Iterator[Mistake]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Mistake(path, "eservices.definition_twice", {"name": name})


def _unknown_field(path: str, name: str) -> Mistake:
    return Mistake(path, "eservices.definition_field", {"name": name})
