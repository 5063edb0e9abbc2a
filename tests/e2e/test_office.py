"""The school's office: a workbook becomes a class, a slip brings a guardian; an announcement, and who has read it."""

import re
import subprocess
from pathlib import Path

import openpyxl
import pytest
from playwright.async_api import expect

from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, FATHER, HEADTEACHER, PHONE, People, Person

pytestmark = pytest.mark.anyio

TITLES = ["STT", "Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái HS", "Ngày nhập trạng thái"]
PUPILS = [
    [1, "7A3", "2479000001", "Nguyễn Thị Ngọc Ánh", "17/08/2014", "Nữ", "Đang học", "05/09/2026"],
    [2, "7A3", "2479000002", "Trần Đức Mạnh", "02/03/2014", "Nam", "Đang học", "05/09/2026"],
    [3, "7A3", "2479000003", "Lê Hoàng Yến", "31/02/2014", "Nữ", "Đang học", "05/09/2026"],
]
NAMES = re.compile("Nguyễn Thị Ngọc Ánh|Trần Đức Mạnh")
CODE = re.compile(r"\b[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\b")
TITLE = "Khám sức khoẻ cho học sinh lớp 7A1"
BODY = "Sáng thứ Năm, học sinh mang theo thẻ bảo hiểm y tế và đến lớp trước 7 giờ."
# The last thing that was chosen is kept on the device.
DRAFT_KEPT = """new Promise((done) => {
  const open = indexedDB.open('nhipcau-kept')
  open.onsuccess = () => {
    const kept = open.result.transaction('kept').objectStore('kept').getAll()
    kept.onsuccess = () => { open.result.close(); done(kept.result.some((draft) => draft.needsAcknowledgement)) }
  }
})"""


