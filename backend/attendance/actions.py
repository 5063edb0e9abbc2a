"""Writes of attendance: take a register, lay leave over it, close weeks. Alerts follow in `alerts.py`."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlmodel import col

from backend.attendance import alerts, events, marks, queries
from backend.attendance.marks import Cell
from backend.attendance.operations import Arrived, send_operations
from backend.attendance.rules.merge import WHOLE_SESSION, Outcome, check_operation, decided
from backend.attendance.tables import AbsenceNote, AbsenceReason, AttendanceStatus, ClosedWeek
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import Session, elevated
from backend.core.ids import new_id
from backend.core.journal import record
from backend.core.problem import Invalid, Problem
from backend.timetable.tables import HalfDay

MOST_OPERATIONS: Final = 100
MOST_PERIODS: Final = 7
OLDEST_DAYS: Final = 60


@dataclass(frozen=True, slots=True)
class Sent:
    """One operation as a device sends it; `decided_at` is by the device's clock."""

    id: UUID
    student_id: UUID
    status: AttendanceStatus
    minutes: int | None
    explicit: bool
    decided_at: datetime


@dataclass
class Taken:
    """What became of a register. `differing`: stays (enrolments) of pupils whose mark is not what was sent.

    `taken_at` None: all of it had been received before.
    """

    register_id: UUID
    taken_at: datetime | None = None
    differing: list[UUID] = field(default_factory=list)
    received: list[UUID] = field(default_factory=list)
    refused: list[tuple[UUID, Problem]] = field(default_factory=list)


async def take_register(
    session: Session,
    actor: Actor,
    class_group_id: UUID,
    day: date,
    half_day: HalfDay,
    period: int,
    device_time: datetime,
    operations: Sequence[Sent],
) -> Taken:
    """Put a device's operations into the history and settle the marks; each is received or refused by itself.

    Five statements for a register in which nobody is unexpectedly away, whatever its size. Raises NotFound for a class
    that is not the actor's that day, Invalid("attendance.…") for a day or session whose register cannot be taken, and
    when nothing at all can be received the refusal of the first operation.
    """
    if not operations:
        raise Invalid("attendance.nothing_sent", field="operations")
    if len(operations) > MOST_OPERATIONS:
        raise Invalid("attendance.too_many_operations", field="operations", most=MOST_OPERATIONS)
    _check_day(day, period)
    place = await queries.register_place(session, actor, class_group_id, day, half_day)
    _check_place(place, day, half_day, period)
    taken = Taken(register_id=new_id())
    sound = _sound(operations, taken)
    now = clock.now()
    where: dict[str, Any] = {
        "now": now, "school": place.school_id, "class": class_group_id, "day": day, "session": half_day.value,
        "period": period, "user": actor.user_id, "register": taken.register_id,
    }  # fmt: skip
    arrived = await send_operations(session, where | _arrays(sound, device_time, now)) if sound else {}
    good = _received(sound, arrived, taken)
    if not good:
        raise taken.refused[0][1]
    taken.register_id = next(arrived[sent.id].register_id for sent in good) or taken.register_id
    cells = {sent.id: Cell(sent.student_id, class_group_id, day, half_day, period) for sent in good}
    settled = await marks.settle_fully(session, place.school_id, list(cells.values()))
    await alerts.follow(session, actor, settled.changes)
    outcomes = {sent.id: settled.outcomes[cells[sent.id]] for sent in good}
    taken.differing = _differing(good, outcomes, arrived)
    if any(arrived[sent.id].made for sent in good):
        taken.taken_at = now
        away = {sent.student_id for sent in good if _shows(outcomes[sent.id]) != (AttendanceStatus.PRESENT, None)}
        event = events.RegisterTaken(
            place.school_id, taken.register_id, class_group_id, day, half_day.value, period,
            len(good), len(settled.changes), tuple(sorted(away)),
        )  # fmt: skip
        record(session, actor, event)
    return taken


def _check_day(day: date, period: int) -> None:
    today = clock.today()
    if day > today:
        raise Invalid("attendance.day_to_come", field="day", day=day)
    if day < today - timedelta(days=OLDEST_DAYS):
        raise Invalid("attendance.day_too_old", field="day", most=OLDEST_DAYS)
    if not WHOLE_SESSION <= period <= MOST_PERIODS:
        raise Invalid("attendance.period_unknown", field="period", most=MOST_PERIODS)


