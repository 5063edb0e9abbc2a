"""A day of a family: where is the child, leave for tomorrow, and the same without a network."""

import re
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image
from playwright.async_api import FilePayload, expect

from tests.e2e.api import Api
from tests.e2e.app import App, eventually
from tests.e2e.people import HOMEROOM, LAN, MOTHER, PHONE, People, Person
from tests.e2e.school_day import SchoolDay

pytestmark = pytest.mark.anyio

CONTROLLED = "navigator.serviceWorker.controller !== null"
DRAWN = "[...document.querySelectorAll('main img')].some((image) => image.naturalWidth > 0)"
ASKED = "Lan (7A1) vắng sáng nay"
BYTES = """() => {
  const resources = performance.getEntriesByType('resource').filter(({ name }) => name.endsWith('/graphql'))
  return Math.max(...resources.map(({ decodedBodySize }) => decodedBodySize))
}"""
LARGEST_ANSWER = 15_000


@pytest.fixture(scope="module")
def school() -> Iterator[App]:
    """A product for the days of this file: what happens to Lan here happens in no other story."""
    with App() as running:
        yield running
    assert running.faults == []


@pytest.fixture
async def teacher(school: App) -> AsyncIterator[SchoolDay]:
    async with Api(school) as homeroom:
        await homeroom.sign_in(HOMEROOM)
        yield SchoolDay(homeroom, datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date())


@pytest.fixture
async def mother(school: App, people: People) -> Person:
    parent = await people.arrive(school, PHONE)
    await parent.sign_in(MOTHER)
    await parent.until(CONTROLLED)
    return parent


async def test_a_mother_is_asked_where_her_child_is(
    school: App, people: People, mother: Person, teacher: SchoolDay
) -> None:
    await teacher.record("Lan", "UNEXCUSED")
    await expect(mother.page.get_by_role("heading", name=ASKED)).to_be_visible()
    await mother.sees("Lê Thị Thu Hà ghi vắng không phép lúc")
    await mother.check_accessibility()
    await sees_but_is_not_asked(school, people)

    await mother.button("Con ốm").click()
    await mother.sees("Đã gửi: Con ốm")
    assert ("Lan", "ANSWERED", "SICK") in await teacher.alerts()
    await mother.check_accessibility()

    # The teacher sees her come in: the alert goes, and the card says what is so now.
    await teacher.record("Lan", "PRESENT")
    await expect(mother.page.get_by_role("heading", name=ASKED)).to_have_count(0)
    await mother.sees("Có mặt buổi sáng")

    await teacher.record("Lan", "UNEXCUSED")
    alert = await teacher.live_alert()
    await answers_from_an_address(mother, teacher, alert)
    await looks_for_her(mother, teacher, alert)


async def sees_but_is_not_asked(school: App, people: People) -> None:
    """The pupil's own account."""
    lan = await people.arrive(school, PHONE)
    await lan.sign_in(LAN)
    await expect(lan.page.get_by_role("heading", name="Bạn được ghi vắng sáng nay")).to_be_visible()
    await expect(lan.button("Con ốm")).to_have_count(0)
    await lan.check_accessibility()


async def answers_from_an_address(mother: Person, teacher: SchoolDay, alert: str) -> None:
    """As a notification does whose answer could not be sent: without a network it waits, then it goes by itself."""
    await mother.context.set_offline(True)
    await mother.open(f"/absences/{alert}?answer=FAMILY")
    await mother.sees("Chưa gửi: Việc nhà")
    await mother.check_accessibility()
    assert ("Lan", "OPEN", None) in await teacher.alerts()
    await mother.context.set_offline(False)
    await mother.at("Lan vắng sáng nay")
    await mother.sees("Đã gửi: Việc nhà")
    await mother.until("location.search === ''")
    assert ("Lan", "ANSWERED", "FAMILY") in await teacher.alerts()


async def looks_for_her(mother: Person, teacher: SchoolDay, alert: str) -> None:
    """The search starts with one tap, and the mother follows it."""
    await mother.button("Không, con phải đang ở trường!").click()
    await mother.sees("Trường đang tìm Lan")
    await expect(mother.page.get_by_role("timer")).to_be_visible()
    await mother.check_accessibility()
    assert ("Lan", "SAFETY", "SHOULD_BE_AT_SCHOOL") in await teacher.alerts()
    await teacher.acknowledge(alert)
    await mother.sees("Lê Thị Thu Hà đang tìm")
    await teacher.close(alert, "FOUND_AT_SCHOOL")
    await mother.sees("Lan đang ở trường")
    await mother.check_accessibility()