async def test_a_workbook_becomes_a_class_and_a_slip_a_guardian(app: App, people: People, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    for line in [TITLES, *PUPILS]:
        book.active.append(line)
    book.save(tmp_path / "hoc-sinh.xlsx")

    clerk = await people.arrive(app, DESK, accept_downloads=True)
    await clerk.sign_in(CLERK)
    await clerk.check_accessibility()
    await import_workbook(clerk, tmp_path / "hoc-sinh.xlsx")
    code = await print_slips(clerk, tmp_path / "slips.pdf")

    guardian = await people.arrive(app, PHONE)
    await guardian.open("/claim")
    await guardian.field("Mã trên phiếu").fill(code.lower())
    await guardian.button("Tiếp tục").click()
    await guardian.enter_phone("0912 000 078")
    await guardian.sees(NAMES)
    await guardian.sees("Lớp 7A3")
    await guardian.button("Đúng, đây là con tôi").click()
    await guardian.page.get_by_role("radio", name="Người giám hộ").check()
    await guardian.field("Họ tên của bạn").fill("Trần Thị Sáu")
    await guardian.button("Nhận con").click()
    await guardian.at("Hôm nay")

    await clerk.page.reload()
    await expect(clerk.page.get_by_text("Chưa nhận", exact=True)).to_have_count(1)


async def import_workbook(clerk: Person, file: Path) -> None:
    await clerk.go("Trường")
    await clerk.link(re.compile("Nhập từ Excel")).click()
    await clerk.at("Nhập từ Excel")
    await clerk.check_accessibility()
    await clerk.page.locator("input[type=file]").set_input_files(file)
    await clerk.button("Kiểm tra tệp").click()

    await clerk.at("Kết quả kiểm tra")
    await clerk.sees("Chờ áp dụng")
    await clerk.sees("2 dòng sẽ được ghi")
    await clerk.page.get_by_role("tab", name=re.compile(r"^Mới\D+2$")).click()
    await clerk.sees("Nguyễn Thị Ngọc Ánh")
    await clerk.page.get_by_role("tab", name=re.compile(r"^Lỗi\D+1$")).click()
    await clerk.sees(re.compile(r"\bE4\b"))
    await clerk.sees("Không đọc được ngày sinh “31/02/2014”.")
    await clerk.check_accessibility()

    await clerk.button("Áp dụng").click()
    dialog = clerk.page.get_by_role("dialog")
    await expect(dialog.get_by_text("Sẽ thêm 2")).to_be_visible()
    await clerk.check_accessibility()
    await dialog.get_by_role("button", name="Áp dụng").click()
    await clerk.sees("Đã thêm 2")


async def print_slips(clerk: Person, file: Path) -> str:
    """The slips of the new class as PDF; a code that stands on one."""
    await clerk.go("Trường")
    await clerk.check_accessibility()
    await clerk.link(re.compile("Lớp và học sinh")).click()
    await clerk.link("7A3").click()
    await clerk.at("Lớp 7A3")
    await clerk.sees("Trần Đức Mạnh")
    await expect(clerk.page.get_by_text("Lê Hoàng Yến")).to_have_count(0)
    await expect(clerk.page.get_by_text("Chưa nhận", exact=True)).to_have_count(2)
    await clerk.check_accessibility()
    await clerk.button("In phiếu nhận con").click()
    async with clerk.page.expect_download() as download:
        await clerk.button("Tạo tệp PDF").click()
    await (await download.value).save_as(file)
    words = subprocess.run(["pdftotext", str(file), "-"], check=True, capture_output=True, text=True).stdout
    assert "Nguyễn Thị Ngọc Ánh" in words
    codes = CODE.findall(words)
    assert len(set(codes)) == 2
    return str(codes[0])


async def test_an_announcement_is_aimed_sent_and_followed(app: App, people: People) -> None:
    head = await people.arrive(app, DESK)
    await head.sign_in(HEADTEACHER)
    await head.check_accessibility()
    await head.go("Bảng tin")
    await head.link("Gửi thông báo").click()
    await head.at("Gửi thông báo")
    count = await choose_audience(head)
    await write(head)
    await head.button("Gửi thông báo").click()
    dialog = head.page.get_by_role("dialog")
    await expect(dialog.get_by_text(f"{count} người sẽ nhận thông báo này.")).to_be_visible()
    await head.check_accessibility()
    await dialog.get_by_role("button", name="Gửi thông báo").click()
    await head.at(TITLE)
    await expect(head.page.get_by_role("tab", name=f"Đang chờ {count}")).to_be_visible()
    await head.check_accessibility()

    father = await people.arrive(app, PHONE)
    await father.sign_in(FATHER)
    await father.button(f"Đã đọc: {TITLE}").click()
    await father.sees("Đã báo nhà trường rằng bạn đã đọc.")
    await father.check_accessibility()

    await head.page.reload()
    await head.page.get_by_role("tab", name="Đã xác nhận 1").click()
    await head.sees("Nguyễn Văn Hùng")
    await expect(head.page.get_by_role("tab", name=f"Đang chờ {count - 1}")).to_be_visible()


async def choose_audience(head: Person) -> int:
    """Parents of one class: their number, and three of them by name."""
    await head.page.get_by_role("radio", name="Phụ huynh").check()
    await head.page.get_by_role("radio", name="Theo lớp").check()
    await head.button("Gửi thông báo").click()
    await head.sees("Chọn ít nhất một lớp hoặc khối")
    await head.page.get_by_role("checkbox", name="7A1").check()
    told = head.page.get_by_text(re.compile(r"^\d+ người sẽ nhận$"))
    await expect(told).to_be_visible()
    sample = head.page.get_by_role("listitem").filter(has_text="gia đình")
    await expect(sample).to_have_count(3)
    await head.check_accessibility()
    return int((await told.inner_text()).split()[0])


async def write(head: Person) -> None:
    """What was written is there again after the page was lost."""
    await head.field("Tiêu đề").fill(TITLE)
    await head.field("Nội dung thông báo").fill(BODY)
    await head.page.get_by_role("checkbox", name="Đề nghị xác nhận đã đọc").check()
    await head.until(DRAFT_KEPT)
    await head.page.reload()
    await head.sees("Đây là bản nháp bạn viết dở.")
    await expect(head.field("Tiêu đề")).to_have_value(TITLE)
    await expect(head.field("Nội dung thông báo")).to_have_value(BODY)
