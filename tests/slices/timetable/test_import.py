"""A timetable from a workbook: what schools write is understood, and everything that is wrong is told with its cell."""

import io
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import openpyxl
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select, update
from sqlmodel import col

from backend.core import clock
from backend.core.actor import SYSTEM, Actor, Role
from backend.core.db import Database, Row
from backend.core.text import name_sort_key
from backend.enrolment.tables import StaffMember, TeachingAssignment
from backend.identity.tables import RoleGrant, User
from backend.organisation.tables import ClassGroup, Subject
from backend.timetable.routes import router
from backend.timetable.tables import Room, Timetable, TimetableEntry
from backend.timetable.workbook_lessons import Catalogue, KnownClass, KnownSubject, KnownTeacher, read_lesson
from tests.actors import World
from tests.client import Client

HEAD = ["Thứ", "Buổi", "Tiết"]
LESSONS = ("Toán - Phạm Văn Toán", "Ngữ văn")


def drawing(*lines: Sequence[Any], classes: Sequence[str] = ("7A", "7B"), title: str = "TKB") -> bytes:
    """A sheet with a heading, the header on its third line, and these lines below."""
    return book({title: [["THỜI KHÓA BIỂU"], [], [*HEAD, *classes], *lines]})


def book(sheets: Mapping[str, Sequence[Sequence[Any]]], merged: Sequence[str] = ()) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.worksheets[0])
    for name, lines in sheets.items():
        sheet = made.create_sheet(name)
        for row, line in enumerate(lines, start=1):
            for column, value in enumerate(line, start=1):
                sheet.cell(row, column, value)
        for cells in merged:
            sheet.merge_cells(cells)
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


@dataclass
class Office:
    """The desk where timetables are made."""

    database: Database
    world: World
    http: httpx.AsyncClient
    actor: Actor

    async def hand_in(self, content: bytes, who: str = "clerk", name: str = "Nhập", **more: Any) -> httpx.Response:
        self.actor = self.world.actor(who)
        query = {"school": str(self.world["school"]), "name": name, "starts_on": clock.today().isoformat(), **more}
        files = [("files", ("tkb.xlsx", content))]
        return await self.http.post("/timetables", params=query, files=files, headers={"x-nhipcau": "1"})

    async def imported(self, content: bytes, **more: Any) -> list[tuple[Any, ...]]:
        """The entries of the draft, in plain words."""
        answer = await self.hand_in(content, **more)
        assert answer.status_code == 200, answer.text
        return await self.entries(UUID(answer.json()["timetable"]))

    async def entries(self, timetable: UUID) -> list[tuple[Any, ...]]:
        statement = (
            select(TimetableEntry, col(ClassGroup.name), col(Subject.code), col(User.full_name), col(Room.name))
            .join(ClassGroup, col(ClassGroup.id) == TimetableEntry.class_group_id)
            .join(Subject, col(Subject.id) == TimetableEntry.subject_id)
            .join(User, col(User.id) == TimetableEntry.user_id)
            .outerjoin(Room, col(Room.id) == TimetableEntry.room_id)
            .where(col(TimetableEntry.timetable_id) == timetable)
        )
        async with self.database.write(SYSTEM) as session:
            rows = (await session.execute(statement)).all()
        found = [(e.weekday, e.session.value, e.period, e.parity.value, *names) for e, *names in rows]
        return sorted(found, key=str)

    async def refused(self, content: bytes, who: str = "clerk") -> list[tuple[str, str]]:
        """The defects told; nothing is left of the attempt."""
        before = await self.counts()
        answer = await self.hand_in(content, who, name="Hỏng")
        assert answer.status_code == 422, answer.text
        assert await self.counts() == before
        body = answer.json()
        if "cells" not in body:
            return [("", body["errors"][0]["extensions"]["code"])]
        assert body["errors"][0]["extensions"]["code"] == "timetable_import.defects"
        return [(cell["cell"], cell["message"]) for cell in body["cells"]]

    async def counts(self) -> list[int]:
        async with self.database.write(SYSTEM) as session:
            return [len((await session.execute(select(col(t.id)))).all()) for t in (Timetable, TimetableEntry, Room)]

    async def template(self, who: str = "clerk") -> httpx.Response:
        self.actor = self.world.actor(who)
        return await self.http.get("/timetables/template.xlsx", params={"school": str(self.world["school"])})

    async def add(self, *rows: Row) -> None:
        async with self.database.write(SYSTEM) as session:
            for row in rows:
                await session.execute(insert(type(row)).values(**row.model_dump()))

    async def hire(self, name: str, full_name: str, code: str = "") -> None:
        """One more teacher at the school, who teaches nothing yet."""
        world = self.world
        user = User(full_name=full_name, sort_key=name_sort_key(full_name))
        world.ids[name] = user.id
        grant = RoleGrant(user_id=user.id, role=Role.SUBJECT_TEACHER, school_id=world["school"])
        await self.add(user, grant)
        if code:
            await self.add(StaffMember(school_id=world["school"], user_id=user.id, code=code))


