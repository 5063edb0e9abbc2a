"""A pupil moves: by her guardian's request online, or by the code on the guardian's phone at the counter."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import update
from sqlmodel import col

from backend.attendance import alert_answers
from backend.attendance.tables import (
    AbsenceAlert,
    AbsenceAnswer,
    AbsenceReason,
    AlertOutcome,
    AlertStatus,
)
from backend.core import clock
from backend.core.actor import SYSTEM
from backend.core.db import Database
from backend.core.ids import new_id
from backend.core.journal import Journal
from backend.core.problem import Problem
from backend.enrolment import transfers as enrolment
from backend.enrolment.tables import Enrolment
from backend.eservices.actions import desk
from backend.eservices.rules.states import DossierStatus
from backend.eservices.tables import Dossier, Transfer, TransferCode, TransferStatus
from backend.identity.tables import Guardianship, Student, StudentStatus, User
from backend.leave.tables import Decider, LeaveRequest, LeaveStatus
from backend.organisation.tables import Level, School
from backend.records.tables import TransferredRecord
from backend.timetable.tables import HalfDay
from tests.actors import World
from tests.client import Answer, Client
from tests.slices.eservices.counter import TRANSFER, Counter

SHOW = """mutation($s: UUID!) { showTransferCode(student: $s) { __typename
  ... on TransferCodePayload { code qr expiresAt } ... on Problem { code } } }"""
OPEN = """query($c: String!) { openTransfer(code: $c) {
  studentName birthDate className grade schoolName enrolledOn results absences guardians } }"""
_TRANSFER = """id status studentName mayConsent version consentedAt doneAt moves
  student { id fullName } fromSchool { id } school { id } dossier { id code status applicantName }"""
PROPOSE = f"""mutation($c: String!, $s: UUID!, $g: UUID) {{ proposeTransfer(code: $c, school: $s, classGroup: $g) {{
  __typename ... on TransferPayload {{ transfer {{ {_TRANSFER} }} }} ... on Problem {{ code }} }} }}"""
ANSWER = f"""mutation($id: UUID!, $v: Int!, $yes: Boolean!) {{ answerTransfer(id: $id, version: $v, consent: $yes) {{
  __typename ... on TransferPayload {{ transfer {{ {_TRANSFER} }} }} ... on Problem {{ code }} }} }}"""
LIST = f"{{ transfers {{ {_TRANSFER} }} }}"


@pytest.fixture
async def counter(database: Database, world: World, client: Client) -> Counter:
    return await Counter(database, world, client).open()


async def _filed(counter: Counter) -> UUID:
    return await counter.file("2.002854", TRANSFER, school="other_school")


async def _complete(counter: Counter, dossier: UUID, class_group: UUID | None = None) -> None:
    data = {"classGroup": str(class_group or counter.world["other_class"])}
    await counter.act("other_head", desk.complete, dossier, "", data)


async def _moved(counter: Counter) -> tuple[UUID, UUID]:
    """A transfer from the request to the decision: the dossier, and the pupil's row at the new school."""
    dossier = await _filed(counter)
    await counter.to_decision(dossier, clerk="other_clerk")
    await _complete(counter, dossier)
    [transfer] = await counter.rows(Transfer, dossier_id=dossier)
    return dossier, UUID(str(transfer.new_student_id))


async def _refused(counter: Counter, dossier: UUID, class_group: UUID | None = None) -> str:
    with pytest.raises(Problem) as refused:
        await _complete(counter, dossier, class_group)
    [pupil] = await counter.rows(Student, id=counter.world["lan"])
    assert pupil.moved_to_id is None and (await counter.dossier(dossier)).status is DossierStatus.PROCESSING
    return refused.value.code


async def _code(counter: Counter, who: str = "mother") -> str:
    shown = await counter.client(await counter.actor(who), SHOW, s=counter.world["lan"])
    return shown["showTransferCode"]["code"]


async def _propose(counter: Counter, code: str, who: str = "other_clerk", **given: Any) -> Answer:
    given = {"s": counter.world["other_school"], "g": counter.world["other_class"], **given}
    return await counter.client(await counter.actor(who), PROPOSE, c=code, **given)


