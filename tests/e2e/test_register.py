"""The register with a thumb: ten seconds and six taps, seen again as it was saved, and two teachers at one class."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from tests.e2e.api import Api
from tests.e2e.app import App, eventually, running
from tests.e2e.people import DESK, HEADTEACHER, HOMEROOM, MOTHER, PHONE, TEACHER, People, Person
from tests.e2e.register import PUPILS, RegisterScreen, fill_class, marks, operations, timed

pytestmark = pytest.mark.anyio

MOST_TAPS, MOST_SECONDS = 6, 10.0
# Between two taps of a hand that knows the class.
HAND_SECONDS = 0.35
ANSWER = """mutation($alert: UUID!) { answerAbsence(alert: $alert, answer: SHOULD_BE_AT_SCHOOL) {
  __typename ... on Problem { code } } }"""
OPEN = "select id::text from absence_alert where status = 'OPEN'"
HOMEROOM_ROLE = "Giáo viên chủ nhiệm"
COUNT_TAPS = (
    """() => { window.taps = 0; addEventListener('pointerdown', () => { window.taps++ }, { capture: true }) }"""
)


@pytest.fixture
async def school(anyio_backend: str) -> AsyncIterator[App]:
    """A school of one's own: its alerts would disturb other stories."""
    async with running() as app:
        yield app


async def test_a_class_of_45_takes_ten_seconds_and_six_taps(school: App, people: People) -> None:
    path = await fill_class(school)
    teacher = await people.arrive(school, PHONE)
    await teacher.sign_in(TEACHER)
    await teacher.go("Điểm danh")
    await teacher.at(re.compile("^Lớp 7A"))
    register = RegisterScreen(teacher)
    await register.open(path)
    await teacher.sees("Mặc định có mặt")
    await teacher.check_accessibility()
    assert await operations(school) == (0, 0)

    await teacher.page.reload()
    with timed() as seconds:
        await teacher.page.evaluate(COUNT_TAPS)
        await expect(register.lines).to_have_count(PUPILS)
        for number in (4, 17, 40):
            await register.pupil(number).tap()
            await asyncio.sleep(HAND_SECONDS)
        await teacher.sees("45 em · 3 vắng")
        assert await operations(school) == (0, 0)
        await register.send()
        await register.is_sent()
    assert await teacher.page.evaluate("window.taps") <= MOST_TAPS
    assert seconds[0] < MOST_SECONDS
    assert await operations(school) == (PUPILS, PUPILS)
    assert await marks(school) == {"PRESENT": PUPILS - 3, "UNEXCUSED": 3}
    await teacher.check_accessibility()
    await correct_and_see_again(school, register)


async def correct_and_see_again(school: App, register: RegisterScreen) -> None:
    """What is saved stands there, not the defaults; only what changed is sent."""
    await register.page.reload()
    await expect(register.lines).to_have_count(PUPILS)
    await register.shows(4, "Vắng không phép, đã ghi")
    await register.shows(5, "Có mặt, đã ghi")
    await register.is_sent()

    await register.pupil(4).tap()
    await register.kind(4, "Muộn").tap()
    await register.lines.nth(4).get_by_role("button", name="Thêm 5 phút").tap()
    await register.shows(4, "Đi muộn 15 phút")
    await register.person.check_accessibility()
    await register.send("Gửi 1 thay đổi")
    await register.is_sent()
    assert await operations(school) == (PUPILS + 1, PUPILS)
    assert await marks(school) == {"PRESENT": PUPILS - 3, "UNEXCUSED": 2, "LATE": 1}
    await register.page.get_by_role("button", name="Lịch sử").tap()
    dialog = register.page.get_by_role("dialog", name="Lịch sử")
    await expect(dialog.get_by_text("Đi muộn 15 phút")).to_be_visible()
    await expect(dialog.get_by_role("listitem")).to_have_count(4)
    await register.person.check_accessibility()


