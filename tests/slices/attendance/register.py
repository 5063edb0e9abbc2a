"""What tests of registers need: send operations as a device does, and read the marks back."""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg

from backend.core import clock
from backend.core.ids import new_id
from tests.actors import World
from tests.client import Answer, Client

TAKE = """mutation($class: UUID!, $day: Date!, $session: HalfDay!, $period: Int!, $time: DateTime!,
  $operations: [OperationInput!]!) {
  takeRegister(classGroup: $class, day: $day, session: $session, period: $period, deviceTime: $time,
    operations: $operations) {
    __typename
    ... on TakeRegisterPayload {
      register { id day session period takenBy { fullName } }
      rows { studentId mark(day: $day, session: $session, period: $period) { status minutes reason } }
      received
      refused { id problem { code message } }
    }
    ... on Problem { code message fields { path } }
  }
}"""
PUPILS = ("lan", "minh", "anh")


@dataclass(frozen=True)
class Tap:
    """One operation on a device: `ago` seconds before it is sent, by the device's own clock."""

    pupil: str
    status: str = "PRESENT"
    minutes: int | None = None
    explicit: bool = True
    ago: float = 0
    id: UUID = field(default_factory=new_id)

    def written(self, world: World, device_time: datetime) -> dict[str, Any]:
        return {
            "id": self.id,
            "student": world[self.pupil],
            "status": self.status,
            "minutes": self.minutes,
            "explicit": self.explicit,
            "decidedAt": (device_time - timedelta(seconds=self.ago)).isoformat(),
        }


def untouched(*pupils: str, status: str = "PRESENT", ago: float = 0) -> list[Tap]:
    """Pupils as the screen showed them, nobody having tapped."""
    return [Tap(pupil, status, explicit=False, ago=ago) for pupil in pupils or PUPILS]


async def take(
    client: Client,
    world: World,
    *taps: Tap,
    who: str = "math_teacher",
    class_group: str = "class_7a",
    day: date | None = None,
    session: str = "MORNING",
    period: int = 0,
    device_time: datetime | None = None,
) -> Answer:
    """Send these operations as one request."""
    time = device_time or clock.now()
    return await client(
        world.actor(who),
        TAKE,
        **{"class": world[class_group]},
        day=day or clock.today(),
        session=session,
        period=period,
        time=time.isoformat(),
        operations=[tap.written(world, time) for tap in taps],
    )


async def marks(dsn: str, world: World, period: int = 0) -> dict[str, tuple[str, int | None, bool]]:
    """Every mark of today's morning, by the pupil's name in the world: status, minutes, explicit."""
    names = {world[name]: name for name in (*PUPILS, "dung", "khac")}
    rows = await fetch(
        dsn,
        "select student_id, status, minutes, explicit from attendance_mark where period = $1 and session = 'MORNING'"
        " and day = $2",
        period,
        clock.today(),
    )
    return {names[row["student_id"]]: (row["status"], row["minutes"], row["explicit"]) for row in rows}


async def fetch(dsn: str, sql: str, *args: Any) -> list[asyncpg.Record]:
    """Rows as the owner of the database sees them."""
    connection = await asyncpg.connect(dsn)
    try:
        return await connection.fetch(sql, *args)
    finally:
        await connection.close()