# -- the move itself


async def test_the_pupil_her_guardians_and_her_record_move(counter: Counter, world: World) -> None:
    await counter.marks()
    dossier, new_id = await _moved(counter)
    [old], [new] = await counter.rows(Student, id=world["lan"]), await counter.rows(Student, id=new_id)
    assert (old.status, old.moved_to_id, old.user_id) == (StudentStatus.TRANSFERRED, new.id, None)
    assert (new.school_id, new.code, new.full_name) == (world["other_school"], old.code, old.full_name)
    assert (new.birth_date, new.sex, new.user_id) == (old.birth_date, old.sex, world["pupil"])
    assert await counter.stays(old.id) == [(world["class_7a"], False)]
    assert await counter.stays(new.id) == [(world["other_class"], True)]
    [stay] = await counter.rows(Enrolment, student_id=old.id)
    assert stay.ended_on == clock.today()
    assert await counter.guardians(new.id) == {world["mother"], world["father"]}
    [record] = await counter.rows(TransferredRecord, student_id=new.id)
    content = record.content
    assert (record.school_id, record.from_school_id) == (world["other_school"], world["school"])
    assert [each["className"] for each in content["classes"]] == ["7A"]
    assert [(each["subject"], each["average"]) for each in content["results"]] == [("toan", "8.2")]
    assert sorted(each["mark"] for each in content["scores"]) == ["7.5", "8.5", "9.0"]
    assert (await counter.dossier(dossier)).student_id == new.id


async def test_leave_ahead_ends_with_the_move(counter: Counter, world: World) -> None:
    """The old school can grant nothing any more; a line of its journal says so, and the family is told."""
    tomorrow = clock.today() + timedelta(days=1)
    asked = LeaveRequest(
        school_id=world["school"],
        student_id=world["lan"],
        class_group_id=world["class_7a"],
        requested_by=world["mother"],
        starts_on=tomorrow,
        starts_session=HalfDay.MORNING,
        ends_on=tomorrow,
        ends_session=HalfDay.AFTERNOON,
        half_days=1,
        reason=AbsenceReason.FAMILY,
        decider=Decider.HOMEROOM,
    )
    await counter.add(asked)
    dossier = await _filed(counter)
    await counter.to_decision(dossier, clerk="other_clerk")
    await _refused(counter, dossier, UUID(int=7))  # a move that fails ends nothing
    [row] = await counter.rows(LeaveRequest)
    assert row.status is LeaveStatus.PENDING
    await _complete(counter, dossier)
    [row] = await counter.rows(LeaveRequest)
    assert row.status is LeaveStatus.WITHDRAWN
    [ended] = await counter.rows(Journal, kind="leave.leave_ended")
    assert (ended.school_id, ended.data["student_id"]) == (world["school"], str(world["lan"]))
    assert ended.audience["students"] == [str(world["lan"])]


async def test_an_absence_of_today_stays_with_the_school_that_missed_her(
    counter: Counter, client: Client, world: World
) -> None:
    """A decision on paper does not find a child: whoever was asked answers, and her old teacher ends it."""
    alert = AbsenceAlert(
        school_id=world["school"],
        class_group_id=world["class_7a"],
        student_id=world["lan"],
        day=clock.today(),
        session=HalfDay.MORNING,
        journal_id=new_id(),
        raised_by=world["math_teacher"],
        due_at=clock.now() + timedelta(minutes=15),
    )
    await counter.add(alert)
    await _moved(counter)
    [row] = await counter.rows(AbsenceAlert)
    assert row.status is AlertStatus.OPEN and row.due_at is not None
    mother, teacher = await counter.actor("mother"), await counter.actor("homeroom_teacher")
    async with counter.database.write(mother) as session:
        await alert_answers.answer_absence(session, mother, alert.id, AbsenceAnswer.FAMILY)
    async with counter.database.write(teacher) as session:
        await alert_answers.close_alert(session, teacher, alert.id, AlertOutcome.EXCUSED, "")
    [row] = await counter.rows(AbsenceAlert)
    assert (row.status, row.outcome) == (AlertStatus.CLOSED, AlertOutcome.EXCUSED)


