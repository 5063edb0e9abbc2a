"""Officers, management and teachers; who teaches what, and whose class it is."""

import heapq
from collections import Counter
from itertools import count
from typing import Any
from uuid import UUID

from backend.core.actor import Role
from backend.core.text import given_name, search_key
from backend.seed.accounts import Accounts
from backend.seed.chance import Chance
from backend.seed.model import Person, SeedClass, SeedSchool
from backend.seed.names import Names
from backend.seed.world import World

TEACHING_WEEKS = 35
LOAD = 9  # periods a week: the norm is 17 to 19, less a homeroom class, a union office, a room to look after
HOMEROOM_TEACHES = "hoat_dong_trai_nghiem"
TAUGHT_BY = {"giao_duc_dia_phuong": ("lich_su_dia_li", "lich_su")}  # no teacher of its own


class Staff:
    """Makes accounts and grants for everybody who works in the province."""

    def __init__(self, world: World, accounts: Accounts) -> None:
        self._world, self._accounts = world, accounts
        self._chance, self._names = Chance("staff"), Names()
        self._numbers = count(1)
        self.by_username: dict[str, UUID] = {}

    def officer(self, unit_id: UUID, who: dict[str, str]) -> None:
        self._person(who["name"], who["username"], Role.PROVINCIAL_OFFICER, unit_id=unit_id)

    def management(self, school_id: UUID, people: dict[str, list[str]]) -> tuple[UUID, UUID]:
        """Headteacher and clerk."""
        (head, head_username), (clerk, clerk_username) = people["headteacher"], people["clerk"]
        return (
            self._person(head, head_username, Role.HEADTEACHER, school_id=school_id),
            self._person(clerk, clerk_username, Role.ACADEMIC_CLERK, school_id=school_id),
        )

    def teachers(self, school: SeedSchool, named: list[dict[str, Any]]) -> None:
        """A teacher for every subject of every class, and a homeroom teacher for every class."""
        fixed = {(who["class"], who["subject"]): who for who in named}
        known: dict[str, list[tuple[int, int, UUID]]] = {}  # per subject: load so far, turn, teacher
        for code, periods in self._weekly(school).items():
            if code != HOMEROOM_TEACHES and code not in TAUGHT_BY:
                known[code] = [self._new_teacher(school) for _ in range(max(1, -(-periods // LOAD)))]
                heapq.heapify(known[code])
        for group in school.classes:
            for subject in group.subjects:
                if subject.code == HOMEROOM_TEACHES:
                    continue
                team = known[next(c for c in (*TAUGHT_BY.get(subject.code, ()), subject.code) if c in known)]
                special = fixed.get((group.name, subject.code))
                load, turn, user_id = self._named_teacher(school, special) if special else heapq.heappop(team)
                heapq.heappush(team, (load + subject.periods[group.grade], turn, user_id))
                group.teachers[subject.code] = user_id
        self._homerooms(school, {name: who for (name, _), who in fixed.items() if who.get("homeroom")})
        self._more_classes(school, named)
        self._assignments(school)

    def _weekly(self, school: SeedSchool) -> dict[str, int]:
        yearly: Counter[str] = Counter()
        for group in school.classes:
            for subject in group.subjects:
                yearly[subject.code] += subject.periods[group.grade]
        return {code: -(-periods // TEACHING_WEEKS) for code, periods in yearly.items()}

    def _new_teacher(self, school: SeedSchool) -> tuple[int, int, UUID]:
        sex = "FEMALE" if self._chance.happens(0.68) else "MALE"
        name, turn = self._names.full(self._chance, sex), next(self._numbers)
        username = f"{search_key(given_name(name))}{turn:03d}.{school.key}"
        return 0, turn, self._person(name, username, Role.SUBJECT_TEACHER, school_id=school.id)

    def _named_teacher(self, school: SeedSchool, who: dict[str, Any]) -> tuple[int, int, UUID]:
        user_id = self._person(who["name"], who["username"], Role.SUBJECT_TEACHER, school_id=school.id)
        return 0, next(self._numbers), user_id

    def _homerooms(self, school: SeedSchool, fixed: dict[str, dict[str, Any]]) -> None:
        """The teacher with the most periods in the class who has no class yet."""
        taken = {self.by_username[who["username"]] for who in fixed.values()}
        for group in school.classes:
            who = fixed.get(group.name)
            group.homeroom = self.by_username[who["username"]] if who else self._free_teacher(group, taken)
            taken.add(group.homeroom)
            group.teachers[HOMEROOM_TEACHES] = group.homeroom
            self._grant(group.homeroom, Role.HOMEROOM_TEACHER, school_id=school.id)
            self._world.add(
                "homeroom",
                self._chance,
                self._world.calendar.prepared,
                school_id=school.id,
                class_group_id=group.id,
                user_id=group.homeroom,
            )

    def _free_teacher(self, group: SeedClass, taken: set[UUID]) -> UUID:
        by_periods = sorted(group.subjects, key=lambda subject: -subject.periods[group.grade])
        candidates = [group.teachers[s.code] for s in by_periods if s.code in group.teachers]
        return next(user_id for user_id in candidates if user_id not in taken)

    def _more_classes(self, school: SeedSchool, named: list[dict[str, Any]]) -> None:
        """A teacher of the start screen may have further classes in the subject."""
        for who in named:
            for group in school.classes:
                if group.name in who.get("also", ()):
                    group.teachers[who["subject"]] = self.by_username[who["username"]]

    def _assignments(self, school: SeedSchool) -> None:
        for group in school.classes:
            for subject in group.subjects:
                self._world.add(
                    "teaching_assignment",
                    self._chance,
                    self._world.calendar.prepared,
                    school_id=school.id,
                    class_group_id=group.id,
                    subject_id=subject.id,
                    user_id=group.teachers[subject.code],
                )

    def _person(
        self, name: str, username: str, role: Role, *, school_id: UUID | None = None, unit_id: UUID | None = None
    ) -> UUID:
        user_id = self._accounts.open(self._chance, Person(name, username=username))
        self.by_username[username] = user_id
        self._grant(user_id, role, school_id=school_id, unit_id=unit_id)
        return user_id

    def _grant(self, user_id: UUID, role: Role, *, school_id: UUID | None = None, unit_id: UUID | None = None) -> None:
        made = self._world.calendar.prepared
        self._world.add(
            "role_grant", self._chance, made, user_id=user_id, role=role.value, school_id=school_id, unit_id=unit_id
        )