@pytest.fixture
async def office(database: Database, world: World, client: Client) -> AsyncIterator[Office]:
    app = FastAPI()
    app.include_router(router)
    app.state.services = client.services
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://school.test") as http:
        made = Office(database, world, http, world.actor("clerk"))

        async def authenticate(_scope: Any) -> Actor:
            return made.actor

        app.state.authenticate = authenticate
        yield made


MATHS = (1, "MORNING", 1, "EVERY", "7A", "toan", "Phạm Văn Toán", None)


@pytest.mark.parametrize(
    ("text", "room"),
    [
        ("Toán - Phạm Văn Toán", None),
        ("TOAN-pham van toan", None),
        ("Toán", None),
        ("toan (Phạm Văn Toán)", None),
        ("Toán\nPhạm Văn Toán", None),
        ("Toán - Thầy Toán", None),
        ("Toán (Phạm Văn Toán) P.201", "P.201"),
        ("Toán - Phạm Văn Toán - P.201", "P.201"),
        ("Toán - Phạm Văn Toán (P.201)", "P.201"),
        ("Toán [p.201]", "P.201"),
        ("Toán - P.201", "P.201"),
        ("Toán () Nhà đa năng", "Nhà đa năng"),
        ("Toán\nPhạm Văn Toán\nPTN Hóa", "PTN Hóa"),
    ],
)
async def test_the_ways_schools_write_a_lesson(office: Office, text: str, room: str | None) -> None:
    assert await office.imported(drawing(["Thứ 2", "Sáng", 1, text])) == [(*MATHS[:7], room)]


@pytest.mark.parametrize(
    ("weekday", "session", "period", "found"),
    [
        ("Hai", "S", "Tiết 1", (1, "MORNING", 1)),
        (3, "buổi chiều", 2.0, (2, "AFTERNOON", 2)),
        ("Thứ Tư", "CHIỀU", "3", (3, "AFTERNOON", 3)),
        ("T7", "sáng", 5, (6, "MORNING", 5)),
        ("CN", "Sáng", 1, (7, "MORNING", 1)),
    ],
)
async def test_the_ways_schools_write_a_time(
    office: Office, weekday: Any, session: str, period: Any, found: tuple[int, str, int]
) -> None:
    assert [entry[:3] for entry in await office.imported(drawing([weekday, session, period, "Toán"]))] == [found]


async def test_a_weekday_written_once_holds_below_and_signatures_are_no_lessons(office: Office) -> None:
    lines = [
        ["Thứ 2", "Sáng", 1, *LESSONS[:1], "Ngữ văn - Vũ Thị Văn"],
        ["", "", 2, "Ngữ văn", ""],
        ["", "Chiều", 1, "Toán", ""],
        ["Thứ 3", "Sáng", 1, "", "Văn - Vũ Thị Văn"],
        ["", "", "", "", ""],
        ["", "", "", "Hiệu trưởng", ""],
        ["", "", "", "Bùi Văn Hiệu", ""],
    ]
    content = book({"TKB": [[*HEAD, "Lớp 7A", "7 B", "Ghi chú"], *lines], "Trang khác": [["Không có gì"]]})
    assert await office.imported(content) == [
        (1, "AFTERNOON", 1, "EVERY", "7A", "toan", "Phạm Văn Toán", None),
        MATHS,
        (1, "MORNING", 1, "EVERY", "7B", "ngu_van", "Vũ Thị Văn", None),
        (1, "MORNING", 2, "EVERY", "7A", "ngu_van", "Vũ Thị Văn", None),
        (2, "MORNING", 1, "EVERY", "7B", "ngu_van", "Vũ Thị Văn", None),
    ]


async def test_each_session_on_a_sheet_of_its_own(office: Office) -> None:
    sheet = [["Thứ", "Tiết", "7A"], ["Thứ 2", 1, "Toán"]]
    entries = await office.imported(book({"Buổi sáng": sheet, "Chiều": sheet}))
    assert [entry[1] for entry in entries] == ["AFTERNOON", "MORNING"]


