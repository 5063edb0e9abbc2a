"""The register of originals: lower secondary diplomas until 2025, upper secondary ones."""

from datetime import date, timedelta
from typing import Final

from backend.core.text import name_sort_key, search_key
from backend.seed.chance import Chance
from backend.seed.data import read
from backend.seed.model import SeedSchool
from backend.seed.names import Names
from backend.seed.world import World

DIPLOMAS: Final = 60
YEARS: Final = range(2012, 2026)  # of graduation


class Diplomas:
    """Fills the register of a school."""

    def __init__(self, world: World) -> None:
        self._world, self._chance, self._names = world, Chance("diplomas"), Names()

    def fill(self, school: SeedSchool) -> None:
        """Sixty lines, a few a year."""
        chance, data, made = self._chance, read("services"), self._world.calendar.prepared
        kind = "UPPER_SECONDARY" if school.classes[0].grade >= 10 else "LOWER_SECONDARY"
        leaving = 18 if kind == "UPPER_SECONDARY" else 15
        for number in range(1, DIPLOMAS + 1):
            year = YEARS[(number - 1) * len(YEARS) // DIPLOMAS]
            sex = chance.choice(("MALE", "FEMALE"))
            name = self._names.full(chance, sex)
            self._world.add(
                "diploma",
                chance,
                made,
                school_id=school.id,
                kind=kind,
                serial_number=f"A {chance.randrange(1_000_000, 9_999_999)}",
                register_number=f"{number:04d}/{year}",
                full_name=name,
                sort_key=name_sort_key(name),
                search_key=search_key(name),
                birth_date=date(year - leaving, 1, 1) + timedelta(days=chance.randrange(365)),
                sex=sex,
                birthplace=data["birthplace"],
                ethnicity=data["ethnicity"],
                graduation_year=year,
                classification=chance.choice(data["classifications"]),
                issued_on=date(year, 7, 15),
                version=1,
            )