async def test_the_decision_says_from_where_and_into_which_class(counter: Counter) -> None:
    dossier, _ = await _moved(counter)
    text = await counter.result(dossier)
    for word in ("QUYẾT ĐỊNH", "Nguyễn Thị Ngọc Lan", "THCS 24010001", "lớp 7A", "THCS 24010002", "Lê Thị Hiệu Trưởng"):
        assert word in text


async def test_both_schools_and_the_guardians_get_their_receipt(counter: Counter, world: World) -> None:
    await _moved(counter)
    [done] = await counter.rows(Journal, kind="eservices.transfer_done")
    [closed] = await counter.rows(Journal, kind="eservices.transfer_closed")
    assert set(done.audience["users"]) == {str(world[name]) for name in ("mother", "father")}
    offices = ("clerk", "headteacher", "other_clerk", "other_head")
    assert set(closed.audience["users"]) == {str(world[name]) for name in offices}


async def test_the_family_sees_one_child_and_still_the_old_marks(counter: Counter, world: World) -> None:
    await counter.marks()
    _, new = await _moved(counter)
    mother = await counter.actor("mother")
    assert set(mother.students) == {world["lan"], world["dung"], new}
    marks = """query($s: UUID!) { subjectMarks(student: $s, semester: SEM1) { subject { code } average } }"""
    shown = await counter.client(mother, marks, s=world["lan"])
    assert {"subject": {"code": "toan"}, "average": "8.2"} in shown["subjectMarks"]
    home = "{ parentHome { children { student { id fullName school { id } } } } myStudents { id } }"
    answer = (await counter.client(mother, home)).data
    assert answer is not None
    cards = {card["student"]["id"] for card in answer["parentHome"]["children"]}
    assert cards == {str(new), str(world["dung"])} == {row["id"] for row in answer["myStudents"]}
    pupil = await counter.actor("pupil")
    assert pupil.students == (new,)


async def test_the_old_school_expects_her_no_more_and_the_new_one_does(counter: Counter, world: World) -> None:
    _, new = await _moved(counter)
    roster = "query($c: UUID!) { registerRows(classGroup: $c) { student { id } } }"
    old = (await counter.client(await counter.actor("headteacher"), roster, c=world["class_7a"]))["registerRows"]
    now = (await counter.client(await counter.actor("other_head"), roster, c=world["other_class"]))["registerRows"]
    assert str(world["lan"]) not in {row["student"]["id"] for row in old}
    assert str(new) in {row["student"]["id"] for row in now}


async def test_the_record_is_read_by_the_family_and_the_new_school_only(counter: Counter) -> None:
    _, new = await _moved(counter)
    read = "query($s: UUID!) { transferredRecords(student: $s) { fromSchool { code } student { id } content } }"
    for who in ("mother", "father", "pupil", "other_clerk", "other_head"):
        [seen] = (await counter.client(await counter.actor(who), read, s=new))["transferredRecords"]
        assert seen["fromSchool"]["code"] == "24010001" and seen["content"]["student"]["code"] == "2400000000"
    for who in ("clerk", "headteacher", "other_teacher", "other_mother", "officer"):
        answer = await counter.client(await counter.actor(who), read, s=new)
        assert answer.problem == "core.not_allowed" or answer["transferredRecords"] == [], who


async def test_she_comes_back_to_the_row_she_left(counter: Counter, world: World) -> None:
    _, away = await _moved(counter)
    counter.world.ids["away"] = away
    dossier = await counter.file("2.002854", TRANSFER, student="away", school="school")
    await counter.to_decision(dossier)
    await counter.act("headteacher", desk.complete, dossier, "", {"classGroup": str(world["class_7b"])})
    [back], [left] = await counter.rows(Student, id=world["lan"]), await counter.rows(Student, id=away)
    assert (back.status, back.moved_to_id, back.user_id) == (StudentStatus.STUDYING, None, world["pupil"])
    assert (left.status, left.moved_to_id) == (StudentStatus.TRANSFERRED, back.id)
    assert await counter.stays(back.id) == [(world["class_7a"], False), (world["class_7b"], True)]
    assert await counter.guardians(back.id) == {world["mother"], world["father"]}
    assert len(await counter.rows(TransferredRecord, student_id=back.id)) == 2


