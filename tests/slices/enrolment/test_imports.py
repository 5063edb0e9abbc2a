"""Importing a school: the dry run changes nothing and names every trap, applying it writes what was shown."""

import asyncio
import io
import time
from datetime import date, timedelta

import pytest
import xlsxwriter

from backend.core import clock
from backend.core.bus import MemoryBus
from backend.enrolment.import_work import ImportWorker
from tests.actors import World
from tests.slices.enrolment.conftest import C1, DISCARD, Desk, pupils
from tests.workbooks.test_workbooks import ASSIGNMENTS, CONTACTS, STAFF, workbook

LAN = ("7A", "2400000000", "Nguyễn Thị Ngọc Lan", "01/05/2014", "Nữ")
NEW = ("6A2", "2499999999", "Hồ Xuân Hương", "08/03/2015", "Nữ")


async def test_a_dry_run_changes_nothing(desk: Desk) -> None:
    before = await desk.everything()
    found = await desk.check(pupils(LAN, NEW), [STAFF, [1, "GV01", "Tạ Thị Hải", "0912345678"]])
    assert (found["status"], found["newCount"], found["changedCount"]) == ("CHECKED", 2, 1)
    assert found["fileNames"] == ["tệp 1.xlsx"]
    assert await desk.everything() == before


async def test_traps_are_named_with_their_cell(desk: Desk) -> None:
    found = await desk.check(
        pupils(
            NEW,
            ("6A2", "2499999999", "Hồ Xuân Hồng", "09/03/2015"),
            ("12A1", "2400000901", "Đinh Bộ Lĩnh", "01/01/2014"),
            ("7A", "2400000001", "Phạm Khác Hẳn", "31/12/2013"),
            ("7A", "2400000902", "Lý Thái Tổ", "32/01/2014"),
            ("7A", "2400000903", "Trần Văn Minh", "02/05/2014"),
        )
    )
    assert (found["brokenCount"], found["suggestedCount"], found["newCount"]) == (5, 1, 0)
    broken = await desk.rows(found["id"], "BROKEN")
    assert [cell for cell, _, _ in broken] == ["Sheet1!C7", "Sheet1!C8", "Sheet1!B9", "Sheet1!C10", "Sheet1!E11"]
    assert broken[0][2] == "Mã học sinh trùng với ô Sheet1!C8."
    assert broken[2][1:] == ("Đinh Bộ Lĩnh · 12A1", "Trường không dạy khối 12; trường dạy khối 6 đến 9.")
    ((_, _, message),) = await desk.rows(found["id"], "SUGGESTED")
    assert "2400000001" in message
    done = await desk.apply(found)
    assert (done["status"], done["newCount"]) == ("APPLIED", 0)
    assert await desk.sql("select 1 from student where code in ('2499999999', '2400000901', '2400000903')") == []


