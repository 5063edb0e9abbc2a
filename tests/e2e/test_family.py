"""A parent's phone: from the slip to the marks, what is asked of a parent, and the same without a network."""

import asyncio

import pytest
from playwright.async_api import expect

from tests.e2e.api import Api
from tests.e2e.app import App
from tests.e2e.people import FATHER, HEADTEACHER, PHONE, SLIP, People, Person

pytestmark = pytest.mark.anyio

TITLE = "Họp phụ huynh cuối học kì I"
BODY = "Nhà trường mời phụ huynh dự họp lúc 8 giờ sáng Chủ nhật.\nTrân trọng."
# Everything that a device keeps about a person; how its screen looks and what it was offered is about nobody.
KEPT = """async () => {
  const nobodys = /^nhipcau\\.(theme|text|language|useful|later\\..*)$/
  const found = Object.keys(localStorage).filter((key) => !nobodys.test(key))
  for (const { name } of await indexedDB.databases()) {
    const open = indexedDB.open(name)
    const database = await new Promise((done) => { open.onsuccess = () => done(open.result) })
    for (const store of database.objectStoreNames) {
      const count = database.transaction(store).objectStore(store).count()
      found.push(...Array(await new Promise((done) => { count.onsuccess = () => done(count.result) })).fill(store))
    }
    database.close()
  }
  return found
}"""
CONTROLLED = "navigator.serviceWorker.controller !== null"

# The next call to the server waits for window.release().
SLOW_LINE = """() => {
  const call = window.fetch
  window.answers = 0
  window.fetch = async (...request) => {
    if (!('release' in window)) await new Promise((done) => { window.release = done })
    const answer = await call(...request)
    window.answers += 1
    return answer
  }
}"""


async def test_a_parent_comes_with_a_slip_and_goes(app: App, people: People) -> None:
    parent = await people.arrive(app, PHONE)
    await claim_huy(parent)
    await parent.check_accessibility()

    await parent.link("Xem điểm của Huy").click()
    await parent.at("Điểm của Huy")
    await expect(parent.page.get_by_role("heading", name="Toán")).to_be_visible()
    await parent.check_accessibility()

    await acknowledge_what_the_school_sends(app, parent)
    await choose_how_it_looks(parent)

    assert await parent.page.evaluate(KEPT) != []
    await parent.button("Đăng xuất khỏi máy này").click()
    await parent.at("Đăng nhập")
    await parent.check_accessibility()
    assert await parent.page.evaluate(KEPT) == []
    assert await parent.context.cookies() == []
    await parent.open("/")
    await parent.at("Đăng nhập")


async def claim_huy(parent: Person) -> None:
    """Scan the slip, show that the phone is one's own, confirm the child, say who one is."""
    await parent.open(f"/claim#{SLIP}")
    await parent.at("Nhận con")
    assert SLIP not in parent.page.url
    await parent.check_accessibility()
    await parent.enter_phone("0912 000 077")
    await parent.sees("Đỗ Gia Huy")
    await parent.sees("Lớp 7A1")
    await parent.check_accessibility()
    await parent.button("Đúng, đây là con tôi").click()
    await parent.button("Nhận con").click()
    await parent.sees("Hãy chọn bạn là ai của con.")
    await parent.page.get_by_role("radio", name="Mẹ").check()
    await parent.field("Họ tên của bạn").fill("Đỗ Thị Thanh")
    await parent.button("Nhận con").click()
    await parent.at("Hôm nay")
    await expect(parent.page.get_by_role("heading", name="Đỗ Gia Huy")).to_be_visible()


