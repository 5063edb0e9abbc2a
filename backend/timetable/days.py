"""School days, worked out for many schools in one statement from years, holidays and published timetables.

The same as `rules.calendar`, set-based: a department's holiday touches every school below it. Rows keep their id, and
rows that stay as they are are not written.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import ARRAY, Date, Uuid, bindparam, text

from backend.core import clock
from backend.core.db import Session

_PARAMETERS: Final = (
    bindparam("schools", type_=ARRAY(Uuid())),
    bindparam("since", type_=Date()),
    bindparam("until", type_=Date()),
)
# The days of a year from the frame of each school; which pause each has; which timetable applies to it.
_REBUILD: Final = text("""
with frame as materialized (
    select y.id as year_id, y.school_id, s.unit_id, u.parent_id,
        y.starts_on - (extract(isodow from y.starts_on)::int - 1) as monday,
        greatest(y.starts_on, coalesce(cast(:since as date), y.starts_on)) as since,
        least(y.ends_on, coalesce(cast(:until as date), y.ends_on)) as until
    from school_year y join school s on s.id = y.school_id join unit u on u.id = s.unit_id
    where y.is_current and y.school_id = any (cast(:schools as uuid[]))
), set_here as (
    select f.school_id as of_school, f.since, f.until, h.* from frame f join holiday h on h.school_id = f.school_id
    union all
    select f.school_id, f.since, f.until, h.* from frame f join holiday h on h.unit_id = f.unit_id
    union all
    select f.school_id, f.since, f.until, h.* from frame f join holiday h on h.unit_id = f.parent_id
), pause as (
    select distinct on (of_school, day) of_school, day, kind, name, as_weekday
    from set_here cross join lateral (
        select greatest(starts_on, since) + n as day
        from generate_series(0, least(ends_on, until) - greatest(starts_on, since)) n
    ) dated
    order by of_school, day, (kind = 'MAKE_UP') desc, (school_id is not null) desc, created_at desc, id
), applied as (
    select t.id, t.school_year_id, t.starts_on,
        lead(t.starts_on) over (partition by t.school_year_id order by t.starts_on, t.published_at, t.id) as until,
        (select array_agg(w) from generate_series(1, 7) w where exists (
            select from timetable_entry e where e.timetable_id = t.id and e.weekday = w)) as weekdays
    from timetable t join frame f on f.year_id = t.school_year_id
    where t.published_at is not null
), dated as (
    select f.*, f.since + n as day, (f.since + n - f.monday) / 7 + 1 as week
    from frame f cross join lateral generate_series(0, f.until - f.since) n
)
insert into school_day as old
    (id, created_at, school_id, school_year_id, day, teaches, weekday, week, odd, timetable_id, holiday)
select gen_random_uuid(), :now, d.school_id, d.year_id, d.day,
    coalesce(as_day.weekday = any (a.weekdays) and (p.kind is null or p.kind = 'MAKE_UP'), false),
    as_day.weekday, d.week, d.week % 2 = 1, a.id, p.name
from dated d
left join pause p on p.of_school = d.school_id and p.day = d.day
left join applied a on a.school_year_id = d.year_id and d.day >= a.starts_on and (a.until is null or d.day < a.until)
cross join lateral (select coalesce(p.as_weekday, extract(isodow from d.day)::int) as weekday) as_day
on conflict (school_id, day) do update set
    school_year_id = excluded.school_year_id, teaches = excluded.teaches, weekday = excluded.weekday,
    week = excluded.week, odd = excluded.odd, timetable_id = excluded.timetable_id, holiday = excluded.holiday
where (old.school_year_id, old.teaches, old.weekday, old.week, old.odd, old.timetable_id, old.holiday)
    is distinct from (excluded.school_year_id, excluded.teaches, excluded.weekday, excluded.week, excluded.odd,
        excluded.timetable_id, excluded.holiday)
""").bindparams(*_PARAMETERS)
_FORGET: Final = text("""
delete from school_day d using school_year y
where y.id = d.school_year_id and y.school_id = any (cast(:schools as uuid[])) and y.is_current
    and (d.day < y.starts_on or d.day > y.ends_on)
""").bindparams(bindparam("schools", type_=ARRAY(Uuid())))


async def rebuild(
    session: Session, school_ids: Sequence[UUID], since: date | None = None, until: date | None = None
) -> None:
    """Work out the days of the current year of these schools anew; only from `since` to `until` when given.

    To be called, in the same transaction, by whoever changes a year, a holiday or a published timetable. Days that
    are no longer in a year are forgotten when no span is given.
    """
    await session.flush()
    given = {"schools": list(school_ids), "since": since, "until": until, "now": clock.now()}
    if since is None and until is None:
        await session.execute(_FORGET, {"schools": given["schools"]})
    await session.execute(_REBUILD, given)
