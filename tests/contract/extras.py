"""Rows that only the authorization table needs: one of everything somebody might reach for."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from backend.announcements.tables import Announcement, AnnouncementRecipient
from backend.attendance.tables import (
    AbsenceAlert,
    AbsenceReason,
    AlertStatus,
    AttendanceMark,
    AttendanceStatus,
    ClosedWeek,
    Register,
)
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Row
from backend.core.ids import new_id
from backend.enrolment.tables import ImportBatch, ImportStatus, StaffMember
from backend.eservices.shipped import definition, procedure_id
from backend.eservices.tables import ProcedureVersion, ServiceWindow
from backend.gradebook.tables import ColumnKind, Score, ScoreColumn, Semester, SubjectResult
from backend.identity.tables import SignInSession
from backend.leave.tables import Decider, LeavePhoto, LeaveRequest, LeaveStatus
from backend.lesson_log.tables import LessonLog, LessonRemark, RemarkKind
from backend.timetable.tables import (
    CalendarFeed,
    ChangeKind,
    HalfDay,
    Holiday,
    HolidayKind,
    LessonChange,
    Timetable,
    TimetableEntry,
    YearFrame,
)
from notifications.tables import ChannelKind, Device
from tests.actors import World
from tests.contract.connected import connected
from tests.contract.desk_rows import desk_rows
from tests.contract.requests import requests


async def add_extras(database: Database, world: World) -> None:
    """An announcement from the clerk, a full column of marks, a checked import, a session and a phone of the mother."""
    now, school = clock.now(), world["school"]
    rows: list[Row] = [
        announcement := Announcement(
            school_id=school,
            author_id=world["clerk"],
            title="Nghỉ lễ",
            body="Nhà trường nghỉ lễ.",
            audience={},
            needs_acknowledgement=True,
            published_at=now,
            recipient_count=4,
        ),
        full := ScoreColumn(
            school_id=school,
            class_group_id=world["class_7a"],
            subject_id=world["toan"],
            semester=Semester.SEM1,
            kind=ColumnKind.ONGOING,
            ordinal=2,
        ),
        batch := ImportBatch(school_id=school, created_by=world["clerk"], status=ImportStatus.CHECKED),
        session := SignInSession(
            user_id=world["mother"],
            token_hash=b"x" * 32,
            last_seen_at=now,
            expires_at=now + timedelta(days=1),
            device_label="Chrome",
        ),
        device := Device(
            user_id=world["mother"],
            channel=ChannelKind.FCM,
            address="fcm:mother",
            label="Chrome",
        ),
        CalendarFeed(user_id=world["mother"], token_hash=b"f" * 32),
        member := StaffMember(school_id=school, user_id=world["math_teacher"], code="GV1"),
        SubjectResult(
            school_id=school,
            student_id=world["lan"],
            subject_id=world["toan"],
            school_year_id=world["school_year"],
            semester=Semester.SEM1,
            ruleset_id="TT22-2021",
            computed_at=now,
        ),
    ]
    for person in ("mother", "father", "pupil", "other_mother"):
        rows.append(
            AnnouncementRecipient(
                id=new_id(),
                school_id=school,
                announcement_id=announcement.id,
                user_id=world[person],
                sort_key=person,
                published_at=now,
            )
        )
    for pupil in ("lan", "minh", "anh"):
        rows.append(
            Score(
                school_id=school,
                column_id=full.id,
                student_id=world[pupil],
                mark=Decimal("8.5"),
                entered_by=world["math_teacher"],
                entered_at=now,
            )
        )
    rows += [*_class_register(world), *_registers(world), *_offices(world), *_leave(world), *_alerts(world)]
    rows += [*_procedures(world), *requests(world), *desk_rows(world)]
    rows += connected(world)
    async with database.write(SYSTEM) as writing:
        for row in rows:
            await writing.execute(insert(type(row)).values(**row.model_dump()))
    world.ids.update(
        announcement=announcement.id,
        full_column=full.id,
        batch=batch.id,
        session=session.id,
        device=device.id,
        math_member=member.id,
    )


def _class_register(world: World) -> list[Row]:
    """A signed lesson of three weeks ago with two remarks about Lan, one of them released; a week closed before."""
    today, school, class_group = clock.today(), world["school"], world["class_7a"]
    week = today - timedelta(days=35 + today.weekday())
    log = LessonLog(
        school_id=school,
        class_group_id=class_group,
        day=today - timedelta(days=21),
        session=HalfDay.MORNING,
        period=1,
        subject_id=world["toan"],
        user_id=world["math_teacher"],
        content="Phép cộng",
        signed_at=clock.now(),
    )
    closed = ClosedWeek(
        school_id=school, class_group_id=class_group, starts_on=week, closed_by=world["homeroom_teacher"]
    )
    world.ids.update(lesson_log=log.id, closed_week=closed.id)
    rows: list[Row] = [log, closed]
    for name, released in (("held_remark", False), ("released_remark", True)):
        remark = LessonRemark(
            school_id=school,
            lesson_log_id=log.id,
            class_group_id=class_group,
            student_id=world["lan"],
            day=log.day,
            subject_id=log.subject_id,
            author_id=log.user_id,
            kind=RemarkKind.PRAISE,
            text="Phát biểu hay",
            released_at=clock.now() if released else None,
            released_by=world["homeroom_teacher"] if released else None,
        )
        world.ids[name] = remark.id
        rows.append(remark)
    return rows


def _offices(world: World) -> list[Row]:
    """A draft timetable with a lesson, a changed lesson in a week, and the department's holiday and frame."""
    today, school, unit = clock.today(), world["school"], world["province"]
    draft = Timetable(
        school_id=school, school_year_id=world["school_year"], name="Học kì II", starts_on=today + timedelta(days=20)
    )
    lesson: dict[str, Any] = {
        "class_group_id": world["class_7b"],
        "subject_id": world["toan"],
        "user_id": world["math_teacher"],
    }
    entry = TimetableEntry(
        school_id=school, timetable_id=draft.id, weekday=1, session=HalfDay.MORNING, period=3, **lesson
    )
    change = LessonChange(
        school_id=school,
        day=today + timedelta(days=7),
        session=HalfDay.MORNING,
        period=1,
        kind=ChangeKind.SUBSTITUTED,
        created_by=world["clerk"],
        **lesson,
    )
    holiday = Holiday(
        unit_id=unit,
        kind=HolidayKind.HOLIDAY,
        name="Tết",
        starts_on=today + timedelta(days=50),
        ends_on=today + timedelta(days=56),
    )
    frame = YearFrame(
        unit_id=unit,
        name="2026-2027",
        starts_on=date(2026, 9, 7),
        second_semester_on=date(2027, 1, 18),
        ends_on=date(2027, 5, 28),
    )
    world.ids.update(draft=draft.id, unit_holiday=holiday.id)
    return [draft, entry, change, holiday, frame]


