"""A procedure as data: what is asked, which papers, how long it takes, who handles it. Pure.

`Definition.of` reads one that has no mistakes; `mistakes` (in `agreement.py`) finds them. Terms and papers of national
procedures stand in domain.md §4.2-4.3.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Any, Final

from backend.eservices.rules.agreement import mistakes
from backend.eservices.rules.checking import Mistake
from backend.eservices.rules.conditions import Condition

__all__ = (
    "Copy", "Definition", "Document", "Effect", "FormField", "HandlingStep", "Mistake", "Office", "Result", "Step",
    "Subject", "Term", "Window", "WindowKind", "mistakes",
)  # fmt: skip

Words = Mapping[str, str]
OTHER_DEFECT: Final = "OTHER"


class Subject(StrEnum):
    """Whom a procedure is about: a pupil of the system, maybe one, or the applicant or anybody."""

    STUDENT = "STUDENT"
    OPTIONAL_STUDENT = "OPTIONAL_STUDENT"
    PERSON = "PERSON"


class Office(StrEnum):
    """Who handles it: the pupil's school, or the school the citizen chooses."""

    STUDENT_SCHOOL = "STUDENT_SCHOOL"
    CHOSEN_SCHOOL = "CHOSEN_SCHOOL"


class Applicant(StrEnum):
    GUARDIAN = "GUARDIAN"
    STUDENT = "STUDENT"
    CITIZEN = "CITIZEN"


class Cosign(StrEnum):
    """REQUIRED counts only when the pupil has a second live guardian."""

    NONE = "NONE"
    OPTIONAL = "OPTIONAL"
    REQUIRED = "REQUIRED"


class Copy(StrEnum):
    ORIGINAL = "ORIGINAL"
    COPY = "COPY"
    ELECTRONIC = "ELECTRONIC"


class Effect(StrEnum):
    """What happens in the registers when a dossier is completed."""

    TRANSFER = "TRANSFER"
    CERTIFICATE = "CERTIFICATE"
    TRANSCRIPT = "TRANSCRIPT"
    REGISTER_COPY = "REGISTER_COPY"
    DIPLOMA_CORRECTION = "DIPLOMA_CORRECTION"
    DATA_CORRECTION = "DATA_CORRECTION"
    ANSWER = "ANSWER"


class WindowKind(StrEnum):
    """AFTER_OPENING: working days from the opening of the school year. ANNOUNCED: the school says when."""

    AFTER_OPENING = "AFTER_OPENING"
    ANNOUNCED = "ANNOUNCED"


@dataclass(frozen=True)
class FormField:
    """A question. `schema` is its JSON Schema, `item` the questions of a repeat."""

    name: str
    schema: Mapping[str, Any]
    label: Words
    required: bool
    prefill: str | None
    locked: bool
    show: Condition | None
    required_words: Words | None
    item: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    id: str
    title: Words
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Check:
    """What is wrong when `when` is true."""

    id: str
    when: Condition
    message: Words
    field: str


@dataclass(frozen=True)
class Document:
    """A paper asked for; `checks` are the officer's reasons to send it back: id → words."""

    id: str
    name: Words
    required: bool
    show: Condition | None
    accepts: tuple[str, ...]
    most: int
    copy: Copy
    checks: Mapping[str, Words]


@dataclass(frozen=True)
class HandlingStep:
    id: str
    name: Words
    role: str


@dataclass(frozen=True)
class Result:
    """What the citizen gets: `code` of the national list, or none."""

    code: str | None
    name: Words
    template: str


@dataclass(frozen=True)
class Term:
    """How long it takes: working days, or the same day until an hour. `from_window`: counted from its last day."""

    when: Condition | None
    working_days: int | None
    same_day_until: time | None
    from_window: bool


@dataclass(frozen=True)
class Window:
    """When dossiers are taken: so many working days after the opening, or so many days the school announces."""

    kind: WindowKind
    days: int
    refuses_late: bool


