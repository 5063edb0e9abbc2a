"""Absence alerts, raised and taken back as marks change. What people do with them: `alert_answers.py`.

`follow` belongs to the register's transaction and works on all changes of a register in a few set-based statements, two
thousand times in the minute in which schools begin. What an alert becomes is decided in `rules/alerts.py`.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, text

from backend.attendance import alert_events as events
from backend.attendance.alert_people import people_of
from backend.attendance.marks import MarkChange
from backend.attendance.rules import alerts as rules
from backend.attendance.tables import AlertOutcome, AlertStatus, AttendanceSetting
from backend.core import clock
from backend.core.actor import Actor
from backend.core.db import INSTANT, Session
from backend.core.ids import new_id
from backend.core.journal import record, withdraw
from backend.timetable.tables import HalfDay

_ANSWER_MINUTES: Final = AttendanceSetting.model_fields["answer_minutes"].default

# A mark that gives ground for an alert: absent without permission for the session, or for a period of a session from
# which the pupil is not away altogether.
_GROUND: Final = """
    select m.* from attendance_mark m
    where m.student_id = c.student_id and m.day = c.day and m.session = c.session and m.status = 'UNEXCUSED'
      and (m.period = 0 or not exists (
        select from attendance_mark w where w.student_id = c.student_id and w.day = c.day and w.session = c.session
          and w.period = 0 and w.status in ('EXCUSED', 'UNEXCUSED')))
"""
_CHANGE: Final = """
    select * from unnest(cast(:students as uuid[]), cast(:days as date[]), cast(:sessions as text[]))
        as c(student_id, day, session)
"""
_RAISE: Final = text(
    f"""
    with c as (
        select * from unnest(cast(:students as uuid[]), cast(:days as date[]), cast(:sessions as text[]),
            cast(:ids as uuid[]), cast(:rows as uuid[])) as c(student_id, day, session, id, journal_id)
    )
    insert into absence_alert (id, created_at, school_id, class_group_id, student_id, day, session, period, status,
        journal_id, raised_by, due_at, escalations, outcome_note, closed_at, version)
    select c.id, :now, m.school_id, m.class_group_id, c.student_id, c.day, c.session, m.period,
        case when c.day = :today then 'OPEN' else 'CLOSED' end, c.journal_id, m.recorded_by,
        case when c.day = :today then :now + make_interval(mins => coalesce(
            (select s.answer_minutes from attendance_setting s where s.school_id = m.school_id), :minutes)) end,
        0, '', case when c.day <> :today then :now end, 1
    from c cross join lateral ({_GROUND} and m.recorded_by is not null order by m.period limit 1) m
    on conflict (student_id, day, session) where status <> 'CANCELLED' do nothing
    returning id, journal_id, school_id, class_group_id, student_id, day, session, period
    """  # noqa: S608  constants of this module
).bindparams(bindparam("now", type_=INSTANT))
# What a person has decided stands: only absences that were held against the pupil, or told of late, are taken back.
_CANCEL: Final = text(
    f"""
    with c as ({_CHANGE}), ended as (
        select a.id, a.status from absence_alert a
        join c on c.student_id = a.student_id and c.day = a.day and c.session = a.session
        where (a.status in ('OPEN', 'ANSWERED', 'SAFETY')
            or (a.status = 'CLOSED' and coalesce(a.outcome, 'UNEXCUSED') = 'UNEXCUSED')) and not exists ({_GROUND})
        for update of a
    )
    update absence_alert a set status = 'CANCELLED', due_at = null, version = a.version + 1
    from ended where a.id = ended.id
    returning a.id, a.journal_id, a.school_id, a.class_group_id, a.student_id, a.day, a.session, a.period,
        ended.status as was
    """  # noqa: S608  constants of this module
)


async def follow(session: Session, actor: Actor, changes: Sequence[MarkChange]) -> None:
    """Raise and take back the alerts of marks that changed. No statement when nobody's absence is concerned.

    An absence of today without permission is asked about at once; one of a day that is over is only told. An alert
    without ground is cancelled and not told any more; guardians who may know of it already hear that the child is
    there.
    """
    ended = [change for change in changes if rules.may_end(change.before, change.after, change.period)]
    if ended:
        await _cancel(session, actor, ended)
    begun = [change for change in changes if rules.may_begin(change.before, change.after)]
    if begun:
        await _raise(session, actor, begun)


async def _raise(session: Session, actor: Actor, changes: Sequence[MarkChange]) -> None:
    places = {(change.student_id, change.day, change.session) for change in changes}
    values = {
        **_arrays(places),
        "ids": [new_id() for _ in places],
        "rows": [new_id() for _ in places],
        "now": clock.now(),
        "today": clock.today(),
        "minutes": _ANSWER_MINUTES,
    }
    for row in (await session.execute(_RAISE, values)).mappings():
        facts = dict(row)
        alert_id, row_id = facts.pop("id"), facts.pop("journal_id")
        kind = events.AbsenceRaised if row.day == values["today"] else events.AbsenceRecorded  # pyright: ignore
        record(session, actor, kind(alert_id=alert_id, **facts), row_id=row_id)


async def _cancel(session: Session, actor: Actor, changes: Sequence[MarkChange]) -> None:
    places = {(change.student_id, change.day, change.session) for change in changes}
    there = {(change.student_id, change.day, change.session) for change in changes if change.after in rules.THERE}
    ended = [dict(row) for row in (await session.execute(_CANCEL, _arrays(places))).mappings()]
    if not ended:
        return
    told = await withdraw(session, [row["journal_id"] for row in ended])
    searched = await people_of(session, [row["id"] for row in ended if row["was"] == AlertStatus.SAFETY])
    for row in ended:
        journal_id, was = row.pop("journal_id"), row.pop("was")
        facts = {"alert_id": row.pop("id"), **row}
        present = (row["student_id"], row["day"], row["session"]) in there
        if was == AlertStatus.SAFETY:
            people = searched[facts["alert_id"]]
            outcome = AlertOutcome.FOUND_AT_SCHOOL if present else AlertOutcome.EXCUSED
            facts |= {"child": people.child, "class_name": people.class_name}
            record(session, actor, events.SafetyClosed(**facts, user_ids=people.responsible, outcome=outcome))
            record(session, actor, events.SearchEnded(**facts, user_ids=people.others))
        elif present and journal_id in told:
            record(session, actor, events.AbsenceCorrected(**facts))


def _arrays(places: Collection[tuple[UUID, date, HalfDay]]) -> dict[str, Any]:
    students, days, sessions = zip(*places, strict=True)
    return {"students": list(students), "days": list(days), "sessions": [str(half) for half in sessions]}
