"""What one line of a school's workbook says, and what an import would do with it. Plain values only.

Codes of sex, status and relation are those stored by identity's tables; a file never gives a right by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Generic, TypeVar
from uuid import UUID


@dataclass(frozen=True)
class Defect:
    """Something wrong in one cell. A blocking one keeps its row out; a warning is shown and the row goes in."""

    code: str
    cell: str
    params: Mapping[str, Any] = field(default_factory=dict)
    blocking: bool = True


@dataclass(frozen=True, kw_only=True)
class SheetRow:
    """A line of a sheet, with the address of each recognised cell ("Sheet1!D12") by field."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    file: str = ""
    defects: tuple[Defect, ...] = ()

    def cell(self, field_name: str) -> str:
        """The address of a field; of the line's first recognised cell when the sheet has no such column."""
        return self.cells.get(field_name) or next(iter(self.cells.values()), self.sheet)

    @property
    def is_broken(self) -> bool:
        return any(defect.blocking for defect in self.defects)


R = TypeVar("R", bound=SheetRow, covariant=True)


@dataclass(frozen=True, kw_only=True)
class PupilRow(SheetRow):
    """A pupil. None means that the file does not say."""

    code: str | None
    national_id: str | None
    full_name: str
    birth_date: date | None
    sex: str | None
    class_name: str | None
    status: str | None
    status_on: date | None


@dataclass(frozen=True)
class Contact:
    """A phone (E.164) the school may ring about a pupil. The name is empty when the file does not say whose it is."""

    phone: str
    relation: str
    name: str


@dataclass(frozen=True, kw_only=True)
class GuardianPhones(SheetRow):
    """The contacts of one pupil, who is named by the code or national id of the same line."""

    code: str | None
    national_id: str | None
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, kw_only=True)
class StaffRow(SheetRow):
    """A member of staff. The e-mail of the file is not read: it is often wrong or shared by a whole office."""

    code: str
    full_name: str
    phone: str | None
    position: str
    is_working: bool


@dataclass(frozen=True, kw_only=True)
class AssignmentRow(SheetRow):
    """Who teaches a subject in a class, and whether the same person is its homeroom teacher."""

    class_name: str
    subject_name: str
    staff_code: str
    staff_name: str
    is_homeroom: bool


class Outcome(StrEnum):
    """What an import would do with a line."""

    NEW = "NEW"
    CHANGED = "CHANGED"
    MOVED = "MOVED"
    UNCHANGED = "UNCHANGED"
    SUGGESTED = "SUGGESTED"
    BROKEN = "BROKEN"


@dataclass(frozen=True)
class Change:
    """One field that would take a new value."""

    field: str
    old: Any
    new: Any
    cell: str


@dataclass(frozen=True, kw_only=True)
class PlannedRow(Generic[R]):
    """A line and what would be done with it. `existing_id` is the matched record; `suggested_ids` await a person."""

    outcome: Outcome
    row: R
    existing_id: UUID | None = None
    changes: tuple[Change, ...] = ()
    defects: tuple[Defect, ...] = ()
    suggested_ids: tuple[UUID, ...] = ()