def _check_place(place: queries.RegisterPlace, day: date, half_day: HalfDay, period: int) -> None:
    """Whether there is a register to take: a school day, lessons then, and a week that is still open."""
    if place.closed:
        raise Invalid("attendance.week_closed", field="day", day=queries.monday(day))
    if not place.lessons:
        if place.holiday and not place.is_school_day:  # a day of make-up lessons has a name too
            raise Invalid("attendance.holiday", field="day", day=day, holiday=place.holiday)
        raise Invalid("attendance.no_lessons_that_day", field="day", day=day)
    if not any(half == half_day for half, _ in place.lessons):
        raise Invalid("attendance.no_lessons_in_session", field="session")
    if period and (half_day, period) not in place.lessons:
        raise Invalid("attendance.no_lesson_in_period", field="period", period=period)


def _sound(operations: Sequence[Sent], taken: Taken) -> list[Sent]:
    """The operations that make sense by themselves; an id that stands twice with two contents is refused once."""
    sound: dict[UUID, Sent] = {}
    for sent in operations:
        try:
            check_operation(sent.status, sent.minutes, sent.explicit)
            if sound.setdefault(sent.id, sent) != sent:
                raise Invalid("attendance.operation_reused", field="id")
        except Invalid as refusal:
            taken.refused.append((sent.id, refusal))
    return list(sound.values())


def _arrays(sound: Sequence[Sent], device_time: datetime, now: datetime) -> dict[str, list[Any]]:
    return {
        "ids": [sent.id for sent in sound],
        "students": [sent.student_id for sent in sound],
        "statuses": [sent.status.value for sent in sound],
        "minutes": [sent.minutes for sent in sound],
        "explicit": [sent.explicit for sent in sound],
        "decided": [decided(sent.decided_at, device_time, now) for sent in sound],
    }


def _received(sound: Sequence[Sent], arrived: dict[UUID, Arrived], taken: Taken) -> list[Sent]:
    """Those that are in the history now, or were already; the others are refused with their reason."""
    good: list[Sent] = []
    for sent in sound:
        fate = arrived[sent.id]
        if fate.made or (fate.seen and fate.same):
            good.append(sent)
            taken.received.append(sent.id)
        elif fate.seen or fate.enrolment_id is not None:
            taken.refused.append((sent.id, Invalid("attendance.operation_reused", field="id")))
        else:
            taken.refused.append((sent.id, Invalid("attendance.not_in_class", field="student")))
    return good


def _differing(good: Sequence[Sent], outcomes: dict[UUID, Outcome | None], arrived: dict[UUID, Arrived]) -> list[UUID]:
    """The stays of pupils for whom another device, leave or an earlier decision won; those who left have no row."""
    found = {
        fate.enrolment_id: None
        for sent in good
        if _shows(outcomes[sent.id]) != (sent.status, sent.minutes)
        and (fate := arrived[sent.id]).enrolment_id is not None
        and fate.open
    }
    return [enrolment_id for enrolment_id in found if enrolment_id is not None]


def _shows(outcome: Outcome | None) -> tuple[str, int | None] | None:
    return (outcome.status, outcome.minutes) if outcome else None


async def excuse(
    session: Session,
    actor: Actor,
    school_id: UUID,
    student_id: UUID,
    class_group_id: UUID,
    sessions: Sequence[tuple[date, HalfDay]],
    reason: AbsenceReason,
    source_id: UUID,
) -> None:
    """Lay permission over these sessions and fill the register ahead; an alert about one of them ends.

    The caller has checked that the actor may decide this. Raises Invalid("attendance.week_closed").
    """
    if not sessions:
        return
    async with elevated(
        session
    ):  # the family's own leave; what was recorded in class, hidden from it, decides the marks
        cells = await _held(session, student_id, class_group_id, sessions)
        notes = [
            AbsenceNote(
                school_id=school_id,
                student_id=student_id,
                day=day,
                session=half,
                reason=reason,
                source_id=source_id,
                created_by=actor.user_id,  # pyright: ignore[reportArgumentType]
            ).model_dump()
            for day, half in dict.fromkeys(sessions)
        ]
        await session.execute(insert(AbsenceNote), notes)
        await alerts.follow(session, actor, await marks.settle(session, school_id, cells))
    record(session, actor, events.AbsenceExcused(school_id, student_id, source_id, len(notes)))


