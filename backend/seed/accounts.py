"""Accounts: how the people of the province sign in, and which of them are shown on the start screen."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from argon2 import PasswordHasher

from backend.core.actor import Role
from backend.core.text import name_sort_key
from backend.identity.tables import Language, TextSize, Theme
from backend.seed.chance import SEED, Chance
from backend.seed.data import read
from backend.seed.model import Person
from backend.seed.world import World

PASSWORD: Final = "nhipcau-demo"  # noqa: S105 - public on purpose: everybody in this province is invented


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One way in: a role, and a user name with a password, or a phone, or a printed slip's code.

    `name` is the person's; with a slip, the pupil's who is waiting to be claimed.
    """

    role: Role
    name: str
    school: str | None
    username: str | None = None
    password: str | None = None
    phone: str | None = None
    slip_code: str | None = None


class Accounts:
    """Writes users; those with a user name also get the one password of the demonstration."""

    def __init__(self, world: World) -> None:
        self._world = world
        # One hash for all, with a salt of its own making: hashing takes 50 ms, and two runs must agree.
        self._hash = PasswordHasher().hash(PASSWORD, salt=sha256(SEED.encode()).digest()[:16])

    def open(self, chance: Chance, person: Person) -> UUID:
        """An account, made when the school prepared its year."""
        made = self._world.calendar.prepared
        user_id = self._world.add(
            "user",
            chance,
            made,
            full_name=person.full_name,
            sort_key=name_sort_key(person.full_name),
            phone=person.phone,
            username=person.username,
            language=Language.vi.value,
            theme=Theme.SYSTEM.value,
            text_size=TextSize.NORMAL.value,
            disabled_at=None,
        )
        if person.username is not None:
            self._world.add(
                "credential",
                chance,
                made,
                user_id=user_id,
                password_hash=self._hash,
            )
        return user_id

    def give_phone(self, user_id: UUID, phone: str) -> None:
        """Let somebody sign in by this phone, as a parent; the schools hold it in the place of an earlier one."""
        sheet = self._world.sheets["user"]
        place, column = next(i for i, row in enumerate(sheet.rows) if row[0] == user_id), sheet.columns.index("phone")
        former = sheet.rows[place][column]
        sheet.rows[place] = _with(sheet.rows[place], column, phone)
        contacts = self._world.sheets.get("guardian_contact")
        if former is not None and contacts is not None:
            column = contacts.columns.index("phone")
            contacts.rows[:] = [_with(r, column, phone) if r[column] == former else r for r in contacts.rows]


def _with(row: tuple[Any, ...], column: int, value: object) -> tuple[Any, ...]:
    return (*row[:column], value, *row[column + 1 :])


def accounts(*, small: bool = False) -> list[DemoAccount]:
    """Who can be tried out, in the order of the start screen; `small` leaves out what a small province lacks."""
    places = read("places")
    schools = places["schools"][:1] if small else places["schools"]
    family, first = places["family"], schools[0]["name"]
    found = [
        DemoAccount(Role.GUARDIAN, family[who]["name"], first, phone=family[who]["phone"])
        for who in ("mother", "father")
    ]
    found.append(DemoAccount(Role.STUDENT, family["daughter"]["name"], first, phone=family["daughter"]["phone"]))
    found.append(DemoAccount(Role.GUARDIAN, family["unclaimed"]["name"], first, slip_code=family["unclaimed"]["slip"]))
    if not small:
        name = next(school["name"] for school in schools if school["key"] == places["moving"]["to"])
        found.append(DemoAccount(Role.GUARDIAN, places["moving"]["name"], name, phone=places["moving"]["phone"]))
    for school in schools:
        for who in school["teachers"]:
            role = Role.HOMEROOM_TEACHER if who.get("homeroom") else Role.SUBJECT_TEACHER
            found.append(_staff(role, who["name"], who["username"], school["name"]))
        for key, role in (("headteacher", Role.HEADTEACHER), ("clerk", Role.ACADEMIC_CLERK)):
            name, username = school["people"][key]
            found.append(_staff(role, name, username, school["name"]))
    officer = places["officer"]
    return [*found, _staff(Role.PROVINCIAL_OFFICER, officer["name"], officer["username"], None)]


def _staff(role: Role, name: str, username: str, school: str | None) -> DemoAccount:
    return DemoAccount(role, name, school, username=username, password=PASSWORD)
