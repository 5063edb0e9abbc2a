"""The shape of a definition as JSON Schema, without references. Conditions are checked in `checking.py`. Pure."""

from typing import Any, Final

Schema = dict[str, Any]

FIELD_NAME: Final = "^[a-z][a-zA-Z0-9_]{0,39}$"
PLAIN_NAME: Final = "^[a-z][a-z0-9_]{0,39}$"
HANDLERS: Final = ("ACADEMIC_CLERK", "HEADTEACHER", "HOMEROOM_TEACHER", "SUBJECT_TEACHER")
PREFILLS: Final = (
    "student.fullName", "student.birthDate", "student.sex", "student.code", "student.nationalId", "student.className",
    "student.schoolName", "student.schoolYear", "account.fullName", "account.phone", "account.relation",
)  # fmt: skip
WIDGETS: Final = ("text", "textarea", "date", "select", "radio", "checkbox", "number", "phone", "repeat")
# Effect → the kind of paper it ends in.
TEMPLATES: Final = {
    "TRANSFER": "decision",
    "CERTIFICATE": "certificate",
    "TRANSCRIPT": "transcript",
    "REGISTER_COPY": "register_copy",
    "DIPLOMA_CORRECTION": "correction",
    "DATA_CORRECTION": "correction",
    "ANSWER": "answer",
}
PLAIN_TEMPLATES: Final = ("decision", "answer", "certificate")
LONGEST_TEXT: Final = 4000
MOST_ROWS: Final = 20
MOST_FIELDS: Final = 60
MOST_FEE: Final = 100_000_000
"""Dong; far above any fee of a school or department, so that a slip of the hand is noticed."""


def _object(required: dict[str, Any], optional: dict[str, Any] | None = None) -> Schema:
    return {
        "type": "object",
        "properties": required | (optional or {}),
        "required": list(required),
        "additionalProperties": False,
    }


def _list(items: Schema, most: int, least: int = 0) -> Schema:
    return {"type": "array", "items": items, "minItems": least, "maxItems": most}


def _choice(*values: Any) -> Schema:
    return {"enum": list(values)}


def _or_null(schema: Schema) -> Schema:
    return schema | {"type": [schema["type"], "null"]}


def _number(least: int, most: int) -> Schema:
    return {"type": "integer", "minimum": least, "maximum": most}


def _named(values: Schema, most: int, pattern: str = FIELD_NAME) -> Schema:
    return {
        "type": "object",
        "patternProperties": {pattern: values},
        "additionalProperties": False,
        "maxProperties": most,
    }


def _words(longest: int = 2000) -> Schema:
    text = {"type": "string", "pattern": "\\S", "maxLength": longest}
    return _object({"vi": text, "en": text})


_TEXT: Final[Schema] = {"type": "string", "maxLength": LONGEST_TEXT}
_FIELD: Final[Schema] = {"type": "string", "pattern": FIELD_NAME}
_NAME: Final[Schema] = {"type": "string", "pattern": PLAIN_NAME}
_ANY: Final[Schema] = {"type": "object"}
_OPTIONS: Final[Schema] = {"type": "object", "additionalProperties": _words(200), "maxProperties": 100}

PROPERTIES: Final[dict[str, Schema]] = {
    "string": _object(
        {"type": _choice("string")},
        {
            "enum": _list({"type": "string", "maxLength": 80, "minLength": 1}, 100, 1) | {"uniqueItems": True},
            "minLength": _number(0, LONGEST_TEXT),
            "maxLength": _number(1, LONGEST_TEXT),
            "pattern": {"type": "string", "minLength": 1},
            "format": _choice("date"),
        },
    ),
    "integer": _object(
        {"type": _choice("integer")},
        {"minimum": _number(-(10**9), 10**9), "maximum": _number(-(10**9), 10**9)},
    ),
    "number": _object({"type": _choice("number")}, {"minimum": {"type": "number"}, "maximum": {"type": "number"}}),
    "boolean": _object({"type": _choice("boolean")}, {"enum": _list({"const": True}, 1, 1)}),
    "array": _object(
        {
            "type": _choice("array"),
            "maxItems": _number(1, MOST_ROWS),
            "items": _object(
                {
                    "type": _choice("object"),
                    "properties": _named(_ANY, 12),
                    "additionalProperties": _choice(False),
                },
                {"required": _list(_FIELD, 12)},
            ),
        },
        {"minItems": _number(0, MOST_ROWS)},
    ),
}
"""What may stand in the schema of one question, by its type."""

