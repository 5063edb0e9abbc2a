"""Whom an event or an announcement is for: pure values, JSON in the journal; `enrolment/audience.py` resolves them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID


class AudienceKind(StrEnum):
    """FAMILIES: guardians and pupils with an account. STAFF: everybody who works at the school."""

    FAMILIES = "FAMILIES"
    GUARDIANS = "GUARDIANS"
    STUDENTS = "STUDENTS"
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True)
class Audience:
    """Persons of some kinds around a school, narrowed by grades, classes, pupils or an announcement's unread rest.

    Empty tuples narrow nothing. `students` wins over `classes`, which wins over `grades`. `users` names persons
    """

    school_id: UUID | None = None
    kinds: tuple[AudienceKind, ...] = ()
    grades: tuple[int, ...] = ()
    classes: tuple[UUID, ...] = ()
    students: tuple[UUID, ...] = ()
    users: tuple[UUID, ...] = ()

    def dump(self) -> dict[str, Any]:
        """As JSON for the journal."""
        return {
            "school_id": str(self.school_id) if self.school_id else None,
            "kinds": list(self.kinds),
            "grades": list(self.grades),
            "classes": [str(i) for i in self.classes],
            "students": [str(i) for i in self.students],
            "users": [str(i) for i in self.users],
        }

    @classmethod
    def load(cls, data: dict[str, Any]) -> "Audience":
        """From the journal's JSON."""
        return cls(
            school_id=UUID(data["school_id"]) if data.get("school_id") else None,
            kinds=tuple(AudienceKind(k) for k in data.get("kinds", ())),
            grades=tuple(data.get("grades", ())),
            classes=_ids(data.get("classes", ())),
            students=_ids(data.get("students", ())),
            users=_ids(data.get("users", ())),
        )


def _ids(values: Sequence[str]) -> tuple[UUID, ...]:
    return tuple(UUID(value) for value in values)
