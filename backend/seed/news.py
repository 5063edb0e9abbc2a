"""Announcements of the last weeks, who read them, and the journal and inbox rows they and the latest marks left."""

import json
import re
from collections.abc import Iterable
from dataclasses import fields
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from backend.announcements.events import AnnouncementPublished
from backend.core.audience import Audience, AudienceKind
from backend.gradebook.events import ScoresPublished
from backend.seed.calendar import at, school_day
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.marks import SeedColumn
from backend.seed.model import SeedClass, SeedPupil, SeedSchool
from backend.seed.world import World

TOLD_DAYS = 10  # older events have left the inbox in spirit; the journal keeps them
JOURNAL_DAYS = 30
CLASS_SHARE = 0.3  # classes besides the demonstration family's whose homeroom teacher writes
READ_AT_ONCE, READ_EACH_DAY, READ_AT_MOST = 0.45, 0.1, 0.94
ACKNOWLEDGED = 0.85
SCORE_PARAMS: Final = ("class_name", "subject_code", "subject_name", "subject_name_en")
ANNOUNCEMENT_PARAMS: Final = ("announcement_id", "title", "needs_acknowledgement")


Told = AnnouncementPublished | ScoresPublished


class News:
    """Writes announcements and what came of them."""

    def __init__(self, world: World, shown: dict[str, SeedPupil]) -> None:
        """`shown` are the pupils of the start screen, whose parents should find something unread."""
        self._world, self._chance = world, Chance("news")
        users = world.sheets["user"]
        place = users.columns.index("sort_key")
        self._sort_keys: dict[UUID, str] = {row[0]: row[place] for row in users.rows}
        self._shown_pupils = {pupil.id for pupil in shown.values()}
        self._shown_people = {user_id for pupil in shown.values() for user_id in _family(pupil, pupils_too=True)}

    def announce(self, school: SeedSchool) -> None:
        """Every announcement of `data/announcements.json`, for the school, a grade or some classes."""
        grades = sorted({group.grade for group in school.classes})
        grade = grades[min(1, len(grades) - 1)]
        for text in read("announcements"):
            day = school_day(self._world.calendar.today - timedelta(days=text["days_ago"]))
            if at(day, 0, 0) < self._world.calendar.prepared:
                continue
            if text["scope"] == "class":
                for group in school.classes:
                    if self._shown(group) or self._chance.happens(CLASS_SHARE):
                        self._announcement(school, text, day, [group], group=group)
            elif text["scope"] == "grade":
                chosen = [group for group in school.classes if group.grade == grade]
                self._announcement(school, text, day, chosen, grade=grade)
            else:
                self._announcement(school, text, day, school.classes)

    def _shown(self, group: SeedClass) -> bool:
        return any(pupil.id in self._shown_pupils for pupil in group.pupils)

    def _announcement(
        self,
        school: SeedSchool,
        text: dict[str, Any],
        day: date,
        groups: list[SeedClass],
        *,
        grade: int | None = None,
        group: SeedClass | None = None,
    ) -> None:
        kind = AudienceKind(text.get("kinds", AudienceKind.FAMILIES))
        audience = Audience(
            school_id=school.id,
            kinds=(kind,),
            grades=(grade,) if grade else (),
            classes=(group.id,) if group else (),
        )
        published_at = at(day, 19 if group else 16, self._chance.randrange(5, 55))
        words = {
            "school": school.name,
            "year": self._world.calendar.name,
            "grade": grade,
            "class": group and group.name,
        }
        author = self._author(school, text["author"], group)
        told = {
            user_id: None
            for one in groups
            for pupil in one.pupils
            for user_id in _family(pupil, pupils_too=kind is AudienceKind.FAMILIES)
            if user_id != author
        }
        announcement_id = self._world.add(
            "announcement",
            self._chance,
            published_at,
            school_id=school.id,
            author_id=author,
            title=_filled(text["title"], words, day),
            body=_filled(text["body"], words, day),
            audience=_json(audience.dump()),
            needs_acknowledgement=text["acknowledge"],
            published_at=published_at,
            recipient_count=len(told),
            reminded_at=None,
        )
        event = AnnouncementPublished(
            school.id, announcement_id, _filled(text["title"], words, day), text["acknowledge"], audience.dump()
        )
        journal_id = self._journal(event, author, published_at)
        for user_id in told:
            read_at = self._recipient(event, user_id, published_at)
            if text["days_ago"] <= TOLD_DAYS:
                link = f"/announcements/{announcement_id}"
                self._notify(event, journal_id, user_id, None, link, ANNOUNCEMENT_PARAMS, published_at, read_at)

    @staticmethod
    def _author(school: SeedSchool, who: str, group: SeedClass | None) -> UUID:
        if who == "homeroom" and group is not None and group.homeroom is not None:
            return group.homeroom
        return school.clerk if who == "clerk" else school.headteacher

    def _recipient(self, event: AnnouncementPublished, user_id: UUID, published_at: datetime) -> datetime | None:
        """One person who was told; returns when it was read."""
        read_at = self._read_at(user_id, published_at)
        answered = event.needs_acknowledgement and read_at is not None and self._acknowledges(user_id, published_at)
        self._world.add(
            "announcement_recipient",
            self._chance,
            published_at,
            school_id=event.school_id,
            announcement_id=event.announcement_id,
            user_id=user_id,
            sort_key=self._sort_keys[user_id],
            published_at=published_at,
            read_at=read_at,
            acknowledged_at=read_at + timedelta(seconds=40) if read_at and answered else None,
        )
        return read_at

    def _read_at(self, user_id: UUID, since: datetime) -> datetime | None:
        """Most read within a day, the rest slowly, some never; the family of the start screen has read what is old."""
        days = (self._world.calendar.now - since) / timedelta(days=1)
        reads = self._chance.happens(min(READ_AT_MOST, READ_AT_ONCE + READ_EACH_DAY * days))
        if user_id in self._shown_people:
            reads = days > 3
        when = since + timedelta(minutes=3 + self._chance.expovariate(1 / 300))
        return when if reads and when < self._world.calendar.now - timedelta(minutes=1) else None

    def _acknowledges(self, user_id: UUID, since: datetime) -> bool:
        if user_id in self._shown_people:
            return self._world.calendar.now - since > timedelta(days=6)
        return self._chance.happens(ACKNOWLEDGED)

    def tell_scores(self, columns: Iterable[SeedColumn]) -> None:
        """The journal of the columns published in the last weeks, and the inbox rows of the last days."""
        now = self._world.calendar.now
        recent, known = now - timedelta(days=TOLD_DAYS), now - timedelta(days=JOURNAL_DAYS)
        for column in columns:
            if column.published_at is None or column.published_at < known:
                continue
            subject, group = column.subject, column.group
            pupils = tuple(pupil.id for pupil in group.pupils)
            event = ScoresPublished(
                column.school.id,
                column.id,
                group.id,
                group.name,
                subject.code,
                subject.name,
                subject.name_en,
                column.semester,
                pupils,
            )
            teacher = group.teachers[subject.code]
            journal_id = self._journal(event, teacher, column.published_at)
            if column.published_at < recent:
                continue
            for pupil in group.pupils:
                link = f"/students/{pupil.id}/marks?subject={subject.code}"
                for user_id in _family(pupil, pupils_too=True):
                    if user_id != teacher:
                        read_at = self._read_at(user_id, column.published_at)
                        self._notify(
                            event, journal_id, user_id, pupil.id, link, SCORE_PARAMS, column.published_at, read_at
                        )

    def _journal(self, event: Told, actor: UUID, happened_at: datetime) -> UUID:
        """A row that has been relayed long ago: starting the demonstration sends nothing."""
        audience = event.audience()
        return self._world.add(
            "journal",
            self._chance,
            happened_at,
            school_id=event.school_id,
            actor_user_id=actor,
            session_id=None,
            kind=event.kind,
            data=_json({name: getattr(event, name) for name in (field.name for field in fields(event))}),
            audience=_json(audience.dump()) if audience else None,
            idempotency_key=None,
            relayed_at=happened_at + timedelta(seconds=1),
        )

    def _notify(
        self,
        event: Told,
        journal_id: UUID,
        user_id: UUID,
        student_id: UUID | None,
        link: str,
        params: tuple[str, ...],
        told_at: datetime,
        read_at: datetime | None,
    ) -> None:
        self._world.add(
            "notification",
            self._chance,
            told_at + timedelta(seconds=1),
            user_id=user_id,
            school_id=event.school_id,
            journal_id=journal_id,
            kind=event.kind.partition(".")[2],
            student_id=student_id,
            params=_json({name: getattr(event, name) for name in params}),
            link=link,
            read_at=read_at,
        )


def _json(value: dict[str, Any]) -> str:
    """JSON as COPY takes it; ids as text."""
    return json.dumps(value, default=str, ensure_ascii=False)


def _family(pupil: SeedPupil, *, pupils_too: bool) -> list[UUID]:
    """The accounts around a pupil: guardians, and the pupil's own when wanted."""
    own = [pupil.user_id] if pupils_too and pupil.user_id is not None else []
    return [*pupil.guardians, *own]


def _filled(text: str, words: dict[str, Any], day: date) -> str:
    """The text with its names and days.

    {date+5} is the school day so long after `day`, {monday} the Monday after it, {sunday} the Sunday of that week.
    """
    monday = day + timedelta(days=7 - day.weekday())
    dated = re.sub(r"\{date\+(\d+)\}", lambda m: f"{school_day(day + timedelta(days=int(m[1]))):%d/%m/%Y}", text)
    sunday = monday + timedelta(days=6)
    return dated.format(**words, monday=f"{monday:%d/%m/%Y}", sunday=f"{sunday:%d/%m/%Y}")
