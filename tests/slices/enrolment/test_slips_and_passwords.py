"""What a school hands out on paper: claim slips that can be read, and first passwords of its staff."""

import re
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from backend.core.codes import new_slip_code, show_slip_code
from backend.core.ids import new_id
from backend.enrolment.claims import Slip, SlipSheet, look_at
from backend.enrolment.slips_pdf import slips_pdf
from backend.enrolment.tables import StaffMember
from backend.identity import passwords
from tests.slices.enrolment.conftest import Desk

ISSUE = """mutation($staff: UUID!) { issueStaffPassword(staff: $staff) { __typename
  ... on IssueStaffPasswordPayload { username password } ... on Problem { code } } }"""
MEMBERS = """query($school: UUID!) { staffMembers(school: $school) {
  nodes { id code position hasPassword user { id fullName username } } } }"""


def read_pdf(pdf: bytes, folder: Path) -> str:
    file = folder / "slips.pdf"
    file.write_bytes(pdf)
    return subprocess.run(["pdftotext", "-layout", file, "-"], capture_output=True, text=True, check=True).stdout


async def test_slips_of_a_class_open_its_pupils(desk: Desk, tmp_path: Path) -> None:
    answer = await desk.http.post(f"/slips/{desk.world['class_7a']}", headers={"x-nhipcau": "1"})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    text = read_pdf(answer.content, tmp_path)
    assert "Nguyễn Thị Ngọc Lan" in text and "Lê Hoàng Ánh" in text and "Đặng" not in text
    codes = re.findall(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b", text)
    assert len(set(codes)) == 3
    names = set()
    for code in codes:
        async with desk.database.write(desk.world.actor("stranger")) as session:
            names.add((await look_at(session, code)).student.full_name)
    assert names == {"Nguyễn Thị Ngọc Lan", "Trần Văn Minh", "Lê Hoàng Ánh"}


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("math_teacher", 403), ("other_clerk", 404)])
async def test_who_may_print(desk: Desk, who: str, status: int) -> None:
    desk.actor = desk.world.actor(who)
    answer = await desk.http.post(f"/slips/{desk.world['class_7a']}", headers={"x-nhipcau": "1"})
    assert answer.status_code == status
    assert await desk.sql("select 1 from claim_slip") == []


def test_a_class_of_45_prints_in_time_with_every_letter(tmp_path: Path) -> None:
    names = ("Nguyễn Thị Ngọc Ánh", "Đỗ Hoàng Quỳnh Như", "Lưỡng Ưu Ỷ Ễ Ỗ Ặ Ẵ")
    slips = [
        Slip(names[n % 3], f"24{n:08}", show_slip_code(new_slip_code()), datetime(2026, 12, 1, tzinfo=UTC))
        for n in range(45)
    ]
    sheet = SlipSheet("Trường THCS Nguyễn Thị Minh Khai", "7A1", slips)
    started = time.process_time()
    pdf = slips_pdf(sheet, "https://truong.example.vn")
    assert time.process_time() - started < 2
    text = read_pdf(pdf, tmp_path)
    assert all(text.count(name) == 15 for name in names)
    assert text.count("\f") == 6
    assert "01/12/2026" in text and "truong.example.vn" in text


async def _staff(desk: Desk, who: str) -> Any:
    member = StaffMember(id=new_id(), school_id=desk.world["school"], user_id=desk.world[who], code=who.upper())
    await desk.sql(
        "insert into staff_member (id, created_at, school_id, user_id, code, position)"
        " values (:id, now(), :school, :who, :code, '')",
        id=member.id, school=member.school_id, who=member.user_id, code=member.code,
    )  # fmt: skip
    return member.id


async def test_a_new_password_works_and_ends_the_old_sessions(desk: Desk) -> None:
    member, clerk = await _staff(desk, "math_teacher"), desk.world.actor("clerk")
    await desk.sql(
        "insert into session (id, created_at, user_id, token_hash, last_seen_at, expires_at, device_label)"
        " values (:id, now(), :who, :hash, now(), now() + interval '1 day', 'Chrome')",
        id=new_id(), who=desk.world["math_teacher"], hash=b"x" * 32,
    )  # fmt: skip
    issued = (await desk.client(clerk, ISSUE, staff=member))["issueStaffPassword"]
    assert issued["username"] == "math_teacher" and len(issued["password"]) >= 12
    ((stored,),) = await desk.sql(
        "select password_hash from credential where user_id = :who", who=desk.world["math_teacher"]
    )
    assert await passwords.matches(stored, issued["password"])
    assert await desk.sql("select 1 from session where revoked_at is null") == []
    assert issued["password"] not in str(await desk.sql("select data from journal"))
    (found,) = (await desk.client(clerk, MEMBERS, school=desk.world["school"]))["staffMembers"]["nodes"]
    assert (found["code"], found["hasPassword"], found["user"]["fullName"]) == ("MATH_TEACHER", True, "Phạm Văn Toán")
    again = (await desk.client(clerk, ISSUE, staff=member))["issueStaffPassword"]
    assert again["password"] != issued["password"]


async def test_whose_password_may_be_issued_by_whom(desk: Desk) -> None:
    head, clerk, teacher = [await _staff(desk, who) for who in ("headteacher", "clerk", "literature_teacher")]
    for who, member, code in (
        ("clerk", clerk, "enrolment.password_of_oneself"),
        ("clerk", head, "enrolment.password_of_leader"),
        ("headteacher", clerk, None),
        ("math_teacher", teacher, "core.not_allowed"),
        ("other_clerk", teacher, "core.not_found"),
        ("mother", teacher, "core.not_allowed"),
    ):
        assert (await desk.client(desk.world.actor(who), ISSUE, staff=member)).problem == code, (who, code)
    await desk.sql(
        "insert into guardianship (id, created_at, school_id, student_id, user_id, relation)"
        " values (:id, now(), :school, :student, :who, 'MOTHER')",
        id=new_id(), school=desk.world["other_school"], student=desk.world["khac"],
        who=desk.world["literature_teacher"],
    )  # fmt: skip
    answer = await desk.client(desk.world.actor("headteacher"), ISSUE, staff=teacher)
    assert answer.problem == "enrolment.password_elsewhere"
    members = await desk.client(desk.world.actor("other_clerk"), MEMBERS, school=desk.world["school"])
    assert members["staffMembers"]["nodes"] == []
