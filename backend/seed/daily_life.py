"""What a school week leaves behind: the class register, remarks, tests and work due, leave asked for and granted."""

from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.seed.attendance import Attendances, SeedDay, taught
from backend.seed.calendar import at
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.model import SeedClass, SeedLesson, SeedPupil, SeedSchool
from backend.seed.timetables import BELLS, MORNING
from backend.seed.world import World

LOGGED_DAYS: Final = 10  # school days of the class register that are kept
UNSIGNED: Final = 2  # of the latest lessons of the teachers on the start screen
AHEAD: Final = 9  # days in which tests and work due are known
REMARKED: Final = 0.05
GRANTED: Final = 0.4  # of absences with permission, asked for in the app
LEAVE_DAYS: Final = 20


class DailyLife:
    """Fills the last two weeks of a school, and the next one."""

    def __init__(self, world: World, attendances: Attendances, shown: set[UUID], teachers: dict[str, UUID]) -> None:
        """`shown` are pupils of the start screen; `teachers` the staff by user name."""
        self._attendances = attendances
        self._world, self._chance, self._shown = world, Chance("daily life"), shown
        self._data: dict[str, Any] = read("daily_life")
        self._unsigned = {teachers[name] for name in ("giaovien.toan", "chunhiem.7a1") if name in teachers}

    def fill(self, school: SeedSchool, days: list[SeedDay]) -> None:
        """Everything but attendance, which has to be there already."""
        today = self._world.calendar.today
        past = [day for day in days if day.teaches and day.day < today][-LOGGED_DAYS:]
        ahead = [day for day in days if day.teaches and today <= day.day <= today + timedelta(days=AHEAD)]
        for group in school.classes:
            lessons = [lesson for lesson in school.lessons if lesson.group is group]
            for day in past:
                for lesson in taught(lessons, day):
                    if lesson.teacher not in self._unsigned or day not in past[-UNSIGNED:]:
                        self._log(school, lesson, day.day, past)
            self._events(school, group, lessons, ahead)
            self._granted(school, group)
            self._asked(school, group, ahead)
        if len(ahead) > 3:
            title = self._chance.choice(self._data["school_events"])
            self._event(school, None, None, "EVENT", ahead[3].day, title, school.headteacher)

    def _log(self, school: SeedSchool, lesson: SeedLesson, day: date, past: list[SeedDay]) -> None:
        hour, minute = BELLS[lesson.session][lesson.period - 1]
        signed = at(day, hour, minute) + timedelta(minutes=self._chance.randrange(38, 46))
        titles = self._data["lessons"].get(lesson.subject.code) or self._data["lessons"][""]
        number = (day - self._world.calendar.starts_on).days * lesson.subject.periods[lesson.group.grade] // 300 + 1
        log = self._world.add(
            "lesson_log",
            self._chance,
            signed,
            school_id=school.id,
            class_group_id=lesson.group.id,
            day=day,
            session=lesson.session,
            period=lesson.period,
            subject_id=lesson.subject.id,
            user_id=lesson.teacher,
            syllabus_number=number,
            content=titles[number % len(titles)],
            remark=self._chance.choice(self._data["lesson_remarks"]),
            rating=self._chance.choice("AAAAB"),
            late=False,
            signed_at=signed,
            version=1,
        )
        if self._chance.happens(REMARKED):
            self._remark(school, lesson, log, day, signed, held=day == past[-1].day)

    def _remark(
        self, school: SeedSchool, lesson: SeedLesson, log: UUID, day: date, signed: datetime, *, held: bool
    ) -> None:
        """About one pupil; yesterday's still wait for the homeroom teacher."""
        kind, text = self._chance.choice(self._data["pupil_remarks"])
        self._world.add(
            "lesson_remark",
            self._chance,
            signed,
            school_id=school.id,
            lesson_log_id=log,
            class_group_id=lesson.group.id,
            student_id=self._chance.choice(lesson.group.pupils).id,
            day=day,
            subject_id=lesson.subject.id,
            author_id=lesson.teacher,
            kind=kind,
            text=text,
            released_at=None if held else signed + timedelta(hours=3),
            released_by=None if held else lesson.group.homeroom,
            dropped_at=None,
        )

    def _events(self, school: SeedSchool, group: SeedClass, lessons: list[SeedLesson], ahead: list[SeedDay]) -> None:
        """A test or work due in the coming days, in a lesson of its subject."""
        for day in self._chance.sample(ahead[1:], min(3, len(ahead[1:]))):
            lesson = self._chance.choice(taught(lessons, day))
            kind, title = self._chance.choice(self._data["events"])
            self._event(school, group, lesson, kind, day.day, title, lesson.teacher)

    def _event(
        self,
        school: SeedSchool,
        group: SeedClass | None,
        lesson: SeedLesson | None,
        kind: str,
        day: date,
        title: str,
        author: UUID,
    ) -> None:
        self._world.add(
            "calendar_event",
            self._chance,
            self._world.calendar.now - timedelta(days=1),
            school_id=school.id,
            class_group_id=group.id if group else None,
            subject_id=lesson.subject.id if lesson else None,
            kind=kind,
            day=day,
            session=lesson.session if lesson else None,
            period=lesson.period if lesson else None,
            title=title,
            created_by=author,
        )

    def _granted(self, school: SeedSchool, group: SeedClass) -> None:
        """Leave that was approved before a session somebody missed with permission."""
        since = self._world.calendar.today - timedelta(days=LEAVE_DAYS)
        for missed in self._attendances.excused[group.id]:
            pupil, day, session, reason = missed.pupil, missed.day, missed.session, missed.reason
            if day < since or not pupil.guardians or not self._chance.happens(GRANTED):
                continue
            asked = at(day, 6, self._chance.randrange(10, 40))
            leave = self._leave(school, group, pupil, (day, session), (day, session), 1, reason, asked, approved=True)
            self._world.add(
                "absence_note",
                self._chance,
                asked + timedelta(minutes=12),
                school_id=school.id,
                student_id=pupil.id,
                day=day,
                session=session,
                reason=reason,
                source_id=leave,
                created_by=group.homeroom,
                revoked_at=None,
            )

    def _asked(self, school: SeedSchool, group: SeedClass, ahead: list[SeedDay]) -> None:
        """One request in each class of the start screen that waits for its homeroom teacher."""
        if len(ahead) < 4 or not any(pupil.id in self._shown for pupil in group.pupils):
            return
        pupil = next((p for p in group.pupils if p.guardians and p.id not in self._shown), None)
        if pupil is not None:
            day = ahead[3].day
            asked = self._world.calendar.now - timedelta(hours=4)
            self._leave(school, group, pupil, (day, MORNING), (day, MORNING), 1, "FAMILY", asked, approved=False)

    def _leave(
        self,
        school: SeedSchool,
        group: SeedClass,
        pupil: SeedPupil,
        first: tuple[date, str],
        last: tuple[date, str],
        half_days: int,
        reason: str,
        asked: datetime,
        *,
        approved: bool,
    ) -> UUID:
        return self._world.add(
            "leave_request",
            self._chance,
            asked,
            school_id=school.id,
            student_id=pupil.id,
            class_group_id=group.id,
            requested_by=pupil.guardians[0],
            starts_on=first[0],
            starts_session=first[1],
            ends_on=last[0],
            ends_session=last[1],
            half_days=half_days,
            reason=reason,
            detail=self._data["leave_details"][reason],
            status="APPROVED" if approved else "PENDING",
            decider="HOMEROOM",
            decided_by=group.homeroom if approved else None,
            decided_at=asked + timedelta(minutes=12) if approved else None,
            decision_note="",
            version=2 if approved else 1,
        )