async def test_leave_is_asked_for_with_a_photo_and_granted(mother: Person, teacher: SchoolDay) -> None:
    await mother.link("Xin nghỉ cho Lan").click()
    await mother.at("Xin nghỉ cho Lan")
    await mother.button("Gửi đơn").click()
    await mother.sees("Hãy chọn lý do")
    await mother.check_accessibility()
    await mother.page.get_by_role("radio", name=re.compile("^Sáng")).check()
    await mother.page.get_by_role("radio", name="Ốm").check()
    await mother.field("Nói thêm").fill("Cháu sốt từ tối qua.")
    await mother.page.locator("input[type=file]").last.set_input_files(paper())
    await expect(mother.page.get_by_role("img", name="Ảnh 1")).to_be_visible()
    await mother.check_accessibility()
    await keeps_the_draft(mother)

    await mother.button("Gửi đơn").click()
    await mother.at("Lan xin nghỉ")
    await mother.sees("Chờ giáo viên chủ nhiệm duyệt")
    await mother.until(DRAWN)
    await mother.check_accessibility()
    [request] = [one for one in await teacher.leave_to_decide() if one["detail"] == "Cháu sốt từ tối qua."]
    assert len(request["photos"]) == 1
    await teacher.approve(request)
    await mother.sees("Lê Thị Thu Hà đã duyệt")

    await mother.go("Hôm nay")
    await mother.link(re.compile("Được nghỉ có phép")).click()
    await mother.button("Rút đơn").click()
    await mother.page.get_by_role("dialog").get_by_role("button", name="Rút đơn").click()
    await mother.sees("Gia đình đã rút đơn")
    await mother.link("Tất cả đơn xin nghỉ").click()
    await mother.at("Đơn xin nghỉ của Lan")
    await expect(mother.link(re.compile("Đã rút"))).not_to_have_count(0)
    await mother.check_accessibility()


async def keeps_the_draft(mother: Person) -> None:
    """What is written stays on the phone; sending needs a network, and the screen says so."""
    await mother.context.set_offline(True)
    await mother.sees("Cần có mạng để gửi")
    await mother.button("Gửi đơn").click()
    await mother.sees("Việc này cần có mạng.")
    await eventually(lambda: kept(mother))
    await mother.page.reload()
    await mother.sees("Đây là đơn bạn viết dở.")
    await expect(mother.field("Nói thêm")).to_have_value("Cháu sốt từ tối qua.")
    await expect(mother.page.get_by_role("img", name="Ảnh 1")).to_be_visible()
    await expect(mother.page.get_by_role("radio", name="Ốm")).to_be_checked()
    await mother.context.set_offline(False)


async def kept(person: Person) -> bool:
    """Whether the draft has reached the phone's storage, photo and all."""
    return await person.page.evaluate("""() => new Promise((answer) => {
      const open = indexedDB.open('nhipcau-kept')
      open.onsuccess = () => {
        const all = open.result.transaction('kept').objectStore('kept').getAll()
        all.onsuccess = () => answer(all.result.some(({ photos }) => photos?.length === 1))
      }
    })""")


async def test_the_card_answers_without_a_network_and_says_of_when_it_is(mother: Person) -> None:
    lan = mother.page.get_by_role("region", name="Nguyễn Thị Ngọc Lan")
    await mother.page.reload()
    await expect(lan.get_by_role("link", name=re.compile(r"\d+ tiết"))).to_be_visible()
    assert await mother.page.evaluate(BYTES) <= LARGEST_ANSWER
    await mother.check_accessibility()
    await mother.go("Học tập")
    await mother.link(re.compile("^Điểm danh")).click()
    await mother.at("Điểm danh của Lan")
    await mother.sees("/45 buổi")
    await mother.button("Tháng trước").click()
    await mother.page.get_by_text("Xem dạng bảng").click()
    await expect(mother.page.get_by_role("table").get_by_role("row").nth(5)).to_be_visible()
    await mother.check_accessibility()

    await mother.context.set_offline(True)
    await mother.open("/")
    await mother.sees("cập nhật")
    await expect(lan.get_by_role("link", name=re.compile(r"\d+ tiết"))).to_be_visible()
    await mother.context.set_offline(False)


def paper() -> FilePayload:
    """A photo of a paper, larger than what goes up."""
    drawn = BytesIO()
    Image.new("RGB", (2400, 3200), "#f4f1e8").save(drawn, "JPEG")
    return {"name": "giay-kham.jpg", "mimeType": "image/jpeg", "buffer": drawn.getvalue()}
