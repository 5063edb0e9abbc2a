"""A correction with a photo: both parents agree, the office asks twice for what is missing, the mother answers that."""

import re

import pytest
from playwright.async_api import expect

from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, FATHER, HEADTEACHER, MOTHER, PHONE, People, Person
from tests.e2e.services import (
    CORRECTION,
    LAN,
    begin,
    code_on,
    look_closely,
    next_step,
    on_step,
    open_on_desk,
    photo,
    sheet,
)

pytestmark = pytest.mark.anyio

CALLED = "Sửa thông tin của học sinh"
BIRTH_PAPER = "Giấy khai sinh hoặc thẻ căn cước của học sinh"
RIGHT_NAME = "Nguyễn Thị Ngọc Lam"
BLURRED = "Ảnh mờ hoặc tối, không đọc được"
CLOCKS = "select status, due_on is not null runs, supplement_rounds from dossier where code = $1"
FILES = "select replaced_at is not null old from dossier_file f join dossier d on d.id = f.dossier_id where d.code = $1"


async def test_both_parents_agree_and_what_is_missing_is_asked_for_at_once(office: App, people: People) -> None:
    mother = await people.arrive(office, PHONE)
    await mother.sign_in(MOTHER)
    await writes_it(mother)
    await the_father_signs(office, people, mother)
    await mother.button("Nộp hồ sơ").click()
    await mother.at(CALLED)
    code = await code_on(mother)
    await expect(mother.page.get_by_role("heading", name="Giấy tờ đã nộp (1)")).to_be_visible()
    await look_closely(mother)

    clerk = await people.arrive(office, DESK)
    await clerk.sign_in(CLERK)
    await open_on_desk(clerk, code)
    await look_closely(clerk)
    assert await clock_of(office, code) == ("SUBMITTED", True, 0)
    await asks_for_two_things(clerk)
    assert await clock_of(office, code) == ("SUPPLEMENT_REQUESTED", False, 1)

    await answers_only_those(mother)
    assert await clock_of(office, code) == ("SUBMITTED", True, 1)
    assert sorted(row["old"] for row in await office.ask_database(FILES, code)) == [False, True]

    await clerk.sees("Lần thứ hai phải do hiệu trưởng yêu cầu.")
    await expect(clerk.button("Yêu cầu bổ sung")).to_have_count(0)
    head = await people.arrive(office, DESK)
    await head.sign_in(HEADTEACHER)
    await open_on_desk(head, code)
    await asks_again(head)
    await mother.sees("Cần bổ sung 1 mục")
    assert await clock_of(office, code) == ("SUPPLEMENT_REQUESTED", False, 2)
    await answers_again(mother)
    assert await clock_of(office, code) == ("SUBMITTED", True, 2)


async def writes_it(mother: Person) -> None:
    await begin(mother, CORRECTION, LAN)
    await next_step(mother)
    await on_step(mother, 2)
    await next_step(mother)
    await mother.sees("Hãy điền ít nhất một chỗ cần sửa.")
    right = mother.field(re.compile("^Họ và tên đúng"))
    await right.fill(RIGHT_NAME)
    # Saving takes nothing from under the hands: the field stays, and the focus in it.
    await mother.sees(re.compile(r"^Đã lưu \d"))
    await expect(right).to_be_focused()
    await next_step(mother)
    await on_step(mother, 3)
    await next_step(mother)
    await mother.sees("Cần ít nhất một ảnh hoặc tệp.")
    await look_closely(mother)
    await mother.page.get_by_label(f"{BIRTH_PAPER}: Chọn tệp có sẵn").set_input_files(photo("khai-sinh-mo"))
    await expect(sheet(mother)).to_be_visible()
    await look_closely(mother)
    await sheet(mother).get_by_role("button", name="Bỏ, chụp lại").click()
    await hands_in(mother, "khai-sinh")
    await look_closely(mother)
    await next_step(mother)
    await on_step(mother, 4)


async def hands_in(person: Person, title: str) -> None:
    """A photo is looked at first, then it goes up."""
    await person.page.get_by_label(f"{BIRTH_PAPER}: Chọn tệp có sẵn").set_input_files(photo(title))
    await sheet(person).get_by_role("button", name=re.compile("dùng ảnh này", re.IGNORECASE)).click()
    await expect(sheet(person)).to_have_count(0)
    await expect(person.page.get_by_text(f"{title}.jpg")).to_be_visible()
    await expect(person.page.get_by_text(re.compile(r"Đang tải lên \d+ %|Chờ tải lên"))).to_have_count(0)


