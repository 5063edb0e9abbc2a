"""Operations in: what devices send becomes history, each once, and the register beside it."""

from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import text

from backend.core.db import Session

_SEND: Final = text(
    """
    with sent as (
        select s.id, s.student_id, s.status, s.minutes, s.explicit, s.decided_at,
            e.id as enrolment_id, e.open, o.id is not null as seen,
            o.class_group_id = :class and o.student_id = s.student_id and o.day = :day and o.session = :session
                and o.period = :period and o.status = s.status and o.minutes is not distinct from s.minutes
                and o.explicit = s.explicit as same
        from unnest(
            cast(:ids as uuid[]), cast(:students as uuid[]), cast(:statuses as text[]), cast(:minutes as integer[]),
            cast(:explicit as boolean[]), cast(:decided as timestamptz[])
        ) as s(id, student_id, status, minutes, explicit, decided_at)
        left join lateral (
            select id, ended_on is null as open from enrolment
            where class_group_id = :class and student_id = s.student_id
                and started_on <= :day and (ended_on is null or ended_on > :day)
            order by ended_on is null desc limit 1
        ) e on true
        left join lateral (select * from attendance_operation where id = s.id limit 1) o on true
    ), made as (
        insert into attendance_operation (id, created_at, school_id, class_group_id, student_id, day, session, period,
            status, minutes, explicit, decided_at, recorded_by)
        select id, :now, :school, :class, student_id, :day, :session, :period, status, minutes, explicit, decided_at,
            :user
        from sent where enrolment_id is not null and not seen
        on conflict (id) do nothing
        returning id
    ), taken as (
        insert into register (id, created_at, school_id, class_group_id, day, session, period, taken_by, taken_at)
        select :register, :now, :school, :class, :day, :session, :period, :user, :now where exists (select from made)
        on conflict (class_group_id, day, session, period)
            do update set taken_by = excluded.taken_by, taken_at = excluded.taken_at
        returning id
    )
    select s.id, s.enrolment_id, s.open, s.seen, s.same, m.id is not null as made,
        coalesce(t.id, r.id) as register_id
    from sent s
    left join made m on m.id = s.id
    left join taken t on true
    left join register r
        on r.class_group_id = :class and r.day = :day and r.session = :session and r.period = :period
    """
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """What became of one operation. `enrolment_id`: the pupil's stay in the class that day; `open`: it still lasts."""

    enrolment_id: UUID | None
    open: bool
    seen: bool
    same: bool
    made: bool
    register_id: UUID | None


async def send_operations(session: Session, values: dict[str, Any]) -> dict[UUID, Arrived]:
    """Put operations into the history, each once, and the register beside them; one statement whatever their number."""
    return {
        id_: Arrived(enrolment_id, bool(open_), seen, bool(same), made, register_id)
        for id_, enrolment_id, open_, seen, same, made, register_id in (await session.execute(_SEND, values)).all()
    }
