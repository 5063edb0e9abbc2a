"""Timetable, calendar address and class register, through the screens of everybody who has to do with them."""

import re
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import icalendar
import openpyxl
import pytest
from playwright.async_api import expect

from tests.e2e.api import Api
from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, HEADTEACHER, HOMEROOM, MOTHER, PHONE, TEACHER, People, Person

pytestmark = pytest.mark.anyio

PUPIL = "Nguyễn Thị Ngọc Lan"
REMARK = "Lan giúp bạn giải bài rất kiên nhẫn."
STRANGE = "Thiên văn (Nguyễn Văn Không Có)"
WRONG = "D2"
MOST_TRIES = 25
WEEK = """query($class: UUID!, $from: Date!, $to: Date!) {
  classLessons(classGroup: $class, from: $from, to: $to) { day session period change }
  lessonLogs(classGroup: $class, from: $from, to: $to) { day session period } }"""
CLASSES = '{ schools { id } myLessons(from: "%s", to: "%s") { classGroup { id name } } }'
SIGN = """mutation($class: UUID!, $day: Date!, $session: HalfDay!, $period: Int!) {
  signLesson(classGroup: $class, day: $day, session: $session, period: $period, content: "Ôn tập") {
    __typename ... on Problem { code message } } }"""


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    """A product of this file's own: the mother signs in too often in all stories together for one server."""
    with App() as running:
        yield running
    assert running.faults == []


def today() -> date:
    return datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date()


async def test_a_substitution_reaches_the_family(app: App, people: People) -> None:
    mother = await people.arrive(app, PHONE)
    await mother.sign_in(MOTHER)
    await mother.go("Lịch học")
    await mother.at("Lịch học")
    await mother.sees("hôm nay")
    await mother.check_accessibility()
    await show(mother, "Tuần")
    await expect(mother.page.get_by_role("table")).to_be_visible()
    await mother.check_accessibility()
    await show(mother, "Ngày")

    head = await people.arrive(app, DESK)
    await head.sign_in(HEADTEACHER)
    await head.go("Lịch học")
    await head.page.get_by_role("main").get_by_role("link", name="7A1").click()
    await head.at("Lớp 7A1")
    await head.check_accessibility()
    await show(head, "Ngày")
    substitute = await substitute_first_lesson(head)

    # The open screen hears of it: nobody reloads anything.
    await mother.sees(f"Dạy thay: {substitute}")
    await expect(mother.page.get_by_role("main").locator("s").first).to_be_visible()
    await mother.check_accessibility()
    await mother.go("Thông báo")
    await mother.sees("Lan")


async def show(person: Person, view: str) -> None:
    await person.page.get_by_role("group", name="Cách xem").get_by_role("link", name=view).click()


async def substitute_first_lesson(head: Person) -> str:
    """Three taps: the lesson, the person, the button. Who is busy then is refused, with the other lesson named."""
    await head.page.get_by_role("main").get_by_role("button", name=re.compile("Tiết 1")).first.click()
    dialog = head.page.get_by_role("dialog")
    group = dialog.get_by_role("group", name="Người dạy thay")
    people = group.get_by_role("radio")
    await expect(people.first).to_be_visible()
    await expect(dialog.get_by_text("Sẽ báo ngay:")).to_contain_text("7A1")
    await head.check_accessibility()
    done = head.page.get_by_text("Đã đổi và báo cho người liên quan.")
    refused = dialog.get_by_role("alert").filter(has_text=re.compile(r"\S"))
    for place in range(min(MOST_TRIES, await people.count())):
        label = group.locator("label").filter(has=head.page.get_by_role("radio")).nth(place)
        name = (await label.inner_text()).strip().splitlines()[0]
        await people.nth(place).check()
        await head.button("Đổi và báo ngay").click()
        await expect(done.or_(refused).first).to_be_visible()
        if await done.is_visible():
            return name
    raise AssertionError("everybody is busy")


async def test_an_import_names_the_cell(app: App, people: People, tmp_path: Path) -> None:
    clerk = await people.arrive(app, DESK, accept_downloads=True)
    await clerk.sign_in(CLERK)
    await clerk.go("Trường")
    await clerk.link(re.compile("Thời khoá biểu")).click()
    await clerk.at("Thời khoá biểu")
    await clerk.check_accessibility()
    await clerk.button("Nhập từ Excel").click()
    async with clerk.page.expect_download() as download:
        await clerk.button("Tải tệp mẫu").click()
    await (await download.value).save_as(tmp_path / "mau.xlsx")

    book = openpyxl.load_workbook(tmp_path / "mau.xlsx")
    sheet = book.worksheets[0]
    sheet[WRONG] = STRANGE
    book.save(tmp_path / "sai.xlsx")
    await choose(clerk, tmp_path / "sai.xlsx", "Bản có lỗi")
    await expect(clerk.page.get_by_role("heading", name=re.compile("Chưa nhập gì"))).to_be_focused()
    await clerk.sees(f"{sheet.title}!{WRONG}")
    await clerk.check_accessibility()

    await choose(clerk, tmp_path / "mau.xlsx", "Học kì I, lần 2")
    await clerk.at("Học kì I, lần 2")
    await clerk.sees("Bản nháp")
    await clerk.check_accessibility()
    await clerk.page.get_by_role("main").get_by_role("table").get_by_role("button").first.click()
    await expect(clerk.page.get_by_role("dialog").get_by_label("Giáo viên")).to_be_visible()
    await clerk.check_accessibility()
    await clerk.page.keyboard.press("Escape")
    await clerk.button("Xoá bản nháp").click()
    await clerk.page.get_by_role("dialog").get_by_role("button", name="Xoá bản nháp").click()
    await clerk.at("Thời khoá biểu")
    await clerk.check_screens(["/school/timetable/bells", "/school/calendar"])


