"""GraphQL of overviews: a school's day, who stays away too much, a pupil's count, and the school's settings."""

from datetime import date
from typing import Any, Final
from uuid import UUID, uuid5

import strawberry
from sqlalchemy import and_, func, literal, select
from sqlmodel import col

from backend.attendance import board, settings, tables, views
from backend.attendance.api import Register, enrolled_then, marked, register_of
from backend.attendance.rules.patterns import PatternKind
from backend.core.actor import WHOLE_SCHOOL, Permission
from backend.core.db import table_of
from backend.core.graphql import Info, Problem, Ref, column, edge, mutation, one_of, query, root, source
from backend.core.problem import NotFound
from backend.enrolment import access
from backend.enrolment.api import Student
from backend.identity.tables import Student as StudentTable
from backend.organisation.api import ClassGroup
from backend.organisation.tables import ClassGroup as ClassTable
from backend.organisation.tables import School as SchoolTable
from backend.organisation.tables import SchoolYear
from backend.timetable.api import clock_text
from backend.timetable.tables import HalfDay

strawberry.enum(PatternKind)
_Status = tables.AttendanceStatus


@source(views.SESSIONS)
class ClassDay:
    """A class in a session of a day, as a leader sees it."""

    id: UUID = column()
    class_group: ClassGroup = edge(lambda me, it: it.id == me.class_group_id)
    session: HalfDay = column()
    register: Register | None = edge(lambda me, it: register_of(me, it, 0))
    student_count: int = column(lambda me: enrolled_then(me))
    excused: int = column(lambda me: marked(me, 0, _Status.EXCUSED))
    unexcused: int = column(lambda me: marked(me, 0, _Status.UNEXCUSED))
    late: int = column(lambda me: marked(me, 0, _Status.LATE))
    starts_at: str | None = column(lambda me: clock_text(me.starts_at))


def _of_year(me: Any, condition: Any) -> Any:
    """How many whole-session marks of the pupil's current school year meet a condition."""
    mark = table_of(tables.AttendanceMark).alias("year_mark")
    year = table_of(SchoolYear).alias("this_year")
    return (
        select(func.count())
        .select_from(mark)
        .join(year, and_(year.c.school_id == me.school_id, year.c.is_current))
        .where(
            mark.c.student_id == me.id,
            mark.c.period == 0,
            mark.c.day >= year.c.starts_on,
            mark.c.day <= year.c.ends_on,
            condition(mark.c),
        )
        .scalar_subquery()
    )


@source(StudentTable)
class AttendanceCount:
    """A pupil's half-days of the current year. `counted` is toward the 45 of promotion."""

    id: UUID = column()
    counted: int = column(lambda me: _of_year(me, lambda it: it.counted))
    excused: int = column(lambda me: _of_year(me, lambda it: it.status == _Status.EXCUSED))
    unexcused: int = column(lambda me: _of_year(me, lambda it: it.status == _Status.UNEXCUSED))
    late: int = column(lambda me: _of_year(me, lambda it: it.status == _Status.LATE))


_DEFAULTS: Final = tables.AttendanceSetting(school_id=UUID(int=0))
_decided = table_of(tables.AttendanceSetting)
_settings = select(
    col(SchoolTable.id).label("id"),
    *(
        func.coalesce(_decided.c[name], literal(getattr(_DEFAULTS, name), _decided.c[name].type)).label(name)
        for name in settings.NAMES
    ),
).outerjoin(_decided, _decided.c.school_id == SchoolTable.id)


@source(_settings)
class AttendanceSettings:
    """What a school decides about attendance; the defaults where it has decided nothing. `id` is the school's."""

    id: UUID = column()
    by_period: bool = column(description="Registers are also taken in every lesson")
    answer_minutes: int = column(description="Without an answer after so long, an alert goes to the school")
    safety_minutes: int = column(description="Nobody has taken on a search after so long: the leaders again")
    reminder_minutes: int = column(description="After the first lesson began, a missing register is reminded of")
    homeroom_leave_days: int = column(description="Longer leave is the headteacher's to decide")
    hold_remarks: bool = column(description="Remarks wait for the homeroom teacher before families see them")


@strawberry.type
class AbsencePattern:
    """A reason to look after a pupil: `halfDays` missed since `since`, the last on `lastDay`."""

    id: UUID
    student: Student
    kind: PatternKind
    half_days: int
    since: date
    counted: int = strawberry.field(description="Half-days of the year toward the 45")
    last_day: date


def _class_key(it: Any) -> Any:
    return select(col(ClassTable.sort_key)).where(col(ClassTable.id) == it.class_group_id).scalar_subquery()


@strawberry.type
class AttendanceBoardQuery:
    class_days: list[ClassDay] = root(
        Permission.SCHOOL_READ,
        arguments={"school": UUID, "day": date},
        where=lambda it, args, actor: and_(
            it.school_id == args.school, it.day == args.day, one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL))
        ),
        order=lambda it: (it.session.desc(), _class_key(it)),
        description="Every class and session with lessons on a day, for headteacher and clerk",
    )
    attendance_count: AttendanceCount | None = root(
        Permission.ATTENDANCE_READ,
        arguments={"student": UUID},
        where=lambda it, args, actor: and_(it.id == args.student, access.sees_marks(actor, it.id, it.school_id)),
    )

    @query(Permission.ATTENDANCE_READ)
    async def absence_patterns(self, info: Info, school: UUID) -> list[AbsencePattern]:
        """Who stays away too much, worst first: the headteacher's school, the homeroom teacher's class."""
        async with info.context.read_session() as session:
            found = await board.absence_patterns(session, info.context.actor, school)
        return [
            AbsencePattern(
                id=uuid5(each.student_id, each.pattern.kind),
                student=Ref.of(Student, each.student_id),
                kind=each.pattern.kind,
                half_days=each.pattern.half_days,
                since=each.pattern.since,
                counted=each.counted,
                last_day=each.pattern.last_day,
            )
            for each in found
        ]

    @query(Permission.ATTENDANCE_READ)
    async def attendance_settings(self, info: Info, school: UUID) -> AttendanceSettings:
        """For everybody who has to do with the school."""
        if school not in info.context.actor.schools:
            raise NotFound("core.not_found")
        return Ref.of(AttendanceSettings, school)


@strawberry.type
class AttendanceSettingsPayload:
    settings: AttendanceSettings


@strawberry.type
class AttendanceBoardMutation:
    @mutation(Permission.ATTENDANCE_MANAGE)
    async def set_attendance_settings(
        self,
        info: Info,
        school: UUID,
        by_period: bool,
        answer_minutes: int,
        safety_minutes: int,
        reminder_minutes: int,
        homeroom_leave_days: int,
        hold_remarks: bool,
    ) -> AttendanceSettingsPayload | Problem:
        id_ = await info.context.write(
            settings.set_attendance_settings,
            school, by_period, answer_minutes, safety_minutes, reminder_minutes, homeroom_leave_days, hold_remarks,
        )  # fmt: skip
        return AttendanceSettingsPayload(settings=Ref.of(AttendanceSettings, id_))
