"""GraphQL of what offices do: bells, rooms, timetables and their entries, changes of a lesson."""

from datetime import date
from typing import Any
from uuid import UUID

import strawberry
from sqlalchemy import and_, select

from backend.core.actor import WHOLE_SCHOOL, Permission
from backend.core.graphql import Info, Problem, Ref, mutation, one_of, root
from backend.core.limits import Rate
from backend.timetable import actions, changes, rules, tables
from backend.timetable.api import Lesson, Period, Room, Timetable, TimetableEntry
from backend.timetable.lessons import LESSONS

TELLING = Rate(120, 3600)  # changes of a lesson, each of which rings a class


@strawberry.type
class ManageTimetableQuery:
    timetables: list[Timetable] = root(
        Permission.TIMETABLE_MANAGE,
        arguments={"school": UUID},
        where=lambda it, args, actor: and_(
            it.school_id == args.school, one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL))
        ),
        order=lambda it: (it.starts_on.desc(), it.created_at.desc()),
        cap=60,
        description="Drafts and published ones, the newest first",
    )
    timetable_entries: list[TimetableEntry] = root(
        Permission.TIMETABLE_MANAGE,
        arguments={"timetable": UUID, "class_group": UUID},
        where=lambda it, args, actor: and_(
            it.timetable_id == args.timetable,
            it.class_group_id == args.class_group,
            one_of(it.school_id, actor.schools_as(*WHOLE_SCHOOL)),
        ),
        order=lambda it: (it.weekday, it.session.desc(), it.period, it.parity),
        cap=120,
    )


@strawberry.input
class PeriodInput:
    session: tables.HalfDay
    number: int
    starts_at: str
    ends_at: str


@strawberry.input
class EntryInput:
    weekday: int
    session: tables.HalfDay
    period: int
    class_group: UUID
    subject: UUID
    teacher: UUID
    room: UUID | None = None
    parity: tables.WeekParity = tables.WeekParity.EVERY

    def value(self) -> actions.EntryToSet:
        return actions.EntryToSet(
            self.weekday, self.session, self.period, self.parity, self.class_group, self.subject, self.teacher,
            self.room,
        )  # fmt: skip


@strawberry.input
class LessonChangeInput:
    """Subject, teacher and room that are not given stay as planned."""

    class_group: UUID
    day: date
    session: tables.HalfDay
    period: int
    kind: tables.ChangeKind
    subject: UUID | None = None
    teacher: UUID | None = None
    room: UUID | None = None
    note: str = ""


@strawberry.type
class SetPeriodsPayload:
    periods: list[Period]


@strawberry.type
class AddRoomPayload:
    room: Room


@strawberry.type
class TimetablePayload:
    timetable: Timetable


@strawberry.type
class EntryPayload:
    entry: TimetableEntry
    timetable: Timetable


@strawberry.type
class RemoveEntryPayload:
    id: UUID
    timetable: Timetable


@strawberry.type
class DeleteTimetablePayload:
    id: UUID


@strawberry.type
class ChangeLessonPayload:
    """The lesson as it is now."""

    lessons: list[Lesson]


@strawberry.type
class UndoLessonChangePayload:
    """The lesson as it is again; none when it had been added."""

    ok: bool
    lessons: list[Lesson]


async def _lessons_at(info: Info, time: changes.LessonTime) -> Any:
    """What stands at that time now, as the actor reads it."""
    dated = LESSONS.subquery("lesson")
    statement = select(dated.c.id).where(
        dated.c.class_group_id == time.class_group_id,
        dated.c.day == time.day,
        dated.c.session == time.session,
        dated.c.period == time.period,
    )
    async with info.context.read_session() as session:
        return [Ref.of(Lesson, found) for found in (await session.execute(statement)).scalars()]


@strawberry.type
class ManageTimetableMutation:
    @mutation(Permission.TIMETABLE_MANAGE)
    async def set_periods(self, info: Info, school: UUID, periods: list[PeriodInput]) -> SetPeriodsPayload | Problem:
        """The bells of both sessions, all at once."""
        bells = [rules.parse_bell(p.session, p.number, p.starts_at, p.ends_at) for p in periods[:20]]
        ids = await info.context.write(actions.set_periods, school, bells)
        return SetPeriodsPayload(periods=[Ref.of(Period, id) for id in ids])

    @mutation(Permission.TIMETABLE_MANAGE)
    async def add_room(self, info: Info, school: UUID, name: str) -> AddRoomPayload | Problem:
        return AddRoomPayload(room=Ref.of(Room, await info.context.write(actions.add_room, school, name)))

    @mutation(Permission.TIMETABLE_MANAGE)
    async def create_timetable(
        self, info: Info, school: UUID, name: str, starts_on: date, copy_from: UUID | None = None
    ) -> TimetablePayload | Problem:
        """A draft; nobody but the office sees it before it is published."""
        made = await info.context.write(actions.create_timetable, school, name, starts_on, copy_from)
        return TimetablePayload(timetable=Ref.of(Timetable, made))

    @mutation(Permission.TIMETABLE_MANAGE)
    async def set_entry(self, info: Info, timetable: UUID, entry: EntryInput) -> EntryPayload | Problem:
        """Put a lesson into a slot of a class, in place of what is there. A clash names the other lesson."""
        made = await info.context.write(actions.set_entry, timetable, entry.value())
        return EntryPayload(entry=Ref.of(TimetableEntry, made), timetable=Ref.of(Timetable, timetable))

    @mutation(Permission.TIMETABLE_MANAGE)
    async def remove_entry(self, info: Info, id: UUID) -> RemoveEntryPayload | Problem:
        timetable = await info.context.write(actions.remove_entry, id)
        return RemoveEntryPayload(id=id, timetable=Ref.of(Timetable, timetable))

    @mutation(Permission.TIMETABLE_MANAGE)
    async def publish_timetable(self, info: Info, id: UUID, version: int) -> TimetablePayload | Problem:
        """It applies from its first day on. `version` is the one that was looked at."""
        await info.context.write(actions.publish_timetable, id, version)
        return TimetablePayload(timetable=Ref.of(Timetable, id))

    @mutation(Permission.TIMETABLE_MANAGE)
    async def delete_timetable(self, info: Info, id: UUID) -> DeleteTimetablePayload | Problem:
        """Drafts only."""
        return DeleteTimetablePayload(id=await info.context.write(actions.delete_timetable, id))

    @mutation(Permission.TIMETABLE_MANAGE)
    async def change_lesson(self, info: Info, change: LessonChangeInput) -> ChangeLessonPayload | Problem:
        """Substitution, another room, cancellation or an added lesson on one day; the class's families are told."""
        context = info.context
        await context.limit("timetable.change", str(context.actor.user_id), TELLING)
        time = changes.LessonTime(change.class_group, change.day, change.session, change.period)
        wanted = changes.LessonContent(change.subject, change.teacher, change.room)
        await context.write(changes.change_lesson, time, change.kind, wanted, change.note)
        return ChangeLessonPayload(lessons=await _lessons_at(info, time))

    @mutation(Permission.TIMETABLE_MANAGE)
    async def undo_lesson_change(
        self, info: Info, class_group: UUID, day: date, session: tables.HalfDay, period: int
    ) -> UndoLessonChangePayload | Problem:
        """The lesson is as planned again; the same people are told."""
        context = info.context
        await context.limit("timetable.change", str(context.actor.user_id), TELLING)
        time = changes.LessonTime(class_group, day, session, period)
        await context.write(changes.undo_lesson_change, time)
        return UndoLessonChangePayload(ok=True, lessons=await _lessons_at(info, time))
