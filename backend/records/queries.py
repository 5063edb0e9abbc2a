"""Reads of lasting records: the register of originals, and what a school knows of a pupil."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import col

from backend.attendance.tables import AttendanceMark
from backend.core.db import Session
from backend.enrolment.tables import Enrolment
from backend.gradebook.tables import Score, ScoreColumn, SubjectResult
from backend.identity.tables import Student
from backend.organisation.tables import ClassGroup, School, SchoolYear, Subject
from backend.records.tables import Diploma, DiplomaCorrection, DiplomaKind, TransferredRecord


async def diploma_at(session: Session, school_id: UUID, diploma_id: UUID, *, lock: bool = False) -> Diploma | None:
    """A line of this school's register; None for one of another's."""
    statement = select(Diploma).where(col(Diploma.id) == diploma_id, col(Diploma.school_id) == school_id)
    statement = statement.with_for_update() if lock else statement
    return (await session.execute(statement)).scalar_one_or_none()


async def number_taken(session: Session, school_id: UUID, kind: DiplomaKind, register_number: str) -> bool:
    statement = select(col(Diploma.id)).where(
        col(Diploma.school_id) == school_id,
        col(Diploma.kind) == kind,
        col(Diploma.register_number) == register_number,
    )
    return (await session.execute(statement)).first() is not None


async def corrections_of(session: Session, diploma_id: UUID) -> Sequence[DiplomaCorrection]:
    """What decisions changed in a line, oldest first."""
    statement = (
        select(DiplomaCorrection)
        .where(col(DiplomaCorrection.diploma_id) == diploma_id)
        .order_by(col(DiplomaCorrection.decided_on), col(DiplomaCorrection.id))
    )
    return (await session.execute(statement)).scalars().all()


async def record_of(session: Session, student: Student) -> dict[str, Any]:
    """All that a school will hand on: who, classes, published marks, stored results, absences. Plain JSON.

    Marks that are not published stay: they are not yet anybody's. Four statements.
    """
    return {
        "student": {
            "fullName": student.full_name,
            "code": student.code,
            "nationalId": student.national_id,
            "birthDate": student.birth_date.isoformat() if student.birth_date else None,
            "sex": student.sex.value,
        },
        "classes": await classes_of(session, student.id),
        "results": await results_of(session, student.id),
        "scores": await scores_of(session, student.id),
        "absences": await absences_of(session, student.id),
    }


async def classes_of(session: Session, student_id: UUID) -> list[dict[str, Any]]:
    """The classes the pupil has been in at the school, oldest first."""
    statement = (
        select(
            col(SchoolYear.name), col(School.name), col(ClassGroup.name), col(ClassGroup.grade),
            col(Enrolment.started_on), col(Enrolment.ended_on),
        )
        .select_from(Enrolment)
        .join(ClassGroup, col(ClassGroup.id) == Enrolment.class_group_id)
        .join(SchoolYear, col(SchoolYear.id) == Enrolment.school_year_id)
        .join(School, col(School.id) == Enrolment.school_id)
        .where(col(Enrolment.student_id) == student_id)
        .order_by(col(Enrolment.started_on), col(Enrolment.id))
    )  # fmt: skip
    return [
        {
            "schoolYear": year,
            "schoolName": school,
            "className": name,
            "grade": grade,
            "from": started.isoformat(),
            "to": ended.isoformat() if ended else None,
        }
        for year, school, name, grade, started, ended in await session.execute(statement)
    ]


async def results_of(session: Session, student_id: UUID) -> list[dict[str, Any]]:
    """The stored averages, by year, subject and semester; those that cannot be worked out yet are left out."""
    statement = (
        select(
            col(SchoolYear.name), col(Subject.code), col(Subject.name), col(SubjectResult.semester),
            col(SubjectResult.average), col(SubjectResult.ruleset_id),
        )
        .select_from(SubjectResult)
        .join(Subject, col(Subject.id) == SubjectResult.subject_id)
        .join(SchoolYear, col(SchoolYear.id) == SubjectResult.school_year_id)
        .where(col(SubjectResult.student_id) == student_id, col(SubjectResult.average).is_not(None))
        .order_by(col(SchoolYear.name), col(Subject.position), col(SubjectResult.semester))
    )  # fmt: skip
    return [
        {
            "schoolYear": year,
            "subject": code,
            "subjectName": name,
            "semester": semester.value,
            "average": str(average),
            "ruleset": ruleset,
        }
        for year, code, name, semester, average, ruleset in await session.execute(statement)
    ]


async def scores_of(session: Session, student_id: UUID) -> list[dict[str, Any]]:
    """The published marks, by year, subject, semester and column."""
    statement = (
        select(
            col(SchoolYear.name), col(Subject.code), col(Subject.name), col(ScoreColumn.semester),
            col(ScoreColumn.kind), col(ScoreColumn.ordinal), col(Score.mark), col(Score.reason),
        )
        .select_from(Score)
        .join(ScoreColumn, col(ScoreColumn.id) == Score.column_id)
        .join(ClassGroup, col(ClassGroup.id) == ScoreColumn.class_group_id)
        .join(SchoolYear, col(SchoolYear.id) == ClassGroup.school_year_id)
        .join(Subject, col(Subject.id) == ScoreColumn.subject_id)
        .where(col(Score.student_id) == student_id, col(Score.published_at).is_not(None))
        .order_by(
            col(SchoolYear.name), col(Subject.position), col(ScoreColumn.semester), col(ScoreColumn.kind),
            col(ScoreColumn.ordinal),
        )
    )  # fmt: skip
    return [
        {
            "schoolYear": year,
            "subject": code,
            "subjectName": name,
            "semester": semester.value,
            "kind": kind.value,
            "ordinal": ordinal,
            "mark": str(mark) if mark is not None else None,
            "reason": reason.value if reason else None,
        }
        for year, code, name, semester, kind, ordinal, mark, reason in await session.execute(statement)
    ]


async def absences_of(session: Session, student_id: UUID) -> dict[str, int]:
    """How often each status stands in the registers, and how many half-days count toward the year's limit."""
    statement = (
        select(col(AttendanceMark.status), col(AttendanceMark.counted), func.count())
        .where(col(AttendanceMark.student_id) == student_id)
        .group_by(col(AttendanceMark.status), col(AttendanceMark.counted))
    )
    counts = {"excused": 0, "unexcused": 0, "late": 0, "leftEarly": 0, "counted": 0}
    names = {"EXCUSED": "excused", "UNEXCUSED": "unexcused", "LATE": "late", "LEFT_EARLY": "leftEarly"}
    for status, counted, number in await session.execute(statement):
        if status.value in names:
            counts[names[status.value]] += number
        counts["counted"] += number if counted else 0
    return counts


async def transferred_to(session: Session, student_id: UUID) -> Sequence[TransferredRecord]:
    """What came with the pupil, oldest first."""
    statement = (
        select(TransferredRecord)
        .where(col(TransferredRecord.student_id) == student_id)
        .order_by(col(TransferredRecord.id))
    )
    return (await session.execute(statement)).scalars().all()
