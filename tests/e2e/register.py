"""A class of forty-five and its teachers in front of the register; what the product keeps of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from playwright.async_api import Locator, expect

from backend.core import clock
from tests.e2e.app import App
from tests.e2e.people import Person

PUPILS = 45
CLASS = "7A1"
FILL = """
with class as (select c.id, c.school_id, c.school_year_id from class_group c where c.name = $1),
pattern as (select s.* from student s join enrolment e on e.student_id = s.id join class on class.id = e.class_group_id
            where e.ended_on is null order by s.sort_key limit 1),
missing as (select $2 - (select count(*) from enrolment e join class on class.id = e.class_group_id
                         where e.ended_on is null) as number),
made as (insert into student (id, created_at, school_id, code, full_name, sort_key, search_key, birth_date, sex, status)
         select gen_random_uuid(), p.created_at, p.school_id, 'T' || n, p.full_name || ' ' || n, p.sort_key,
                p.search_key, p.birth_date, p.sex, p.status
         from pattern p, missing, generate_series(1, missing.number) n returning id)
insert into enrolment (id, created_at, school_id, student_id, class_group_id, school_year_id, started_on)
select gen_random_uuid(), now(), class.school_id, made.id, class.id, class.school_year_id,
       (select min(started_on) from enrolment) from made, class returning id
"""
# Nothing is known in advance: leave that the demonstration has granted would fill marks.
NO_LEAVE = "delete from absence_note returning id"
NO_MARKS = "delete from attendance_mark where day = $1 returning id"
MARKS = """select s.id::text as student, m.status, m.minutes, m.explicit from attendance_mark m
join student s on s.id = m.student_id join class_group c on c.id = m.class_group_id
where c.name = $1 and m.day = $2 and m.session = 'MORNING' and m.period = 0"""
OPERATIONS = """select count(*) as all, count(distinct o.student_id) as pupils from attendance_operation o
join class_group c on c.id = o.class_group_id where c.name = $1 and o.day = $2"""


async def fill_class(app: App) -> str:
    """Forty-five pupils, and a morning of which nothing is known. The address of its register."""
    await app.ask_database(FILL, CLASS, PUPILS)
    await app.ask_database(NO_LEAVE)
    await app.ask_database(NO_MARKS, clock.today())
    [found] = await app.ask_database("select id::text from class_group where name = $1", CLASS)
    return f"/attendance/{found['id']}?day={clock.today()}&session=MORNING"


async def marks(app: App) -> dict[str, int]:
    """How many pupils of the class have which mark this morning."""
    found: dict[str, int] = {}
    for row in await app.ask_database(MARKS, CLASS, clock.today()):
        found[row["status"]] = found.get(row["status"], 0) + 1
    return found


async def operations(app: App) -> tuple[int, int]:
    """How many operations there are, and of how many pupils."""
    [row] = await app.ask_database(OPERATIONS, CLASS, clock.today())
    return row["all"], row["pupils"]


class RegisterScreen:
    """The register on somebody's screen."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.page = person.page

    @property
    def lines(self) -> Locator:
        return self.page.locator("main ol > li")

    def pupil(self, number: int) -> Locator:
        return self.lines.nth(number).locator("button").first

    def kind(self, number: int, name: str) -> Locator:
        return self.lines.nth(number).get_by_role("group").get_by_role("button", name=name, exact=True)

    async def open(self, path: str) -> None:
        await self.person.open(path)
        await expect(self.lines).to_have_count(PUPILS)

    async def shows(self, number: int, words: str) -> None:
        await expect(self.pupil(number)).to_contain_text(words)

    async def send(self, name: str = "Gửi điểm danh") -> None:
        await self.page.get_by_role("button", name=name).tap()

    async def is_sent(self, seconds: float = 15) -> None:
        sent = self.page.get_by_role("status").filter(has_text=re.compile(r"^\s*Đã gửi \d"))
        await expect(sent).to_be_visible(timeout=seconds * 1000)


@contextmanager
def timed() -> Iterator[list[float]]:
    """Seconds that the block takes, in the list it gets, once it has ended."""
    seconds: list[float] = []
    begin = datetime.now()
    yield seconds
    seconds.append((datetime.now() - begin).total_seconds())
