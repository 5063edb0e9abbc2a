"""Two devices on one class: whatever the order, the batches and the repetitions, the same marks."""

import random

import pytest

from backend.core import clock
from tests.actors import World
from tests.client import Client
from tests.slices.attendance.register import PUPILS, Tap, fetch, marks, take, untouched

STATUSES = (("PRESENT", None), ("UNEXCUSED", None), ("EXCUSED", None), ("LATE", 5), ("LEFT_EARLY", 30))


def a_queue(chance: random.Random) -> list[Tap]:
    """A device's queue: the whole class as shown, then some taps. Seconds apart, so that orders really differ."""
    queue = untouched(ago=chance.randint(500, 900))
    for _ in range(chance.randint(1, 6)):
        status, minutes = chance.choice(STATUSES)
        queue.append(Tap(chance.choice(PUPILS), status, minutes, ago=chance.randint(1, 499)))
    return queue


async def deliver(client: Client, world: World, chance: random.Random, queues: dict[str, list[Tap]]) -> None:
    """Send both queues in batches, reordered, some of them twice, the devices taking turns as it happens."""
    started = clock.now()
    batches: list[tuple[str, list[Tap]]] = []
    for who, queue in queues.items():
        shuffled = chance.sample(queue, len(queue))
        while shuffled:
            size = chance.randint(1, 4)
            batches.append((who, shuffled[:size]))
            shuffled = shuffled[size:]
    batches += chance.sample(batches, chance.randint(1, len(batches)))
    chance.shuffle(batches)
    for who, batch in batches:
        # Each device's clock stands still here, as if all had been sent at once: taps keep their moment.
        drift = (clock.now() - started).total_seconds()
        moved = [Tap(tap.pupil, tap.status, tap.minutes, tap.explicit, tap.ago + drift, tap.id) for tap in batch]
        answer = await take(client, world, *moved, who=who)
        assert answer.problem is None and answer["takeRegister"]["refused"] == []


@pytest.mark.parametrize("seed", range(8))
async def test_every_interleaving_ends_in_the_same_marks(client: Client, world: World, dsn: str, seed: int) -> None:
    chance = random.Random(seed)
    queues = {"math_teacher": a_queue(chance), "homeroom_teacher": a_queue(chance)}
    said = [tap for queue in queues.values() for tap in queue]
    expected = {
        pupil: max((tap for tap in said if tap.pupil == pupil), key=lambda tap: (tap.explicit, -tap.ago, tap.id))
        for pupil in PUPILS
    }
    await deliver(client, world, chance, queues)
    assert await marks(dsn, world) == {
        pupil: (tap.status, tap.minutes, tap.explicit) for pupil, tap in expected.items()
    }
    assert len(await fetch(dsn, "select from attendance_operation")) == len(said)
    assert len(await fetch(dsn, "select from register")) == 1


async def test_both_decisions_are_kept(client: Client, world: World, dsn: str) -> None:
    await take(client, world, Tap("lan", "UNEXCUSED", ago=60))
    await take(client, world, Tap("lan", "LATE", 15), who="homeroom_teacher")
    said = await fetch(dsn, "select status, recorded_by from attendance_operation order by decided_at")
    assert [(row["status"], row["recorded_by"]) for row in said] == [
        ("UNEXCUSED", world["math_teacher"]),
        ("LATE", world["homeroom_teacher"]),
    ]