async def test_odd_and_even_weeks(office: Office) -> None:
    lines = [
        ["Thứ 2", "Sáng", 1, "Toán / Ngữ văn - Vũ Thị Văn"],
        ["", "", 2, "Toán / -"],
        ["", "", 3, "– / Ngữ văn"],
    ]
    entries = await office.imported(drawing(*lines))
    assert [(entry[2], entry[3], entry[5]) for entry in entries] == [
        (1, "EVEN", "ngu_van"), (1, "ODD", "toan"), (2, "ODD", "toan"), (3, "EVEN", "ngu_van")
    ]  # fmt: skip


async def test_rooms_are_made_once_and_the_draft_is_not_published(office: Office) -> None:
    lines = [["Thứ 2", "Sáng", 1, "Toán () Nhà đa năng"], ["", "", 2, "Ngữ văn () nhà  đa năng"]]
    entries = await office.imported(drawing(*lines))
    assert [entry[7] for entry in entries] == ["Nhà đa năng"] * 2
    async with office.database.write(SYSTEM) as session:
        draft = (await session.execute(select(Timetable).where(col(Timetable.name) == "Nhập"))).scalar_one()
    assert draft.published_at is None


async def test_every_defect_is_told_with_its_cell(office: Office) -> None:
    await office.hire("one", "Lê Văn Tám")
    await office.hire("other", "Lê Văn Tám", "GV08")
    lines = [
        ["Thứ 2", "Sáng", 1, "Bơi lội", "Toán"],
        ["", "", 2, "Toán - Ai Đó", "Toán - Lê Văn Tám"],
        ["", "", 3, "Toán / Văn / Toán", "Toán - Phạm Văn Toán - " + "x" * 31],
        ["", "", 9, "Toán", ""],
        ["Thứ 9", "Sáng", 1, "Toán", ""],
        ["Thứ 3", "Tối", 1, "Toán", ""],
        ["Thứ 4", "Sáng", 1, "=1+1", ""],
        ["Thứ 5", "Sáng", 1, "Toán - gv08", ""],
    ]
    found = await office.refused(drawing(*lines, classes=("7A", "7B", "9Z", "7a")))
    assert sorted(found) == sorted([
        ("TKB!F3", "Trường không có lớp 9Z trong năm học này."),
        ("TKB!G3", "Lớp 7a đã có ở cột TKB!D3."),
        ("TKB!D4", "Không có môn “Bơi lội”."),
        ("TKB!E4", "Chưa ai được phân công dạy Toán ở lớp 7B. Hãy ghi tên giáo viên."),
        ("TKB!D5", "Trường không có giáo viên “Ai Đó”."),
        ("TKB!E5", "Có nhiều giáo viên tên “Lê Văn Tám”. Hãy ghi mã giáo viên."),
        ("TKB!D6", "Không đọc được “Toán / Văn / Toán”. Tuần lẻ và tuần chẵn cách nhau bằng một dấu /."),
        ("TKB!E6", "Tên phòng dài quá 30 kí tự."),
        ("TKB!C7", "Không hiểu tiết “9”. Hãy ghi số từ 1 đến 7."),
        ("TKB!A8", "Không hiểu thứ “Thứ 9”. Hãy ghi Thứ 2 đến Thứ 7, hoặc Chủ nhật."),
        ("TKB!B9", "Không hiểu buổi “Tối”. Hãy ghi Sáng hoặc Chiều."),
        ("TKB!D10", "Ô này là công thức. Hãy thay bằng giá trị."),
    ])  # fmt: skip


async def test_a_clash_names_the_cell_of_the_other_lesson(office: Office) -> None:
    lines = [
        ["Thứ 2", "Sáng", 1, "Toán", "Toán - Phạm Văn Toán"],
        ["", "", 2, "Toán [P.9]", "Văn - Vũ Thị Văn [p.9]"],
        ["", "", 3, "Toán / -", "- / Toán - Phạm Văn Toán"],
        ["Thứ 2", "Sáng", 3, "Văn / -", ""],
    ]
    assert await office.refused(drawing(*lines)) == [
        ("TKB!E4", "Phạm Văn Toán đã dạy lớp khác cùng lúc, ở ô TKB!D4."),
        ("TKB!E5", "Phòng này đã có lớp khác học cùng lúc, ở ô TKB!D5."),
        ("TKB!D7", "Lớp đã có tiết khác cùng lúc, ở ô TKB!D6."),
    ]


