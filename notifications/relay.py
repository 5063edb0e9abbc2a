"""The relay: from journal rows that wait to people who are told. Any number of relays may run at once.

Everything about a row happens in one transaction: its notifications, its deliveries, and the mark that it is done. Only
after the commit do open apps get their hint and the lanes their wake-up; both may be lost, for the apps refetch when
they come back and the lanes look by the clock.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final, Protocol
from uuid import UUID

import structlog
from sqlalchemy import select, update
from sqlmodel import col

from backend.core import clock, codes
from backend.core.actor import SYSTEM
from backend.core.bus import Bus
from backend.core.db import Database, Session
from backend.core.journal import Journal
from backend.core.news import channel_of, news, school_channel
from backend.core.settings import settings
from backend.core.text import mask_phone
from backend.identity.tables import SignInChallenge, User
from notifications import audience
from notifications.catalogue import CATALOGUE, SIGN_IN_CODE_REQUESTED
from notifications.messages import render
from notifications.tables import Lane

BATCH: Final = 20
# More people than this get one hint through their school's channel instead of one each.
MOST_HINTS: Final = 5_000
LANE_NAMES: Final = {lane: f"deliver.{lane.value.lower()}" for lane in Lane}

_log = structlog.get_logger(__name__)


class CodeSender(Protocol):
    """Takes a one-time code to a phone. Raises OSError when it cannot; the relay comes back to it."""

    async def send_code(self, phone: str, text: str) -> None: ...


@dataclass(slots=True)
class _Told:
    """What a batch has done, for the hints after its commit."""

    last: UUID | None = None
    taken: int = 0
    lanes: set[Lane] = field(default_factory=set)
    people: list[tuple[UUID, UUID]] = field(default_factory=list)
    schools: list[tuple[UUID, UUID]] = field(default_factory=list)


class Relay:
    """Reads the journal of `database` and tells people; `wake` wakes a lane by name."""

    def __init__(
        self, database: Database, bus: Bus, wake: Callable[[str], Awaitable[None]], code_sender: CodeSender
    ) -> None:
        self._database = database
        self._bus = bus
        self._wake = wake
        self._code_sender = code_sender

    async def run(self) -> int:
        """Relay every row that waits; how many. A row that fails is logged, left waiting, and met at the next run."""
        after, done = None, 0
        while True:
            told = await self._batch(after)
            await self._hint(told)
            done += told.taken
            if told.last is None:
                return done
            after = told.last

    async def _batch(self, after: UUID | None) -> _Told:
        """One transaction over the next rows nobody else holds."""
        told = _Told()
        async with self._database.write(SYSTEM) as session:
            rows = await _claim(session, after)
            relayed: list[UUID] = []
            for row in rows:
                told.last = row.id
                try:
                    async with session.begin_nested():
                        await self._relay(session, row, told)
                    relayed.append(row.id)
                except Exception:
                    # One bad row must not hold up the rows behind it.
                    _log.exception("row not relayed", journal=str(row.id), kind=row.kind)
            if relayed:
                done = update(Journal).where(col(Journal.id).in_(relayed)).values(relayed_at=clock.now())
                await session.execute(done, execution_options={"synchronize_session": False})
            told.taken = len(relayed)
        return told

    async def _relay(self, session: Session, row: Journal, told: _Told) -> None:
        if row.withdrawn_at is not None:
            return  # it was not so
        if row.kind == SIGN_IN_CODE_REQUESTED:
            await self._send_code(session, UUID(row.data["challenge_id"]))
            return
        entry = CATALOGUE.get(row.kind)
        if entry is None:
            _log.warning("no notification for this kind", kind=row.kind)
            return
        people = await audience.tell(session, row, entry)
        told.lanes.add(entry.lane_of(row.data))
        if len(people) > MOST_HINTS and row.school_id is not None:
            told.schools.append((row.school_id, row.id))
        else:
            told.people += people

    async def _send_code(self, session: Session, challenge_id: UUID) -> None:
        """The code of a challenge that still waits for it. It exists here for a moment and is stored nowhere."""
        found = await session.execute(
            select(SignInChallenge, col(User.language))
            .outerjoin(User, col(User.phone) == SignInChallenge.phone)
            .where(col(SignInChallenge.id) == challenge_id)
        )
        challenge, language = found.one()
        if not challenge.deliver or challenge.used_at is not None or challenge.expires_at <= clock.now():
            return
        code = codes.one_time_code(settings().secret(), challenge_id)
        phone = mask_phone(challenge.phone)
        words = render("sign_in_code", language or "vi", {"phone": phone, "code": code})
        await self._code_sender.send_code(challenge.phone, f"{words.title}. {words.body}")

    async def _hint(self, told: _Told) -> None:
        """Wake the lanes, and let open apps know that there is something to fetch."""
        for lane in told.lanes:
            await self._wake(LANE_NAMES[lane])
        for notification_id, user_id in told.people:
            await self._bus.publish(channel_of(user_id), news("notification", notification_id))
        for school_id, journal_id in told.schools:
            await self._bus.publish(school_channel(school_id), news("notification", journal_id))


async def _claim(session: Session, after: UUID | None) -> list[Journal]:
    waiting = select(Journal).where(col(Journal.audience).is_not(None), col(Journal.relayed_at).is_(None))
    if after is not None:
        waiting = waiting.where(col(Journal.id) > after)
    rows = await session.scalars(waiting.order_by(col(Journal.id)).limit(BATCH).with_for_update(skip_locked=True))
    return list(rows)
