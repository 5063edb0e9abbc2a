"""What a person's calendar shows: her children's lessons or her own, dates of the class and school, days off.

Each function reads as the owner, behind her fence, and within the scopes her roles give her at this moment.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid5

from sqlalchemy import Row, and_, exists, func, or_, select
from sqlmodel import col

from backend.core import clock
from backend.core.actor import FAMILY, WHOLE_SCHOOL, Actor, Role
from backend.core.db import Session
from backend.core.graphql.binds import one_of
from backend.core.graphql.problems import words
from backend.core.text import given_name
from backend.enrolment.tables import Enrolment, Homeroom, TeachingAssignment
from backend.identity.tables import Student, User
from backend.organisation.tables import ClassGroup, SchoolYear, Subject
from backend.timetable.ical import ZONE, Happening
from backend.timetable.lessons import LESSONS
from backend.timetable.tables import CalendarEvent, ChangeKind, LessonChange, Room, SchoolDay

BACK: Final = timedelta(days=14)
AHEAD: Final = timedelta(days=366)
_HOST: Final = "nhipcau"
_LESSON: Final = LESSONS.subquery("lesson")
_STAFF: Final = (Role.SUBJECT_TEACHER, Role.HOMEROOM_TEACHER, *WHOLE_SCHOOL)


async def happenings_of(session: Session, actor: Actor) -> tuple[Happening, ...]:
    """From a fortnight back to the end of the school year, at most a year ahead."""
    first = clock.today() - BACK
    pupils = (await session.execute(_own_pupils(actor))).all() if actor.students else []
    year_end = select(func.max(col(SchoolYear.ends_on))).where(
        one_of(col(SchoolYear.school_id), _schools(actor)), col(SchoolYear.is_current)
    )
    last = min(clock.today() + AHEAD, (await session.execute(year_end)).scalar() or clock.today())
    found = [*await _family_lessons(session, actor, pupils, first, last)]
    if not actor.roles.isdisjoint(_STAFF):
        found += await _own_lessons(session, actor, first, last)
    found += await _events(session, actor, pupils, first, last)
    found += await _holidays(session, actor, first, last)
    return tuple(found)


def _schools(actor: Actor) -> tuple[UUID, ...]:
    """Where one's child learns or one works; not all those an officer looks after."""
    return actor.schools_as(*FAMILY, *_STAFF)


def _own_pupils(actor: Actor) -> Any:
    """One's children, or oneself, with the class each is in now."""
    return (
        select(col(Student.id), col(Student.full_name), col(Student.user_id), col(Enrolment.class_group_id))
        .join(Enrolment, and_(col(Enrolment.student_id) == Student.id, col(Enrolment.ended_on).is_(None)))
        .where(one_of(col(Student.id), actor.students))
        .order_by(col(Student.sort_key), col(Student.id))
    )


def _lessons(first: date, last: date, schools: Sequence[UUID]) -> Any:
    """Lessons of these days with the names a calendar shows, and since when a change lies over them."""
    return (
        select(
            _LESSON,
            col(ClassGroup.name).label("class_name"),
            col(Subject.name).label("subject_vi"),
            col(Subject.name_en).label("subject_en"),
            col(User.full_name).label("teacher"),
            col(Room.name).label("room"),
            col(LessonChange.created_at).label("changed_at"),
        )
        .select_from(_LESSON)
        .join(ClassGroup, col(ClassGroup.id) == _LESSON.c.class_group_id)
        .join(Subject, col(Subject.id) == _LESSON.c.subject_id)
        .join(User, col(User.id) == _LESSON.c.user_id)
        .outerjoin(Room, col(Room.id) == _LESSON.c.room_id)
        .outerjoin(LessonChange, col(LessonChange.id) == _LESSON.c.change_id)
        .where(_LESSON.c.day.between(first, last), one_of(_LESSON.c.school_id, schools))
        .order_by(_LESSON.c.day, _LESSON.c.session.desc(), _LESSON.c.period, _LESSON.c.id)
    )


async def _family_lessons(
    session: Session, actor: Actor, pupils: Sequence[Row[Any]], first: date, last: date
) -> Iterator[Happening]:
    """Of each child, under her given name; of oneself, the bare subject."""
    classes = {pupil.class_group_id for pupil in pupils}
    statement = _lessons(first, last, actor.schools_as(*FAMILY)).where(one_of(_LESSON.c.class_group_id, classes))
    lessons = (await session.execute(statement)).all() if classes else []
    return (
        _lesson(actor, lesson, f"{lesson.id}.{pupil.id}", _of_pupil(actor, pupil, _subject(actor, lesson)), family=True)
        for pupil in pupils
        for lesson in lessons
        if lesson.class_group_id == pupil.class_group_id
    )


async def _own_lessons(session: Session, actor: Actor, first: date, last: date) -> list[Happening]:
    """What a teacher gives, and what was taken from her, which shows as cancelled."""
    mine = or_(_LESSON.c.user_id == actor.user_id, _LESSON.c.regular_user_id == actor.user_id)
    statement = _lessons(first, last, actor.schools_as(*_STAFF)).where(mine)
    return [
        _lesson(actor, lesson, f"{lesson.id}.teacher", f"{lesson.class_name} · {_subject(actor, lesson)}", family=False)
        for lesson in await session.execute(statement)
    ]