async def test_applying_and_then_nothing_is_left_to_do(desk: Desk) -> None:
    contacts = [CONTACTS, [1, "2499999999", "Hồ Xuân Hương", "08/03/2015", "0987654321", "", "", "", "", "6A2", ""]]
    gone = ("6A2", "2499999998", "Ngô Quyền", "08/03/2015", "Nam", "Chuyển đi", "01/10/2026")
    staff = [STAFF, [1, "GV01", "Tạ Thị Hải", "0981112223", "", "Đang làm việc", "Giáo viên"]]
    work = [ASSIGNMENTS, [1, "6A2", "Toán", "GV01", "Tạ Thị Hải", "x"], [2, "7A", "Toán", "GV01", "", ""]]
    books = workbook(pupils(LAN, NEW, gone), staff, work), workbook(contacts)
    found = await desk.check_books(*books)
    assert (found["newCount"], found["changedCount"], found["brokenCount"]) == (4, 2, 0)
    assert ("[tệp 1.xlsx]Sheet1!F7", "Nguyễn Thị Ngọc Lan · 7A", "Giới tính: chưa rõ → nữ.") in await desk.rows(
        found["id"], "CHANGED"
    )
    done = await desk.apply(found)
    assert (done["status"], done["done"], done["brokenCount"]) == ("APPLIED", 6, 0)
    (placed,) = await desk.sql(
        "select c.name, c.grade, e.ended_on, s.sort_key <> '', g.phone, g.relation from student s"
        " join enrolment e on e.student_id = s.id join class_group c on c.id = e.class_group_id"
        " join guardian_contact g on g.student_id = s.id where s.code = '2499999999'"
    )
    assert tuple(placed) == ("6A2", 6, None, True, "+84987654321", "GUARDIAN")
    (left,) = await desk.sql(
        "select s.status, e.ended_on is not null from student s join enrolment e on e.student_id = s.id"
        " where s.code = '2499999998'"
    )
    assert tuple(left) == ("TRANSFERRED", True)
    kinds = [kind for (kind,) in await desk.sql("select kind from journal where kind like 'enrolment.%' order by id")]
    assert kinds == ["enrolment.import_checked", "enrolment.roster_imported"]
    assert await desk.sql("select 1 from import_file where content <> ''") == []
    again = await desk.check_books(*books)
    assert [again[name] for name in ("newCount", "changedCount", "movedCount", "brokenCount")] == [0, 0, 0, 0]
    assert again["unchangedCount"] == 6


async def test_a_pupil_who_had_moved_away_is_back_for_her_family_too(desk: Desk, world: World) -> None:
    """Until a line says that she studies again, since when, the row only points to the one at the other school."""
    await desk.sql("update enrolment set ended_on = current_date where student_id = :lan", lan=world["lan"])
    await desk.sql(
        "update student set status = 'TRANSFERRED', moved_to_id = (select id from student where id <> :lan limit 1)"
        " where id = :lan",
        lan=world["lan"],
    )
    children = "{ myStudents { fullName } }"
    mother = world.actor("mother")
    assert "Nguyễn Thị Ngọc Lan" not in str(await desk.client(mother, children))
    moved = "select status, moved_to_id is not null from student where id = :lan"
    await desk.apply(await desk.check(pupils(("7A", "2400000000", "Nguyễn Thị Ngọc Lan", "01/05/2014", "Nữ"))))
    assert [tuple(row) for row in await desk.sql(moved, lan=world["lan"])] == [("TRANSFERRED", True)]
    back = ("7A", "2400000000", "Nguyễn Thị Ngọc Lan", "01/05/2014", "Nữ", "Đang học", f"{clock.today():%d/%m/%Y}")
    done = await desk.apply(await desk.check(pupils(back)))
    assert (done["status"], done["brokenCount"]) == ("APPLIED", 0)
    assert [tuple(row) for row in await desk.sql(moved, lan=world["lan"])] == [("STUDYING", False)]
    assert "Nguyễn Thị Ngọc Lan" in str(await desk.client(mother, children))


async def test_staff_get_an_account_and_only_the_roles_of_their_work(desk: Desk) -> None:
    taken = await desk.sql("select phone from \"user\" where username = 'headteacher'")
    found = await desk.check(
        [
            STAFF,
            [1, "GV01", "Tạ Thị Hải", "0981112223", "", "Đang làm việc", "Hiệu trưởng"],
            [2, "clerk", "Trùng Tên Đăng Nhập", taken[0][0].replace("+84", "0"), "", "", "Giáo vụ"],
        ],
        [ASSIGNMENTS, [1, "7A", "Toán", "GV01", "", "x"], [2, "7A", "Ngữ văn", "GV01", "", "x"]],
    )
    assert found["brokenCount"] == 0
    assert any("thuộc về một tài khoản khác" in message for _, _, message in await desk.rows(found["id"], "NEW"))
    await desk.apply(found)
    people = await desk.sql(
        "select u.username, u.phone, array(select role from role_grant g where g.user_id = u.id order by 1)"
        ' from staff_member m join "user" u on u.id = m.user_id order by 1'
    )
    assert [tuple(person) for person in people] == [
        ("clerk.24010001", None, []),
        ("gv01", "+84981112223", ["HOMEROOM_TEACHER", "SUBJECT_TEACHER"]),
    ]
    # The one who no longer teaches or leads anything loses the role of it.
    for name in ("math_teacher", "homeroom_teacher"):
        assert await desk.sql("select role from role_grant where user_id = :who", who=desk.world[name]) == []
    again = await desk.check([STAFF, [1, "GV01", "Tạ Thị Hải", "0999888777"]])
    assert again["unchangedCount"] == 1


