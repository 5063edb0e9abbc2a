"""A certificate asked for on the phone: found, filed, handled at the desk, received, checked by a stranger, rated."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, HEADTEACHER, MOTHER, PHONE, People, Person
from tests.e2e.services import (
    CERTIFICATE,
    LAN,
    ONLINE,
    code_on,
    look_closely,
    next_step,
    on_step,
    open_on_desk,
    press,
    say_what_for,
    sheet,
    words_of,
)

pytestmark = pytest.mark.anyio

CONTROLLED = "navigator.serviceWorker.controller !== null"
CALLED = "Giấy xác nhận học sinh"


async def test_a_certificate_from_the_phone_to_a_stranger(office: App, people: People) -> None:
    mother = await people.arrive(office, PHONE)
    await mother.sign_in(MOTHER)
    await mother.until(CONTROLLED)
    await finds_it(mother)
    await writes_it(mother)
    await mother.button("Nộp hồ sơ").click()
    await mother.at(CALLED)
    code = await code_on(mother)
    await mother.sees("Hẹn trả kết quả")
    await look_closely(mother)

    head = await is_handled(office, people, mother, code)

    # Nobody has touched the phone.
    await mother.sees("Trường THCS Tiền Phong đã có kết quả")
    await look_closely(mother)
    address = await mother.link("Mở kết quả (PDF)").get_attribute("href")
    assert address is not None
    told = await words_of(mother, address)
    assert LAN in told and "7A1" in told and code in told
    stranger = await a_stranger_checks(office, people, mother, code)
    await rates(mother)
    await is_taken_back(head, mother, stranger)


async def finds_it(mother: Person) -> None:
    """By words without diacritics; then everything one wants to know before one begins."""
    await mother.go("Dịch vụ")
    await mother.at("Dịch vụ")
    await mother.page.get_by_role("searchbox", name="Tìm dịch vụ").fill("xac nhan")
    await mother.link(re.compile(CALLED)).click()
    await mother.at(CALLED)
    await mother.sees(f"Dịch vụ của trường, mã {CERTIFICATE}")
    facts = mother.page.get_by_role("main")
    for word in ("Ai nộp", "Cha, mẹ, người giám hộ", "Bao lâu", "2 ngày làm việc", "Lệ phí", "Không thu phí"):
        await expect(facts).to_contain_text(word)
    await expect(facts).to_contain_text("Không cần giấy tờ gì")
    await look_closely(mother)


async def writes_it(mother: Person) -> None:
    """What the school knows is there already; one page a step; a mistake is said beside its field."""
    await mother.link("Bắt đầu").click()
    await look_closely(mother)
    await mother.page.get_by_role("radio", name=re.compile(LAN)).check()
    await mother.button("Bắt đầu").click()
    await on_step(mother, 1)
    main = mother.page.get_by_role("main")
    await expect(main).to_contain_text(re.compile(r"Lấy từ CSDL ngành ngày \d\d/\d\d/\d{4}"))
    await expect(main.get_by_role("definition").filter(has_text=LAN)).to_have_count(1)
    await expect(main).to_contain_text("7A1")
    await look_closely(mother)
    await next_step(mother)
    await on_step(mother, 2)
    await next_step(mother)
    await mother.sees("Còn 3 chỗ cần sửa")
    await look_closely(mother)
    await say_what_for(mother)
    await next_step(mother)
    await on_step(mother, 3)
    await mother.sees("Xem lại và nộp")
    await mother.sees(ONLINE)
    await look_closely(mother)


async def is_handled(office: App, people: People, mother: Person, code: str) -> Person:
    """The clerk takes it in by the keyboard, the headteacher signs; the mother's phone follows by itself."""
    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await clerk.go("Hồ sơ")
    await look_closely(clerk)
    await clerk.page.keyboard.press("?")
    await expect(sheet(clerk)).to_contain_text("Tiếp nhận, chuyển bước hoặc hoàn thành")
    await clerk.page.keyboard.press("Escape")
    await open_on_desk(clerk, code)
    await look_closely(clerk)
    await clerk.page.keyboard.press("a")
    await expect(sheet(clerk)).to_contain_text("được tiếp nhận và bắt đầu xử lý ngay")
    await look_closely(clerk)
    await sheet(clerk).get_by_role("button", name="Tiếp nhận và xử lý").click()
    await clerk.sees("Đã tiếp nhận hồ sơ.")
    await mother.sees("Đang xử lý")
    await press(clerk, "a", "Chuyển bước tiếp theo", "Đã chuyển bước tiếp theo.")

    head = await people.arrive(office, DESK)
    await head.sign_in(HEADTEACHER)
    await open_on_desk(head, code)
    await press(head, "a", "Hoàn thành và trả kết quả", "Hồ sơ đã hoàn thành")
    await look_closely(head)
    return head


async def a_stranger_checks(office: App, people: People, mother: Person, code: str) -> Person:
    """Whoever holds the paper learns that it is valid, and no more of a name than its first letters."""
    path = await mother.link(re.compile("^Kiểm tra")).first.get_attribute("href")
    assert path is not None
    stranger = await people.arrive(office, PHONE)
    await stranger.open(path)
    await expect(stranger.page.get_by_role("heading", name="Giấy có hiệu lực")).to_be_visible()
    main = stranger.page.get_by_role("main")
    await expect(main).to_contain_text(code)
    await expect(main).not_to_contain_text("Ngọc Lan")
    await expect(main).to_contain_text("Trường THCS Tiền Phong")
    await look_closely(stranger)
    await stranger.open("/verify/" + "Z" * 16)
    await stranger.sees("Không có giấy này")
    await stranger.open(path)
    return stranger


async def rates(mother: Person) -> None:
    await mother.button("Gửi đánh giá").click()
    await mother.sees("Hãy chọn một mức.")
    await mother.page.get_by_role("radio", name="Rất hài lòng").check()
    await mother.button("Gửi đánh giá").click()
    await mother.sees("Đã gửi đánh giá. Cảm ơn bạn.")
    await expect(mother.button("Gửi đánh giá")).to_have_count(0)


async def is_taken_back(head: Person, mother: Person, stranger: Person) -> None:
    """A result that was wrong: the headteacher says why, the mother reads it, the paper's code says so to everybody."""
    await head.button("Thu hồi kết quả").click()
    await expect(sheet(head)).to_contain_text("ai quét mã cũng thấy")
    await sheet(head).get_by_role("textbox", name="Lý do").fill("Ghi nhầm tên lớp.")
    await look_closely(head)
    await sheet(head).get_by_role("button", name="Thu hồi kết quả").click()
    await head.sees("Đã thu hồi kết quả.")
    await expect(head.button("Thu hồi kết quả")).to_have_count(0)
    await mother.sees("Trường THCS Tiền Phong thu hồi kết quả")
    await mother.sees("Ghi nhầm tên lớp.")
    await expect(mother.page.get_by_role("listitem").filter(has_text="Đã thu hồi")).to_have_count(1)
    await look_closely(mother)
    await stranger.page.reload()
    await expect(stranger.page.get_by_role("heading", name="Giấy đã bị thu hồi")).to_be_visible()


async def test_the_other_screens_of_a_family(office: App, people: People) -> None:
    mother = await people.arrive(office, PHONE)
    await mother.sign_in(MOTHER)
    for path in ("/services", "/services/dossiers", "/services/transfers"):
        await mother.open(path)
        await look_closely(mother)
