"""Patch: what Python still does to a compiled answer, at known places: computed fields."""

from collections.abc import Callable, Mapping
from typing import Any

from backend.core.graphql.source import Computed


class Patch:
    """The computed fields of one object and, by response key, of the objects below it."""

    def __init__(self) -> None:
        self._children: dict[str, Patch] = {}
        self._computed: list[tuple[str, Computed, Mapping[str, tuple[str, Any]]]] = []

    def pruned(self) -> "Patch | None":
        """Without the objects that need nothing; None when nothing is left. Called once, when the plan is made."""
        kept = {key: child.pruned() for key, child in self._children.items()}
        self._children = {key: child for key, child in kept.items() if child is not None}
        return self if self._computed or self._children else None

    def child(self, key: str) -> "Patch":
        return self._children.setdefault(key, Patch())

    def compute(self, key: str, function: Computed, needs: Mapping[str, tuple[str, Any]]) -> None:
        """`needs`: parameter name -> hidden key in the answer, and the GraphQL type to read it with."""
        self._computed.append((key, function, needs))

    def apply(self, value: Any, language: str) -> None:
        """Fill in the computed fields and take out what they needed, in place."""
        if isinstance(value, list):
            for item in value:
                self.apply(item, language)
            return
        if not isinstance(value, dict):
            return
        for key, child in self._children.items():
            if key in value:
                child.apply(value[key], language)
        hidden = set()
        for key, function, needs in self._computed:
            values = {name: read_back(kind, value[place]) for name, (place, kind) in needs.items()}
            value[key] = function(values, language)
            hidden.update(place for place, _ in needs.values())
        for place in hidden:
            del value[place]


def read_back(kind: Any, value: Any) -> Any:
    """A value of the answer as Python knows it: Decimal for a Mark, an enum's member for its name."""
    parse: Callable[[Any], Any] = kind.parse_value
    if isinstance(value, list):
        return [read_back(kind, item) for item in value]
    return None if value is None else parse(value)
