"""What a family changes: a value that is wrong, its mind, a result that is not right."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.app import App, eventually
from tests.e2e.people import CLERK, DESK, FATHER, HEADTEACHER, MOTHER, PHONE, People, Person
from tests.e2e.services import (
    CERTIFICATE,
    CODE,
    CORRECTION,
    LAN,
    begin,
    code_on,
    decide,
    file_certificate,
    look_closely,
    next_step,
    on_step,
    open_on_desk,
    say_what_for,
    sheet,
    take_in,
)

pytestmark = pytest.mark.anyio

CORRECTED, ASKED = "Sửa thông tin của học sinh", "Hỏi về điểm"
AGAIN = "Kết quả chưa đúng? Mở lại"
BORN, RIGHT = "Ngày sinh", "09/11/2013"
SCHOOL = "Trường THCS Tiền Phong"
CHANGED_HER_MIND = "Con không cần giấy này nữa."
STILL_WRONG = "Giấy chưa ghi năm học."
SAVED = """select version from (select version from draft order by created_at desc limit 1) newest
  where version >= $1"""
AGED = "update dossier set finished_at = finished_at - interval '60 days' where code = $1 returning code"


async def test_a_wrong_value_becomes_a_correction_that_reaches_the_pupil(office: App, people: People) -> None:
    mother = await people.arrive(office, PHONE)
    await mother.sign_in(MOTHER)
    await says_it_is_wrong(office, mother)
    code = await finds_the_correction(mother)

    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await take_in(clerk, code)
    head = await people.arrive(office, DESK)
    await head.sign_in(HEADTEACHER)
    await applies(head, code)

    # Nobody has touched the phone.
    await mother.sees(f"{SCHOOL} đã có kết quả")
    await look_closely(mother)
    await begin(mother, CORRECTION, LAN)
    main = mother.page.get_by_role("main")
    await expect(main.get_by_role("definition").filter(has_text=re.compile(f"^{RIGHT}$"))).to_have_count(1)


async def says_it_is_wrong(office: App, mother: Person) -> None:
    """Beside the value; what stands there is struck through, and the right one is used."""
    await begin(mother, CERTIFICATE, LAN)
    claim = mother.field(f"{BORN} đúng là")
    await expect(claim).to_have_count(0)
    await mother.button(f"{BORN}: sai rồi").click()
    await expect(claim).to_be_focused()
    # While she looks for the birth certificate the rest is saved; the field she opened waits for her.
    await eventually(lambda: office.ask_database(SAVED, 2))
    await look_closely(mother)
    await expect(claim).to_be_focused()
    await next_step(mother)
    await mother.sees("Ghi giá trị đúng, hoặc bấm “Giữ như cũ”.")
    await claim.fill(RIGHT)
    await eventually(lambda: office.ask_database(SAVED, 3))
    await mother.sees(re.compile(r"^Đã lưu \d\d:\d\d"))
    await expect(claim).to_be_focused()
    await expect(claim).to_have_value(RIGHT)
    await next_step(mother)
    await on_step(mother, 2)
    await say_what_for(mother)
    await next_step(mother)
    await on_step(mother, 3)
    await mother.sees("bạn báo sai, gửi kèm đề nghị sửa")
    await look_closely(mother)
    await mother.button("Nộp hồ sơ").click()
    await code_on(mother)


async def finds_the_correction(mother: Person) -> str:
    """It stands among her requests, with a code of its own; she has not written it twice."""
    await mother.open("/services/dossiers")
    await mother.link(re.compile(CORRECTED)).click()
    await mother.at(CORRECTED)
    await mother.sees("Chờ tiếp nhận")
    await look_closely(mother)
    await mother.page.get_by_text("Nội dung đã khai").click()
    await mother.sees(RIGHT)
    return (await mother.page.locator("dd").filter(has_text=CODE).first.inner_text()).strip()


async def applies(head: Person, code: str) -> None:
    """Nothing is changed that was not chosen."""
    await open_on_desk(head, code)
    await head.page.keyboard.press("a")
    done = sheet(head).get_by_role("button", name="Hoàn thành và trả kết quả")
    await done.click()
    await expect(sheet(head)).to_contain_text("Hãy chọn ít nhất một mục, hoặc dừng hồ sơ với lý do.")
    await look_closely(head)
    await sheet(head).get_by_role("checkbox", name=f"{BORN} đúng: {RIGHT}").check()
    await done.click()
    await head.sees("Hồ sơ đã hoàn thành")


async def test_a_request_is_taken_back(office: App, people: People) -> None:
    father = await people.arrive(office, PHONE)
    await father.sign_in(FATHER)
    code = await file_certificate(father)
    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await open_on_desk(clerk, code)
    await expect(clerk.button("Tiếp nhận và xử lý")).to_be_visible()

    await father.button("Rút hồ sơ").click()
    await expect(sheet(father)).to_contain_text(f"{SCHOOL} sẽ thôi giải quyết hồ sơ này.")
    await look_closely(father)
    await sheet(father).get_by_role("button", name="Giữ hồ sơ").click()
    await father.sees("Chờ tiếp nhận")
    await father.button("Rút hồ sơ").click()
    await sheet(father).get_by_role("textbox", name="Lý do").fill(CHANGED_HER_MIND)
    await sheet(father).get_by_role("button", name="Rút hồ sơ").click()
    await father.sees("Hồ sơ đã được rút")
    await father.sees(CHANGED_HER_MIND)
    await expect(father.button("Rút hồ sơ")).to_have_count(0)
    await look_closely(father)

    # The desk follows by itself: nobody works on what is not wanted.
    await clerk.sees("Người nộp rút hồ sơ")
    await clerk.sees(CHANGED_HER_MIND)
    for name in ("Tiếp nhận và xử lý", "Yêu cầu bổ sung", "Từ chối tiếp nhận"):
        await expect(clerk.button(name)).to_have_count(0)
    await look_closely(clerk)


async def test_a_result_is_rated_and_taken_up_again_once_while_it_is_young(office: App, people: People) -> None:
    mother = await people.arrive(office, PHONE)
    await mother.sign_in(MOTHER)
    first = await file_certificate(mother)
    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await take_in(clerk, first)
    head = await people.arrive(office, DESK)
    await head.sign_in(HEADTEACHER)
    await decide(head, first)

    await rates(mother)
    await open_on_desk(head, first, finished=True)
    await head.sees(f"Chưa hài lòng: {STILL_WRONG}")
    second = await takes_it_up_again(mother, first)
    await open_on_desk(clerk, second)
    await clerk.sees(STILL_WRONG)
    await look_closely(clerk)
    await clerk.link(first).click()
    await clerk.sees(re.compile(first))

    # Once: the first one has its successor.
    await mother.link(first).click()
    await mother.sees(f"{SCHOOL} đã có kết quả")
    await expect(mother.button(AGAIN)).to_have_count(0)
    await is_too_late(office, mother)


async def is_too_late(office: App, mother: Person) -> None:
    """The question she has had an answer to for days: two months later nobody takes it up again."""
    await mother.open("/services/dossiers")
    await mother.link(re.compile(ASKED)).click()
    await mother.at(ASKED)
    await expect(mother.button(AGAIN)).to_be_visible()
    code = (await mother.page.locator("dd").filter(has_text=CODE).first.inner_text()).strip()
    assert await office.ask_database(AGED, code) != []
    await mother.page.reload()
    await mother.sees(f"{SCHOOL} đã có kết quả")
    await expect(mother.button(AGAIN)).to_have_count(0)


async def rates(mother: Person) -> None:
    await mother.sees(f"{SCHOOL} đã có kết quả")
    await mother.page.get_by_role("radio", name="Không hài lòng").check()
    await mother.field(re.compile("^Góp ý")).fill(STILL_WRONG)
    await mother.button("Gửi đánh giá").click()
    await mother.sees("Đã gửi đánh giá. Cảm ơn bạn.")
    await mother.sees(STILL_WRONG)
    await expect(mother.page.get_by_role("radio")).to_have_count(0)


async def takes_it_up_again(mother: Person, first: str) -> str:
    """With a word of what is wrong: a new request with the same content, tied to the first. Its code."""
    await mother.sees(re.compile("^Mở lại được đến"))
    await mother.button(AGAIN).click()
    await sheet(mother).get_by_role("button", name="Gửi lại").click()
    await expect(sheet(mother)).to_contain_text("Hãy viết chỗ chưa đúng")
    await look_closely(mother)
    await sheet(mother).get_by_role("textbox", name="Kết quả chưa đúng ở chỗ nào?").fill(STILL_WRONG)
    await sheet(mother).get_by_role("button", name="Gửi lại").click()
    await expect(mother.page.get_by_role("main")).to_contain_text(f"Mở lại từ hồ sơ {first}")
    second = await code_on(mother)
    assert second != first
    await look_closely(mother)
    return second