_ITEM: Final = _object({"label": _words(200)}, {"help": _words(), "widget": _choice(*WIDGETS), "options": _OPTIONS})
_SHOWN: Final = _object(
    {"label": _words(300)},
    {
        "help": _words(),
        "widget": _choice(*WIDGETS),
        "options": _OPTIONS,
        "prefill": _choice(*PREFILLS),
        "locked": {"type": "boolean"},
        "show": _ANY,
        "item": _named(_ITEM, 12),
        "required_words": _words(300),
    },
)
_FORM: Final = _or_null(
    _object(
        {
            "schema": _object(
                {
                    "type": _choice("object"),
                    "properties": _named(_ANY, MOST_FIELDS),
                    "required": _list(_FIELD, MOST_FIELDS) | {"uniqueItems": True},
                    "additionalProperties": _choice(False),
                }
            ),
            "steps": _list(_object({"id": _NAME, "title": _words(120), "fields": _list(_FIELD, MOST_FIELDS)}), 12, 1),
            "fields": _named(_SHOWN, MOST_FIELDS),
            "checks": _list(_object({"id": _NAME, "when": _ANY, "message": _words(300), "field": _FIELD}), 20),
        }
    )
)
_DOCUMENT: Final = _object(
    {
        "id": _NAME,
        "name": _words(300),
        "required": {"type": "boolean"},
        "accepts": _list(_choice("image", "pdf"), 2, 1) | {"uniqueItems": True},
        "most": _number(1, 20),
        "copy": _choice("ORIGINAL", "COPY", "ELECTRONIC"),
        "checks": _list(_object({"id": _NAME, "words": _words(300)}), 20),
    },
    {"help": _words(), "show": _ANY},
)
_TERM: Final = _object(
    {},
    {
        "when": _ANY,
        "workingDays": _number(0, 120),
        "sameDayUntil": {"type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$"},
        "from": _choice("WINDOW_END"),
    },
)
_HANDLING: Final = _or_null(
    _object(
        {
            "steps": _list(_object({"id": _NAME, "name": _words(120), "role": _choice(*HANDLERS)}), 10, 1),
            "result": _object(
                {
                    "code": {"type": ["string", "null"], "maxLength": 30},
                    "name": _words(200),
                    "template": _choice(*sorted({*TEMPLATES.values(), *PLAIN_TEMPLATES})),
                }
            ),
            "effect": _choice(None, *TEMPLATES),
        }
    )
)
DEFINITION: Final = _object(
    {
        "name": _words(200),
        "summary": _words(600),
        "who": _words(),
        "how_long": _words(),
        "fee_words": _words(),
        "most_fee": _number(0, MOST_FEE),
        "bring": _list(_words(600), 20),
        "basis": _words(),
        "keywords": _list({"type": "string", "minLength": 1, "maxLength": 60}, 40),
        "opens": {"type": ["string", "null"], "pattern": "^/[a-z0-9/_-]{1,80}$"},
        "subject": _choice("STUDENT", "OPTIONAL_STUDENT", "PERSON"),
        "office": _choice("STUDENT_SCHOOL", "CHOSEN_SCHOOL"),
        "applicants": _list(_choice("GUARDIAN", "STUDENT", "CITIZEN"), 3, 1) | {"uniqueItems": True},
        "cosign": _choice("NONE", "OPTIONAL", "REQUIRED"),
        "form": _FORM,
        "documents": _list(_DOCUMENT, 20),
        "term": _list(_TERM, 10),
        "window": {"type": ["object", "null"]},
        "handling": _HANDLING,
        "supplement_days": _number(1, 60),
        "extension_days": _number(0, 60),
        "reopen_days": _number(0, 90),
        "rate_days": _number(0, 90),
    }
)
WINDOWS: Final[dict[str, Schema]] = {
    "AFTER_OPENING": _object(
        {"kind": _choice("AFTER_OPENING"), "workingDays": _number(1, 120), "late": _choice("FROM_FILING", "REFUSE")}
    ),
    "ANNOUNCED": _object(
        {"kind": _choice("ANNOUNCED"), "days": _number(1, 120), "late": _choice("FROM_FILING", "REFUSE")}
    ),
}
