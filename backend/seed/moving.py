"""A family that moved house: one child is at the new school since the last school day, another waits for a tap.

Both requests begin at the counter of the new school with the mother's code, and are brought on by the product's own
actions; what they told the family and the offices stands in their inboxes.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import col

from backend.core.db import Session
from backend.eservices import shipped
from backend.eservices.actions import desk, transfers
from backend.eservices.rules.working_days import WorkingDays
from backend.eservices.tables import Dossier, Transfer
from backend.seed.accounts import Accounts
from backend.seed.calendar import at
from backend.seed.data import read
from backend.seed.model import SeedPupil, SeedSchool
from backend.seed.stage import Stage
from backend.seed.world import World

WORKING_DAYS: Final = 3
"""From the request to the decision."""

# What the events of a transfer become in an inbox, as the catalogue of notifications has it.
_TELL: Final = text(
    r"""
insert into notification (id, created_at, user_id, school_id, journal_id, kind, params, link)
select overlay(md5(concat(j.id, u.id))::uuid::text placing substr(j.id::text, 1, 20) from 1 for 20)::uuid,
    j.created_at, u.id, j.school_id, j.id, substring(j.kind from '\.(.*)'),
    jsonb_build_object('school', s.name, 'transfer_id', j.data->'transfer_id', 'child', j.data->'child',
        'school_name', j.data->'school_name', 'from_school_name', j.data->'from_school_name')
        || case when j.data ? 'consent' then jsonb_build_object('consent', j.data->'consent') else '{}' end,
    case when j.kind ~ 'answered|closed' then '/desk/transfer' else '/services/transfers' end
from journal j join school s on s.id = j.school_id
join "user" u on u.id in (select t::uuid from jsonb_array_elements_text(j.data->'user_ids') t)
where j.kind in ('eservices.transfer_proposed', 'eservices.transfer_answered', 'eservices.transfer_done',
    'eservices.transfer_closed')
"""
)


@dataclass(frozen=True)
class Move:
    """A pupil, her mother, and the class of the other school."""

    mother: UUID
    pupil: UUID
    school: SeedSchool
    class_group: UUID


class Moving:
    """Finds the family among those who were drawn, and plays its two moves."""

    def __init__(self, world: World, accounts: Accounts, schools: list[SeedSchool]) -> None:
        """Gives the mother the phone of the start screen. In a province of one school nobody moves."""
        self._world = world
        self._days = WorkingDays.of((day, works) for day, works, _ in shipped.office_days())
        self._moves: list[Move] = []
        family, by_key = read("places")["moving"], {school.key: school for school in schools}
        if family["to"] not in by_key:
            return
        to = by_key[family["to"]]
        for child in (family["moved"], family["asked"]):
            pupil = _pupil(by_key[family["school"]], child["class"], child["name"])
            group = next(group for group in to.classes if group.name == child["to"])
            self._moves.append(Move(pupil.guardians[0], pupil.id, to, group.id))
        accounts.give_phone(self._moves[0].mother, family["phone"])

    async def play(self, stage: Stage) -> None:
        """One is done and one waits, if the year is old enough: no register is kept after the day of the move."""
        last = self._last_school_day()
        if not self._moves or last is None:
            return
        asked, decided = self._back(last, WORKING_DAYS), self._back(last, WORKING_DAYS - 1)
        if asked <= self._world.calendar.starts_on:
            return
        done, waiting = self._moves
        dossier = await self._propose(stage, done, at(asked, 14, 5))
        async with stage.behind() as session:
            transfer = await _transfer(session, dossier)
        await stage.act(at(asked, 14, 25), done.mother, transfers.answer, transfer.id, transfer.version, True)
        clerk, head = done.school.clerk, done.school.headteacher
        for minute, who, action, given in (
            (at(decided, 8, 30), clerk, desk.accept, ("",)),
            (at(decided, 8, 31), clerk, desk.start, ()),
            (at(decided, 9, 10), clerk, desk.advance, ("", None)),
            (at(last, 16, 40), head, desk.complete, ("", None)),
        ):
            await _handle(stage, minute, who, action, dossier, *given)
        await self._propose(stage, waiting, at(last, 16, 50))
        async with stage.behind() as session:
            await session.execute(_TELL)

    async def _propose(self, stage: Stage, move: Move, moment: datetime) -> UUID:
        """The mother shows her code at the counter of the new school, and the clerk files; the dossier's id."""
        shown = await stage.act(moment, move.mother, transfers.show_code, move.pupil)
        given = (shown.code, move.school.id, move.class_group)
        transfer = await stage.act(moment + timedelta(minutes=4), move.school.clerk, transfers.propose, *given)
        async with stage.behind() as session:
            dossier = (await session.get_one(Transfer, transfer)).dossier_id
        assert dossier is not None
        return dossier

    def _last_school_day(self) -> date | None:
        sheet = self._world.sheets["school_day"]
        day, teaches = sheet.columns.index("day"), sheet.columns.index("teaches")
        today = self._world.calendar.today
        return max((row[day] for row in sheet.rows if row[teaches] and row[day] < today), default=None)

    def _back(self, day: date, days: int) -> date:
        """The working day so many working days before."""
        while days > 0:
            day -= timedelta(days=1)
            days -= self._days.works(day)
        return day


async def _handle(
    stage: Stage, moment: datetime, who: UUID, action: Callable[..., Awaitable[UUID]], dossier: UUID, *given: Any
) -> None:
    async with stage.behind() as session:
        version = (await session.get_one(Dossier, dossier)).version
    await stage.act(moment, who, action, dossier, version, *given)


async def _transfer(session: Session, dossier: UUID) -> Transfer:
    return (await session.execute(select(Transfer).where(col(Transfer.dossier_id) == dossier))).scalar_one()


def _pupil(school: SeedSchool, class_name: str, name: str) -> SeedPupil:
    group = next(group for group in school.classes if group.name == class_name)
    return next(pupil for pupil in group.pupils if pupil.full_name == name)
