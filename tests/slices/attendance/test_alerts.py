"""An unexpected absence, from the register to the family's answer, the search, and its end."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import insert, select, update
from sqlmodel import col

from backend.attendance import actions
from backend.attendance.tables import AbsenceAlert, AbsenceReason, AttendanceMark, AttendanceSetting, ClosedWeek
from backend.attendance.tasks import escalate
from backend.core import clock
from backend.core.actor import SYSTEM, Actor
from backend.core.bus import MemoryBus
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.enrolment.tables import Homeroom
from backend.identity.tables import Guardianship, Relation
from backend.timetable.tables import HalfDay, SchoolDay
from tests.actors import World
from tests.client import Answer, Client
from tests.slices.attendance.register import Tap, take, untouched
from tests.slices.attendance.telling import MORNING, Ears

FIELDS = """alert { id status answer answeredBy { fullName } dueAt escalations outcome outcomeNote version
  acknowledgements { person { fullName } } closedBy { fullName } recordedBy { fullName } }"""
ANSWER = f"""mutation($a: UUID!, $w: AbsenceAnswer!) {{
  answerAbsence(alert: $a, answer: $w) {{
    __typename ... on AbsenceAlertPayload {{ {FIELDS} }} ... on Problem {{ code message }} }} }}"""
ACKNOWLEDGE = f"""mutation($a: UUID!) {{
  acknowledgeSafety(alert: $a) {{
    __typename ... on AbsenceAlertPayload {{ {FIELDS} }} ... on Problem {{ code message }} }} }}"""
CLOSE = f"""mutation($a: UUID!, $o: AlertOutcome!, $n: String! = "") {{
  closeAlert(alert: $a, outcome: $o, note: $n) {{
    __typename ... on AbsenceAlertPayload {{ {FIELDS} }} ... on Problem {{ code message }} }} }}"""
ALERTS = "{ absenceAlerts { id status student { fullName } schoolPhone } }"
ALERT = "query($a: UUID!) { absenceAlert(id: $a) { id status answer classGroup { name } day session period } }"


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def ears(database: Database, bus: MemoryBus, world: World) -> Ears:
    return Ears(database, bus, world)


@pytest.fixture
async def alert(client: Client, world: World, database: Database) -> AbsenceAlert:
    """Lan is away and nobody knows why."""
    await take(client, world, Tap("lan", "UNEXCUSED"), *untouched("minh", "anh"))
    return await the_alert(database)


async def all_alerts(database: Database) -> list[AbsenceAlert]:
    async with database.write(SYSTEM) as session:
        return list(await session.scalars(select(AbsenceAlert).order_by(col(AbsenceAlert.id))))


async def the_alert(database: Database) -> AbsenceAlert:
    found = await all_alerts(database)
    assert len(found) == 1
    return found[0]


async def answer(client: Client, world: World, alert: AbsenceAlert, said: str, who: str = "mother") -> Answer:
    return await client(world.actor(who), ANSWER, a=str(alert.id), w=said)


async def look(database: Database, minutes: int, now: time_machine.Traveller) -> int:
    """Let time pass, and the lane look at its clocks."""
    now.shift(timedelta(minutes=minutes))
    async with database.write(SYSTEM) as session:
        return await escalate(session, clock.now())


# -- raised


async def test_guardians_hear_at_once_and_nobody_else(ears: Ears, alert: AbsenceAlert, world: World) -> None:
    assert await ears.hear() == {"absence_alert": ["father", "mother"]}
    assert ears.titles["absence_alert", "mother"] == "Lan (7A): chưa có mặt sáng thứ Hai 23/11"
    assert ears.links["absence_alert", "mother"] == f"/absences/{alert.id}"
    assert (alert.status, alert.raised_by) == ("OPEN", world["math_teacher"])
    assert alert.due_at == MORNING + timedelta(minutes=15)


async def test_nobody_hears_before_the_register_is_sent_nor_of_expected_absence(
    client: Client, world: World, database: Database, ears: Ears
) -> None:
    await take(client, world, Tap("lan", "EXCUSED"), Tap("minh", "LATE", 10), *untouched("anh"))
    assert await all_alerts(database) == [] and await ears.hear() == {}


async def test_a_teacher_who_recorded_her_own_child_is_not_alerted(
    client: Client, world: World, database: Database, ears: Ears
) -> None:
    row = Guardianship(
        school_id=world["school"], student_id=world["lan"], user_id=world["math_teacher"], relation=Relation.MOTHER
    )
    async with database.write(SYSTEM) as session:
        await session.execute(insert(Guardianship).values(**row.model_dump()))
    await take(client, world, Tap("lan", "UNEXCUSED"))
    assert await ears.hear() == {"absence_alert": ["father", "mother"]}


async def test_two_devices_and_a_repetition_raise_one_alert(
    client: Client, world: World, database: Database, ears: Ears, now: time_machine.Traveller
) -> None:
    tap = Tap("lan", "UNEXCUSED")
    await take(client, world, tap)
    await take(client, world, tap)
    now.shift(60)
    await take(client, world, Tap("lan", "UNEXCUSED"), who="homeroom_teacher")
    await take(client, world, Tap("lan", "UNEXCUSED"), who="literature_teacher", period=2)
    assert len(await all_alerts(database)) == 1
    assert await ears.hear() == {"absence_alert": ["father", "mother"]}


async def test_a_period_raises_an_alert_unless_the_pupil_is_away_for_the_session(
    client: Client, world: World, database: Database, ears: Ears
) -> None:
    await take(client, world, Tap("minh", "EXCUSED"))
    await take(client, world, Tap("minh", "UNEXCUSED"), Tap("lan", "UNEXCUSED"), period=2)
    assert [row.period for row in await all_alerts(database)] == [2]
    assert await ears.hear() == {"absence_alert": ["father", "mother"]}
    assert ears.titles["absence_alert", "mother"] == "Lan (7A): chưa có mặt tiết 2 sáng thứ Hai 23/11"


async def test_the_statements_do_not_grow_with_the_absent(client: Client, world: World, database: Database) -> None:
    with database.count_statements() as one:
        await take(client, world, Tap("lan", "UNEXCUSED"), *untouched("minh", "anh"))
    with database.count_statements() as none:
        await take(client, world, *untouched("lan", "minh", "anh"), period=1)
    with database.count_statements() as three:
        taps = [Tap(name, "UNEXCUSED") for name in ("lan", "minh", "anh")]
        await take(client, world, *taps, period=2)
    assert len(one) == len(three) == len(none) + 1, one.statements  # the alerts; their journal rows join the others


async def test_a_day_that_is_over_is_told_not_asked(
    client: Client, world: World, database: Database, ears: Ears, now: time_machine.Traveller
) -> None:
    """A phone that found its signal on the next day."""
    now.shift(timedelta(days=1))
    async with database.write(SYSTEM) as session:
        await session.execute(update(SchoolDay).values(teaches=True))
    monday = clock.today() - timedelta(days=1)
    await take(client, world, Tap("lan", "UNEXCUSED"), day=monday)
    row = await the_alert(database)
    assert (row.status, row.outcome, row.due_at) == ("CLOSED", None, None)
    assert await ears.hear() == {"absence_recorded": ["father", "mother"]}
    now.shift(60)
    await take(client, world, Tap("lan", "PRESENT"), day=monday)
    assert (await the_alert(database)).status == "CANCELLED"
    assert await ears.hear() == {"absence_corrected": ["father", "mother"]}


# -- taken back


async def test_an_absence_corrected_before_anybody_was_told_is_never_told(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert, now: time_machine.Traveller
) -> None:
    now.shift(1)
    await take(client, world, Tap("lan", "LATE", 5))
    assert (await the_alert(database)).status == "CANCELLED"
    assert await ears.hear() == {}
    async with database.write(SYSTEM) as session:
        row = await session.get(Journal, alert.journal_id)
    assert row is not None and row.withdrawn_at is not None and row.relayed_at is not None


async def test_who_was_told_hears_that_the_child_is_there(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert, now: time_machine.Traveller
) -> None:
    await ears.hear()
    now.shift(60)
    await take(client, world, Tap("lan", "PRESENT"), who="homeroom_teacher")
    assert await ears.hear() == {"absence_corrected": ["father", "mother"]}
    assert "con có mặt" in ears.titles["absence_corrected", "mother"]
    refused = await answer(client, world, alert, "SICK")
    assert refused.problem == "alert.cancelled"
    now.shift(60)
    await take(client, world, Tap("lan", "UNEXCUSED"))
    assert [row.status for row in await all_alerts(database)] == ["CANCELLED", "OPEN"]
    assert await ears.hear() == {"absence_alert": ["father", "mother"]}


async def test_leave_that_arrives_meanwhile_withdraws_the_alert(
    world: World, database: Database, ears: Ears, alert: AbsenceAlert
) -> None:
    await _excuse(world, database, world.actor("homeroom_teacher"))
    assert (await the_alert(database)).status == "CANCELLED"
    assert await ears.hear() == {}


async def _excuse(world: World, database: Database, actor: Actor) -> None:
    async with database.write(actor) as session:
        sessions = [(clock.today(), HalfDay.MORNING)]
        place = (world["school"], world["lan"], world["class_7a"], sessions)
        await actions.excuse(session, actor, *place, AbsenceReason.SICK, new_id())


async def test_permission_for_the_session_ends_the_alert_of_a_period(
    client: Client, world: World, database: Database
) -> None:
    await take(client, world, Tap("lan", "UNEXCUSED"), period=2)
    await _excuse(world, database, world.actor("homeroom_teacher"))
    assert (await the_alert(database)).status == "CANCELLED"


async def test_an_alert_stays_while_another_period_gives_it_ground(
    client: Client, world: World, database: Database, now: time_machine.Traveller
) -> None:
    await take(client, world, Tap("lan", "UNEXCUSED"), period=1)
    await take(client, world, Tap("lan", "UNEXCUSED"), who="literature_teacher", period=2)
    now.shift(60)
    await take(client, world, Tap("lan", "LATE", 10), period=1)
    assert (await the_alert(database)).status == "OPEN"
    now.shift(60)
    await take(client, world, Tap("lan", "PRESENT"), who="literature_teacher", period=2)
    assert (await the_alert(database)).status == "CANCELLED"


# -- answered


async def test_a_reason_goes_to_the_homeroom_teacher_who_decides(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert
) -> None:
    await ears.hear()
    told = (await answer(client, world, alert, "SICK"))["answerAbsence"]["alert"]
    assert (told["status"], told["answer"], told["dueAt"]) == ("ANSWERED", "SICK", None)
    assert told["answeredBy"]["fullName"] == "Trần Thị Hoa"
    assert await ears.hear() == {"absence_answered": ["homeroom_teacher"]}
    assert ears.titles["absence_answered", "homeroom_teacher"].startswith("Nguyễn Thị Ngọc Lan (7A)")
    assert ears.links["absence_answered", "homeroom_teacher"] == f"/attendance/alerts/{alert.id}"
    done = await client(world.actor("homeroom_teacher"), CLOSE, a=str(alert.id), o="EXCUSED", n="  Nghỉ  ốm ")
    assert done["closeAlert"]["alert"]["outcome"] == "EXCUSED"
    assert done["closeAlert"]["alert"]["outcomeNote"] == "Nghỉ ốm"
    assert await ears.hear() == {"absence_closed": ["father", "mother"]}
    assert await _mark(database, world) == ("EXCUSED", "SICK")
    assert (await the_alert(database)).status == "CLOSED"


async def _mark(database: Database, world: World) -> tuple[str, str | None]:
    async with database.write(SYSTEM) as session:
        mark = (
            await session.scalars(
                select(AttendanceMark).where(
                    col(AttendanceMark.student_id) == world["lan"], col(AttendanceMark.period) == 0
                )
            )
        ).one()
    return mark.status.value, mark.reason.value if mark.reason else None


async def test_without_a_homeroom_teacher_the_headteacher_hears_the_answer(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert
) -> None:
    async with database.write(SYSTEM) as session:
        await session.delete((await session.scalars(select(Homeroom))).one())
    await ears.hear()
    await answer(client, world, alert, "FAMILY")
    assert await ears.hear() == {"absence_answered": ["headteacher"]}


async def test_the_first_answer_counts_the_same_again_is_nothing_and_a_search_always_begins(
    client: Client, world: World, ears: Ears, alert: AbsenceAlert
) -> None:
    first = (await answer(client, world, alert, "SICK"))["answerAbsence"]["alert"]
    again = (await answer(client, world, alert, "SICK", who="father"))["answerAbsence"]["alert"]
    other = (await answer(client, world, alert, "FAMILY", who="father"))["answerAbsence"]["alert"]
    assert first == again == other
    search = (await answer(client, world, alert, "SHOULD_BE_AT_SCHOOL", who="father"))["answerAbsence"]["alert"]
    assert (search["status"], search["answeredBy"]["fullName"]) == ("SAFETY", "Nguyễn Văn Nam")
    calmed = (await answer(client, world, alert, "SICK"))["answerAbsence"]["alert"]
    assert calmed == search


@pytest.mark.parametrize("who", ["pupil", "other_mother", "homeroom_teacher", "headteacher", "clerk", "other_teacher"])
async def test_only_a_guardian_of_the_child_answers(
    client: Client, world: World, database: Database, alert: AbsenceAlert, who: str
) -> None:
    refused = await answer(client, world, alert, "SICK", who=who)
    assert refused.problem in ("core.not_found", "core.not_allowed")
    assert (await the_alert(database)).status == "OPEN"


async def test_a_former_guardian_neither_sees_nor_answers(
    client: Client, world: World, database: Database, alert: AbsenceAlert
) -> None:
    async with database.write(SYSTEM) as session:
        await session.execute(
            update(Guardianship).where(col(Guardianship.user_id) == world["father"]).values(ended_at=clock.now())
        )
    assert (await answer(client, world, alert, "SICK", who="father")).problem == "core.not_found"
    assert (await client(world.actor("father"), ALERT, a=str(alert.id)))["absenceAlert"] is None


# -- the search


async def test_a_search_reaches_school_and_the_other_guardian_until_it_is_closed(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert
) -> None:
    await ears.hear()
    told = (await answer(client, world, alert, "SHOULD_BE_AT_SCHOOL"))["answerAbsence"]["alert"]
    assert told["status"] == "SAFETY"
    assert told["dueAt"].startswith((MORNING + timedelta(minutes=5)).isoformat()[:19])
    assert await ears.hear() == {
        "safety_raised": ["father", "headteacher", "homeroom_teacher"],
        "search_asked": ["literature_teacher", "math_teacher"],
    }
    assert "em phải đang ở trường" in ears.titles["safety_raised", "headteacher"]
    assert "con phải đang ở trường" in ears.titles["safety_raised", "father"]
    assert ears.links["safety_raised", "father"] == f"/absences/{alert.id}"
    assert ears.links["safety_raised", "headteacher"] == f"/attendance/alerts/{alert.id}"
    register = f"/attendance/{world['class_7a']}?day=2026-11-23&session=MORNING"
    assert ears.links["search_asked", "math_teacher"] == register

    taken = await client(world.actor("homeroom_teacher"), ACKNOWLEDGE, a=str(alert.id))
    assert taken["acknowledgeSafety"]["alert"]["dueAt"] is None
    assert [row["person"]["fullName"] for row in taken["acknowledgeSafety"]["alert"]["acknowledgements"]] == [
        "Đỗ Thị Chủ Nhiệm"
    ]
    assert await ears.hear() == {"safety_acknowledged": ["father", "headteacher", "mother"]}
    assert ears.titles["safety_acknowledged", "mother"] == "Lan (7A): Đỗ Thị Chủ Nhiệm đang tìm"
    await client(world.actor("homeroom_teacher"), ACKNOWLEDGE, a=str(alert.id))
    assert await ears.hear() == {}

    refused = await client(world.actor("headteacher"), CLOSE, a=str(alert.id), o="EXCUSED")
    assert refused.problem == "alert.outcome_of_search"
    done = await client(world.actor("headteacher"), CLOSE, a=str(alert.id), o="WITH_FAMILY", n="Ở nhà bà ngoại")
    assert done["closeAlert"]["alert"]["closedBy"]["fullName"] == "Bùi Văn Hiệu"
    assert await ears.hear() == {
        "safety_closed": ["father", "homeroom_teacher", "mother"],
        "search_ended": ["literature_teacher", "math_teacher"],
    }
    assert (await client(world.actor("homeroom_teacher"), ACKNOWLEDGE, a=str(alert.id))).problem == "alert.closed"
    assert (await client(world.actor("homeroom_teacher"), CLOSE, a=str(alert.id), o="FOUND_AT_SCHOOL")).problem == (
        "alert.closed"
    )
    again = await client(world.actor("homeroom_teacher"), CLOSE, a=str(alert.id), o="WITH_FAMILY")
    assert again.problem is None and await ears.hear() == {}


async def test_the_register_ends_a_search_when_the_child_turns_up(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert, now: time_machine.Traveller
) -> None:
    await answer(client, world, alert, "SHOULD_BE_AT_SCHOOL")
    await ears.hear()
    now.shift(60)
    await take(client, world, Tap("lan", "LATE", 20))
    assert (await the_alert(database)).status == "CANCELLED"
    assert await ears.hear() == {
        "safety_closed": ["father", "headteacher", "homeroom_teacher", "mother"],
        "search_ended": ["literature_teacher"],
    }
    assert ears.titles["safety_closed", "mother"] == "Lan (7A): đã thấy ở trường"


async def test_a_search_nobody_takes_on_is_told_six_times_to_the_headteacher(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert, now: time_machine.Traveller
) -> None:
    await answer(client, world, alert, "SHOULD_BE_AT_SCHOOL")
    await ears.hear()
    assert await look(database, 4, now) == 0
    heard = []
    for _ in range(8):
        await look(database, 5, now)
        heard.append(await ears.hear())
    assert heard == [{"safety_unacknowledged": ["headteacher"]}] * 6 + [{}, {}]
    row = await the_alert(database)
    assert (row.status, row.due_at, row.escalations) == ("SAFETY", None, 6)
    now.shift(timedelta(days=2))
    assert [found["id"] for found in (await client(world.actor("headteacher"), ALERTS))["absenceAlerts"]] == [
        str(alert.id)
    ]


# -- silence


async def test_silence_is_told_once_to_the_school(
    client: Client, world: World, database: Database, ears: Ears, alert: AbsenceAlert, now: time_machine.Traveller
) -> None:
    await ears.hear()
    assert await look(database, 14, now) == 0
    assert await look(database, 1, now) == 1
    assert await ears.hear() == {"absence_unanswered": ["headteacher", "homeroom_teacher"]}
    assert await look(database, 60, now) == 0
    await answer(client, world, alert, "FAMILY")
    await ears.hear()
    await client(world.actor("homeroom_teacher"), CLOSE, a=str(alert.id), o="UNEXCUSED")
    assert await ears.hear() == {"absence_closed": ["father", "headteacher", "mother"]}
    assert await _mark(database, world) == ("UNEXCUSED", None)


async def test_the_school_decides_how_long_silence_is(
    client: Client, world: World, database: Database, now: time_machine.Traveller
) -> None:
    row = AttendanceSetting(school_id=world["school"], answer_minutes=40, safety_minutes=2)
    async with database.write(SYSTEM) as session:
        await session.execute(insert(AttendanceSetting).values(**row.model_dump()))
    await take(client, world, Tap("lan", "UNEXCUSED"))
    alert = await the_alert(database)
    assert alert.due_at == MORNING + timedelta(minutes=40)
    await answer(client, world, alert, "SHOULD_BE_AT_SCHOOL")
    assert (await the_alert(database)).due_at == MORNING + timedelta(minutes=2)
    await look(database, 2, now)
    assert (await the_alert(database)).due_at == MORNING + timedelta(minutes=4)


async def test_two_lanes_tell_of_one_silence_once(
    world: World, database: Database, ears: Ears, alert: AbsenceAlert, now: time_machine.Traveller
) -> None:
    now.shift(timedelta(minutes=15))
    async with database.write(SYSTEM) as one, database.write(SYSTEM) as two:
        assert (await escalate(one, clock.now()), await escalate(two, clock.now())) == (1, 0)
    assert (await ears.hear())["absence_unanswered"] == ["headteacher", "homeroom_teacher"]


# -- who sees and who handles


@pytest.mark.parametrize(
    ("who", "sees"),
    [("mother", 1), ("father", 1), ("pupil", 0), ("other_mother", 0), ("homeroom_teacher", 1), ("headteacher", 1)]
    + [("math_teacher", 0), ("clerk", 0), ("other_teacher", 0), ("other_clerk", 0)],
)
async def test_who_sees_an_alert(client: Client, world: World, alert: AbsenceAlert, who: str, sees: int) -> None:
    listed = await client(world.actor(who), ALERTS)
    assert len(listed["absenceAlerts"]) == sees
    single = await client(world.actor(who), ALERT, a=str(alert.id))
    assert (single["absenceAlert"] is not None) == bool(sees)


async def test_searches_come_first_then_open_ones(
    client: Client, world: World, database: Database, now: time_machine.Traveller
) -> None:
    await take(client, world, Tap("minh", "UNEXCUSED"))
    now.shift(1)
    await take(client, world, Tap("lan", "UNEXCUSED"))
    now.shift(1)
    await take(client, world, Tap("anh", "UNEXCUSED"))
    by_student = {row.student_id: row for row in await all_alerts(database)}
    await answer(client, world, by_student[world["minh"]], "SHOULD_BE_AT_SCHOOL", who="other_mother")
    await answer(client, world, by_student[world["lan"]], "SICK")
    listed = (await client(world.actor("headteacher"), ALERTS))["absenceAlerts"]
    assert [row["status"] for row in listed] == ["SAFETY", "OPEN", "ANSWERED"]


async def test_nothing_of_yesterday_is_listed_unless_somebody_is_still_looked_for(
    client: Client, world: World, alert: AbsenceAlert, now: time_machine.Traveller
) -> None:
    now.shift(timedelta(days=1))
    assert (await client(world.actor("mother"), ALERTS))["absenceAlerts"] == []
    assert (await client(world.actor("mother"), ALERT, a=str(alert.id)))["absenceAlert"]["status"] == "OPEN"


async def test_a_closed_week_keeps_its_marks(
    client: Client, world: World, database: Database, alert: AbsenceAlert
) -> None:
    row = ClosedWeek(
        school_id=world["school"],
        class_group_id=world["class_7a"],
        starts_on=clock.today(),
        closed_by=world["homeroom_teacher"],
    )
    async with database.write(SYSTEM) as session:
        await session.execute(insert(ClosedWeek).values(**row.model_dump()))
    refused = await client(world.actor("homeroom_teacher"), CLOSE, a=str(alert.id), o="EXCUSED")
    assert refused.problem == "attendance.week_closed"
    assert (await the_alert(database)).status == "OPEN" and await _mark(database, world) == ("UNEXCUSED", None)


async def test_a_refusal_has_words(client: Client, world: World, alert: AbsenceAlert) -> None:
    refused: dict[str, Any] = (
        await client(world.actor("homeroom_teacher"), CLOSE, a=str(alert.id), o="FOUND_AT_SCHOOL")
    ).data or {}
    assert "có phép hoặc không phép" in refused["closeAlert"]["message"]
    assert (await client(world.actor("homeroom_teacher"), ACKNOWLEDGE, a=str(alert.id))).problem == "alert.no_search"
