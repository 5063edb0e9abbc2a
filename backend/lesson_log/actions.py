"""Writes of the class register: sign a lesson, release or take back a remark, close the week."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from backend.attendance import actions as attendance_actions
from backend.attendance import queries as attendance_queries
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, take_turns
from backend.core.journal import record
from backend.core.problem import Invalid, NotAllowed, NotFound, Stale
from backend.lesson_log import events, queries, rules
from backend.lesson_log.queries import Lesson, Slot
from backend.lesson_log.tables import LessonLog, LessonRating, LessonRemark, RemarkKind


@dataclass(frozen=True)
class Signed:
    """What the teacher hands in. `version` 0: nothing is written yet."""

    content: str
    syllabus_number: int | None
    remark: str
    rating: LessonRating | None
    remarks: Sequence[tuple[UUID, RemarkKind, str]]
    version: int


async def sign_lesson(session: Session, actor: Actor, slot: Slot, given: Signed) -> UUID:
    """Write a lesson into the class register in the actor's own name; returns the entry's id.

    Its teacher of that day signs, or the homeroom teacher; afterwards only who signed may change it. Remarks on pupils
    are added: one that is there already stays, and none is taken back (`drop_remark`).
    Raises what the rules and `lesson_to_sign` raise, Invalid: lesson_log.cancelled, lesson_log.week_closed,
    lesson_log.not_in_class; NotAllowed("lesson_log.signed_by_other"), Stale("lesson_log.stale").
    """
    assert actor.user_id is not None
    writing = rules.clean(given.content, given.syllabus_number, given.remark)
    remarks = rules.clean_remarks(given.remarks)
    await take_turns(session, "lesson_log", slot.class_group_id, slot.day, slot.session, slot.period)
    lesson = await queries.lesson_to_sign(session, actor, slot)
    if lesson.cancelled:
        raise Invalid("lesson_log.cancelled")
    now = clock.now()
    rules.check_time(slot.day, lesson.starts_at, now.astimezone(clock.VIETNAM))
    if await attendance_queries.week_closed(session, slot.class_group_id, slot.day):
        raise Invalid("lesson_log.week_closed")
    log = await queries.log_for_update(session, slot)
    if log is None:
        log = LessonLog(
            school_id=lesson.school_id,
            class_group_id=slot.class_group_id,
            day=slot.day,
            session=slot.session,
            period=slot.period,
            subject_id=lesson.subject.id,
            user_id=actor.user_id,
            content="",
            late=rules.is_late(slot.day, clock.today()),
            signed_at=now,
            version=0,
        )
        session.add(log)
    elif log.user_id != actor.user_id:
        raise NotAllowed("lesson_log.signed_by_other")
    if log.version != given.version:
        raise Stale("lesson_log.stale")
    log.content, log.syllabus_number, log.remark = writing.content, writing.syllabus_number, writing.remark
    log.rating, log.subject_id, log.signed_at = given.rating, lesson.subject.id, now
    log.version += 1
    await session.flush()
    await _remark(session, actor, log, lesson, slot, remarks)
    record(
        session,
        actor,
        events.LessonSigned(log.school_id, log.id, log.class_group_id, log.version, log.late),
    )
    return log.id


async def _remark(
    session: Session, actor: Actor, log: LessonLog, lesson: Lesson, slot: Slot, remarks: list[tuple[UUID, str, str]]
) -> None:
    """Add what is new of the remarks; families hear of those that nobody has to look at first."""
    if not remarks:
        return
    there = await queries.remarks_of(session, log.id)
    known = {(row.student_id, row.kind.value, row.text) for row in there}
    new = [remark for remark in remarks if remark not in known]
    if len(there) + len(new) > rules.MOST_REMARKS:
        raise Invalid("lesson_log.too_many_remarks", field="remarks", most=rules.MOST_REMARKS)
    here = await queries.pupils_of(session, slot, {student for student, _, _ in new})
    if any(student not in here for student, _, _ in new):
        raise Invalid("lesson_log.not_in_class", field="remarks")
    held = rules.is_held(hold=lesson.hold_remarks, by_homeroom=lesson.by_homeroom)
    rows = [
        LessonRemark(
            school_id=log.school_id,
            lesson_log_id=log.id,
            class_group_id=log.class_group_id,
            student_id=student,
            day=log.day,
            subject_id=log.subject_id,
            author_id=log.user_id,
            kind=RemarkKind(kind),
            text=text,
            released_at=None if held else clock.now(),
            released_by=None if held else actor.user_id,
        )
        for student, kind, text in new
    ]
    session.add_all(rows)
    if rows and not held:
        _tell(session, actor, rows, lesson.class_name, lesson)


def _tell(
    session: Session, actor: Actor, rows: Sequence[LessonRemark], class_name: str, about: Lesson | queries.Remarked
) -> None:
    """Each child's guardians are told once, however many remarks the lesson has brought her."""
    event = events.RemarkReleased(
        school_id=rows[0].school_id,
        class_group_id=rows[0].class_group_id,
        class_name=class_name,
        subject_code=about.subject.code,
        subject_name=about.subject.name,
        subject_name_en=about.subject.name_en,
        day=rows[0].day,
        student_ids=tuple(dict.fromkeys(row.student_id for row in rows)),
        remark_ids=tuple(row.id for row in rows),
    )
    record(session, actor, event)


async def release_remark(session: Session, actor: Actor, remark_id: UUID) -> UUID:
    """The homeroom teacher lets the family see a remark; a second time changes nothing and tells nobody."""
    found = await queries.remark_for_update(session, actor, remark_id)
    if not found.by_homeroom:
        raise NotFound("core.not_found")
    if found.remark.released_at is None:
        found.remark.released_at, found.remark.released_by = clock.now(), actor.user_id
        _tell(session, actor, [found.remark], found.class_name, found)
    return found.remark.id


async def drop_remark(session: Session, actor: Actor, remark_id: UUID) -> UUID:
    """Take a remark back: the homeroom teacher always, its author while nobody has released it.

    Raises NotAllowed("lesson_log.remark_released") for an author who comes too late.
    """
    found = await queries.remark_for_update(session, actor, remark_id)
    if found.remark.released_at is not None and not found.by_homeroom:
        raise NotAllowed("lesson_log.remark_released")
    found.remark.dropped_at = clock.now()
    record(session, actor, events.RemarkDropped(found.remark.school_id, found.remark.id))
    return found.remark.id


async def close_week(session: Session, actor: Actor, class_group_id: UUID, starts_on: date) -> None:
    """The homeroom teacher closes a week of her class: registers and lessons of it change no more.

    Raises what `rules.check_week` raises, and Invalid("lesson_log.week_incomplete", count, logs, registers) while
    lessons that are over lack an entry or a register.
    """
    await queries.check_leads(session, actor, class_group_id)
    last = rules.check_week(starts_on, clock.today())
    lacking = await queries.missing(session, class_group_id, starts_on, last, clock.now().astimezone(clock.VIETNAM))
    if count := lacking.logs + lacking.registers:
        raise Invalid("lesson_log.week_incomplete", count=count, logs=lacking.logs, registers=lacking.registers)
    await attendance_actions.close_week(session, actor, class_group_id, starts_on)
