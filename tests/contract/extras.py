"""Rows that only the authorization table needs: one of everything somebody might reach for."""

from datetime import timedelta
from decimal import Decimal

from sqlalchemy import insert

from backend.announcements.tables import Announcement, AnnouncementRecipient
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database, Row
from backend.core.ids import new_id
from backend.enrolment.tables import ImportBatch, ImportStatus, StaffMember
from backend.gradebook.tables import ColumnKind, Score, ScoreColumn, Semester, SubjectResult
from backend.identity.tables import SignInSession
from notifications.tables import ChannelKind, Device
from tests.actors import World


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