async def the_father_signs(office: App, people: People, mother: Person) -> None:
    """With his own login, on his own phone, what the mother has written; her phone follows by itself."""
    await mother.sees("Chữ kí của người giám hộ thứ hai")
    await mother.button("Gửi để kí").click()
    await mother.sees(re.compile("Đã gửi cho Nguyễn Văn Hùng"))
    await look_closely(mother)
    father = await people.arrive(office, PHONE)
    await father.sign_in(FATHER)
    await father.go("Dịch vụ")
    await father.open("/services/dossiers")
    await look_closely(father)
    await father.link(re.compile(CALLED)).filter(has_text="Chờ bạn kí").click()
    await father.sees(re.compile("mời bạn kí hồ sơ này"))
    await father.sees(RIGHT_NAME)
    await look_closely(father)
    await father.button("Tôi đồng ý và kí").click()
    await father.sees(re.compile("Bạn đã kí lúc"))
    await expect(father.button("Nộp hồ sơ")).to_have_count(0)
    await mother.sees(re.compile("Nguyễn Văn Hùng đã kí lúc"))


async def asks_for_two_things(clerk: Person) -> None:
    """Everything that is wrong is said in one letter, seen before it is sent."""
    await clerk.page.keyboard.press("s")
    await sheet(clerk).get_by_role("button", name="Xem trước mẫu 02").click()
    await expect(sheet(clerk)).to_contain_text("Hãy chọn ít nhất một chỗ cần bổ sung.")
    await sheet(clerk).get_by_role("checkbox", name=BLURRED).check()
    await sheet(clerk).get_by_role("checkbox", name="Họ và tên đúng").check()
    await sheet(clerk).get_by_role("button", name="Xem trước mẫu 02").click()
    await expect(sheet(clerk)).to_contain_text("Hãy ghi rõ cần sửa gì.")
    await look_closely(clerk)
    await sheet(clerk).get_by_role("textbox", name="Cần sửa gì").fill("Ghi đúng như trên giấy khai sinh.")
    await sheet(clerk).get_by_role("button", name="Xem trước mẫu 02").click()
    await expect(sheet(clerk)).to_contain_text("Phiếu yêu cầu bổ sung (mẫu 02)")
    await expect(sheet(clerk)).to_contain_text(BLURRED)
    await look_closely(clerk)
    await sheet(clerk).get_by_role("button", name="Gửi yêu cầu bổ sung").click()
    await clerk.sees("Đã gửi yêu cầu bổ sung.")


async def answers_only_those(mother: Person) -> None:
    """The receipt on her phone becomes the question; nothing else can be changed."""
    await mother.sees("Cần bổ sung 2 mục")
    await mother.sees("Ghi đúng như trên giấy khai sinh.")
    await look_closely(mother)
    await expect(mother.field(re.compile("Ngày sinh đúng"))).to_have_count(0)
    await mother.button("Gửi bổ sung").click()
    await mother.sees("Chưa có bản mới. Hãy chụp hoặc chọn tệp.")
    await mother.field(re.compile("^Họ và tên đúng")).fill(f"{RIGHT_NAME} Anh")
    await hands_in(mother, "khai-sinh-moi")
    await mother.button("Gửi bổ sung").click()
    await mother.sees("Đã gửi bổ sung")
    await mother.sees(re.compile("Hẹn trả kết quả"))


async def asks_again(head: Person) -> None:
    await head.page.keyboard.press("s")
    await expect(sheet(head)).to_contain_text("Đây là lần thứ hai, cũng là lần cuối")
    await sheet(head).get_by_role("checkbox", name="Họ và tên đúng").check()
    await sheet(head).get_by_role("textbox", name="Cần sửa gì").fill("Tên đệm chưa khớp.")
    await sheet(head).get_by_role("button", name="Xem trước mẫu 02").click()
    await sheet(head).get_by_role("button", name="Gửi yêu cầu bổ sung").click()
    await head.sees("Đã gửi yêu cầu bổ sung.")


async def answers_again(mother: Person) -> None:
    """One field is asked for: no files. Sent as it was by mistake, it is asked about once."""
    await expect(mother.page.get_by_label(re.compile("Chọn tệp có sẵn"))).to_have_count(0)
    await mother.button("Gửi bổ sung").click()
    await mother.sees("Mục này vẫn như cũ.")
    await look_closely(mother)
    await mother.field(re.compile("^Họ và tên đúng")).fill(RIGHT_NAME)
    await mother.button("Gửi bổ sung").click()
    await mother.sees("Chờ tiếp nhận")


async def clock_of(office: App, code: str) -> tuple[str, bool, int]:
    """The state, whether a day is promised, how often was asked."""
    [row] = await office.ask_database(CLOCKS, code)
    return row["status"], row["runs"], row["supplement_rounds"]
