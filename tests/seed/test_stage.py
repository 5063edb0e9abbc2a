"""The past is played at its own moments, and only there."""

import asyncio
from datetime import UTC, date, datetime

from backend.core import clock
from backend.core.ids import new_id
from backend.identity.tables import User

PAST = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)


async def test_a_told_moment_holds_for_rows_ids_and_tasks_of_its_block_only() -> None:
    before = clock.now()
    other = asyncio.create_task(asyncio.to_thread(clock.now))
    with clock.told(PAST):
        assert (clock.now(), clock.today()) == (PAST, date(2026, 3, 3))
        assert await asyncio.to_thread(clock.now) == PAST
        assert User(full_name="A", sort_key="a").created_at == PAST
        assert new_id().int >> 80 == int(PAST.timestamp() * 1000)
        with clock.told(before):
            assert clock.now() == before
        assert clock.now() == PAST
    assert clock.now() >= before
    assert await other >= before
    assert new_id().int >> 80 >= int(before.timestamp() * 1000)
