"""GraphQL of the register: tasks of a day, the pupils with their marks, and taking it. Overviews: `board_api.py`."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import strawberry
from sqlalchemy import and_, case, exists, func, null, or_, select
from sqlmodel import col

from backend.attendance import actions, queries, tables, views
from backend.core.actor import Actor, Permission
from backend.core.db import table_of
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, one_of, root, source, today
from backend.enrolment import access
from backend.enrolment.api import LARGEST_CLASS, Student
from backend.enrolment.tables import Enrolment
from backend.identity.tables import Student as StudentTable
from backend.organisation.api import ClassGroup, Subject
from backend.organisation.tables import ClassGroup as ClassTable
from backend.timetable.api import Person, clock_text
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import HalfDay

for _kind in (tables.AttendanceStatus, tables.AbsenceReason):
    strawberry.enum(_kind)

LONGEST_SPAN: Final = 62
MOST_MARKS: Final = 400
MOST_TASKS: Final = 60
MOST_HISTORY: Final = 20


@source(tables.AttendanceMark)
class AttendanceMark:
    """What holds for a pupil in a session (`period` 0) or a period."""

    id: UUID = column()
    student_id: UUID = column()
    day: date = column()
    session: HalfDay = column()
    period: int = column()
    status: tables.AttendanceStatus = column()
    minutes: int | None = column()
    explicit: bool = column(description="A teacher tapped it; otherwise a default or leave alone")
    counted: bool = column(description="Toward the 45 half-days of the year")
    reason: tables.AbsenceReason | None = column(
        lambda me, actor: case((access.sees_marks(actor, me.student_id, me.school_id), me.reason), else_=null()),
        description="For the family, the homeroom teacher and the headteacher",
    )
    recorded_at: datetime = column(lambda me: func.coalesce(me.decided_at, me.created_at))
    recorded_by: Person | None = edge(lambda me, it: it.id == me.recorded_by)


@source(tables.AttendanceOperation)
class AttendanceOperation:
    """What one device said once."""

    id: UUID = column()
    status: tables.AttendanceStatus = column()
    minutes: int | None = column()
    explicit: bool = column()
    decided_at: datetime = column()
    received_at: datetime = column(lambda me: me.created_at)
    recorded_by: Person = edge(lambda me, it: it.id == me.recorded_by)


@source(tables.Register)
class Register:
    id: UUID = column()
    day: date = column()
    session: HalfDay = column()
    period: int = column()
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    taken_by: Person = edge(lambda me, it: it.id == me.taken_by)
    taken_at: datetime = column(description="When its last operation arrived")
    created_at: datetime = column(description="When its first operation arrived")


_rows = (
    select(
        col(Enrolment.id).label("id"),
        col(Enrolment.student_id).label("student_id"),
        col(Enrolment.class_group_id).label("class_group_id"),
        col(Enrolment.school_id).label("school_id"),
        col(StudentTable.sort_key).label("sort_key"),
    )
    .join(StudentTable, col(StudentTable.id) == Enrolment.student_id)
    .where(col(Enrolment.ended_on).is_(None))
)
_SESSION: Final = {"day": date, "session": HalfDay}
_PLACE: Final = {**_SESSION, "period": (int, 0)}


def _said(me: Any, it: Any, args: Any, actor: Any, period: Any) -> Any:
    """What is said of this pupil then, for somebody whose register it is."""
    return and_(
        it.student_id == me.student_id,
        it.day == args.day,
        it.session == args.session,
        it.period == period,
        queries.may_take(actor, me.class_group_id, me.school_id, args.day),
    )


@source(_rows)
class RegisterRow:
    """A pupil's line in the register."""

    id: UUID = column()
    student_id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.student_id)
    mark: AttendanceMark | None = edge(
        lambda me, it, args, actor: _said(me, it, args, actor, args.period), arguments=_PLACE
    )
    session_mark: AttendanceMark | None = edge(
        lambda me, it, args, actor: _said(me, it, args, actor, 0), arguments=_SESSION
    )
    excused: bool = column(
        lambda me, args: exists().where(
            col(tables.AbsenceNote.student_id) == me.student_id,
            col(tables.AbsenceNote.day) == args.day,
            col(tables.AbsenceNote.session) == args.session,
            col(tables.AbsenceNote.revoked_at).is_(None),
        ),
        arguments=_SESSION,
        description="There is permission for that session",
    )
    history: list[AttendanceOperation] = edge(
        lambda me, it, args, actor: _said(me, it, args, actor, args.period),
        order=lambda it: (it.decided_at.desc(),),
        arguments={**_PLACE, "first": (int, 5)},
        cap=MOST_HISTORY,
        description="Everything that was ever said, latest first",
    )


