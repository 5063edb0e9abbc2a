"""Ref: what a payload holds instead of a row."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Ref:
    """ "This row of that type": its fields are read when they are asked for, as the actor, after the commit.

    `Ref.of(ScoreColumn, id)` passes for the type itself, so that a payload's annotation stays plain. A type without a
    table has no id. `known` are fields whose values the action has at hand: when a client asks for nothing else,
    nothing is read at all.
    """

    type: Any
    id: UUID | None
    known: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @classmethod
    def of(cls, type_: Any, id_: UUID | None = None, **known: Any) -> Any:
        return cls(type_, id_, known)
