"""Writes staff and teaching assignments of an agreed plan, and the roles that follow from assignments alone."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import delete
from sqlmodel import col

from backend.core.actor import Role
from backend.core.db import Session
from backend.core.text import name_sort_key
from backend.enrolment.import_plan import Entry, subject_key
from backend.enrolment.import_queries import SchoolNow, free_usernames
from backend.enrolment.import_rows import insert_rows, update_rows
from backend.enrolment.rules import AssignmentRow, Outcome, StaffRow
from backend.enrolment.tables import Homeroom, StaffMember, TeachingAssignment
from backend.identity.tables import RoleGrant, User


@dataclass
class Written:
    """What could not be written after all, and whose rights are others than before."""

    refused: list[Entry] = field(default_factory=list)
    people: set[UUID] = field(default_factory=set)


class StaffWriter:
    """The staff's half of one apply. `classes` are ids by name, the newly opened included."""

    def __init__(
        self, session: Session, now: SchoolNow, classes: Mapping[str, UUID], step: Callable[[int], Awaitable[None]]
    ) -> None:
        self._session, self._now, self._classes, self._step = session, now, classes, step
        self._staff = {code: person.id for code, person in now.staff.items()}
        self._written = Written()

    async def write(self, entries: Sequence[Entry]) -> Written:
        """Write the entries of staff and of assignments among these."""
        await self._write_people([entry for entry in entries if isinstance(entry.step.row, StaffRow)])
        await self._write_assignments([entry for entry in entries if isinstance(entry.step.row, AssignmentRow)])
        return self._written

    async def _write_people(self, entries: Sequence[Entry]) -> None:
        new: list[StaffRow] = []
        for entry in entries:
            row = entry.step.row
            assert isinstance(row, StaffRow)
            if entry.outcome is Outcome.NEW:
                new.append(row)
            elif entry.step.existing_id is not None:
                names = {"full_name": row.full_name, "sort_key": name_sort_key(row.full_name)}
                await update_rows(self._session, User, [{"row_id": entry.step.existing_id, **names}])
        names = await free_usernames(self._session, (row.code.lower() for row in new), self._now.school.code.lower())
        users = [
            User(
                full_name=row.full_name,
                sort_key=name_sort_key(row.full_name),
                phone=row.phone,
                username=names[row.code.lower()],
            )
            for row in new
        ]
        members = [
            StaffMember(school_id=self._now.school.id, user_id=user.id, code=row.code, position=row.position[:80])
            for row, user in zip(new, users, strict=True)
        ]
        await insert_rows(self._session, User, [user.model_dump() for user in users])
        await insert_rows(self._session, StaffMember, [member.model_dump() for member in members])
        self._staff |= {member.code: member.user_id for member in members}
        await self._step(len(entries))

    async def _write_assignments(self, entries: Sequence[Entry]) -> None:
        """Who teaches what. The roles that follow are given and taken with it; no other role is touched."""
        given: list[TeachingAssignment] = []
        leaders: dict[UUID, Homeroom] = {}
        replaced: set[UUID] = set()
        for entry in entries:
            row = entry.step.row
            assert isinstance(row, AssignmentRow)
            user_id = self._staff.get(row.staff_code)
            if user_id is None:
                self._written.refused.append(entry)
                continue
            place, class_id = subject_key(row), self._classes[row.class_name]
            fields = {change.field for change in entry.changes}
            if "staff_code" in fields:
                replaced |= await self._clear(TeachingAssignment, class_id, self._now.subjects[place[1]])
                given.append(
                    TeachingAssignment(
                        school_id=self._now.school.id,
                        class_group_id=class_id,
                        subject_id=self._now.subjects[place[1]],
                        user_id=user_id,
                    )
                )
            if "homeroom" in fields and class_id not in leaders:
                replaced |= await self._clear(Homeroom, class_id, None)
                leaders[class_id] = Homeroom(school_id=self._now.school.id, class_group_id=class_id, user_id=user_id)
        await insert_rows(self._session, TeachingAssignment, [row.model_dump() for row in given])
        await insert_rows(self._session, Homeroom, [row.model_dump() for row in leaders.values()])
        await self._grant({row.user_id for row in given}, Role.SUBJECT_TEACHER)
        await self._grant({row.user_id for row in leaders.values()}, Role.HOMEROOM_TEACHER)
        await self._withdraw(replaced, Role.SUBJECT_TEACHER, TeachingAssignment)
        await self._withdraw(replaced, Role.HOMEROOM_TEACHER, Homeroom)
        await self._step(len(entries))

    async def _clear(self, table: Any, class_id: UUID, subject_id: UUID | None) -> set[UUID]:
        statement = delete(table).where(table.class_group_id == class_id)
        if subject_id is not None:
            statement = statement.where(table.subject_id == subject_id)
        gone = (await self._session.execute(statement.returning(table.user_id))).scalars()
        return set(gone)

    async def _grant(self, users: Iterable[UUID], role: Role) -> None:
        rows = [RoleGrant(user_id=user_id, role=role, school_id=self._now.school.id) for user_id in users]
        await insert_rows(self._session, RoleGrant, [row.model_dump() for row in rows], new_only=True)
        self._written.people |= {row.user_id for row in rows}

    async def _withdraw(self, users: set[UUID], role: Role, table: Any) -> None:
        """Take the role from those who no longer do the work anywhere in the school."""
        statement = delete(RoleGrant).where(
            col(RoleGrant.user_id).in_(users),
            col(RoleGrant.school_id) == self._now.school.id,
            col(RoleGrant.role) == role,
            col(RoleGrant.user_id).not_in(
                table.__table__.select().with_only_columns(table.user_id).where(table.school_id == self._now.school.id)
            ),
        )
        if users:
            await self._session.execute(statement)
            self._written.people |= users
