"""What a decision does to the registers: it really happens, as it was asked for, and its paper says so."""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from backend.core.db import Database
from backend.core.journal import Journal
from backend.core.problem import Problem
from backend.eservices.actions import desk
from backend.eservices.rules.states import DossierStatus
from backend.identity.tables import Sex, Student
from backend.records.tables import Diploma, DiplomaCorrection, DiplomaKind
from tests.actors import World
from tests.client import Client
from tests.slices.eservices.counter import Counter

CLAIM = {
    "pupilName": "Nguyễn Thị Ngọc Lan",
    "rightFullName": "Nguyễn Thị Ngọc Loan",
    "rightBirthDate": "2014-06-02",
    "rightNationalId": "024314000123",
}
COPY = {"holderName": "Trần Thị Hoa", "diplomaKind": "LOWER_SECONDARY", "graduationYear": 2004, "copies": 2}


@pytest.fixture
async def counter(database: Database, world: World, client: Client) -> Counter:
    return await Counter(database, world, client).open()


async def _diploma(counter: Counter, school: str = "school") -> UUID:
    row = Diploma(
        school_id=counter.world[school],
        kind=DiplomaKind.LOWER_SECONDARY,
        serial_number="B 1234567",
        register_number="215/2004",
        full_name="Trần Thị Hoa",
        sort_key="hoa",
        search_key="tran thi hoa",
        birth_date=date(1989, 3, 4),
        sex=Sex.FEMALE,
        birthplace="Bắc Ninh",
        ethnicity="Kinh",
        graduation_year=2004,
        classification="Khá",
        issued_on=date(2004, 7, 1),
    )
    await counter.add(row)
    return row.id


async def _refused(counter: Counter, dossier: UUID, note: str = "", data: dict[str, Any] | None = None) -> str:
    """Why the decision was refused; then nothing has changed and nothing was issued."""
    with pytest.raises(Problem) as refused:
        await counter.decide(dossier, note, data)
    assert (await counter.dossier(dossier)).status is DossierStatus.PROCESSING
    assert await counter.papers(dossier) == []
    return refused.value.code


async def test_a_copy_draws_on_the_register(counter: Counter) -> None:
    diploma = await _diploma(counter)
    dossier = await counter.file("3.000465", COPY, student=None)
    await counter.decide(dossier, data={"diploma": str(diploma)})
    text = await counter.result(dossier)
    for word in ("BẢN SAO TỪ SỔ GỐC", "Bằng tốt nghiệp trung học cơ sở", "B 1234567", "215/2004", "04/03/1989", "Khá"):
        assert word in text
    assert "theo hồ sơ này: 2" in text


@pytest.mark.parametrize("chosen", ["other", "nothing", "nonsense", None])
async def test_no_copy_without_a_line_of_the_schools_own_register(counter: Counter, chosen: str | None) -> None:
    other = await _diploma(counter, "other_school")
    dossier = await counter.file("3.000465", COPY, student=None)
    data = {"diploma": str(other) if chosen == "other" else chosen} if chosen != "nothing" else None
    assert await _refused(counter, dossier, data=data) == "eservices.diploma_unknown"


async def test_a_correction_of_a_diploma_stands_in_the_appendix(counter: Counter) -> None:
    diploma = await _diploma(counter)
    dossier = await counter.file("3.000466", {"holderName": "Trần Thị Hoa"}, student=None)
    changes = {"fullName": "Trần Thị Hoà", "birthDate": "1989-04-03", "ethnicity": "Kinh"}
    await counter.decide(dossier, data={"diploma": str(diploma), "changes": changes, "decisionNumber": "12/QĐ-THCS"})
    [line] = await counter.rows(Diploma, id=diploma)
    assert (line.full_name, line.birth_date, line.search_key) == ("Trần Thị Hoà", date(1989, 4, 3), "tran thi hoa")
    kept = await counter.rows(DiplomaCorrection, diploma_id=diploma)
    assert {(each.field, each.old, each.new, each.decision_number) for each in kept} == {
        ("fullName", "Trần Thị Hoa", "Trần Thị Hoà", "12/QĐ-THCS"),
        ("birthDate", "1989-03-04", "1989-04-03", "12/QĐ-THCS"),
    }
    text = await counter.result(dossier)
    for word in ("QUYẾT ĐỊNH", "12/QĐ-THCS", "Trần Thị Hoà", "04/03/1989", "03/04/1989"):
        assert word in text
    [paper] = await counter.papers(dossier)
    assert paper.holder == "Trần Thị Hoa"