def _registers(world: World) -> list[Row]:
    """The registers of 7A on the last three weekdays, with Lan away each time."""
    today = clock.today()
    days = [day for back in range(1, 8) if (day := today - timedelta(days=back)).isoweekday() <= 5][:3]
    rows: list[Row] = []
    for day in days:
        place = {"school_id": world["school"], "class_group_id": world["class_7a"], "day": day}
        rows += [
            Register(**place, session=HalfDay.MORNING, taken_by=world["math_teacher"], taken_at=clock.now()),
            AttendanceMark(
                **place,
                session=HalfDay.MORNING,
                student_id=world["lan"],
                status=AttendanceStatus.UNEXCUSED,
                counted=True,
                explicit=True,
                decided_at=clock.now(),
                operation_id=new_id(),
                recorded_by=world["math_teacher"],
            ),
        ]
    return rows


def _leave(world: World) -> list[Row]:
    """Leave of Lan: a request that waits, with a photo, and one that was refused."""
    asked = {
        "school_id": world["school"],
        "student_id": world["lan"],
        "class_group_id": world["class_7a"],
        "requested_by": world["mother"],
        "starts_session": HalfDay.MORNING,
        "ends_session": HalfDay.AFTERNOON,
        "half_days": 1,
        "reason": AbsenceReason.SICK,
        "decider": Decider.HOMEROOM,
    }
    day, other = clock.today() + timedelta(days=10), clock.today() + timedelta(days=20)
    waiting = LeaveRequest(**asked, starts_on=day, ends_on=day)
    refused = LeaveRequest(
        **asked,
        starts_on=other,
        ends_on=other,
        status=LeaveStatus.REFUSED,
        decided_by=world["homeroom_teacher"],
        decided_at=clock.now(),
    )
    photo = LeavePhoto(
        school_id=world["school"],
        student_id=world["lan"],
        leave_request_id=waiting.id,
        uploaded_by=world["mother"],
        width=1,
        height=1,
        content=b"",
    )
    world.ids.update(leave=waiting.id, leave_photo=photo.id)
    return [waiting, refused, photo]


def _alerts(world: World) -> list[Row]:
    """Lan is away today and nobody has answered; Anh is being looked for."""
    rows: list[Row] = []
    for name, pupil, status in (("alert", "lan", AlertStatus.OPEN), ("search", "anh", AlertStatus.SAFETY)):
        alert = AbsenceAlert(
            school_id=world["school"],
            class_group_id=world["class_7a"],
            student_id=world[pupil],
            day=clock.today(),
            session=HalfDay.MORNING,
            status=status,
            journal_id=new_id(),
            raised_by=world["math_teacher"],
        )
        world.ids[name] = alert.id
        rows.append(alert)
    return rows


def _procedures(world: World) -> list[Row]:
    """A draft of the enrolment certificate's next version, and a window the school has announced."""
    draft = ProcedureVersion(
        procedure_id=procedure_id("TRUONG.02"),
        number=2,
        definition=definition("TRUONG.02"),
        edited_by=world["officer"],
    )
    window = ServiceWindow(
        school_id=world["school"],
        procedure_id=procedure_id("2.002770"),
        opens_on=clock.today() + timedelta(days=60),
        closes_on=clock.today() + timedelta(days=80),
        set_by=world["headteacher"],
    )
    world.ids.update(draft_version=draft.id, window=window.id)
    return [draft, window]
