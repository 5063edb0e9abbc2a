"""Ref: what a payload holds instead of a row."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ref:
    """ "This row of that type": its fields are read when they are asked for, as the actor, after the commit.

    `Ref.of(ScoreColumn, id)` passes for the type itself, so that a payload's annotation stays plain. A type without a
    table has no id.
    """

    type: Any
    id: UUID | None

    @classmethod
    def of(cls, type_: Any, id_: UUID | None = None) -> Any:
        return cls(type_, id_)
