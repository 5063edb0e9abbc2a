"""The relay: from journal rows that wait to people who are told. Any number of relays may run at once.

Everything about a row happens in one transaction: its notifications, its deliveries, and the mark that it is done. Only
after the commit do open apps get their hint and the lanes their wake-up; both may be lost, for the apps refetch when
they come back and the lanes look by the clock.
"""

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
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

BATCH: Final = 100
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
            told.last = rows[-1].id if rows else None
            relayed: list[UUID] = []
            for alike in _alike(rows):
                relayed += await self._try(session, alike, told)
            if relayed:
                done = update(Journal).where(col(Journal.id).in_(relayed)).values(relayed_at=clock.now())
                await session.execute(done, execution_options={"synchronize_session": False})
            told.taken = len(relayed)
        return told

    async def _try(self, session: Session, rows: Sequence[Journal], told: _Told) -> list[UUID]:
        """Relay rows of one kind together; when that fails, one by one. Those that are done."""
        try:
            async with session.begin_nested():
                await self._relay(session, rows, told)
            return [row.id for row in rows]
        except Exception:
            if len(rows) == 1:
                # One bad row must not hold up the others.
                _log.exception("row not relayed", journal=str(rows[0].id), kind=rows[0].kind)
                return []
        return [done for row in rows for done in await self._try(session, [row], told)]

    async def _relay(self, session: Session, rows: Sequence[Journal], told: _Told) -> None:
        kind = rows[0].kind
        if kind == SIGN_IN_CODE_REQUESTED:
            await self._send_code(session, UUID(rows[0].data["challenge_id"]))
            return
        entry = CATALOGUE.get(kind)
        if entry is None:
            _log.warning("no notification for this kind", kind=kind)
            return
        true = [row for row in rows if row.withdrawn_at is None]
        people = await audience.tell(session, true, entry) if true else []
        told.lanes |= {entry.lane_of(row.data) for row in true}
        reached = Counter(one.journal_id for one in people)
        large = {row.id for row in true if reached[row.id] > MOST_HINTS and row.school_id is not None}
        told.schools += [(row.school_id, row.id) for row in true if row.id in large and row.school_id is not None]
        told.people += [(one.id, one.user_id) for one in people if one.journal_id not in large]

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


def _alike(rows: Sequence[Journal]) -> list[list[Journal]]:
    """Rows of one kind together, in the order of their first; a code is sent by itself, for it leaves at once."""
    groups: dict[object, list[Journal]] = {}
    for row in rows:
        groups.setdefault(row.id if row.kind == SIGN_IN_CODE_REQUESTED else row.kind, []).append(row)
    return list(groups.values())


async def _claim(session: Session, after: UUID | None) -> list[Journal]:
    waiting = select(Journal).where(col(Journal.audience).is_not(None), col(Journal.relayed_at).is_(None))
    if after is not None:
        waiting = waiting.where(col(Journal.id) > after)
    rows = await session.scalars(waiting.order_by(col(Journal.id)).limit(BATCH).with_for_update(skip_locked=True))
    return list(rows)
