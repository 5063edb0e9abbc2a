"""The office: every action by everybody, in every state; what it writes, whom it tells, what it refuses."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import time_machine

from backend.core.actor import Role
from backend.core.db import Database
from backend.core.journal import Journal
from backend.eservices.actions import desk, desk_requests
from backend.eservices.actions.desk_requests import Defect
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Paper, Supplement, SupplementItem
from tests.actors import ACTORS, World
from tests.slices.eservices.office import FRIDAY, MONDAY, MORNING, NEXT_MONDAY, THURSDAY, Office, S

BLURRED = Defect("document:birth_certificate", "blurred", "")
OFFICE = {"clerk", "headteacher"}


@pytest.fixture(autouse=True)
def monday() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=True) as traveller:
        yield traveller


@pytest.fixture
async def office(database: Database, world: World) -> Office:
    made = Office(database, world)
    await made.open()
    return made


async def test_from_the_desk_to_the_citizen(office: Office, world: World) -> None:
    dossier = await office.file()
    assert await office.act("clerk", desk.accept, dossier, 1, "Đủ giấy tờ") == ""
    assert await office.act("clerk", desk.start, dossier, 2) == ""
    assert (await office.look(dossier)).step == "check"
    assert await office.act("clerk", desk.advance, dossier, 3, "Hồ sơ rõ ràng", {"class": "7B"}) == ""
    row = await office.look(dossier)
    assert (row.step, row.assignee_id, row.result_data, row.due_on) == ("decide", None, {"class": "7B"}, FRIDAY)
    assert await office.act("headteacher", desk.complete, dossier, 4, "Đồng ý", {"from": "2026-12-01"}) == ""
    row = await office.look(dossier)
    assert (row.status, row.on_time, row.due_on, row.result_note) == (S.COMPLETED, True, None, "Đồng ý")
    assert row.result_data["class"] == "7B" and row.result_data["from"] == "2026-12-01"
    assert await office.act("clerk", desk.give_back, dossier, 5) == ""
    assert (await office.look(dossier)).status is S.RETURNED
    lines = [(entry.action.value, entry.status.value, entry.internal) for entry in await office.entries(dossier)]
    assert lines == [
        ("FILED", "SUBMITTED", False),
        ("ACCEPTED", "ACCEPTED", False),
        ("STARTED", "PROCESSING", False),
        ("HANDED_OVER", "PROCESSING", False),
        ("NOTED", "PROCESSING", True),
        ("COMPLETED", "COMPLETED", False),
        ("RETURNED", "RETURNED", False),
    ]
    assert await office.papers(dossier) == ["RESULT"]
    assert await office.told("dossier_moved") == [["mother"]] * 4
    assert await office.told("dossier_handed_over") == [["headteacher"]]  # the clerk's own step is no news to her


# Action → given after id and version, the state it starts from, who may (of a dossier nobody has yet).
ACTIONS: dict[str, tuple[Any, tuple[Any, ...], DossierStatus, set[str]]] = {
    "accept": (desk.accept, ("",), S.SUBMITTED, OFFICE),
    "reject": (desk.reject, ("Không đúng tuyến",), S.SUBMITTED, OFFICE),
    "start": (desk.start, (), S.ACCEPTED, OFFICE),
    "supplement at reception": (desk_requests.request_supplement, ([BLURRED], ""), S.SUBMITTED, OFFICE),
    "supplement": (desk_requests.request_supplement, ([BLURRED], ""), S.PROCESSING, OFFICE),
    "advance": (desk.advance, ("", None), S.PROCESSING, OFFICE),
    "require payment": (desk_requests.require_payment, (50_000, "Lệ phí"), S.PROCESSING, OFFICE),
    "confirm payment": (desk_requests.confirm_payment, ("BL-01",), S.PAYMENT_REQUIRED, OFFICE),
    "extend": (desk_requests.extend, (2, "Chờ xác minh"), S.PROCESSING, {"headteacher"}),
    "stop": (desk.stop, ("Người nộp không đủ điều kiện",), S.PROCESSING, OFFICE),
    "return": (desk.give_back, (), S.COMPLETED, OFFICE),
}


@pytest.mark.parametrize("name", ACTIONS)
async def test_every_action_by_everybody(office: Office, name: str) -> None:
    action, given, status, allowed = ACTIONS[name]
    for who in ACTORS:
        dossier = await office.file(status, owner=None, days_left=2 if status is S.PAYMENT_REQUIRED else None)
        refusal = await office.act(who, action, dossier, 1, *given)
        row = await office.look(dossier)
        if who in allowed:
            assert refusal == "", (who, refusal)
            assert row.version == 2
        else:
            expected = "eservices.headteacher_extends" if who == "clerk" else "core.not_found"
            assert refusal == expected, (who, refusal)
            assert (row.status, row.version, len(await office.entries(dossier))) == (status, 1, 1)


@pytest.mark.parametrize("name", ACTIONS)
async def test_no_action_from_another_state(office: Office, name: str) -> None:
    action, given, start, _ = ACTIONS[name]
    fitting = {start} | {other[2] for other in ACTIONS.values() if other[0] is action}
    if name == "extend":
        fitting |= {S.SUBMITTED, S.ACCEPTED}
    for status in set(S) - fitting:
        dossier = await office.file(status)
        assert await office.act("headteacher", action, dossier, 1, *given) == "eservices.wrong_state", status
        assert (await office.look(dossier)).version == 1


async def test_the_last_step_is_decided_by_its_role(office: Office) -> None:
    for who, expected in (
        ("clerk", "eservices.not_on_your_desk"),
        ("homeroom_teacher", "core.not_found"),
        ("other_clerk", "core.not_found"),
        ("officer", "core.not_found"),
        ("mother", "core.not_found"),
        ("headteacher", ""),
    ):
        dossier = await office.file(S.PROCESSING, step="decide")
        assert await office.act(who, desk.complete, dossier, 1, "", None) == expected, who
    early = await office.file(S.PROCESSING)
    assert await office.act("headteacher", desk.complete, early, 1, "", None) == "eservices.not_last_step"
    late = await office.file(S.PROCESSING, step="decide")
    assert await office.act("headteacher", desk.advance, late, 1, "", None) == "eservices.last_step"


async def test_whoever_has_it_works_on_it_and_nobody_else_but_the_headteacher(office: Office, world: World) -> None:
    dossier = await office.file(S.PROCESSING)
    given = (world["math_teacher"], "Nhờ thầy xem")
    assert await office.act("clerk", desk.hand_over, dossier, 1, *given) == ""
    assert await office.told("dossier_handed_over") == [["math_teacher"]]
    [_, line] = await office.entries(dossier)
    assert (line.internal, line.to_user_id, line.note) == (True, world["math_teacher"], "Nhờ thầy xem")
    assert await office.act("literature_teacher", desk.advance, dossier, 2, "", None) == "core.not_found"
    assert await office.act("clerk", desk.advance, dossier, 2, "", None) == "eservices.not_on_your_desk"
    assert await office.act("clerk", desk.hand_over, dossier, 2, world["clerk"], "") == "eservices.not_on_your_desk"
    assert await office.act("math_teacher", desk.add_note, dossier, "Đã xem") == ""
    assert await office.act("math_teacher", desk.advance, dossier, 2, "", None) == ""
    row = await office.look(dossier)
    assert (row.step, row.assignee_id) == ("decide", None)  # the headteacher's step is not his
    assert await office.act("math_teacher", desk.add_note, dossier, "Nữa") == "core.not_found"


async def test_to_whom_it_can_be_handed(office: Office, world: World) -> None:
    dossier = await office.file(S.PROCESSING, owner="mother", cosigner="homeroom_teacher")
    hand = lambda to, version=1: office.act("headteacher", desk.hand_over, dossier, version, world[to], "")  # noqa: E731
    for stranger in ("other_clerk", "officer", "mother", "stranger"):
        assert await hand(stranger) == "eservices.not_a_handler", stranger
    assert await hand("homeroom_teacher") == "eservices.colleague_own_dossier"
    assert await hand("literature_teacher") == ""
    new = await office.file(S.SUBMITTED)
    taken = await office.act("clerk", desk.hand_over, new, 1, world["math_teacher"], "")
    assert taken == "eservices.not_a_handler"  # reception is the office's
    assert await office.act("clerk", desk.hand_over, new, 1, world["headteacher"], "") == ""
    done = await office.file(S.RETURNED)
    assert await office.act("clerk", desk.hand_over, done, 1, world["headteacher"], "") == "eservices.wrong_state"


async def test_a_step_of_teachers_is_given_by_the_clerk(office: Office, world: World) -> None:
    dossier = await office.file(S.PROCESSING, procedure="LOP.02")
    assert await office.act("clerk", desk.advance, dossier, 1, "", None) == ""
    assert await office.told("dossier_handed_over") == []  # the clerk knows: it lies with her until she gives it
    assert await office.act("math_teacher", desk.complete, dossier, 2, "8,5 là đúng", None) == "core.not_found"
    assert await office.act("clerk", desk.hand_over, dossier, 2, world["math_teacher"], "") == ""
    assert await office.act("math_teacher", desk.complete, dossier, 3, "8,5 là đúng", None) == ""
    assert (await office.look(dossier)).status is S.COMPLETED


async def test_somebody_without_the_role_of_the_last_step_does_not_decide(office: Office, world: World) -> None:
    dossier = await office.file(S.PROCESSING, step="decide", assignee="math_teacher")
    assert await office.act("math_teacher", desk.complete, dossier, 1, "", None) == "eservices.not_your_step"


async def test_the_homeroom_teachers_step_finds_her(office: Office, world: World) -> None:
    dossier = await office.file(S.PROCESSING, procedure="LOP.03")
    assert await office.act("clerk", desk.advance, dossier, 1, "", None) == ""
    assert (await office.look(dossier)).assignee_id == world["homeroom_teacher"]
    assert await office.told("dossier_handed_over") == [["homeroom_teacher"]]
    own = await office.file(S.PROCESSING, procedure="LOP.03", owner="homeroom_teacher")
    assert await office.act("clerk", desk.advance, own, 1, "", None) == ""
    assert (await office.look(own)).assignee_id is None


async def test_whoever_holds_the_next_step_too_keeps_it(office: Office, world: World) -> None:
    dossier = await office.file(S.PROCESSING, assignee="headteacher")
    assert await office.act("headteacher", desk.advance, dossier, 1, "", None) == ""
    assert (await office.look(dossier)).assignee_id == world["headteacher"]


async def test_nobody_handles_her_own(office: Office) -> None:
    for owner, cosigner in (("clerk", None), ("mother", "clerk")):
        dossier = await office.file(owner=owner, cosigner=cosigner)
        assert await office.act("clerk", desk.accept, dossier, 1, "") == "eservices.own_dossier"
        assert await office.act("clerk", desk.add_note, dossier, "x") == "eservices.own_dossier"
        assert await office.act("headteacher", desk.accept, dossier, 1, "") == ""


async def test_two_officers_at_once(office: Office) -> None:
    dossier = await office.file()
    answers = await asyncio.gather(
        office.act("clerk", desk.accept, dossier, 1, ""),
        office.act("headteacher", desk.reject, dossier, 1, "Trái tuyến"),
        office.act("headteacher", desk_requests.request_supplement, dossier, 1, [BLURRED], ""),
    )
    assert sorted(answers) == ["", "core.stale", "core.stale"]
    row = await office.look(dossier)
    assert row.version == 2 and len(await office.entries(dossier)) == 2


async def test_reasons_are_the_law(office: Office) -> None:
    dossier = await office.file()
    assert await office.act("clerk", desk.reject, dossier, 1, "  ") == "eservices.reason_missing"
    assert await office.act("clerk", desk.reject, dossier, 1, "x" * 2001) == "eservices.text_too_long"
    assert await office.act("clerk", desk.reject, dossier, 1, "Trái tuyến") == ""
    assert await office.papers(dossier) == ["FORM_03"]
    running = await office.file(S.PROCESSING)
    assert await office.act("clerk", desk.stop, running, 1, "") == "eservices.reason_missing"
    assert await office.act("clerk", desk.stop, running, 1, "Đã chuyển đi") == ""
    assert await office.papers(running) == ["FORM_05"]
    row = await office.look(running)
    assert (row.status, row.on_time, row.due_on) == (S.STOPPED, True, None)
    assert (await office.entries(running))[-1].note == "Đã chuyển đi"


# -- what is missing


async def test_everything_missing_is_asked_at_once(office: Office, world: World) -> None:
    dossier = await office.file()
    defects = [BLURRED, Defect("field:reason", "OTHER", "  Viết rõ\nlý do "), BLURRED]
    assert await office.act("clerk", desk_requests.request_supplement, dossier, 1, defects, "Xin bổ sung") == ""
    row = await office.look(dossier)
    assert (row.status, row.due_on, row.supplement_rounds) == (S.SUPPLEMENT_REQUESTED, None, 1)
    [asked] = await office.rows(Supplement, dossier_id=dossier)
    assert asked.answer_by.isoformat() == "2026-12-08"  # ten working days, Tuesday is off
    items = await office.rows(SupplementItem, supplement_id=asked.id)
    assert [(item.target, item.defect, item.note) for item in sorted(items, key=lambda item: item.position)] == [
        ("document:birth_certificate", "blurred", ""),
        ("field:reason", "OTHER", "Viết rõ\nlý do"),
    ]
    assert await office.papers(dossier) == ["FORM_02"]
    [event] = await office.rows(Journal, kind="eservices.supplement_requested")
    assert (event.data["items"], event.data["answer_by"], event.data["child"]) == (
        2,
        "2026-12-08",
        "Nguyễn Thị Ngọc Lan",
    )
    assert await office.told("supplement_requested") == [["mother"]]


@pytest.mark.parametrize(
    ("defects", "refusal"),
    [
        ([], "eservices.defects_missing"),
        ([Defect("document:birth_certificate", "expired", "")], "eservices.defect_unknown"),
        ([Defect("document:passport", "blurred", "")], "eservices.defect_unknown"),
        ([Defect("field:reason", "blurred", "")], "eservices.defect_unknown"),
        ([Defect("reason", "OTHER", "x")], "eservices.defect_unknown"),
        ([Defect("field:address", "OTHER", "x")], "eservices.defect_unknown"),  # not asked with these answers
        ([Defect("field:reason", "OTHER", " ")], "eservices.defect_note_missing"),
        ([Defect("field:reason", "OTHER", "x" * 501)], "eservices.text_too_long"),
        ([Defect("field:reason", "OTHER", str(n)) for n in range(61)], "eservices.too_many_defects"),
    ],
)
async def test_what_cannot_be_asked_for(office: Office, defects: list[Defect], refusal: str) -> None:
    dossier = await office.file()
    assert await office.act("clerk", desk_requests.request_supplement, dossier, 1, defects, "") == refusal
    assert await office.rows(Supplement) == []


async def test_a_second_time_only_the_headteacher_and_never_a_third(office: Office) -> None:
    dossier = await office.file(supplement_rounds=1)
    ask = desk_requests.request_supplement
    assert await office.act("clerk", ask, dossier, 1, [BLURRED], "") == "eservices.second_round"
    assert await office.act("headteacher", ask, dossier, 1, [BLURRED], "") == ""
    again = await office.file(S.PROCESSING, supplement_rounds=2)
    assert await office.act("headteacher", ask, again, 1, [BLURRED], "") == "eservices.too_many_rounds"


# -- fees and time


async def test_the_clock_stands_until_the_fee_is_paid(office: Office, monday: time_machine.Traveller) -> None:
    dossier = await office.file(S.PROCESSING, due_on=FRIDAY)
    for fee in (0, -1, 100_001):
        asked = await office.act("clerk", desk_requests.require_payment, dossier, 1, fee, "")
        assert asked == "eservices.fee_range"
    assert await office.act("clerk", desk_requests.require_payment, dossier, 1, 50_000, "Lệ phí") == ""
    row = await office.look(dossier)
    assert (row.status, row.due_on, row.days_left, row.fee) == (S.PAYMENT_REQUIRED, None, 3, 50_000)
    monday.move_to(MORNING.replace(day=30))
    assert await office.act("clerk", desk_requests.confirm_payment, dossier, 2, " ") == "eservices.receipt_missing"
    assert await office.act("clerk", desk_requests.confirm_payment, dossier, 2, "BL-0042") == ""
    row = await office.look(dossier)
    assert (row.status, str(row.due_on), row.days_left) == (S.PROCESSING, "2026-12-03", None)
    assert (row.fee, row.fee_receipt) == (50_000, "BL-0042")


async def test_what_was_free_when_it_was_filed_stays_free(office: Office) -> None:
    dossier = await office.file(S.PROCESSING, procedure="LOP.02")
    assert await office.act("clerk", desk_requests.require_payment, dossier, 1, 1000, "") == "eservices.free_of_charge"
    row = await office.look(dossier)
    assert (row.status, row.fee) == (S.PROCESSING, 0)


async def test_asking_for_a_fee_makes_nothing_late_on_time(office: Office, monday: time_machine.Traveller) -> None:
    dossier = await office.file(S.PROCESSING, due_on=THURSDAY)
    monday.move_to(MORNING.replace(day=30))  # two working days late
    assert await office.act("clerk", desk_requests.require_payment, dossier, 1, 1000, "") == ""
    assert (await office.look(dossier)).days_left == -2
    assert await office.act("clerk", desk_requests.confirm_payment, dossier, 2, "BL") == ""
    assert (await office.look(dossier)).due_on == THURSDAY


async def test_a_result_is_taken_back_by_the_headteacher_once(office: Office) -> None:
    dossier, revoke = await office.file(S.PROCESSING, step="decide"), desk.revoke_result
    assert await office.act("headteacher", revoke, dossier, 1, "Ghi sai lớp") == "eservices.nothing_to_revoke"
    assert await office.act("headteacher", desk.complete, dossier, 1, "", None) == ""
    for who in set(ACTORS) - {"headteacher"}:
        expected = "eservices.headteacher_revokes" if who == "clerk" else "core.not_found"
        assert await office.act(who, revoke, dossier, 2, "x") == expected, who
    assert [paper.revoked_at for paper in await office.rows(Paper, dossier_id=dossier)] == [None]
    assert await office.act("headteacher", revoke, dossier, 2, "Ghi sai lớp") == ""
    assert await office.act("headteacher", revoke, dossier, 3, "x") == "eservices.nothing_to_revoke"


async def test_why_a_result_was_taken_back_is_told(office: Office) -> None:
    dossier, revoke = await office.file(S.PROCESSING, step="decide"), desk.revoke_result
    assert await office.act("headteacher", desk.complete, dossier, 1, "", None) == ""
    assert await office.act("headteacher", revoke, dossier, 2, " ") == "eservices.reason_missing"
    assert await office.act("headteacher", revoke, dossier, 1, "x") == "core.stale"
    assert await office.told("result_revoked") == []
    assert await office.act("headteacher", revoke, dossier, 2, "Ghi sai lớp") == ""
    last = (await office.entries(dossier))[-1]
    assert (last.action.value, last.note, last.internal) == ("REVOKED", "Ghi sai lớp", False)
    assert (await office.look(dossier)).status is S.COMPLETED
    assert await office.told("result_revoked") == [["mother"]]


async def test_more_time_once_with_an_apology_before_the_deadline(
    office: Office, monday: time_machine.Traveller
) -> None:
    dossier, extend = await office.file(S.PROCESSING, due_on=FRIDAY), desk_requests.extend
    assert await office.act("headteacher", extend, dossier, 1, 0, "x") == "eservices.extension_range"
    assert await office.act("headteacher", extend, dossier, 1, 4, "x") == "eservices.extension_range"
    assert await office.act("headteacher", extend, dossier, 1, 1, " ") == "eservices.reason_missing"
    assert await office.act("headteacher", extend, dossier, 1, 1, "Xin lỗi, chờ xác minh") == ""
    row = await office.look(dossier)
    assert (row.due_on, row.status, row.extended_at is not None) == (NEXT_MONDAY, S.PROCESSING, True)
    assert await office.papers(dossier) == ["FORM_04"]
    assert await office.told("dossier_extended") == [["mother"]]
    assert await office.act("headteacher", extend, dossier, 2, 1, "x") == "eservices.extended_already"
    late = await office.file(S.PROCESSING, due_on=MONDAY)
    monday.move_to(MORNING.replace(day=25))
    assert await office.act("headteacher", extend, late, 1, 1, "x") == "eservices.deadline_passed"
    waiting = await office.file(S.PAYMENT_REQUIRED)
    assert await office.act("headteacher", extend, waiting, 1, 1, "x") == "eservices.wrong_state"


async def test_a_late_decision_is_late(office: Office) -> None:
    dossier = await office.file(S.PROCESSING, step="decide", due_on=FRIDAY.replace(day=20))
    assert await office.act("headteacher", desk.complete, dossier, 1, "", None) == ""
    row = await office.look(dossier)
    assert (row.on_time, row.status) == (False, S.COMPLETED)


async def test_notes_stay_in_the_office(office: Office, world: World, database: Database) -> None:
    dossier = await office.file(S.PROCESSING)
    assert await office.act("clerk", desk.add_note, dossier, " ") == "eservices.note_missing"
    assert await office.act("clerk", desk.add_note, dossier, "Gọi lại phụ huynh") == ""
    assert (await office.look(dossier)).version == 1
    assert (await office.entries(dossier))[-1].internal
    finished = await office.file(S.RETURNED)
    assert await office.act("clerk", desk.add_note, finished, "Lưu kho") == ""


async def test_what_a_result_needs_is_an_object_of_reasonable_size(office: Office) -> None:
    dossier = await office.file(S.PROCESSING)
    for data in ([1], "x", {"x": "y" * 20_000}):
        assert await office.act("clerk", desk.advance, dossier, 1, "", data) == "eservices.result_data"


async def test_rights_end_with_the_role(office: Office, world: World) -> None:
    """A clerk of another school who was once given a dossier here by mistake sees nothing of it."""
    dossier = await office.file(S.PROCESSING, assignee="other_clerk")
    assert await office.act("other_clerk", desk.advance, dossier, 1, "", None) == "core.not_found"
    assert world.actor("other_clerk").roles == {Role.ACADEMIC_CLERK}