async def test_several_teachers_of_a_subject_must_be_told_apart(office: Office) -> None:
    world = office.world
    await office.hire("second", "Trần Văn Hai")
    await office.add(
        TeachingAssignment(
            school_id=world["school"],
            class_group_id=world["class_7a"],
            subject_id=world["toan"],
            user_id=world["second"],
        )
    )
    [(cell, message)] = await office.refused(drawing(["Thứ 2", "Sáng", 1, "Toán"]))
    assert (cell, message) == ("TKB!D4", "Nhiều giáo viên dạy Toán ở lớp 7A. Hãy ghi rõ tên.")
    entries = await office.imported(drawing(["Thứ 2", "Sáng", 1, "Toán - Hai"], ["", "", 2, "Toán - Toán"]))
    assert [entry[6] for entry in entries] == ["Trần Văn Hai", "Phạm Văn Toán"]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"not a workbook", "sheet.not_a_workbook"),
        (book({"TKB": [["Họ tên", "Lớp"]]}), "timetable_import.header_not_found"),
        (book({"TKB": [[*HEAD]]}), "timetable_import.header_not_found"),
        (drawing(), "timetable_import.no_lessons"),
        (drawing(["Thứ 2", "Sáng", 1, "", ""]), "timetable_import.no_lessons"),
        (drawing(*(["Thứ 2", "Sáng", 1, "Toán"] for _ in range(600))), "timetable_import.too_many_lines"),
    ],
)
async def test_workbooks_refused_as_a_whole(office: Office, content: bytes, code: str) -> None:
    assert await office.refused(content) == [("", code)]


async def test_merged_weekdays_are_usual_and_merged_lessons_are_not(office: Office) -> None:
    lines = [[*HEAD, "7A"], ["Thứ 2", "Sáng", 1, "Toán"], ["", "", 2, "Ngữ văn"]]
    assert len(await office.imported(book({"TKB": lines}, merged=["A2:A3", "B2:B3"]))) == 2
    assert await office.refused(book({"TKB": lines}, merged=["D2:D3"])) == [
        ("TKB!D2", "Ô này được gộp đến D3. Hãy bỏ gộp và ghi từng tiết.")
    ]


@pytest.mark.parametrize(
    ("who", "status"),
    [("headteacher", 200), ("other_clerk", 404), ("math_teacher", 403), ("mother", 403), ("nobody", 401)],
)
async def test_who_imports_and_takes_the_template(office: Office, who: str, status: int) -> None:
    content = drawing(["Thứ 2", "Sáng", 1, "Toán"])
    assert (await office.hand_in(content, who)).status_code == status
    assert (await office.template(who)).status_code == status


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"name": " "}, "timetable.name_length"),
        ({"name": "Học kì I"}, "timetable.name_taken"),
        ({"starts_on": "2020-01-01"}, "timetable.outside_year"),
    ],
)
async def test_the_draft_itself_must_be_right(office: Office, more: dict[str, str], code: str) -> None:
    answer = await office.hand_in(drawing(["Thứ 2", "Sáng", 1, "Toán"]), **more)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (422, code)


async def test_a_page_of_another_site_imports_nothing(office: Office) -> None:
    answer = await office.http.post(
        "/timetables",
        params={"school": str(office.world["school"]), "name": "x", "starts_on": clock.today().isoformat()},
        files=[("files", ("tkb.xlsx", drawing()))],
    )
    assert answer.status_code == 403


async def test_the_template_of_a_timetable_imports_to_the_same_entries(office: Office) -> None:
    await office.hire("one", "Lê Văn Tám", "GV07")
    await office.hire("other", "Lê Văn Tám", "GV08")
    lines = [
        ["Thứ 7", "Sáng", 6, "Toán - gv08 - Nhà đa năng (tầng 2)", "Ngữ văn - GV07"],
        ["Chủ nhật", "Chiều", 1, "Toán / Ngữ văn", "- / Ngữ văn - GV07"],
        ["Thứ 2", "Sáng", 1, "Giáo dục thể chất - Đỗ Thị Chủ Nhiệm", "GDTC - GV08 / -"],
    ]
    first = await office.imported(drawing(*lines), name="Một")
    assert len(first) == 7
    published = update(Timetable).where(col(Timetable.name) == "Một").values(published_at=clock.now())
    async with office.database.write(SYSTEM) as session:
        await session.execute(published)
    template = await office.template()
    assert template.headers["content-type"].endswith("sheet")
    sheet = openpyxl.load_workbook(io.BytesIO(template.content))["TKB"]
    assert [cell.value for cell in sheet[1]] == [*HEAD, "7A", "7B"]
    assert await office.imported(template.content, name="Hai") == first