async def revoke_excuse(session: Session, actor: Actor, source_id: UUID, from_day: date) -> None:
    """Take back the permission that came from `source_id`, from a day on; what it alone had filled is empty again.

    The caller has checked that the actor may do this. Raises Invalid("attendance.week_closed").
    """
    async with elevated(
        session
    ):  # the family's own leave; what was recorded in class, hidden from it, decides the marks
        live = (
            col(AbsenceNote.source_id) == source_id,
            col(AbsenceNote.revoked_at).is_(None),
            col(AbsenceNote.day) >= from_day,
        )
        notes = (await session.execute(select(AbsenceNote).where(*live))).scalars().all()
        if not notes:
            return
        school_id, student_id = notes[0].school_id, notes[0].student_id
        sessions = [(note.day, note.session) for note in notes]
        cells: list[Cell] = []
        for class_group_id, days in (await queries.classes_on(session, student_id, sessions)).items():
            cells += await _held(session, student_id, class_group_id, days)
        await session.execute(
            update(AbsenceNote).where(*live).values(revoked_at=clock.now()).execution_options(synchronize_session=False)
        )
        await alerts.follow(session, actor, await marks.settle(session, school_id, cells))
    record(session, actor, events.ExcuseRevoked(school_id, student_id, source_id, len(notes)))


async def _held(
    session: Session, student_id: UUID, class_group_id: UUID, sessions: Sequence[tuple[date, HalfDay]]
) -> list[Cell]:
    """The pupil's cells of these sessions, held: the sessions themselves and single periods that have marks."""
    if closed := await queries.closed_weeks(session, class_group_id, [day for day, _ in sessions]):
        raise Invalid("attendance.week_closed", day=min(closed))
    whole = [Cell(student_id, class_group_id, day, half) for day, half in sessions]
    await marks.hold(session, whole)
    single = await queries.periods_marked(session, student_id, sessions)
    return whole + [Cell(student_id, class_group_id, *place) for place in single]


async def close_week(session: Session, actor: Actor, class_group_id: UUID, starts_on: date) -> None:
    """The homeroom teacher closes a week of the class, given by its Monday: no register of it changes any more.

    Raises NotFound, Invalid("attendance.not_a_monday" | "attendance.day_to_come"). Closing twice changes nothing.
    """
    class_group = await queries.class_led(session, actor, class_group_id)
    if starts_on != queries.monday(starts_on):
        raise Invalid("attendance.not_a_monday", field="startsOn")
    if starts_on > clock.today():
        raise Invalid("attendance.day_to_come", field="startsOn", day=starts_on)
    row = ClosedWeek(
        school_id=class_group.school_id,
        class_group_id=class_group_id,
        starts_on=starts_on,
        closed_by=actor.user_id,  # pyright: ignore[reportArgumentType]
    )
    made = await session.execute(
        upsert(ClosedWeek).values(**row.model_dump()).on_conflict_do_nothing().returning(col(ClosedWeek.id))
    )
    if made.first() is not None:
        record(session, actor, events.WeekClosed(row.school_id, class_group_id, starts_on))


async def reopen_week(session: Session, actor: Actor, class_group_id: UUID, starts_on: date) -> None:
    """The headteacher opens a closed week again. Raises NotFound for another's class and for a week that is open."""
    class_group = await queries.class_headed(session, actor, class_group_id)
    gone = await session.execute(
        delete(ClosedWeek)
        .where(col(ClosedWeek.class_group_id) == class_group_id, col(ClosedWeek.starts_on) == starts_on)
        .returning(col(ClosedWeek.id))
        .execution_options(synchronize_session=False)
    )
    if gone.first() is None:
        raise Invalid("attendance.week_open", field="startsOn")
    record(session, actor, events.WeekReopened(class_group.school_id, class_group_id, starts_on))
