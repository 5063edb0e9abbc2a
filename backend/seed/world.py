"""The province in memory: rows of every table, in the order in which the database can take them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import asyncpg

from backend.seed.calendar import Calendar
from backend.seed.chance import Chance

Progress = Callable[[str, int, int], None]

ORDER: Final = (
    "unit",
    "school",
    "school_year",
    "class_group",
    "subject",
    "subject_plan",
    "user",
    "credential",
    "role_grant",
    "student",
    "claim_slip",
    "guardianship",
    "enrolment",
    "teaching_assignment",
    "homeroom",
    "guardian_contact",
    "score_column",
    "score",
    "subject_result",
    "announcement",
    "announcement_recipient",
    "journal",
    "notification",
    "year_frame",
    "holiday",
    "period",
    "room",
    "timetable",
    "timetable_entry",
    "class_session",
    "school_day",
    "calendar_event",
    "register",
    "attendance_operation",
    "attendance_mark",
    "leave_request",
    "absence_note",
    "lesson_log",
    "lesson_remark",
    "diploma",
    "dossier",
    "dossier_counter",
    "dossier_entry",
    "supplement",
    "supplement_item",
)


@dataclass(slots=True)
class Sheet:
    """The rows of one table under one set of columns."""

    columns: tuple[str, ...]
    rows: list[tuple[Any, ...]] = field(default_factory=list)


class World:
    """Collects rows. Every `add` to a table names the same columns in the same order."""

    def __init__(self, calendar: Calendar) -> None:
        self.calendar = calendar
        self.sheets: dict[str, Sheet] = {}

    def add(self, table: str, chance: Chance, created_at: datetime, **values: Any) -> UUID:
        """Keep one row; returns its id."""
        sheet = self.sheet(table, ("id", "created_at", *values))
        row_id = chance.id(created_at)
        sheet.rows.append((row_id, created_at, *values.values()))
        return row_id

    def sheet(self, table: str, columns: tuple[str, ...]) -> Sheet:
        """The rows of a table so far."""
        sheet = self.sheets.get(table)
        if sheet is None:
            sheet = self.sheets[table] = Sheet(columns)
        if sheet.columns != columns:
            raise ValueError(f"{table}: {columns} are not {sheet.columns}")
        return sheet

    async def copy_to(self, connection: asyncpg.Connection, progress: Progress | None = None) -> None:
        """Write everything, table by table, inside the caller's transaction; then refresh the planner's statistics.

        A superuser, which the embedded server's first role is, may write without a look-up per reference: half the
        time. That every reference holds is proven by the tests.
        """
        if await connection.fetchval("select rolsuper from pg_roles where rolname = current_user"):
            await connection.execute("set local session_replication_role = replica")
        for position, table in enumerate(ORDER):
            if progress is not None:
                progress(table, position, len(ORDER))
            sheet = self.sheets.get(table)
            if sheet is not None:
                await connection.copy_records_to_table(table, columns=sheet.columns, records=sheet.rows)
        await connection.execute("analyze")
        if progress is not None:
            progress("", len(ORDER), len(ORDER))
