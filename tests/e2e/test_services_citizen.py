"""Somebody without a child at a school asks for a copy and follows it by its code; another comes to the counter."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, HEADTEACHER, PHONE, People, Person
from tests.e2e.services import (
    CODE,
    COPY,
    LAN,
    ONLINE,
    code_on,
    look_closely,
    next_step,
    on_step,
    say_what_for,
    sheet,
)

pytestmark = pytest.mark.anyio

CALLED = "Cấp bản sao bằng tốt nghiệp từ sổ gốc"
CITIZEN, NAME = "0912 345 678", "Phạm Văn Bình"
SCHOOL = "Trường THCS Tiền Phong"
NOTHING = "Không có hồ sơ nào với mã và 4 số này"
OWNER = """select d.channel, u.phone, d.applicant_name, d.applicant_phone from dossier d
  left join "user" u on u.id = d.owner_id where d.code = $1"""


async def test_a_citizen_without_a_child_files_and_tracks(office: App, people: People) -> None:
    citizen = await people.arrive(office, PHONE)
    await signs_in(citizen)
    await chooses_the_school(citizen)
    await writes_it(citizen)
    await citizen.button("Nộp hồ sơ").click()
    await citizen.at(CALLED)
    code = await code_on(citizen)
    await citizen.sees(f"{SCHOOL} đang giữ hồ sơ")
    await look_closely(citizen)
    [row] = await office.ask_database(OWNER, code)
    assert tuple(row) == ("ONLINE", "+84912345678", NAME, "+84912345678")
    await citizen.go("Hồ sơ của tôi")
    await citizen.at("Hồ sơ của tôi")
    await expect(citizen.link(re.compile(CALLED))).to_have_count(1)
    await look_closely(citizen)
    await tracks(office, people, code)


async def signs_in(citizen: Person) -> None:
    """From the page of the procedure, with a number nobody has had."""
    await citizen.open("/services")
    await citizen.at("Dịch vụ")
    await look_closely(citizen)
    await citizen.page.get_by_role("searchbox", name="Tìm dịch vụ").fill("mat bang")
    await citizen.link(re.compile(CALLED)).click()
    await citizen.at(CALLED)
    await citizen.sees(f"Mã thủ tục {COPY}")
    await look_closely(citizen)
    await citizen.link("Đăng nhập để bắt đầu").click()
    await citizen.at("Đăng nhập")
    if not await citizen.page.get_by_text("Lần đầu đăng nhập là có tài khoản").is_visible():
        await citizen.button("Nộp hồ sơ không có con ở trường").click()
    await look_closely(citizen)
    await citizen.enter_phone(CITIZEN)


async def chooses_the_school(citizen: Person) -> None:
    await citizen.at(CALLED)
    await citizen.button("Bắt đầu").click()
    await citizen.sees("Chọn trường giải quyết hồ sơ.")
    await look_closely(citizen)
    await citizen.page.get_by_role("searchbox", name="Nộp cho trường nào?").fill("tien phong")
    await citizen.page.get_by_role("radio", name=SCHOOL).check()
    await citizen.field("Họ và tên của bạn").fill(NAME)
    await look_closely(citizen)
    await citizen.button("Bắt đầu").click()
    await on_step(citizen, 1)


async def writes_it(citizen: Person) -> None:
    """Only questions that apply are asked."""
    kinship = citizen.page.get_by_role("group", name="Bạn là gì của người có bằng?")
    await citizen.page.get_by_role("radio", name="Tôi là người thân").check()
    await expect(kinship).to_be_visible()
    await citizen.page.get_by_role("radio", name="Chính tôi").check()
    await expect(kinship).to_have_count(0)
    await citizen.field(re.compile("^Họ và tên ghi trên bằng")).fill(NAME)
    await citizen.field("Ngày sinh ghi trên bằng").fill("31/02/1990")
    await next_step(citizen)
    await citizen.sees("Ghi ngày có thật")
    await look_closely(citizen)
    await citizen.field("Ngày sinh ghi trên bằng").fill("12/03/1990")
    await next_step(citizen)
    await on_step(citizen, 2)
    await citizen.page.get_by_role("radio", name="Bằng tốt nghiệp THCS").check()
    await citizen.field("Năm tốt nghiệp").fill("2005")
    await look_closely(citizen)
    await next_step(citizen)
    await on_step(citizen, 3)
    await citizen.field("Số bản sao").fill("2")
    await citizen.page.get_by_role("radio", name=ONLINE).check()
    await expect(citizen.field(re.compile("^Số điện thoại để nhà trường gọi"))).not_to_have_value("")
    await next_step(citizen)
    await on_step(citizen, 4)
    await look_closely(citizen)
    await next_step(citizen)
    await on_step(citizen, 5)


async def tracks(office: App, people: People, code: str) -> None:
    """In a window that knows nobody: the code and four digits show the way, and neither alone shows anything."""
    guest = await people.arrive(office, PHONE)
    await guest.open("/track")
    await guest.at("Tra cứu hồ sơ")
    await guest.button("Tra cứu").click()
    await guest.sees("Hãy nhập đủ 4 chữ số.")
    await look_closely(guest)
    wrong_digits = await looks_up(guest, code, "0000", NOTHING)
    await look_closely(guest)
    unknown = await looks_up(guest, code[:-4] + "9999", "5678", NOTHING)
    assert wrong_digits == unknown
    found = await looks_up(guest, code.lower(), "5678", f"{SCHOOL} đang giữ hồ sơ")
    assert "Bình" not in found and NAME not in found
    await look_closely(guest)


async def looks_up(guest: Person, code: str, digits: str, seen: str) -> str:
    """What the answer says. The page is fresh each time, so nothing of an earlier answer is read."""
    await guest.open("/track")
    await guest.field("Mã hồ sơ").fill(code)
    await guest.field("4 số cuối điện thoại người nộp").fill(digits)
    await guest.button("Tra cứu").click()
    await guest.sees(seen)
    return await guest.page.get_by_role("main").inner_text()


async def test_the_clerk_files_at_the_counter_and_the_leader_sees_numbers(office: App, people: People) -> None:
    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await clerk.go("Hồ sơ")
    await clerk.link("Nộp tại quầy").click()
    await clerk.at("Nộp tại quầy")
    await look_closely(clerk)
    await clerk.page.get_by_role("searchbox", name="Tìm thủ tục").fill("xac nhan hoc sinh")
    await clerk.button(re.compile("Giấy xác nhận học sinh")).click()
    await clerk.page.get_by_role("combobox", name="Lớp của học sinh").select_option(label="Lớp 7A1")
    await clerk.page.get_by_role("combobox", name="Học sinh").last.select_option(label=LAN)
    await clerk.field("Họ và tên người nộp").fill("Nguyễn Thị Bà Ngoại")
    await clerk.button("Mở tờ khai").click()
    await clerk.sees("Số điện thoại có 10 chữ số, bắt đầu bằng 0.")
    await look_closely(clerk)
    await clerk.field("Số điện thoại người nộp").fill("0912 000 099")
    await clerk.button("Mở tờ khai").click()
    await on_step(clerk, 1)
    await clerk.sees("Nộp tại trường cho Nguyễn Thị Bà Ngoại")
    await look_closely(clerk)
    await next_step(clerk)
    await on_step(clerk, 2)
    await say_what_for(clerk)
    await next_step(clerk)
    await on_step(clerk, 3)
    await look_closely(clerk)
    await clerk.button("Nộp hồ sơ").click()
    await expect(clerk.page).to_have_url(re.compile("/desk/"))
    said = clerk.page.get_by_text(CODE).first
    await expect(said).to_be_visible()
    found = CODE.search(await said.inner_text())
    assert found is not None
    [row] = await office.ask_database(OWNER, found[0])
    assert tuple(row) == ("COUNTER", None, "Nguyễn Thị Bà Ngoại", "+84912000099")
    await look_closely(clerk)
    await refuses(clerk)
    await leads(office, people)


async def refuses(clerk: Person) -> None:
    """A refusal needs its reason; afterwards there is a paper of it."""
    await clerk.page.keyboard.press("r")
    await sheet(clerk).get_by_role("button", name="Từ chối tiếp nhận").click()
    await look_closely(clerk)
    await sheet(clerk).get_by_role("textbox", name="Lý do").fill("Học sinh đã được cấp giấy này sáng nay.")
    await sheet(clerk).get_by_role("button", name="Từ chối tiếp nhận").click()
    await clerk.sees("Đã từ chối; người nộp được báo lý do.")
    await look_closely(clerk)


async def leads(office: App, people: People) -> None:
    """How it goes in numbers; and every other page behind the desk."""
    head = await people.arrive(office, DESK)
    await head.sign_in(HEADTEACHER)
    await head.go("Hồ sơ")
    await head.link("Thống kê dịch vụ").click()
    await head.at("Thống kê dịch vụ")
    row = head.page.get_by_role("row", name=re.compile(SCHOOL))
    await expect(row).to_contain_text(re.compile(r"\d+ %"))
    finished = head.page.locator("dl div").filter(has_text="Đã xong").locator("dd")
    assert int(await finished.inner_text()) > 0
    await look_closely(head)
    for path in ("/desk/register", "/desk/diplomas", "/desk/transfer", "/desk/procedures", "/desk/windows"):
        await head.open(path)
        await look_closely(head)