@pytest.mark.parametrize(
    ("changes", "number", "code"),
    [
        ({"fullName": "Trần Thị Hoà"}, " ", "records.decision_missing"),
        ({}, "12", "records.nothing_to_correct"),
        ("all", "12", "records.nothing_to_correct"),
        ({"fullName": "Trần Thị Hoa"}, "12", "records.same_already"),
        ({"registerNumber": "1"}, "12", "records.not_correctable"),
        ({"birthDate": "soon"}, "12", "records.birth_date_wrong"),
        ({"sex": "X"}, "12", "records.sex_wrong"),
        ({"birthplace": "x" * 500}, "12", "records.text_too_long"),
    ],
)
async def test_what_cannot_be_corrected_is_refused(counter: Counter, changes: object, number: str, code: str) -> None:
    diploma = await _diploma(counter)
    dossier = await counter.file("3.000466", {"holderName": "Trần Thị Hoa"}, student=None)
    data = {"diploma": str(diploma), "changes": changes, "decisionNumber": number}
    assert await _refused(counter, dossier, data=data) == code


async def test_the_school_applies_what_it_agrees_with(counter: Counter, world: World) -> None:
    dossier = await counter.file("TRUONG.04", CLAIM)
    await counter.decide(dossier, data={"apply": ["rightFullName", "rightBirthDate"]})
    [pupil] = await counter.rows(Student, id=world["lan"])
    assert (pupil.full_name, pupil.birth_date) == ("Nguyễn Thị Ngọc Loan", date(2014, 6, 2))
    assert pupil.search_key == "nguyen thi ngoc loan" and pupil.national_id is None
    [kept] = await counter.rows(Journal, kind="eservices.student_corrected")
    assert kept.data["old"] == {"fullName": "Nguyễn Thị Ngọc Lan", "birthDate": "2014-05-01"}
    assert kept.data["new"] == {"fullName": "Nguyễn Thị Ngọc Loan", "birthDate": "2014-06-02"}
    assert kept.audience is None
    [told] = await counter.rows(Journal, kind="eservices.correction_applied")
    assert told.audience["students"] == [str(world["lan"])] and told.data["changes"] == ["fullName", "birthDate"]
    text = await counter.result(dossier)
    assert "Nguyễn Thị Ngọc Loan" in text and "02/06/2014" in text and "024314000123" not in text


@pytest.mark.parametrize(
    ("apply", "code"),
    [
        ([], "eservices.nothing_to_apply"),
        ("all", "eservices.nothing_to_apply"),
        (["rightSex"], "eservices.not_claimed"),
        (["full_name"], "eservices.not_claimed"),
        ([{}], "eservices.not_claimed"),
    ],
)
async def test_nothing_else_is_applied(counter: Counter, world: World, apply: object, code: str) -> None:
    dossier = await counter.file("TRUONG.04", CLAIM)
    assert await _refused(counter, dossier, data={"apply": apply}) == code
    [pupil] = await counter.rows(Student, id=world["lan"])
    assert pupil.full_name == "Nguyễn Thị Ngọc Lan"


async def test_a_personal_number_belongs_to_one_pupil(counter: Counter, database: Database, world: World) -> None:
    async with database.write(await counter.actor("clerk")) as session:
        (await session.get_one(Student, world["minh"])).national_id = "024314000123"
    dossier = await counter.file("TRUONG.04", CLAIM)
    assert await _refused(counter, dossier, data={"apply": ["rightNationalId"]}) == "eservices.national_id_taken"


async def test_a_question_gets_an_answer(counter: Counter) -> None:
    asked = {"pupilName": "Nguyễn Thị Ngọc Lan", "question": "Vì sao bài giữa kì của con được 7,5?"}
    dossier = await counter.file("TRUONG.05", asked)
    await counter.act("clerk", desk.accept, dossier, "")
    await counter.act("clerk", desk.start, dossier)
    await counter.act("clerk", desk.advance, dossier, "", None)
    with pytest.raises(Problem, match="answer_missing"):
        await counter.act("headteacher", desk.complete, dossier, "  ", None)
    await counter.act("headteacher", desk.complete, dossier, "Câu 3 con làm thiếu bước.", None)
    text = await counter.result(dossier)
    assert "PHIẾU TRẢ LỜI" in text and "Vì sao bài giữa kì của con được 7,5?" in text
    assert "Câu 3 con làm thiếu bước." in text


async def test_no_transcript_without_marks(counter: Counter) -> None:
    dossier = await counter.file("TRUONG.03", {"pupilName": "Nguyễn Thị Ngọc Lan", "years": "ALL"})
    assert await _refused(counter, dossier) == "eservices.no_results"