async def test_two_teachers_at_one_class_lose_nothing(school: App, people: People) -> None:
    path = await fill_class(school)
    subject, homeroom = await people.arrive(school, PHONE), await people.arrive(school, PHONE)
    first, second = await open_register(subject, TEACHER, path), await open_register(homeroom, HOMEROOM, path)

    # Both see defaults. One taps two pupils, the other one more and one of the same.
    for number in (3, 8):
        await first.pupil(number).tap()
    await second.pupil(8).tap()
    await second.kind(8, "Muộn").tap()
    await second.pupil(20).tap()
    await first.send()
    await first.is_sent()
    await second.send()
    await second.is_sent()

    assert await operations(school) == (2 * PUPILS, PUPILS)
    # A default never beats a tap; of two taps the later holds.
    assert await marks(school) == {"PRESENT": PUPILS - 3, "UNEXCUSED": 2, "LATE": 1}
    await second.shows(3, "Vắng không phép, đã ghi")
    await first.page.reload()
    await expect(first.lines).to_have_count(PUPILS)
    await first.shows(3, "Vắng không phép, đã ghi")
    await first.shows(8, "Đi muộn 10 phút, đã ghi")
    await first.shows(20, "Vắng không phép, đã ghi")
    await follow_in_the_office(school, people, homeroom)


async def open_register(person: Person, who: str, path: str) -> RegisterScreen:
    await person.sign_in(who)
    register = RegisterScreen(person)
    await register.open(path)
    return register


async def follow_in_the_office(school: App, people: People, homeroom: Person) -> None:
    """The homeroom teacher sees the alerts and gives one its name; the leader sees the board."""
    await eventually(lambda: school.ask_database(OPEN))
    await homeroom.open("/attendance/alerts")
    await homeroom.at("Vắng chưa rõ lý do")
    await homeroom.sees("Gia đình chưa trả lời")
    await homeroom.check_accessibility()
    await homeroom.page.locator("main a[href^='/attendance/alerts/']").first.tap()
    await homeroom.sees("ghi vắng không phép, gia đình được báo")
    await homeroom.check_accessibility()
    await homeroom.button("Có phép").tap()
    await expect(homeroom.page.get_by_role("status").filter(has_text="Vắng có phép")).to_be_visible()

    leader = await people.arrive(school, DESK)
    await leader.sign_in(HEADTEACHER)
    await leader.sees("Lớp đã điểm danh")
    await leader.check_screens(
        ["/school/attendance", "/school/attendance/patterns", "/school/attendance/settings", "/leave/to-decide"]
    )
    await leader.open("/school/attendance")
    await leader.sees("2 vắng")


async def test_a_search_is_taken_on_and_ended(school: App, people: People) -> None:
    path = await fill_class(school)
    teacher, homeroom = await people.arrive(school, PHONE), await people.arrive(school, PHONE)
    register = await open_register(teacher, TEACHER, path)
    await register.lines.get_by_role("button", name=re.compile("^Nguyễn Thị Ngọc Lan ?:")).tap()
    await register.send()
    await register.is_sent()
    [alert] = await eventually(lambda: school.ask_database(OPEN))
    async with Api(school) as mother:
        await mother.sign_in(MOTHER)
        await mother(ANSWER, alert=alert["id"])

    await homeroom.sign_in(HOMEROOM)
    await homeroom.button(re.compile("^Đổi con hoặc vai trò")).tap()
    await homeroom.page.get_by_role("dialog").get_by_role("button", name=re.compile(HOMEROOM_ROLE)).tap()
    await homeroom.sees("Cần tìm ngay")
    await homeroom.sees("gia đình nói con phải đang ở trường. Chưa ai nhận tìm")
    await homeroom.check_accessibility()
    await homeroom.link("Mở và nhận tìm").tap()
    await homeroom.at("Nguyễn Thị Ngọc Lan (7A1)")
    await homeroom.check_accessibility()
    await homeroom.button("Tôi đang tìm").tap()
    await expect(homeroom.page.get_by_role("status").filter(has_text="Đang tìm")).to_be_visible()
    await homeroom.button("Kết thúc việc tìm").tap()
    dialog = homeroom.page.get_by_role("dialog", name="Kết thúc việc tìm")
    await dialog.get_by_role("button", name="Kết thúc và báo gia đình").tap()
    await expect(dialog.get_by_text("Hãy chọn kết quả.")).to_be_visible()
    await homeroom.check_accessibility()
    await dialog.get_by_text("Con đang ở trường", exact=True).tap()
    await dialog.get_by_role("button", name="Kết thúc và báo gia đình").tap()
    await expect(homeroom.page.get_by_role("status").filter(has_text="Con đang ở trường")).to_be_visible()
    found = await school.ask_database("select status, outcome from absence_alert where id = $1", alert["id"])
    assert [tuple(row) for row in found] == [("CLOSED", "FOUND_AT_SCHOOL")]