def enrolled_then(me: Any) -> Any:
    """How many pupils were in the class on the row's day."""
    return (
        select(func.count())
        .select_from(Enrolment)
        .where(
            col(Enrolment.class_group_id) == me.class_group_id,
            col(Enrolment.started_on) <= me.day,
            or_(col(Enrolment.ended_on).is_(None), col(Enrolment.ended_on) > me.day),
        )
        .scalar_subquery()
    )


def marked(me: Any, period: Any, *statuses: tables.AttendanceStatus) -> Any:
    """How many marks of the row's class, day and session have one of these statuses."""
    mark = table_of(tables.AttendanceMark).alias("counted_mark")
    return (
        select(func.count())
        .select_from(mark)
        .where(
            mark.c.class_group_id == me.class_group_id,
            mark.c.day == me.day,
            mark.c.session == me.session,
            mark.c.period == period,
            or_(*(mark.c.status == status for status in statuses)),
        )
        .scalar_subquery()
    )


def register_of(me: Any, it: Any, period: Any) -> Any:
    """`it` is the register of the row's class, day and session."""
    return and_(it.class_group_id == me.class_group_id, it.day == me.day, it.session == me.session, it.period == period)


@source(views.TASKS)
class RegisterTask:
    """A session, or in schools that do so a period, whose register the viewer may take."""

    id: UUID = column()
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    day: date = column()
    session: HalfDay = column()
    period: int = column()
    subject: Subject | None = edge(lambda me, it: it.id == me.subject_id, description="Of a single period")
    starts_at: str | None = column(lambda me: clock_text(me.starts_at))
    ends_at: str | None = column(lambda me: clock_text(me.ends_at))
    register: Register | None = edge(lambda me, it: register_of(me, it, me.period))
    mine: bool = column(
        lambda me, actor: me.expected_user_id == actor.user_id,
        description="The viewer gives this period, or the session's first lesson",
    )
    student_count: int = column(lambda me: enrolled_then(me))
    absent_count: int = column(lambda me: marked(me, me.period, *tables.ABSENT))


def _task(it: Any, args: Any, actor: Any) -> Any:
    """A session's register: who gives a lesson of it, leads the class; by period: whoever gives the first, and one's
    own single lessons."""
    given = and_(it.by_period.is_(False), actor.user_id == func.any(it.teachers))
    led = and_(it.period == 0, access.leads(actor, it.class_group_id))
    return and_(
        it.day == args.day,
        one_of(it.school_id, actor.staff_schools),
        or_(it.expected_user_id == actor.user_id, given, led),
    )


def _rows_seen(it: Any, args: Any, actor: Any) -> Any:
    """The class's own teachers and headteacher; and who gives, or gave lately, a lesson in it."""
    lately = LESSONS.subquery("lately")
    gives = exists().where(
        lately.c.school_id == it.school_id,
        lately.c.class_group_id == args.class_group,
        lately.c.day <= today(),
        lately.c.day >= today() - actions.OLDEST_DAYS,
        lately.c.user_id == actor.user_id,
    )
    return and_(
        it.class_group_id == args.class_group,
        or_(access.sees_class(actor, it.class_group_id, it.school_id), gives),
    )


def _class_key(it: Any) -> Any:
    return select(col(ClassTable.sort_key)).where(col(ClassTable.id) == it.class_group_id).scalar_subquery()