async def test_a_moved_pupil_keeps_the_history(desk: Desk) -> None:
    found = await desk.check(pupils(("7B", *LAN[1:4])))
    assert found["movedCount"] == 1
    assert await desk.rows(found["id"], "MOVED") == [("Sheet1!B7", "Nguyễn Thị Ngọc Lan · 7B", "Lớp: 7A → 7B.")]
    await desk.apply(found)
    stays = await desk.sql(
        "select c.name, e.started_on, e.ended_on from enrolment e join class_group c on c.id = e.class_group_id"
        " where e.student_id = :lan order by e.started_on, e.ended_on nulls last",
        lan=desk.world["lan"],
    )
    today = clock.today()
    assert [tuple(stay) for stay in stays] == [("7A", today - timedelta(days=60), today), ("7B", today, None)]


async def test_a_plan_that_is_no_longer_true_is_refused_line_by_line(desk: Desk) -> None:
    found = await desk.check(pupils(LAN, ("7A", "2400000001", "Trần Văn Minh", "02/05/2014", "Nam"), NEW))
    await desk.sql("update student set sex = 'MALE' where id = :lan", lan=desk.world["lan"])
    done = await desk.apply(found)
    assert (done["status"], done["changedCount"], done["newCount"], done["brokenCount"]) == ("APPLIED", 1, 1, 1)
    ((cell, title, message),) = await desk.rows(found["id"], "BROKEN")
    assert (cell, title) == ("[tệp 1.xlsx]Sheet1!D7", "Nguyễn Thị Ngọc Lan · 7A")
    assert "đã thay đổi sau khi kiểm tra" in message
    assert [tuple(row) for row in await desk.sql("select sex from student where code = '2400000000'")] == [("MALE",)]


async def test_who_may_import(desk: Desk) -> None:
    book = workbook(pupils(NEW))
    for who, school, status, code in (
        ("nobody", "school", 401, "core.sign_in_required"),
        ("other_clerk", "school", 403, "core.not_allowed"),
        ("math_teacher", "school", 403, "core.not_allowed"),
        ("headteacher", "school", 403, "core.not_allowed"),
        ("mother", "school", 403, "core.not_allowed"),
    ):
        answer = await desk.hand_in(book, who=who, school=school)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code), who
    assert (await desk.hand_in(book, **{"x-nhipcau": "0"})).status_code == 403
    assert (await desk.hand_in(book, origin="https://elsewhere.test")).status_code == 403
    assert await desk.sql("select 1 from import_batch") == []
    found = await desk.check(pupils(NEW))
    for who in ("other_clerk", "math_teacher", "headteacher"):
        assert (await desk.ask_to_apply(found, who)).problem in ("core.not_found", "core.not_allowed")
    assert (await desk.client(desk.world.actor("other_clerk"), DISCARD, batch=found["id"])).problem == "core.not_found"