async def test_another_pupil_with_the_schools_own_code_keeps_it(counter: Counter, database: Database) -> None:
    async with database.write(await counter.actor("other_clerk")) as session:
        (await session.get_one(Student, counter.world["khac"])).code = "2400000000"
    _, new = await _moved(counter)
    [row] = await counter.rows(Student, id=new)
    assert (row.id != counter.world["khac"], row.code) == (True, "2400000000-2")


async def test_a_pupil_the_new_school_entered_already_is_not_doubled(counter: Counter, world: World) -> None:
    [lan] = await counter.rows(Student, id=world["lan"])
    known = Student(**{**lan.model_dump(), "id": world["officer"], "school_id": world["other_school"], "user_id": None})
    await counter.add(known)
    _, new = await _moved(counter)
    assert new == known.id and await counter.stays(new) == [(world["other_class"], True)]


# -- what stops it


async def test_without_a_class_nobody_moves(counter: Counter, world: World) -> None:
    dossier = await _filed(counter)
    await counter.to_decision(dossier, clerk="other_clerk")
    with pytest.raises(Problem, match="class_missing"):
        await counter.act("other_head", desk.complete, dossier, "", None)
    eighth = await counter.another_class(8, "8A")
    assert await _refused(counter, dossier, eighth) == "enrolment.other_grade"
    assert await _refused(counter, dossier, world["class_7b"]) == "enrolment.class_unknown"
    assert await _refused(counter, dossier, world["mother"]) == "enrolment.class_unknown"


async def test_a_full_class_takes_nobody(counter: Counter, monkeypatch: pytest.MonkeyPatch) -> None:
    dossier = await _filed(counter)
    await counter.to_decision(dossier, clerk="other_clerk")
    monkeypatch.setattr(enrolment, "LARGEST_CLASS", 1)
    assert await _refused(counter, dossier) == "enrolment.class_full"


async def test_who_has_left_meanwhile_does_not_move(counter: Counter, database: Database, world: World) -> None:
    dossier = await _filed(counter)
    await counter.to_decision(dossier, clerk="other_clerk")
    async with database.write(await counter.actor("clerk")) as session:
        (await session.get_one(Student, world["lan"])).status = StudentStatus.DROPPED_OUT
    assert await _refused(counter, dossier) == "enrolment.pupil_left"


async def test_a_guardian_who_lost_the_child_has_not_agreed(counter: Counter, database: Database, world: World) -> None:
    dossier = await _filed(counter)
    await counter.to_decision(dossier, clerk="other_clerk")
    async with database.write(await counter.actor("clerk")) as session:
        await session.execute(
            update(Guardianship)
            .where(col(Guardianship.user_id) == world["mother"], col(Guardianship.student_id) == world["lan"])
            .values(ended_at=clock.now())
        )
    assert await _refused(counter, dossier) == "eservices.transfer_no_consent"


async def test_one_transfer_of_a_pupil_at_a_time(counter: Counter) -> None:
    await _filed(counter)
    with pytest.raises(Problem, match="transfer_open"):
        await counter.file("2.002854", TRANSFER, owner="father", school="other_school")
    with pytest.raises(Problem, match="same_school"):
        await counter.file("2.002854", TRANSFER, student="dung", school="school")


async def test_two_officers_who_decide_at_once_move_her_once(counter: Counter) -> None:
    dossier = await _filed(counter)
    await counter.to_decision(dossier, clerk="other_clerk")
    done = await asyncio.gather(_complete(counter, dossier), _complete(counter, dossier), return_exceptions=True)
    assert sorted(type(each).__name__ for each in done) == ["NoneType", "Stale"]
    assert len(await counter.rows(TransferredRecord)) == 1


# -- at the counter


