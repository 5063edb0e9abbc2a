"""Leave of a pupil who goes to another school: what lies ahead ends, what has been stays."""

from datetime import timedelta

from backend.attendance.tables import ClosedWeek
from backend.core.actor import Actor
from backend.core.db import elevated
from backend.leave.moving import end_ahead
from tests.actors import World
from tests.slices.leave.conftest import REQUEST, WEDNESDAY, Desk

MINE = f"query($s: UUID!) {{ leaveRequests(student: $s) {{ nodes {{ {REQUEST} }} }} }}"
THURSDAY, FRIDAY = WEDNESDAY + timedelta(days=1), WEDNESDAY + timedelta(days=2)
NEXT_MONDAY = WEDNESDAY + timedelta(days=5)


async def _leaves(desk: Desk, world: World) -> None:
    """As whoever completes the transfer: somebody of the other school, behind the open fence."""
    head: Actor = world.actor("other_clerk")
    async with desk.database.write(head) as session, elevated(session):
        await end_ahead(session, head, world["lan"])


async def _shown(desk: Desk, world: World) -> list[tuple[str, str, str, int]]:
    nodes = (await desk.ask("mother", MINE, s=world["lan"]))["leaveRequests"]["nodes"]
    return sorted((node["startsOn"], node["endsOn"], node["status"], node["halfDays"]) for node in nodes)


async def test_what_waits_and_what_is_granted_ahead_is_withdrawn(desk: Desk, world: World) -> None:
    await desk.asked(5)
    await desk.granted(1, 2)
    await _leaves(desk, world)
    assert await _shown(desk, world) == [
        (f"{THURSDAY}", f"{FRIDAY}", "WITHDRAWN", 0),
        (f"{NEXT_MONDAY}", f"{NEXT_MONDAY}", "WITHDRAWN", 0),
    ]
    assert await desk.marks() == {}
    granted, waiting = sorted(await desk.journal("leave.leave_ended"), key=lambda row: row.data["starts_on"])
    assert (waiting.data["starts_on"], waiting.data["half_days"]) == (f"{NEXT_MONDAY}", 1)
    assert (granted.data["starts_on"], granted.data["ends_on"], granted.data["half_days"]) == (
        f"{THURSDAY}", f"{FRIDAY}", 2
    )  # fmt: skip
    assert granted.data["child"] == "Nguyễn Thị Ngọc Lan" and granted.data["class_name"] == "7A"
    assert granted.audience is not None and granted.audience["students"] == [str(world["lan"])]
    await _leaves(desk, world)
    assert len(await desk.journal("leave.leave_ended")) == 2


async def test_leave_that_has_begun_keeps_today_and_what_was(desk: Desk, world: World) -> None:
    await desk.granted(0, 2)
    await _leaves(desk, world)
    assert await _shown(desk, world) == [(f"{WEDNESDAY}", f"{WEDNESDAY}", "APPROVED", 1)]
    assert await desk.marks() == {WEDNESDAY: "EXCUSED"}
    [ended] = await desk.journal("leave.leave_ended")
    assert (ended.data["starts_on"], ended.data["starts_session"], ended.data["half_days"]) == (
        f"{THURSDAY}", "MORNING", 2
    )  # fmt: skip


async def test_a_request_about_today_stays_with_the_school_she_leaves(desk: Desk, world: World) -> None:
    asked = await desk.asked(0)
    await _leaves(desk, world)
    assert await _shown(desk, world) == [(f"{WEDNESDAY}", f"{WEDNESDAY}", "PENDING", 1)]
    assert await desk.journal("leave.leave_ended") == []
    assert (await desk.decide(asked, "headteacher"))["decideLeave"]["request"]["status"] == "APPROVED"


async def test_a_closed_week_is_left_as_it_is(desk: Desk, world: World) -> None:
    """The move must not fail because the homeroom teacher was quick: what she closed holds, the next week ends."""
    await desk.granted(1, 5)
    monday = WEDNESDAY - timedelta(days=2)
    closed = ClosedWeek(
        school_id=world["school"],
        class_group_id=world["class_7a"],
        starts_on=monday,
        closed_by=world["homeroom_teacher"],
    )
    await desk.add(closed)
    await _leaves(desk, world)
    assert await _shown(desk, world) == [(f"{THURSDAY}", f"{FRIDAY}", "APPROVED", 2)]
    assert set(await desk.marks()) == {THURSDAY, FRIDAY}