def _subject(actor: Actor, row: Any) -> str:
    return row.subject_en if actor.language == "en" else row.subject_vi


def _of_pupil(actor: Actor, pupil: Any, what: str) -> str:
    if pupil.user_id == actor.user_id:
        return what
    return words("feed.of_child", actor.language, child=given_name(pupil.full_name), what=what)


def _lesson(actor: Actor, lesson: Any, key: str, summary: str, *, family: bool) -> Happening:
    taken = not family and lesson.user_id != actor.user_id
    begins, ends = _when(lesson)
    return Happening(
        uid=f"{key}@{_HOST}",
        summary=summary,
        begins=begins,
        ends=ends,
        place=lesson.room or "",
        note=_note(actor.language, lesson, family),
        cancelled=taken or lesson.change == ChangeKind.CANCELLED,
        revised_at=lesson.changed_at,
    )


def _when(lesson: Any) -> tuple[datetime | date, datetime | date]:
    """The lesson's time by the school's bell; where there is none, its day."""
    if lesson.starts_at is None:
        return lesson.day, lesson.day
    return tuple(datetime.combine(lesson.day, at, tzinfo=ZONE) for at in (lesson.starts_at, lesson.ends_at))  # pyright: ignore[reportReturnType]


def _note(language: str, lesson: Any, family: bool) -> str:
    """Who teaches, what is changed, and what the office wrote about it."""
    lines = [words("feed.teacher", language, name=lesson.teacher)] if family else []
    if lesson.change is not None:
        kind = ChangeKind(lesson.change)
        lines.append(words(f"feed.change.{kind.value}", language, teacher=lesson.teacher, room=lesson.room or "–"))
    if lesson.note:
        lines.append(lesson.note)
    return "\n".join(lines)


async def _events(
    session: Session, actor: Actor, pupils: Sequence[Row[Any]], first: date, last: date
) -> Iterator[Happening]:
    """Tests, work due and events of the children's classes and of those one teaches or leads, and of whole schools."""
    classes = {pupil.class_group_id for pupil in pupils}
    works_there = or_(
        exists().where(
            col(TeachingAssignment.class_group_id) == CalendarEvent.class_group_id,
            col(TeachingAssignment.user_id) == actor.user_id,
        ),
        exists().where(
            col(Homeroom.class_group_id) == CalendarEvent.class_group_id, col(Homeroom.user_id) == actor.user_id
        ),
    )
    statement = (
        select(CalendarEvent, col(ClassGroup.name))
        .outerjoin(ClassGroup, col(ClassGroup.id) == CalendarEvent.class_group_id)
        .where(
            one_of(col(CalendarEvent.school_id), _schools(actor)),
            col(CalendarEvent.day).between(first, last),
            or_(
                col(CalendarEvent.class_group_id).is_(None),
                one_of(col(CalendarEvent.class_group_id), classes),
                works_there,
            ),
        )
        .order_by(col(CalendarEvent.day), col(CalendarEvent.id))
    )
    rows = (await session.execute(statement)).all()
    return (
        Happening(f"{event.id}{key}@{_HOST}", summary, event.day, event.day, revised_at=event.created_at)
        for event, class_name in rows
        for key, summary in _named(actor, pupils, event, class_name)
    )


def _named(
    actor: Actor, pupils: Sequence[Row[Any]], event: CalendarEvent, class_name: str | None
) -> Iterator[tuple[str, str]]:
    """Once for each child in the class; once for who teaches there; once for the whole school."""
    title = words(f"feed.event.{event.kind.value}", actor.language, title=event.title)
    if class_name is None:
        yield "", title
        return
    children = [pupil for pupil in pupils if pupil.class_group_id == event.class_group_id]
    for pupil in children:
        yield f".{pupil.id}", _of_pupil(actor, pupil, title)
    if not children:
        yield "", f"{class_name} · {title}"


async def _holidays(session: Session, actor: Actor, first: date, last: date) -> list[Happening]:
    """Days off with a name, as one happening from the first to the last; the same at two schools is said once."""
    statement = (
        select(col(SchoolDay.school_id), col(SchoolDay.day), col(SchoolDay.holiday))
        .where(
            one_of(col(SchoolDay.school_id), _schools(actor)),
            col(SchoolDay.day).between(first, last),
            col(SchoolDay.holiday).is_not(None),
            ~col(SchoolDay.teaches),
        )
        .order_by(col(SchoolDay.school_id), col(SchoolDay.day))
    )
    spans: list[tuple[UUID, str, date, date]] = []
    for school, day, name in await session.execute(statement):
        if spans and spans[-1][:2] == (school, name) and day - spans[-1][3] == timedelta(days=1):
            spans[-1] = (*spans[-1][:3], day)
        else:
            spans.append((school, name or "", day, day))
    return [
        Happening(
            f"{uuid5(NAMESPACE_URL, f'{begins}/{name}')}@{_HOST}",
            words("feed.holiday", actor.language, name=name),
            begins,
            ends,
        )
        for name, begins, ends in sorted({span[1:] for span in spans}, key=lambda span: span[1:])
    ]