async def test_at_the_counter_from_the_code_to_the_move(counter: Counter, world: World, client: Client) -> None:
    code = await _code(counter)
    seen = (await client(await counter.actor("other_clerk"), OPEN, c=code.lower()))["openTransfer"]
    assert (seen["studentName"], seen["className"], seen["schoolName"]) == (
        "Nguyễn Thị Ngọc Lan", "7A", "THCS 24010001",
    )  # fmt: skip
    assert seen["guardians"] == 2
    proposed = (await _propose(counter, code))["proposeTransfer"]["transfer"]
    assert (proposed["status"], proposed["student"], proposed["mayConsent"]) == ("PROPOSED", None, False)
    assert proposed["dossier"]["applicantName"] == "Trần Thị Hoa"
    dossier = UUID(proposed["dossier"]["id"])
    row = await counter.dossier(dossier)
    assert (row.channel.value, row.owner_id, row.filed_by) == ("COUNTER", world["mother"], world["other_clerk"])
    assert row.answers["pupilName"] == "Nguyễn Thị Ngọc Lan" and row.answers["place"] == "SAME_PROVINCE"
    [told] = await counter.rows(Journal, kind="eservices.transfer_proposed")
    assert set(told.audience["users"]) == {str(world["mother"]), str(world["father"])}

    await counter.to_decision(dossier, clerk="other_clerk")
    assert await _refused(counter, dossier) == "eservices.transfer_no_consent"

    father = await counter.actor("father")
    [waiting] = (await client(father, LIST))["transfers"]
    assert waiting["mayConsent"] and waiting["student"]["id"] == str(world["lan"]) and waiting["dossier"] is None
    agreed = await client(father, ANSWER, id=waiting["id"], v=waiting["version"], yes=True)
    assert agreed["answerTransfer"]["transfer"]["status"] == "CONSENTED"
    repeated = await client(father, ANSWER, id=waiting["id"], v=waiting["version"], yes=True)
    assert repeated["answerTransfer"]["transfer"]["version"] == waiting["version"] + 1
    [answered] = await counter.rows(Journal, kind="eservices.transfer_answered")
    assert set(answered.audience["users"]) == {str(world[name]) for name in ("other_clerk", "other_head")}

    await counter.act("other_head", desk.complete, dossier, "", None)  # the class was chosen when it was proposed
    [done] = (await client(await counter.actor("other_clerk"), LIST))["transfers"]
    assert done["status"] == "DONE" and done["student"]["fullName"] == "Nguyễn Thị Ngọc Lan"


async def test_marks_that_move_are_counted_before_anybody_agrees(counter: Counter, client: Client) -> None:
    await counter.marks()
    seen = (await client(await counter.actor("other_clerk"), OPEN, c=await _code(counter)))["openTransfer"]
    await _propose(counter, await _code(counter))
    [transfer] = await counter.rows(Transfer)
    assert seen["results"] == transfer.moves["results"] > 1  # the published mark as well as the stored average
    assert (seen["grade"], transfer.moves["grade"]) == (7, 7)


async def test_a_school_of_another_level_is_told_at_once(counter: Counter, client: Client, world: World) -> None:
    async with counter.database.write(SYSTEM) as session:
        school = await session.get(School, world["other_school"])
        assert school is not None
        school.level = Level.UPPER_SECONDARY
    refused = await _propose(counter, await _code(counter), g=None)
    assert refused.problem == "enrolment.no_such_grade"
    assert await counter.rows(Transfer) == []


async def test_a_refusal_ends_the_request(counter: Counter, client: Client) -> None:
    proposed = (await _propose(counter, await _code(counter)))["proposeTransfer"]["transfer"]
    mother = await counter.actor("mother")
    refused = await client(mother, ANSWER, id=proposed["id"], v=proposed["version"], yes=False)
    shown = refused["answerTransfer"]["transfer"]
    assert (shown["status"], shown["dossier"]["status"], shown["mayConsent"]) == ("REFUSED", "WITHDRAWN", False)
    again = await client(mother, ANSWER, id=proposed["id"], v=shown["version"], yes=True)
    assert again.problem == "eservices.transfer_closed"