async def choose(clerk: Person, file: Path, name: str) -> None:
    dialog = clerk.page.get_by_role("dialog")
    await dialog.get_by_label("Tệp Excel").set_input_files(file)
    await dialog.get_by_label("Tên", exact=True).fill(name)
    await clerk.button("Nhập vào bản nháp").click()


async def test_a_calendar_address_opens_and_ends(app: App, people: People) -> None:
    mother = await people.arrive(app, PHONE)
    await mother.sign_in(MOTHER)
    await mother.go("Cài đặt")
    await mother.link("Lịch trên điện thoại").click()
    await mother.at("Lịch trên điện thoại")
    await mother.button("Tạo địa chỉ lịch").click()
    address = await mother.field("Địa chỉ riêng").input_value()
    assert address.startswith(f"{app.origin}/calendar/")
    await expect(mother.link("Thêm vào lịch của máy")).to_have_attribute("href", re.compile("^webcal:"))
    await mother.check_accessibility()

    # A calendar programme: no cookie, only the address.
    stranger = await people.arrive(app, DESK)
    answer = await stranger.context.request.get(address)
    calendar = icalendar.Calendar.from_ical(await answer.text())
    named = [str(event["SUMMARY"]) for event in calendar.walk("VEVENT")]
    assert any(name.startswith("Lan") for name in named)
    await mother.page.reload()
    await mother.sees("Ứng dụng lịch đọc lần cuối")
    await expect(mother.field("Địa chỉ riêng")).to_have_count(0)
    await mother.button("Ngừng chia sẻ").click()
    await mother.page.get_by_role("dialog").get_by_role("button", name="Ngừng chia sẻ").click()
    await expect(mother.button("Tạo địa chỉ lịch")).to_be_visible()
    assert (await stranger.context.request.get(address)).status == 404


async def test_a_lesson_is_signed_a_remark_let_through_and_the_week_closed(app: App, people: People) -> None:
    teacher = await people.arrive(app, PHONE)
    await teacher.sign_in(TEACHER)
    await sign_with_remark(teacher)

    homeroom = await people.arrive(app, DESK)
    await homeroom.sign_in(HOMEROOM)
    await homeroom.button(re.compile("Đổi con hoặc vai trò")).click()
    await homeroom.page.get_by_role("dialog").get_by_role("button", name="Giáo viên chủ nhiệm").click()
    await homeroom.go("Sổ đầu bài")
    waiting = homeroom.page.get_by_role("listitem").filter(has_text=REMARK)
    await expect(waiting).to_be_visible()
    await homeroom.check_accessibility()
    await waiting.get_by_role("button", name=re.compile("^Gửi gia đình")).click()
    await expect(waiting).to_have_count(0)

    mother = await people.arrive(app, PHONE)
    await mother.sign_in(MOTHER)
    await mother.go("Thông báo")
    await mother.button(re.compile("có nhận xét môn Toán")).first.click()
    await mother.at("Nhận xét về Lan")
    await mother.sees(REMARK)
    await mother.check_accessibility()

    await close_last_week(app, homeroom)


async def sign_with_remark(teacher: Person) -> None:
    await teacher.go("Sổ đầu bài")
    await teacher.at("Sổ đầu bài")
    await teacher.check_accessibility()
    await teacher.link(re.compile("Toán · 7A1")).first.click()
    await teacher.at("Toán · 7A1")
    await teacher.button("Kí sổ").click()
    await expect(teacher.field("Nội dung tiết dạy")).to_be_focused()
    await teacher.field("Nội dung tiết dạy").fill("Luyện tập chung")
    await teacher.page.get_by_role("radio", name="Tốt").check()
    await teacher.button("Thêm nhận xét về học sinh").click()
    await teacher.page.get_by_label("Học sinh", exact=True).select_option(label=PUPIL)
    await teacher.field("Nội dung nhận xét").fill(REMARK)
    await teacher.check_accessibility()
    await teacher.button("Kí sổ").click()
    await teacher.sees("Đã kí sổ đầu bài.")
    await teacher.at("Sổ đầu bài")


async def close_last_week(app: App, homeroom: Person) -> None:
    """What is not written keeps the week open; the homeroom teacher may write it, then she closes."""
    monday = today() - timedelta(days=today().weekday() + 7)
    async with Api(app) as api:
        await api.sign_in(HOMEROOM)
        lessons = (await api(CLASSES % (monday, monday + timedelta(days=6))))["myLessons"]
        group = next(one["classGroup"]["id"] for one in lessons if one["classGroup"]["name"] == "7A1")
        await complete(api, group, monday)
    await homeroom.open(f"/lesson-log/{group}?week={monday}")
    await homeroom.at("Sổ đầu bài 7A1")
    await homeroom.sees("Ôn tập")
    await homeroom.check_accessibility()
    await homeroom.button("Chốt tuần").click()
    await homeroom.page.get_by_role("dialog").get_by_role("button", name="Chốt tuần").click()
    await homeroom.sees("Đã chốt")
    await expect(homeroom.button("Chốt tuần")).to_have_count(0)


async def complete(api: Api, group: str, monday: date) -> None:
    """Write every lesson of the week that nobody has written."""
    span: dict[str, Any] = {"class": group, "from": str(monday), "to": str(monday + timedelta(days=6))}
    week = await api(WEEK, **span)
    written = {(one["day"], one["session"], one["period"]) for one in week["lessonLogs"]}
    for lesson in week["classLessons"]:
        place = {name: lesson[name] for name in ("day", "session", "period")}
        if lesson["change"] != "CANCELLED" and tuple(place.values()) not in written:
            await api(SIGN, **{"class": group, **place})