@strawberry.type
class AttendanceQuery:
    register_tasks: list[RegisterTask] = root(
        Permission.REGISTER_TAKE,
        arguments={"day": date},
        where=lambda it, args, actor: _task(it, args, actor),
        order=lambda it: (it.session.desc(), it.first_period, it.period, _class_key(it)),
        cap=MOST_TASKS,
        description="Registers the viewer may take on a day, in order of time",
    )
    register: Register | None = root(
        Permission.REGISTER_TAKE,
        arguments={"class_group": UUID, **_PLACE},
        where=lambda it, args, actor: and_(
            it.class_group_id == args.class_group,
            it.day == args.day,
            it.session == args.session,
            it.period == args.period,
            queries.may_take(actor, it.class_group_id, it.school_id, it.day),
        ),
    )
    register_rows: list[RegisterRow] = root(
        Permission.REGISTER_TAKE,
        arguments={"class_group": UUID},
        where=lambda it, args, actor: _rows_seen(it, args, actor),
        order=lambda it: (it.sort_key,),
        cap=LARGEST_CLASS,
        description="Every enrolled pupil of the class, by name",
    )
    attendance_marks: list[AttendanceMark] = root(
        Permission.ATTENDANCE_READ,
        arguments={"student": UUID, "from": date, "to": date},
        where=lambda it, args, actor: and_(
            it.student_id == args.student,
            it.day >= getattr(args, "from"),
            it.day <= args.to,
            it.day < getattr(args, "from") + LONGEST_SPAN,
            access.sees_marks(actor, it.student_id, it.school_id),
        ),
        order=lambda it: (it.day, it.session.desc(), it.period),
        cap=MOST_MARKS,
        description="A pupil's marks; at most 62 days",
    )


@strawberry.input
class OperationInput:
    """One pupil. `decidedAt` is by the device's clock; `explicit`: somebody tapped it."""

    id: UUID
    student: UUID
    status: tables.AttendanceStatus
    minutes: int | None = None
    explicit: bool
    decided_at: datetime


def _operation(_type: type, value: Mapping[str, Any], _context: Any) -> OperationInput:
    """The input from values that GraphQL has checked already. Strawberry's own way looks every field's type up again,
    for 45 pupils in two thousand registers a minute a third of a server's work."""
    return OperationInput(
        id=value["id"],
        student=value["student"],
        status=value["status"],
        minutes=value.get("minutes"),
        explicit=value["explicit"],
        decided_at=value["decidedAt"],
    )


OperationInput.__strawberry_definition__.from_input = _operation  # type: ignore[attr-defined]


@strawberry.type
class RefusedOperation:
    id: UUID
    problem: Problem


@strawberry.type
class TakeRegisterPayload:
    register: Register
    rows: list[RegisterRow] = strawberry.field(
        description="Pupils whose mark is now another than this request says; the others stand as sent"
    )
    received: list[UUID]
    refused: list[RefusedOperation]


def _taken(actor: Actor, done: actions.Taken) -> Any:
    """The register; what the teacher's screen shows of it is known, so that two thousand a minute read nothing back."""
    if done.taken_at is None:
        return Ref.of(Register, done.register_id)
    by = Ref.of(Person, actor.user_id, id=actor.user_id, full_name=actor.full_name)
    return Ref.of(Register, done.register_id, id=done.register_id, taken_at=done.taken_at, taken_by=by)


@strawberry.type
class AttendanceMutation:
    @mutation(Permission.REGISTER_TAKE)
    async def take_register(
        self,
        info: Info,
        class_group: UUID,
        day: date,
        session: HalfDay,
        device_time: datetime,
        operations: list[OperationInput],
        period: int = 0,
    ) -> TakeRegisterPayload | Problem:
        """At most 100 operations, each received or refused by itself. `deviceTime`: its clock as the request leaves."""
        sent = [actions.Sent(o.id, o.student, o.status, o.minutes, o.explicit, o.decided_at) for o in operations]
        done = await info.context.write(actions.take_register, class_group, day, session, period, device_time, sent)
        return TakeRegisterPayload(
            register=_taken(info.context.actor, done),
            rows=[Ref.of(RegisterRow, id_) for id_ in done.differing],
            received=done.received,
            refused=[
                RefusedOperation(id=id_, problem=Problem.of(problem, info.context.language))
                for id_, problem in done.refused
            ],
        )
