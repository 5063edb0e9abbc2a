"""Actor: who is asking, with what rights and where. First argument of every query and action."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Final
from uuid import UUID

from backend.core.problem import NotAllowed, SignInRequired


class Role(StrEnum):
    """The roles of domain.md §5.3 that this version knows; a person may hold several, each at a place."""

    GUARDIAN = "GUARDIAN"
    STUDENT = "STUDENT"
    SUBJECT_TEACHER = "SUBJECT_TEACHER"
    HOMEROOM_TEACHER = "HOMEROOM_TEACHER"
    HEADTEACHER = "HEADTEACHER"
    ACADEMIC_CLERK = "ACADEMIC_CLERK"
    PROVINCIAL_OFFICER = "PROVINCIAL_OFFICER"


class Permission(StrEnum):
    """The closed list of rights, `resource:action`. PUBLIC needs no session; SIGNED_IN any session."""

    PUBLIC = "public"
    SIGNED_IN = "signed_in"
    FAMILY_HOME = "home:family"
    STAFF_HOME = "home:staff"
    STUDENT_READ = "student:read"
    MARKS_READ = "marks:read"
    CLASS_READ = "class:read"
    SCORE_ENTER = "score:enter"
    SCORE_PUBLISH = "score:publish"
    ROSTER_IMPORT = "roster:import"
    SLIP_PRINT = "slip:print"
    STAFF_MANAGE = "staff:manage"
    ANNOUNCEMENT_READ = "announcement:read"
    ANNOUNCEMENT_SEND = "announcement:send"
    SCHOOL_READ = "school:read"
    TIMETABLE_READ = "timetable:read"
    TIMETABLE_MANAGE = "timetable:manage"
    CALENDAR_MANAGE = "calendar:manage"
    EVENT_WRITE = "calendar_event:write"
    ATTENDANCE_READ = "attendance:read"
    ATTENDANCE_MANAGE = "attendance:manage"
    REGISTER_TAKE = "register:take"
    ABSENCE_ANSWER = "absence:answer"
    SAFETY_HANDLE = "safety:handle"
    LEAVE_REQUEST = "leave:request"
    LEAVE_DECIDE = "leave:decide"
    LESSON_LOG_READ = "lesson_log:read"
    LESSON_LOG_WRITE = "lesson_log:write"
    WEEK_CLOSE = "week:close"
    DOSSIER_HANDLE = "dossier:handle"
    DOSSIER_COUNTER = "dossier:counter"
    DOSSIER_LEAD = "dossier:lead"
    SERVICE_OVERSEE = "service:oversee"
    PROCEDURE_MANAGE = "procedure:manage"
    DIPLOMA_MANAGE = "diploma:manage"


_FAMILY: Final = {
    Permission.FAMILY_HOME,
    Permission.STUDENT_READ,
    Permission.MARKS_READ,
    Permission.ANNOUNCEMENT_READ,
    Permission.TIMETABLE_READ,
    Permission.ATTENDANCE_READ,
    Permission.LEAVE_REQUEST,
}
_STAFF: Final = {
    Permission.STAFF_HOME,
    Permission.STUDENT_READ,
    Permission.CLASS_READ,
    Permission.ANNOUNCEMENT_READ,
    Permission.ANNOUNCEMENT_SEND,
    Permission.SCHOOL_READ,
    Permission.TIMETABLE_READ,
    Permission.ATTENDANCE_READ,
    Permission.EVENT_WRITE,
    Permission.LESSON_LOG_READ,
}
_TEACHER: Final = {Permission.REGISTER_TAKE, Permission.LESSON_LOG_WRITE, Permission.DOSSIER_HANDLE}
_OFFICE: Final = {Permission.DOSSIER_HANDLE, Permission.DOSSIER_COUNTER, Permission.DIPLOMA_MANAGE}
_RESPONSIBLE: Final = {Permission.REGISTER_TAKE, Permission.SAFETY_HANDLE, Permission.LEAVE_DECIDE}
RIGHTS: Final[Mapping[Role, frozenset[Permission]]] = {
    Role.GUARDIAN: frozenset(_FAMILY | {Permission.ABSENCE_ANSWER}),
    Role.STUDENT: frozenset(_FAMILY),
    Role.SUBJECT_TEACHER: frozenset(_STAFF | _TEACHER | {Permission.SCORE_ENTER, Permission.SCORE_PUBLISH}),
    Role.HOMEROOM_TEACHER: frozenset(_STAFF | _TEACHER | _RESPONSIBLE | {Permission.MARKS_READ, Permission.WEEK_CLOSE}),
    Role.HEADTEACHER: frozenset(
        _STAFF
        | _RESPONSIBLE
        | _OFFICE
        | {
            Permission.DOSSIER_LEAD,
            Permission.SERVICE_OVERSEE,
            Permission.MARKS_READ,
            Permission.STAFF_MANAGE,
            Permission.ATTENDANCE_MANAGE,
            Permission.TIMETABLE_MANAGE,
            Permission.CALENDAR_MANAGE,
        }
    ),
    Role.ACADEMIC_CLERK: frozenset(
        _STAFF
        | _OFFICE
        | {
            Permission.ROSTER_IMPORT,
            Permission.SLIP_PRINT,
            Permission.STAFF_MANAGE,
            Permission.TIMETABLE_MANAGE,
            Permission.CALENDAR_MANAGE,
        }
    ),
    Role.PROVINCIAL_OFFICER: frozenset(
        {
            Permission.STAFF_HOME,
            Permission.SCHOOL_READ,
            Permission.CALENDAR_MANAGE,
            Permission.SERVICE_OVERSEE,
            Permission.PROCEDURE_MANAGE,
        }
    ),
}


# Who sees children of their own, and who sees everybody at a school: said once, for the fence, scopes and rules alike.
FAMILY: Final = frozenset({Role.GUARDIAN, Role.STUDENT})
WHOLE_SCHOOL: Final = (Role.HEADTEACHER, Role.ACADEMIC_CLERK)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role at one school. Family roles are grants too, one per child's school."""

    role: Role
    school_id: UUID | None