async def test_a_code_is_for_one_use_and_a_quarter_of_an_hour(counter: Counter, client: Client) -> None:
    other_clerk = await counter.actor("other_clerk")
    first, second = await _code(counter), await _code(counter)
    assert (await client(other_clerk, OPEN, c=first))["openTransfer"] is None
    assert (await client(other_clerk, OPEN, c=second))["openTransfer"] is not None
    with time_machine.travel(clock.now() + timedelta(minutes=16), tick=True):
        assert (await client(other_clerk, OPEN, c=second)).data == {"openTransfer": None}
        assert (await _propose(counter, second)).problem == "eservices.transfer_code_invalid"
    third = await _code(counter)
    assert (await _propose(counter, third)).problem is None
    assert (await _propose(counter, third)).problem == "eservices.transfer_code_invalid"
    assert len(await counter.rows(Transfer)) == 1
    rows = await counter.rows(TransferCode)
    assert all(third.replace("-", "").encode() not in row.code_hash for row in rows)


async def test_only_a_guardian_shows_a_code_and_answers(counter: Counter, client: Client, world: World) -> None:
    for who, code in (
        ("pupil", "eservices.guardian_only"), ("other_mother", "core.not_found"), ("clerk", "core.not_found"),
    ):  # fmt: skip
        assert (await client(await counter.actor(who), SHOW, s=world["lan"])).problem == code
    proposed = (await _propose(counter, await _code(counter)))["proposeTransfer"]["transfer"]
    for who in ("pupil", "other_mother", "clerk", "other_clerk", "headteacher"):
        answer = await client(await counter.actor(who), ANSWER, id=proposed["id"], v=proposed["version"], yes=True)
        assert answer.problem in ("core.not_found", "eservices.guardian_only"), who
    [row] = await counter.rows(Transfer)
    assert row.status is TransferStatus.PROPOSED
    for who in ("pupil", "other_mother", "math_teacher", "other_teacher", "officer"):
        assert (await client(await counter.actor(who), LIST))["transfers"] == [], who


async def test_only_the_receiving_counter_proposes(counter: Counter, client: Client, world: World) -> None:
    code = await _code(counter)
    assert (await _propose(counter, code, "clerk")).problem == "core.not_allowed"
    assert (await _propose(counter, code, "other_teacher")).problem == "core.not_allowed"
    assert (await _propose(counter, code, "clerk", s=world["school"])).problem == "enrolment.same_school"
    assert (await client(await counter.actor("mother"), OPEN, c=code)).problem == "core.not_allowed"
    assert (await _propose(counter, code, g=world["class_7b"])).problem == "enrolment.class_unknown"
    assert (await _propose(counter, code)).problem is None  # a refusal had not used it up


async def test_guessing_a_code_is_counted(counter: Counter, client: Client) -> None:
    clerk = await counter.actor("other_clerk")
    answers = [await client(clerk, OPEN, c="AAAA-AAAA-AAAA") for _ in range(21)]
    assert [answer.problem for answer in answers] == [None] * 20 + ["core.too_many"]


async def test_a_citizen_without_a_pupil_of_the_system_gets_a_decision_and_nobody_moves(counter: Counter) -> None:
    dossier = await counter.file("2.002854", TRANSFER, student=None, school="other_school")
    await counter.decide(dossier, data={"done": {"child": "X"}}, clerk="other_clerk", head="other_head")
    assert await counter.rows(Transfer) == []
    assert "Đồng ý giải quyết đề nghị" in await counter.result(dossier)
    assert (await counter.rows(Dossier, id=dossier))[0].student_id is None


async def test_a_transfer_the_pupil_asks_for_waits_for_a_guardian(counter: Counter, world: World) -> None:
    await counter.file("2.002854", TRANSFER, owner="pupil", school="other_school")
    [row] = await counter.rows(Transfer)
    assert row.status is TransferStatus.PROPOSED
    [told] = await counter.rows(Journal, kind="eservices.transfer_proposed")
    assert set(told.audience["users"]) == {str(world["mother"]), str(world["father"])}
    assert (await counter.rows(User, id=world["pupil"]))[0].full_name == "Nguyễn Thị Ngọc Lan"
