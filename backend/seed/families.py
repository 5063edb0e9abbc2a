"""Pupils, their parents, the phones the school holds, and who has already been linked to whom."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from backend.core.codes import slip_hash
from backend.core.text import name_sort_key, search_key
from backend.identity.tables import Relation, StudentStatus
from backend.seed.accounts import Accounts
from backend.seed.calendar import at
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.model import Person, SeedClass, SeedPupil, SeedSchool, birth_year
from backend.seed.names import Names
from backend.seed.world import World

LINKED = 0.6  # families of which somebody has an account
BOTH_LINKED = 0.35  # of those, both parents
SIBLING = 0.1
PUPIL_ACCOUNT = 0.5  # from grade 10
ACCOUNT_GRADE = 10
SLIP_DAYS = 30


@dataclass(slots=True)
class Parent:
    name: str
    phone: str
    relation: Relation
    linked: bool
    user_id: UUID | None = None


@dataclass(slots=True)
class Family:
    """Parents, the family name their children bear, and the grades the children are in."""

    name: str
    parents: list[Parent]
    grades: list[int] = field(default_factory=list)


class Families:
    """Fills classes with pupils of families."""

    def __init__(self, world: World, accounts: Accounts, secret: bytes) -> None:
        self._world, self._accounts, self._secret = world, accounts, secret
        self._chance, self._names = Chance("families"), Names()
        self._numbers = 0
        self._open: list[Family] = []  # families with one child, who may have another
        self.by_name: dict[str, SeedPupil] = {}

    def fill(self, schools: list[SeedSchool], teachers: dict[str, UUID]) -> None:
        """Every place of every class; `teachers` are staff by user name, one of whom is a parent."""
        fixed = self._fixed(teachers)
        for school in schools:
            for group in school.classes:
                named = fixed.get((school.key, group.name), [])
                pupils = [self._pupil(school, group, family, name, phone) for family, name, phone in named]
                pupils += [
                    self._pupil(school, group, self._family(group.grade)) for _ in range(group.size - len(named))
                ]
                group.pupils = pupils
        self._slip(schools[0])

    def _fixed(self, teachers: dict[str, UUID]) -> dict[tuple[str, str], list[tuple[Family, str, str | None]]]:
        """The families of the start screen, by school and class of the child."""
        who: dict[str, dict[str, Any]] = read("places")["family"]
        mother = Parent(who["mother"]["name"], who["mother"]["phone"], Relation.MOTHER, True)
        father = Parent(who["father"]["name"], who["father"]["phone"], Relation.FATHER, True)
        teacher = next(t for t in read("places")["schools"][0]["teachers"] if t.get("homeroom"))
        colleague = Parent(teacher["name"], who["teacher_child"]["phone"], Relation.MOTHER, True)
        colleague.user_id = teachers[teacher["username"]]
        self._accounts.give_phone(colleague.user_id, colleague.phone)
        unclaimed = Parent(self._names.full(self._chance, "FEMALE"), self._phone(), Relation.MOTHER, False)
        child, son, other, waiting = who["daughter"], who["son"], who["teacher_child"], who["unclaimed"]
        return {
            (child["school"], child["class"]): [
                (Family("", [mother, father]), child["name"], child["phone"]),
                (Family("", [unclaimed]), waiting["name"], None),
            ],
            (son["school"], son["class"]): [(Family("", [mother]), son["name"], None)],
            (other["school"], other["class"]): [(Family("", [colleague]), other["name"], None)],
        }

    def _family(self, grade: int) -> Family:
        """A new family, or one that already has a child in another grade."""
        if self._open and self._chance.happens(SIBLING):
            place = self._chance.randrange(len(self._open))
            if grade not in self._open[place].grades:
                return self._open.pop(place)
        chance = self._chance
        name = self._names.family(chance)
        linked = chance.happens(LINKED)
        father = Parent(self._names.full(chance, "MALE", name), self._phone(), Relation.FATHER, False)
        mother = Parent(self._names.full(chance, "FEMALE"), self._phone(), Relation.MOTHER, False)
        known = chance.choices([[mother, father], [mother], [father]], [70, 20, 10])[0]
        known[0].linked = linked
        if len(known) > 1:
            known[1].linked = linked and chance.happens(BOTH_LINKED)
        family = Family(name, known)
        self._open.append(family)
        return family

    def _pupil(
        self, school: SeedSchool, group: SeedClass, family: Family, name: str | None = None, phone: str | None = None
    ) -> SeedPupil:
        chance, calendar = self._chance, self._world.calendar
        sex = _sex_of(name) if name else chance.choice(("MALE", "FEMALE"))
        full_name = name or self._names.full(chance, sex, family.name)
        family.grades.append(group.grade)
        if name is None and group.grade >= ACCOUNT_GRADE and chance.happens(PUPIL_ACCOUNT):
            phone = self._phone()
        user_id = self._accounts.open(chance, Person(full_name, phone=phone)) if phone else None
        born = date(birth_year(calendar.starts_on, group.grade), 1, 1) + timedelta(days=chance.randrange(365))
        number = self._next()
        student_id = self._world.add(
            "student",
            chance,
            calendar.prepared,
            school_id=school.id,
            code=f"24{90_000_000 + number}",
            national_id=f"024{2 if sex == 'MALE' else 3}{born.year % 100:02d}{number:06d}",
            full_name=full_name,
            sort_key=name_sort_key(full_name),
            search_key=search_key(full_name),
            birth_date=born,
            sex=sex,
            status=StudentStatus.STUDYING.value,
            user_id=user_id,
        )
        self._world.add(
            "enrolment",
            chance,
            calendar.prepared,
            school_id=school.id,
            student_id=student_id,
            class_group_id=group.id,
            school_year_id=school.year_id,
            started_on=calendar.starts_on,
            ended_on=None,
        )
        pupil = SeedPupil(student_id, full_name, sex, user_id)
        for parent in family.parents:
            self._link(school, pupil, parent)
        if name:
            self.by_name[name] = pupil
        return pupil

    def _link(self, school: SeedSchool, pupil: SeedPupil, parent: Parent) -> None:
        """The contact the school holds, and the guardianship when the parent has claimed the child."""
        made, about = self._world.calendar.prepared, {"school_id": school.id, "student_id": pupil.id}
        relation = parent.relation.value
        self._world.add(
            "guardian_contact", self._chance, made, **about, name=parent.name, phone=parent.phone, relation=relation
        )
        if not parent.linked:
            return
        if parent.user_id is None:
            parent.user_id = self._accounts.open(self._chance, Person(parent.name, phone=parent.phone))
        pupil.guardians.append(parent.user_id)
        self._world.add(
            "guardianship",
            self._chance,
            made,
            **about,
            user_id=parent.user_id,
            relation=relation,
            claim_slip_id=None,
            ended_at=None,
        )

    def _slip(self, school: SeedSchool) -> None:
        """The printed slip of the pupil nobody has claimed yet."""
        waiting = read("places")["family"]["unclaimed"]
        calendar = self._world.calendar
        self._world.add(
            "claim_slip",
            self._chance,
            calendar.now - timedelta(days=1),
            school_id=school.id,
            student_id=self.by_name[waiting["name"]].id,
            code_hash=slip_hash(self._secret, waiting["slip"]),
            expires_at=at(calendar.asked + timedelta(days=SLIP_DAYS), 23, 59),
            revoked_at=None,
            created_by=school.clerk,
        )

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    def _phone(self) -> str:
        """A number of the form of a mobile phone under a prefix (050) that no operator has."""
        return f"+8450{self._next():07d}"


def _sex_of(name: str) -> str:
    return "FEMALE" if "Thị" in name.split() else "MALE"