async def test_limits(desk: Desk) -> None:
    book = workbook(pupils(NEW))
    for contents, status, code in (
        ((), 422, "import.not_multipart"),
        ((book,) * 5, 422, "import.too_many_files"),
        ((b"x" * (10 * 2**20 + 1),), 413, "sheet.too_big"),
    ):
        answer = await desk.hand_in(*contents)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)
    first = await desk.hand_in(book, book)
    assert first.status_code == 202
    answer = await desk.hand_in(book)
    assert answer.json()["errors"][0]["extensions"]["code"] == "import.already_running"
    await desk.worker.run()
    assert (await desk.batch(first.json()["batch"]))["fileNames"] == ["tệp 1.xlsx", "tệp 2.xlsx"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"PK not really", "Tệp không phải bảng tính Excel (.xlsx) hoặc đã hỏng."),
        (workbook([["STT", "Món ăn"], [1, "Phở"]]), "Không tìm thấy dòng tiêu đề cột trong tệp tệp 1.xlsx."),
    ],
)
async def test_a_workbook_refused_as_a_whole(desk: Desk, content: bytes, message: str) -> None:
    answer = await desk.hand_in(content)
    await desk.worker.run()
    found = await desk.batch(answer.json()["batch"])
    assert (found["status"], found["problem"]) == ("FAILED", message)
    assert (await desk.ask_to_apply(found)).problem == "import.not_checked"
    assert (await desk.client(desk.world.actor("clerk"), DISCARD, batch=found["id"])).problem is None
    assert await desk.sql("select 1 from import_file") == []


async def test_only_what_was_seen_is_applied_and_only_once(desk: Desk) -> None:
    found = await desk.check(pupils(NEW))
    assert (await desk.ask_to_apply({**found, "version": found["version"] - 1})).problem == "import.stale"
    await desk.apply(found)
    assert (await desk.ask_to_apply(found)).problem == "import.not_checked"
    answer = await desk.client(desk.world.actor("clerk"), DISCARD, batch=found["id"])
    assert answer.problem == "import.cannot_discard"


async def test_a_killed_worker_is_taken_up_again(desk: Desk, bus: MemoryBus) -> None:
    found = await desk.check(pupils(*(("6A2", f"25{n:08}", "Hồ Xuân Hương", "08/03/2015") for n in range(600))))
    await desk.ask_to_apply(found)
    killed = ImportWorker(desk.database, bus)
    running = asyncio.create_task(killed.run())
    while not await desk.sql("select 1 from import_batch where status = 'APPLYING' and done > 0"):
        assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await desk.sql("select 1 from student where code like '25%'") == []
    # As after a crash, where nobody gave the lease back.
    await desk.sql("update import_batch set leased_until = now() + interval '1 minute'")
    await desk.worker.run()
    assert (await desk.batch(found["id"]))["status"] == "APPLYING"
    await desk.sql("update import_batch set leased_until = now() - interval '1 second'")
    await desk.worker.run()
    assert (await desk.batch(found["id"]))["status"] == "APPLIED"
    assert [tuple(row) for row in await desk.sql("select count(*) from student where code like '25%'")] == [(600,)]


async def test_two_thousand_pupils_within_ten_seconds_each(desk: Desk) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, {"in_memory": True}) as book:
        sheet = book.add_worksheet("Sheet1")
        sheet.write_row(0, 0, C1)
        for n in range(2_000):
            line = [n, f"{6 + n % 4}A{1 + n // 4 % 12}", f"25{n:08}", "Nguyễn Thị Ánh", "17/08/2013", "Nữ", "Đang học"]
            sheet.write_row(n + 1, 0, line)
    answer = await desk.hand_in(target.getvalue())
    started = time.monotonic()
    await desk.worker.run()
    found = await desk.batch(answer.json()["batch"])
    assert (found["newCount"], time.monotonic() - started < 10) == (2_000, True)
    started = time.monotonic()
    done = await desk.apply(found)
    assert (done["newCount"], time.monotonic() - started < 10) == (2_000, True)
    assert date.fromisoformat(str((await desk.sql("select min(started_on) from enrolment"))[0][0])) <= clock.today()
