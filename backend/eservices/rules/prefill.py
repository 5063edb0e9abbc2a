"""What a form already knows: the pupil's data the school entered, and the applicant's own account. Pure.

A locked field holds what is known here and nothing else: what a client sends in its place is not read. An applicant
who says that it is wrong gives the right value as a dispute; the answer then holds her value, and the dossier says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from backend.eservices.rules.conditions import is_filled
from backend.eservices.rules.definition import Definition, FormField

DISPUTED: Final = "_disputed"
"""The key among filed answers that lists the fields whose known value is said to be wrong."""
SECTOR: Final = "SECTOR"
ACCOUNT: Final = "ACCOUNT"


@dataclass(frozen=True)
class Facts:
    """What is known, by source ("student.birthDate"), and since when it stands so in the sector's data."""

    values: Mapping[str, Any] = field(default_factory=dict)
    as_of: date | None = None
    """The day on which the school entered the pupil; None without one."""
    today: date | None = None

    def of(self, asked: FormField) -> Any:
        """The known value for a field, None when there is none."""
        value = self.values.get(asked.prefill) if asked.prefill else None
        if not is_filled(value) or ("enum" in asked.schema and value not in asked.schema["enum"]):
            return None
        return value


@dataclass(frozen=True)
class Known:
    """A field that is filled in beforehand."""

    field: str
    value: Any
    source: str
    as_of: date


def known(definition: Definition, facts: Facts) -> Iterator[Known]:
    """The fields that are filled in beforehand, in the order of the form."""
    for name in (name for step in definition.steps for name in step.fields):
        asked = definition.fields[name]
        value = facts.of(asked)
        if value is None or asked.prefill is None:
            continue
        source = SECTOR if asked.prefill.startswith("student.") else ACCOUNT
        as_of = facts.as_of if source == SECTOR else facts.today
        if as_of is not None:
            yield Known(name, value, source, as_of)


def merged(
    definition: Definition, answers: Mapping[str, Any], disputes: Mapping[str, Any], facts: Facts
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The answers with what is known in every locked field, and the disputes that stand: field → claimed value.

    A dispute counts for a locked field with a known value that differs from the claim.
    """
    together = {name: value for name, value in answers.items() if name != DISPUTED}
    claimed: dict[str, Any] = {}
    for name, asked in definition.fields.items():
        value = facts.of(asked)
        if not asked.locked or value is None:
            continue
        claim = disputes.get(name)
        if is_filled(claim) and claim != value:
            claimed[name] = claim
        together[name] = claimed.get(name, value)
    return together, claimed