async def test_without_a_timetable_the_template_is_empty_and_says_the_times(office: Office) -> None:
    async with office.database.write(SYSTEM) as session:
        await session.execute(update(Timetable).values(published_at=None))
    sheet = openpyxl.load_workbook(io.BytesIO((await office.template()).content))["TKB"]
    rows = list(sheet.values)
    assert rows[1] == ("Thứ 2", "Sáng", "1", None, None) and len(rows) == 1 + 6 * 10
    assert all(row[3:] == (None, None) for row in rows[1:])


async def test_sixty_classes_in_three_seconds(office: Office) -> None:
    """60 classes of 30 lessons, each with its teacher, put in by one request. Counted in time of this process, so that
    what else the machine does does not matter.
    """
    world = office.world
    rows: list[Row] = []
    for number in range(60):
        name = f"8C{number}"
        rows.append(
            ClassGroup(
                school_id=world["school"],
                school_year_id=world["school_year"],
                name=name,
                grade=8,
                sort_key=name,
            )
        )
    await office.add(*rows)
    for number in range(60):
        await office.hire(f"t{number}", f"Nguyễn Văn {chr(65 + number // 26)}{chr(65 + number % 26)}")
    lines = []
    for day in range(2, 8):
        for period in range(1, 6):
            texts = [f"Toán - Nguyễn Văn {chr(65 + n // 26)}{chr(65 + n % 26)} - P.{n}" for n in range(60)]
            lines.append([f"Thứ {day}", "Sáng", period, *texts])
    content = drawing(*lines, classes=[f"8C{n}" for n in range(60)])
    began = time.process_time()
    answer = await office.hand_in(content)
    took = time.process_time() - began
    assert answer.json()["entries"] == 1800
    assert took <= 3


def catalogue() -> Catalogue:
    """A lower secondary class with the subjects whose names are hard."""
    subjects = [
        KnownSubject(UUID(int=n), code, name)
        for n, (code, name) in enumerate(
            (
                ("nghe_thuat_am_nhac", "Nghệ thuật (Âm nhạc)"),
                ("am_nhac", "Âm nhạc"),
                ("lich_su_dia_li", "Lịch sử và Địa lí"),
                ("lich_su", "Lịch sử"),
                ("hoat_dong_trai_nghiem", "Hoạt động trải nghiệm, hướng nghiệp"),
                ("khoa_hoc_tu_nhien", "Khoa học tự nhiên"),
                ("vat_li", "Vật lí"),
                ("cong_nghe", "Công nghệ"),
            )
        )
    ]
    planned = frozenset(UUID(int=n) for n in (0, 2, 4, 5, 7))
    lower = KnownClass(UUID(int=100), "7A", planned)
    teacher = KnownTeacher(UUID(int=200), "Nguyễn Thị Hoa", "")
    return Catalogue({"7a": lower}, subjects, [teacher], {}, {})


@pytest.mark.parametrize(
    ("text", "code", "teacher", "room"),
    [
        ("Nghệ thuật (Âm nhạc) (Nguyễn Thị Hoa) P.1", "nghe_thuat_am_nhac", "Nguyễn Thị Hoa", "P.1"),
        ("Âm nhạc - Hoa", "nghe_thuat_am_nhac", "Hoa", ""),
        ("Lịch sử - Địa lí - Hoa", "lich_su_dia_li", "Hoa", ""),
        ("Sử", "lich_su_dia_li", "", ""),
        ("Vật lý (Hoa)", "khoa_hoc_tu_nhien", "Hoa", ""),
        ("KHTN", "khoa_hoc_tu_nhien", "", ""),
        ("Chào cờ", "hoat_dong_trai_nghiem", "", ""),
        ("SHL - cô Hoa", "hoat_dong_trai_nghiem", "cô Hoa", ""),
        ("CN - Hoa", "cong_nghe", "Hoa", ""),
        ("Hoạt động trải nghiệm, hướng nghiệp (Hoa)", "hoat_dong_trai_nghiem", "Hoa", ""),
    ],
)
def test_names_of_subjects_that_are_hard(text: str, code: str, teacher: str, room: str) -> None:
    known = catalogue()
    written = read_lesson(text, known)
    assert (written.teacher, written.room) == (teacher, room)
    assert [subject.code for subject in known.subjects_of(known.classes["7a"], written.subject)] == [code]