@dataclass(frozen=True)
class Actor:
    """Somebody at the door. Immutable, cheap to cache, safe to log by id.

    `students` are the pupils this person may see as guardian or as the pupil; `system` is our own machinery
    (relay, import, sign-in before anybody is known) and is never built from a request.
    """

    user_id: UUID | None = None
    session_id: UUID | None = None
    full_name: str = ""
    language: str = "vi"
    grants: tuple[Grant, ...] = ()
    students: tuple[UUID, ...] = ()
    system: bool = False

    @property
    def person(self) -> UUID:
        """The user's id, where somebody has to have done it. Raises SignInRequired for nobody."""
        if self.user_id is None:
            raise SignInRequired("core.sign_in_required")
        return self.user_id

    @cached_property
    def roles(self) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.grants)

    @cached_property
    def schools(self) -> tuple[UUID, ...]:
        """Every school this actor has any business with; the outer fence of row-level security."""
        return tuple(sorted({g.school_id for g in self.grants if g.school_id is not None}))

    @cached_property
    def fence(self) -> tuple[str, str, str, str, str]:
        """What row-level security knows: user id, schools, schools as staff, visible pupils, system on/off, as texts
        that PostgreSQL parses. Kept with the actor, because every statement carries it."""
        return (
            str(self.user_id or ""),
            _array(self.schools),
            _array(self.staff_schools),
            _array(self.students),
            "on" if self.system else "off",
        )

    @cached_property
    def staff_schools(self) -> tuple[UUID, ...]:
        """The schools where this actor is staff; inside them row-level security leaves the choice to the scopes."""
        return tuple(sorted({g.school_id for g in self.grants if g.school_id and g.role not in FAMILY}))

    def with_student(self, student_id: UUID, school_id: UUID) -> "Actor":
        """The same person with one more child, before the session is looked up again."""
        grant = Grant(Role.GUARDIAN, school_id)
        return replace(self, grants=(*self.grants, grant), students=(*self.students, student_id))

    def schools_as(self, *roles: Role) -> tuple[UUID, ...]:
        """The schools where this actor holds one of these roles."""
        return tuple(sorted({g.school_id for g in self.grants if g.school_id and g.role in roles}))

    def may(self, permission: Permission) -> bool:
        """Whether any of the actor's roles carries the right, wherever it is held."""
        if permission is Permission.PUBLIC or self.system:
            return True
        if self.user_id is None:
            return False
        return permission is Permission.SIGNED_IN or any(permission in RIGHTS[grant.role] for grant in self.grants)

    def require(self, permission: Permission, school_id: UUID | None = None) -> None:
        """Refuse unless the right is held, at `school_id` when one is named.

        Raises SignInRequired for nobody, NotAllowed for somebody without the right.
        """
        if self.user_id is None and not self.system and permission is not Permission.PUBLIC:
            raise SignInRequired("core.sign_in_required")
        if not self.may(permission):
            raise NotAllowed("core.not_allowed")
        if school_id is not None and not self.system:
            here = [g for g in self.grants if g.school_id == school_id and permission in RIGHTS[g.role]]
            if not here:
                raise NotAllowed("core.not_allowed")


def _array(ids: Sequence[UUID]) -> str:
    return "{" + ",".join(map(str, ids)) + "}"


NOBODY: Final = Actor()
SYSTEM: Final = Actor(system=True)
