"""The subjects every school teaches, as the national curriculum has them; loaded once into an empty database."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from backend.core.db import Session
from backend.organisation.tables import AssessmentMode, Level, Subject, SubjectPlan


@cache
def subjects() -> tuple[dict[str, Any], ...]:
    """Code, names, mode, and periods a year by level and grade, in the order of a school report."""
    return tuple(json.loads((Path(__file__).parent / "data" / "subjects.json").read_text(encoding="utf-8")))


async def ensure_subjects(session: Session) -> None:
    """Add the subjects the database does not have yet; what is there stays as it is."""
    known = set((await session.execute(select(col(Subject.code)))).scalars())
    for position, row in enumerate(subjects(), 1):
        if row["code"] in known:
            continue
        subject = Subject(
            code=row["code"],
            name=row["name"],
            name_en=row["name_en"],
            mode=AssessmentMode(row["mode"]),
            position=position,
        )
        session.add(subject)
        await session.flush()
        for level, by_grade in row["periods"].items():
            for grade, periods in by_grade.items():
                plan = SubjectPlan(subject_id=subject.id, level=Level(level), grade=int(grade), periods=periods)
                session.add(plan)
