"""GraphQL of the class register: lessons signed and to sign, remarks on pupils, the closing of a week."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import Date, Integer, Interval, Time, and_, case, cast, exists, func, literal, or_
from sqlalchemy.orm import aliased
from sqlmodel import col

from backend.attendance import actions as attendance_actions
from backend.attendance.api import AttendanceMark
from backend.attendance.tables import ABSENT, ClosedWeek
from backend.attendance.tables import AttendanceMark as MarkTable
from backend.core.actor import Permission
from backend.core.graphql import (
    Connection,
    Info,
    Problem,
    Ref,
    column,
    edge,
    mutation,
    now,
    one_of,
    root,
    source,
    today,
)
from backend.enrolment import access
from backend.enrolment.api import LARGEST_CLASS, Student
from backend.lesson_log import actions, tables
from backend.lesson_log.queries import Slot
from backend.lesson_log.rules import EARLY, MOST_DAYS, MOST_REMARKS, WEEK
from backend.organisation.api import ClassGroup, Subject
from backend.timetable.api import Lesson, Person
from backend.timetable.tables import ChangeKind, HalfDay

for _kind in (tables.LessonRating, tables.RemarkKind):
    strawberry.enum(_kind)

# Twelve days of school in a fortnight, two sessions of six periods.
MOST_LESSONS = 144
_MIDNIGHT = cast(literal("00:00"), Time)


@source(tables.LessonRemark)
class LessonRemark:
    """What a teacher says of one pupil in one lesson."""

    id: UUID = column()
    student: Student = edge(lambda me, it: it.id == me.student_id)
    kind: tables.RemarkKind = column()
    text: str = column()
    author: Person = edge(lambda me, it: it.id == me.author_id)
    created_at: datetime = column()
    day: date = column()
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    released_at: datetime | None = column()
    held: bool = column(lambda me: me.released_at.is_(None), description="Waits for the homeroom teacher")


def _absent(me: Any, it: Any) -> Any:
    """The absent of this period where it has marks of its own, else those of its session."""
    other = aliased(MarkTable)
    by_period = exists().where(
        col(other.class_group_id) == me.class_group_id,
        col(other.day) == me.day,
        col(other.session) == me.session,
        col(other.period) == me.period,
    )
    return and_(
        it.class_group_id == me.class_group_id,
        it.day == me.day,
        it.session == me.session,
        it.period == case((by_period, me.period), else_=literal(0, Integer)),
        or_(*(it.status == status.value for status in ABSENT)),
    )


@source(tables.LessonLog)
class LessonLog:
    """A lesson in the class register. `teacher` signed it: who gave it that day, or the homeroom teacher."""

    id: UUID = column()
    day: date = column()
    session: HalfDay = column()
    period: int = column()
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    subject: Subject = edge(lambda me, it: it.id == me.subject_id)
    teacher: Person = edge(lambda me, it: it.id == me.user_id)
    syllabus_number: int | None = column()
    content: str = column()
    remark: str = column()
    rating: tables.LessonRating | None = column()
    late: bool = column(description="Written after its day")
    signed_at: datetime = column()
    version: int = column()
    remarks: list[LessonRemark] = edge(
        lambda me, it: and_(it.lesson_log_id == me.id, it.dropped_at.is_(None)),
        order=lambda it: (it.created_at,),
        cap=MOST_REMARKS,
        usual=1,
    )
    absent: list[AttendanceMark] = edge(lambda me, it: _absent(me, it), cap=LARGEST_CLASS, usual=2)


@source(ClosedWeek)
class LogWeek:
    """A closed week of a class, from its Monday."""

    id: UUID = column()
    starts_on: date = column()
    closed_at: datetime | None = column(lambda me: me.created_at)
    closed_by: Person | None = edge(lambda me, it: it.id == me.closed_by)


def _fortnight(it: Any, args: Any) -> Any:
    """From a day to a day, at most a fortnight."""
    first = cast(getattr(args, "from"), Date)
    return and_(it.day >= first, it.day <= args.to, it.day < first + literal(MOST_DAYS, Integer))


def _waits(it: Any) -> Any:
    """Begun (or about to), not cancelled, young enough, in an open week, and not in the class register."""
    begins = it.day + func.coalesce(it.starts_at, _MIDNIGHT)
    here = func.timezone(literal("Asia/Ho_Chi_Minh"), now())
    log, week = tables.LessonLog, ClosedWeek
    signed = exists().where(
        col(log.class_group_id) == it.class_group_id,
        col(log.day) == it.day,
        col(log.session) == it.session,
        col(log.period) == it.period,
    )
    closed = exists().where(
        col(week.class_group_id) == it.class_group_id,
        col(week.starts_on) <= it.day,
        col(week.starts_on) + literal(WEEK.days, Integer) > it.day,
    )
    return and_(
        it.change.is_distinct_from(ChangeKind.CANCELLED),
        it.day >= today() - literal(MOST_DAYS, Integer),
        here >= begins - literal(EARLY, Interval),
        ~signed,
        ~closed,
    )


@strawberry.type
class LessonLogQuery:
    lesson_logs: list[LessonLog] = root(
        Permission.LESSON_LOG_READ,
        arguments={"class_group": UUID, "from": date, "to": date},
        where=lambda it, args, actor: and_(
            it.class_group_id == args.class_group,
            _fortnight(it, args),
            or_(access.sees_class(actor, it.class_group_id, it.school_id), it.user_id == actor.user_id),
        ),
        order=lambda it: (it.day, it.session.desc(), it.period),
        cap=MOST_LESSONS,
        description="What is written of a class, at most 14 days",
    )
    lessons_to_log: list[Lesson] = root(
        Permission.LESSON_LOG_WRITE,
        arguments={"from": date, "to": date},
        where=lambda it, args, actor: and_(
            one_of(it.school_id, actor.staff_schools),
            it.user_id == actor.user_id,
            _fortnight(it, args),
            _waits(it),
        ),
        order=lambda it: (it.day, it.session.desc(), it.period),
        cap=MOST_LESSONS,
        description="The viewer's own lessons that still can and must be signed, at most 14 days",
    )
    held_remarks: list[LessonRemark] = root(
        Permission.WEEK_CLOSE,
        where=lambda it, actor: and_(
            it.released_at.is_(None), it.dropped_at.is_(None), access.leads(actor, it.class_group_id)
        ),
        order=lambda it: (it.created_at,),
        description="Of the viewer's homeroom class, waiting for her",
    )
    remarks: Connection[LessonRemark] = root(
        Permission.STUDENT_READ,
        arguments={"student": UUID},
        where=lambda it, args, actor: and_(
            it.student_id == args.student,
            it.released_at.is_not(None),
            it.dropped_at.is_(None),
            access.sees_marks(actor, it.student_id, it.school_id),
        ),
        order=lambda it: (it.created_at.desc(),),
        description="What families see; newest first",
    )
    closed_week: LogWeek | None = root(
        Permission.LESSON_LOG_READ,
        arguments={"class_group": UUID, "starts_on": date},
        where=lambda it, args, actor: and_(
            it.class_group_id == args.class_group,
            it.starts_on == args.starts_on,
            access.sees_class(actor, it.class_group_id, it.school_id),
        ),
        description="Null while the week is open",
    )


@strawberry.input
class RemarkInput:
    student: UUID
    kind: tables.RemarkKind
    text: str


@strawberry.type
class SignLessonPayload:
    log: LessonLog


@strawberry.type
class RemarkPayload:
    remark: LessonRemark


@strawberry.type
class DropRemarkPayload:
    id: UUID


@strawberry.type
class CloseWeekPayload:
    ok: bool


@strawberry.type
class ReopenWeekPayload:
    ok: bool


@strawberry.type
class LessonLogMutation:
    @mutation(Permission.LESSON_LOG_WRITE)
    async def sign_lesson(
        self,
        info: Info,
        class_group: UUID,
        day: date,
        session: HalfDay,
        period: int,
        content: str,
        syllabus_number: int | None = None,
        remark: str = "",
        rating: tables.LessonRating | None = None,
        remarks: list[RemarkInput] = [],  # noqa: B006 - Strawberry reads the default and copies it
        version: int = 0,
    ) -> SignLessonPayload | Problem:
        """Write a lesson, or write it anew with the version read. Remarks are added; none is taken back by this."""
        said = [(one.student, one.kind, one.text) for one in remarks]
        given = actions.Signed(content, syllabus_number, remark, rating, said, version)
        signed = await info.context.write(actions.sign_lesson, Slot(class_group, day, session, period), given)
        return SignLessonPayload(log=Ref.of(LessonLog, signed))

    @mutation(Permission.WEEK_CLOSE)
    async def release_remark(self, info: Info, id: UUID) -> RemarkPayload | Problem:
        """The family may see it and is told."""
        released = await info.context.write(actions.release_remark, id)
        return RemarkPayload(remark=Ref.of(LessonRemark, released))

    @mutation(Permission.LESSON_LOG_WRITE)
    async def drop_remark(self, info: Info, id: UUID) -> DropRemarkPayload | Problem:
        """By the homeroom teacher, or by its author while it is held."""
        return DropRemarkPayload(id=await info.context.write(actions.drop_remark, id))

    @mutation(Permission.WEEK_CLOSE)
    async def close_week(self, info: Info, class_group: UUID, starts_on: date) -> CloseWeekPayload | Problem:
        """Nothing in the week of this Monday changes any more."""
        await info.context.write(actions.close_week, class_group, starts_on)
        return CloseWeekPayload(ok=True)

    @mutation(Permission.ATTENDANCE_MANAGE)
    async def reopen_week(self, info: Info, class_group: UUID, starts_on: date) -> ReopenWeekPayload | Problem:
        """By the headteacher, to let something be put right."""
        await info.context.write(attendance_actions.reopen_week, class_group, starts_on)
        return ReopenWeekPayload(ok=True)