async def acknowledge_what_the_school_sends(app: App, parent: Person) -> None:
    """It appears on the open list by itself."""
    await parent.go("Bảng tin")
    await parent.at("Bảng tin")
    async with Api(app) as headteacher:
        await headteacher.sign_in(HEADTEACHER)
        await headteacher.announce(TITLE, BODY)
    await parent.link(TITLE).click()
    await expect(parent.page.get_by_role("article").get_by_role("heading", name=TITLE)).to_be_visible()
    await parent.sees("Trân trọng.")
    await parent.check_accessibility()
    await parent.button("Đã đọc").click()
    await parent.sees("Bạn đã xác nhận")
    await parent.go("Bảng tin")
    await expect(parent.link(TITLE)).to_contain_text("Đã xác nhận")
    await parent.check_accessibility()
    await parent.go("Thông báo")
    await parent.at("Thông báo")
    await parent.check_accessibility()


async def choose_how_it_looks(parent: Person) -> None:
    root = parent.page.locator("html")
    await parent.go("Cài đặt")
    await parent.at("Cài đặt")
    await parent.check_accessibility()
    await parent.page.get_by_role("radio", name="Tối", exact=True).check()
    await expect(root).to_have_attribute("data-theme", "dark")
    await changes_her_mind(parent)
    await parent.page.get_by_role("radio", name="Rất lớn", exact=True).check()
    await expect(root).not_to_have_attribute("data-text", "100")
    await parent.page.get_by_role("radio", name="English").check()
    await parent.at("Settings")
    await expect(root).to_have_attribute("lang", "en")
    await parent.page.reload()
    await parent.at("Settings")
    await expect(root).to_have_attribute("data-theme", "dark")
    await parent.page.get_by_role("radio", name="Tiếng Việt").check()
    await parent.at("Cài đặt")
    for place in ("Thông báo trên máy", "Nơi đang đăng nhập"):
        await parent.link(place).click()
        await parent.at(place)
        await parent.check_accessibility()
        await parent.go("Cài đặt")


async def changes_her_mind(parent: Person) -> None:
    """A choice tapped while the one before is still on a slow line is the one that stays."""
    root = parent.page.locator("html")
    await parent.page.evaluate(SLOW_LINE)
    await parent.page.get_by_role("radio", name="Sáng", exact=True).check()
    await parent.until("'release' in window")
    await parent.page.get_by_role("radio", name="Tối", exact=True).check()
    await expect(root).to_have_attribute("data-theme", "dark")
    await parent.page.evaluate("window.release()")
    await parent.until("window.answers === 2")
    await parent.page.reload()
    await parent.at("Cài đặt")
    await expect(root).to_have_attribute("data-theme", "dark")


async def test_what_was_seen_is_there_without_a_network_and_without_a_server(own_app: App, people: People) -> None:
    father = await people.arrive(own_app, PHONE)
    await father.sign_in(FATHER)
    await father.until(CONTROLLED)
    await sees_marks(father, "/learning")
    await father.open("/announcements")
    await father.at("Bảng tin")
    first = father.page.get_by_role("main").get_by_role("link").first
    await first.click()
    await expect(father.page.get_by_role("article")).to_be_visible()
    read = father.page.url.removeprefix(own_app.origin)

    await father.context.set_offline(True)
    await sees_old(father, "/learning")
    await father.context.set_offline(False)
    await sees_new(father, "/learning")

    await asyncio.to_thread(own_app.stop)
    await sees_old(father, "/learning")
    await sees_old(father, read)
    await father.check_accessibility()
    await father.open("/settings/devices")
    await father.sees("Chưa tải được")
    await asyncio.to_thread(own_app.start)
    await sees_new(father, "/learning")


async def sees_marks(person: Person, path: str) -> None:
    await person.open(path)
    await person.at("Điểm của Lan")
    await expect(person.page.get_by_role("heading", name="Toán")).to_be_visible()


async def sees_old(person: Person, path: str) -> None:
    """What was on this screen last time, and of when it is."""
    await person.open(path)
    await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
    await person.sees("cập nhật")


async def sees_new(person: Person, path: str) -> None:
    await sees_marks(person, path)
    await expect(person.page.get_by_text("cập nhật")).to_have_count(0)
