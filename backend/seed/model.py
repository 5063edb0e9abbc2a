"""What the parts of the seed hand to each other: schools, classes, teachers and pupils with the ids they were given."""

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID


@dataclass(frozen=True, slots=True)
class SeedSubject:
    id: UUID
    code: str
    name: str
    name_en: str
    marked: bool
    periods: dict[int, int]  # by grade


@dataclass(slots=True)
class SeedPupil:
    id: UUID
    full_name: str
    sex: str
    user_id: UUID | None
    guardians: list[UUID] = field(default_factory=list)


@dataclass(slots=True)
class SeedClass:
    id: UUID
    name: str
    grade: int
    size: int
    subjects: list[SeedSubject]
    teachers: dict[str, UUID] = field(default_factory=dict)  # by subject code
    homeroom: UUID | None = None
    pupils: list[SeedPupil] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class SeedLesson:
    """A weekly lesson of a class."""

    group: SeedClass
    weekday: int
    period: int
    session: str
    parity: str
    subject: SeedSubject
    teacher: UUID
    room: UUID | None


@dataclass(slots=True)
class SeedSchool:
    id: UUID
    key: str
    name: str
    year_id: UUID
    headteacher: UUID
    clerk: UUID
    classes: list[SeedClass] = field(default_factory=list)
    lessons: list[SeedLesson] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with an account, before the row is written."""

    full_name: str
    phone: str | None = None
    username: str | None = None


def birth_year(starts_on: date, grade: int) -> int:
    """The year of birth of a pupil who has never repeated: grade 6 begins in the year of the 11th birthday."""
    return starts_on.year - grade - 5