@dataclass(frozen=True)
class Definition:
    """One version of a procedure. `raw` is all of it as it is stored."""

    raw: Mapping[str, Any]
    name: Words
    opens: str | None
    subject: Subject
    office: Office
    applicants: tuple[Applicant, ...]
    cosign: Cosign
    fields: Mapping[str, FormField]
    steps: tuple[Step, ...]
    checks: tuple[Check, ...]
    documents: Mapping[str, Document]
    term: tuple[Term, ...]
    window: Window | None
    handling_steps: tuple[HandlingStep, ...]
    result: Result | None
    effect: Effect | None
    most_fee: int
    supplement_days: int
    extension_days: int
    reopen_days: int
    rate_days: int

    @classmethod
    def of(cls, json: Mapping[str, Any]) -> "Definition":
        """Read a definition in which `mistakes` finds nothing; anything may happen with another."""
        form = json.get("form") or {}
        handling = json.get("handling") or {}
        effect = handling.get("effect")
        return cls(
            raw=json,
            name=json["name"],
            opens=json.get("opens"),
            subject=Subject(json["subject"]),
            office=Office(json["office"]),
            applicants=tuple(Applicant(who) for who in json["applicants"]),
            cosign=Cosign(json["cosign"]),
            fields=_fields(form),
            steps=tuple(Step(s["id"], s["title"], tuple(s["fields"])) for s in form.get("steps", ())),
            checks=tuple(Check(c["id"], c["when"], c["message"], c["field"]) for c in form.get("checks", ())),
            documents={d["id"]: _document(d) for d in json.get("documents", ())},
            term=tuple(_term(t) for t in json.get("term", ())),
            window=_window(json.get("window")),
            handling_steps=tuple(HandlingStep(s["id"], s["name"], s["role"]) for s in handling.get("steps", ())),
            result=_result(handling.get("result")),
            effect=Effect(effect) if effect else None,
            most_fee=json["most_fee"],
            supplement_days=json["supplement_days"],
            extension_days=json["extension_days"],
            reopen_days=json["reopen_days"],
            rate_days=json["rate_days"],
        )

    def handling_step(self, step: str) -> HandlingStep | None:
        """The step of this name; None for one that is not of this definition, such as "" before handling begins."""
        return next((found for found in self.handling_steps if found.id == step), None)

    def step_after(self, step: str) -> HandlingStep | None:
        """The step that follows; the first after ""; None after the last."""
        ids = [found.id for found in self.handling_steps]
        following = ids.index(step) + 1 if step in ids else 0
        return self.handling_steps[following] if following < len(ids) else None

    def defects_of(self, target: str) -> frozenset[str] | None:
        """The reasons an officer may give about "field:<name>" or "document:<id>"; None for an unknown target."""
        kind, _, name = target.partition(":")
        if kind == "field" and name in self.fields:
            return frozenset({OTHER_DEFECT})
        if kind == "document" and name in self.documents:
            return frozenset({OTHER_DEFECT, *self.documents[name].checks})
        return None


def _fields(form: Mapping[str, Any]) -> dict[str, FormField]:
    schema = form.get("schema", {})
    required = set(schema.get("required", ()))
    shown = form.get("fields", {})
    return {
        name: FormField(
            name=name,
            schema=part,
            label=shown[name]["label"],
            required=name in required,
            prefill=shown[name].get("prefill"),
            locked=shown[name].get("locked", False),
            show=shown[name].get("show"),
            required_words=shown[name].get("required_words"),
            item=shown[name].get("item", {}),
        )
        for name, part in schema.get("properties", {}).items()
    }


def _document(json: Mapping[str, Any]) -> Document:
    return Document(
        id=json["id"],
        name=json["name"],
        required=json["required"],
        show=json.get("show"),
        accepts=tuple(json["accepts"]),
        most=json["most"],
        copy=Copy(json["copy"]),
        checks={check["id"]: check["words"] for check in json.get("checks", ())},
    )


def _term(json: Mapping[str, Any]) -> Term:
    until = json.get("sameDayUntil")
    return Term(
        when=json.get("when"),
        working_days=json.get("workingDays"),
        same_day_until=time.fromisoformat(until) if until else None,
        from_window=json.get("from") == "WINDOW_END",
    )


def _window(json: Mapping[str, Any] | None) -> Window | None:
    if json is None:
        return None
    kind = WindowKind(json["kind"])
    days = json["workingDays"] if kind is WindowKind.AFTER_OPENING else json["days"]
    return Window(kind, days, json["late"] == "REFUSE")


def _result(json: Mapping[str, Any] | None) -> Result | None:
    return Result(json.get("code"), json["name"], json["template"]) if json else None


def target_names(targets: Sequence[str]) -> tuple[frozenset[str], frozenset[str]]:
    """What a supplement asks for: names of fields, and of documents."""
    pairs = [target.partition(":")[::2] for target in targets]
    return (
        frozenset(name for kind, name in pairs if kind == "field"),
        frozenset(name for kind, name in pairs if kind == "document"),
    )
