"""A fee that is paid at the office while the clock stands; and what a stranger reads of a paper that holds no more."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, FATHER, MOTHER, OFFICER, PHONE, People, Person
from tests.e2e.services import (
    CERTIFICATE,
    file_certificate,
    look_closely,
    open_on_desk,
    press,
    sheet,
)

pytestmark = pytest.mark.anyio

SCHOOL = "Trường THCS Tiền Phong"
RECEIPT = "BL 0004521"
RECEIPT_PAPER = re.compile("^Giấy tiếp nhận .*hẹn trả kết quả")
STANDS = "Trong lúc chờ, thời hạn của trường tạm dừng."
CLOCK = "select status, due_on, days_left, fee, fee_receipt from dossier where code = $1"


async def test_the_clock_stands_until_the_fee_is_paid(office: App, people: People) -> None:
    mother = await people.arrive(office, PHONE)
    await mother.sign_in(MOTHER)
    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await stays_free(mother, clerk)
    await begins_to_cost(await people.arrive(office, DESK))
    code = await file_certificate(mother)
    await open_on_desk(clerk, code)
    await press(clerk, "a", "Tiếp nhận và xử lý", "Đã tiếp nhận hồ sơ.")
    [before] = await office.ask_database(CLOCK, code)
    assert before["due_on"] is not None

    await asks_for_a_fee(clerk)
    # Nobody has touched the phone.
    await mother.sees("Chờ bạn nộp phí")
    await mother.sees(f"Chờ bạn nộp 15.000 đồng tại {SCHOOL}")
    await mother.sees(STANDS)
    await look_closely(mother)
    [waiting] = await office.ask_database(CLOCK, code)
    assert (waiting["status"], waiting["due_on"], waiting["fee"]) == ("PAYMENT_REQUIRED", None, 15000)
    assert waiting["days_left"] == 2
    await tracks(office, people, code)

    await records_the_receipt(clerk)
    await mother.sees("Đang xử lý")
    await mother.sees("Đã nộp phí")
    await expect(mother.page.get_by_role("definition").filter(has_text=RECEIPT)).to_have_count(1)
    await expect(mother.page.get_by_text(STANDS)).to_have_count(0)
    await look_closely(mother)
    [paid] = await office.ask_database(CLOCK, code)
    assert (paid["status"], paid["fee_receipt"]) == ("PROCESSING", RECEIPT)
    assert paid["due_on"] == before["due_on"]


async def stays_free(mother: Person, clerk: Person) -> None:
    """What the page calls free is free at the desk."""
    await mother.open(f"/services/{CERTIFICATE}")
    await mother.sees("Không thu phí.")
    await open_on_desk(clerk, await file_certificate(mother))
    await press(clerk, "a", "Tiếp nhận và xử lý", "Đã tiếp nhận hồ sơ.")
    await expect(clerk.button("Chuyển bước tiếp theo")).to_be_visible()
    await expect(clerk.button("Yêu cầu nộp phí")).to_have_count(0)


async def begins_to_cost(officer: Person) -> None:
    """The department gives the procedure a fee: for the requests that are filed from now on."""
    await officer.sign_in(OFFICER)
    await officer.open("/desk/procedures")
    await officer.link(re.compile("Giấy xác nhận học sinh")).click()
    await officer.button("Soạn bản mới").click()
    await officer.field("Lệ phí (tiếng Việt)").fill("Nhiều nhất 20.000 đồng, nộp tại trường.")
    await officer.field("Lệ phí (tiếng Anh)").fill("At most 20,000 dong, paid at the school.")
    await officer.field("Số tiền cao nhất được thu (đồng)").fill("20.000")
    await officer.button("Công bố").click()
    await sheet(officer).get_by_role("button", name="Công bố").click()
    await expect(officer.page.get_by_role("listitem").filter(has_text="Bản 2")).to_contain_text("Đang dùng")


async def asks_for_a_fee(clerk: Person) -> None:
    """So much, in dong, and for what; what it means for the clock is said before."""
    await clerk.button("Yêu cầu nộp phí").click()
    await expect(sheet(clerk)).to_contain_text("thời hạn của văn phòng dừng đến khi nộp")
    ask = sheet(clerk).get_by_role("button", name="Yêu cầu nộp phí")
    await sheet(clerk).get_by_role("textbox", name="Số tiền (đồng)").fill("mười lăm nghìn")
    await ask.click()
    await expect(sheet(clerk)).to_contain_text("Ghi số tiền bằng chữ số, ví dụ 15000; nhiều nhất 20.000 đồng.")
    await look_closely(clerk)
    await sheet(clerk).get_by_role("textbox", name="Số tiền (đồng)").fill("200.000")
    await ask.click()
    await expect(sheet(clerk)).to_contain_text("nhiều nhất 20.000 đồng")
    await sheet(clerk).get_by_role("textbox", name="Số tiền (đồng)").fill("15.000")
    await ask.click()
    await clerk.sees("Đã gửi yêu cầu nộp phí.")
    await clerk.sees("Chờ nộp phí")
    await look_closely(clerk)


async def tracks(office: App, people: People, code: str) -> None:
    """Whoever has only the code learns that it waits for money."""
    guest = await people.arrive(office, PHONE)
    await guest.open("/track")
    await guest.field("Mã hồ sơ").fill(code)
    await guest.field("4 số cuối điện thoại người nộp").fill(MOTHER[-4:])
    await guest.button("Tra cứu").click()
    await guest.sees("Chờ bạn nộp phí")
    await look_closely(guest)


async def records_the_receipt(clerk: Person) -> None:
    await clerk.page.keyboard.press("a")
    done = sheet(clerk).get_by_role("button", name="Xác nhận đã nộp phí")
    await done.click()
    await expect(sheet(clerk)).to_contain_text("Hãy ghi nội dung này.")
    await look_closely(clerk)
    await sheet(clerk).get_by_role("textbox", name="Số biên lai").fill(RECEIPT)
    await done.click()
    await clerk.sees("Đã xác nhận; thời hạn tính tiếp.")
    await expect(clerk.page.get_by_role("definition").filter(has_text=RECEIPT)).to_have_count(1)
    await expect(clerk.page.get_by_role("definition").filter(has_text="15.000 đồng")).to_have_count(1)


async def test_a_stranger_reads_that_a_paper_holds_no_more(office: App, people: People) -> None:
    father = await people.arrive(office, PHONE)
    await father.sign_in(FATHER)
    code = await file_certificate(father)
    first = await takes_the_receipt(father, replaced=0)
    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await open_on_desk(clerk, code)
    await asks_what_for(clerk)
    await answers(father)
    # The clock began anew: a receipt with another day takes the place of the first.
    second = await takes_the_receipt(father, replaced=1)
    assert first != second
    await look_closely(father)

    stranger = await people.arrive(office, PHONE)
    await reads(stranger, first, "Giấy đã được thay", "Cơ quan đã cấp bản mới. Hãy hỏi bản mới.")
    await reads(stranger, second, "Giấy có hiệu lực", "Cơ quan dưới đây đã cấp giấy này.")


async def takes_the_receipt(father: Person, *, replaced: int) -> str:
    """It is drawn when somebody wants it; where it can be checked stands beside it afterwards."""
    address = await father.link(RECEIPT_PAPER).get_attribute("href")
    assert address is not None
    answer = await father.context.request.get(father.app.origin + address)
    assert answer.status == 200
    await father.page.reload()
    await expect(father.page.get_by_role("listitem").filter(has_text="Đã được thay")).to_have_count(replaced)
    path = await father.link(re.compile("^Kiểm tra Giấy tiếp nhận")).get_attribute("href")
    assert path is not None
    return path


async def asks_what_for(clerk: Person) -> None:
    await clerk.page.keyboard.press("s")
    await sheet(clerk).get_by_role("checkbox", name="Số bản").check()
    await sheet(clerk).get_by_role("textbox", name="Cần sửa gì").fill("Ghi đúng số bản cần dùng.")
    await sheet(clerk).get_by_role("button", name="Xem trước mẫu 02").click()
    await sheet(clerk).get_by_role("button", name="Gửi yêu cầu bổ sung").click()
    await clerk.sees("Đã gửi yêu cầu bổ sung.")


async def answers(father: Person) -> None:
    await father.sees("Cần bổ sung 1 mục")
    await father.field("Số bản").fill("3")
    await father.button("Gửi bổ sung").click()
    await father.sees("Đã gửi bổ sung")
    await father.sees("Chờ tiếp nhận")


async def reads(stranger: Person, path: str, verdict: str, meaning: str) -> None:
    """In big words, with what else is known, and never a whole name."""
    await stranger.open(path)
    await expect(stranger.page.get_by_role("heading", level=2, name=verdict)).to_be_visible()
    main = stranger.page.get_by_role("main")
    await expect(main).to_contain_text(meaning)
    await expect(main).to_contain_text(SCHOOL)
    await expect(main).not_to_contain_text("Ngọc Lan")
    await look_closely(stranger)
