"""The demonstration province: Bắc Ninh with three schools in the middle of a school year.

A lower and an upper secondary school of usual size, and a small lower secondary one to which a pupil can move.

Everybody in it is invented (`data/README.md` says from which material). It falls out the same every time for the same
day. It is written as the owner of the database, by COPY, in one transaction; what only the product's own actions can
make, papers and a family that moves, is played afterwards. Nothing in it waits to be sent.
"""

import asyncio
from datetime import date

import asyncpg

from backend.core import clock
from backend.core.settings import settings
from backend.core.store import Store
from backend.eservices.shipped import install_into
from backend.seed import results
from backend.seed.accounts import PASSWORD, Accounts, DemoAccount, accounts
from backend.seed.attendance import Attendances
from backend.seed.calendar import calendar_of
from backend.seed.daily_life import DailyLife
from backend.seed.diplomas import Diplomas
from backend.seed.families import Families
from backend.seed.marks import Gradebooks
from backend.seed.moving import Moving
from backend.seed.news import News
from backend.seed.places import build_places
from backend.seed.services import Answered, Services
from backend.seed.staff import Staff
from backend.seed.stage import stage
from backend.seed.timetables import Timetables
from backend.seed.world import Progress, World

# A notification carries the names its words need, as the relay would have written them.
_FINISH_NOTIFICATIONS = r"""
update notification n set params = n.params || jsonb_build_object('school', s.name) || coalesce(
    (select jsonb_build_object('child', substring(t.full_name from '\S+$'), 'class_name', c.name)
     from student t join enrolment e on e.student_id = t.id and e.ended_on is null
     join class_group c on c.id = e.class_group_id where t.id = n.student_id), '{}')
from school s where s.id = n.school_id
"""

# The school's staff list.
_FINISH_STAFF = """
insert into staff_member (id, created_at, school_id, user_id, code, position)
select md5(concat(r.school_id, r.user_id))::uuid, min(r.created_at), r.school_id, r.user_id,
    'GV' || lpad(row_number() over (partition by r.school_id order by min(u.sort_key), r.user_id)::text, 4, '0'),
    case when bool_or(r.role = 'HEADTEACHER') then 'Hiệu trưởng' when bool_or(r.role = 'ACADEMIC_CLERK') then 'Giáo vụ'
         else 'Giáo viên' end
from role_grant r join "user" u on u.id = r.user_id where r.school_id is not null group by r.school_id, r.user_id
"""

__all__ = ["PASSWORD", "DemoAccount", "accounts", "build", "is_empty", "run"]


def run(
    dsn: str,
    *,
    small: bool = False,
    today: date | None = None,
    progress: Progress | None = None,
    secret: bytes | None = None,
    store: Store | None = None,
) -> None:
    """Fill an empty, migrated database. Runs its own event loop: call it from synchronous code.

    `dsn` is the owner's. `small` makes one school of two classes with twelve pupils each. `today` is Vietnam's by
    default. `progress` hears the table, its number and how many there are; at the end "" and twice the number.
    `secret` keys the hash of the printed slip and `store` takes papers; they are the installation's by default.

    Raises RuntimeError when there is a school already.
    """
    if not is_empty(dsn):
        raise RuntimeError("the database holds a school already: the demonstration province needs an empty one")
    world, moving, answered = _made(today or clock.today(), small=small, secret=secret or settings().secret())
    asyncio.run(install_into(dsn))
    asyncio.run(_write(dsn, world, progress))
    asyncio.run(_play(dsn, moving, answered, store or Store.open(settings())))


def is_empty(dsn: str) -> bool:
    """Whether the migrated database holds no school yet."""
    return asyncio.run(_is_empty(dsn))


def build(today: date, *, small: bool, secret: bytes) -> World:
    """The whole province in memory, but for what is played once it is written."""
    return _made(today, small=small, secret=secret)[0]


def _made(today: date, *, small: bool, secret: bytes) -> tuple[World, Moving, list[Answered]]:
    world = World(calendar_of(today))
    doors = Accounts(world)
    staff = Staff(world, doors)
    schools = build_places(world, staff, small=small)
    families = Families(world, doors, secret)
    families.fill(schools, staff.by_username)
    moving = Moving(world, doors, schools)
    gradebooks = Gradebooks(world)
    news = News(world, families.by_name)
    shown = {pupil.id for pupil in families.by_name.values()}
    timetables = Timetables(world, world.sheets["unit"].rows[0][0])
    attendances = Attendances(world, shown)
    daily_life = DailyLife(world, attendances, shown, staff.by_username)
    services = Services(world, families.by_name, staff.by_username)
    diplomas = Diplomas(world)
    for school in schools:
        timetables.fill(school)
        days = attendances.days(school)
        attendances.fill(school, days)
        daily_life.fill(school, days)
        gradebooks.fill(school)
        news.announce(school)
        services.fill(school)
        diplomas.fill(school)
    news.tell_scores(gradebooks.columns)
    return world, moving, services.answered


async def _is_empty(dsn: str) -> bool:
    connection = await asyncpg.connect(dsn)
    try:
        return not await connection.fetchval("select exists (select from school)")
    finally:
        await connection.close()


async def _play(dsn: str, moving: Moving, answered: list[Answered], store: Store) -> None:
    async with stage(dsn, store) as played:
        await results.issue(played, answered)
        await moving.play(played)


async def _write(dsn: str, world: World, progress: Progress | None) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        async with connection.transaction():
            await world.copy_to(connection, progress)
            await connection.execute(_FINISH_NOTIFICATIONS)
            await connection.execute(_FINISH_STAFF)
    finally:
        await connection.close()
