"""A child changes school: a code on her mother's phone, the new school's desk, consent, decision, both class lists."""

import re
from collections.abc import Iterator

import pytest
import segno
from playwright.async_api import Locator, expect

from tests.e2e.app import App
from tests.e2e.people import CLERK, DESK, MOTHER, PHONE, People, Person
from tests.e2e.services import CODE, LAN, look_closely, open_on_desk, sheet, take_in

pytestmark = pytest.mark.anyio

NEW_CLERK, NEW_HEAD, NEW_HOMEROOM = "giaovu.suoihoa", "hieutruong.suoihoa", "chunhiem.7a1.suoihoa"
OLD, NEW = "Trường THCS Tiền Phong", "Trường THCS Suối Hoa"
COMES = "Học sinh chuyển đến"
SECRET = re.compile(r"\b[0-9A-Z]{4} [0-9A-Z]{4} [0-9A-Z]{4}\b")


@pytest.fixture(scope="module")
def province() -> Iterator[App]:
    """A product with every school of the demonstration: one alone has nowhere to go to."""
    with App(whole=True) as running:
        yield running
    assert running.faults == []


@pytest.mark.timeout(480)  # all schools are made first
async def test_a_child_moves_with_her_mothers_consent(province: App, people: People) -> None:
    old_clerk = await people.arrive(province, DESK)
    await old_clerk.sign_in(CLERK)
    await opens_the_class(old_clerk)
    await expect(pupil(old_clerk)).to_have_count(1)
    mother = await people.arrive(province, PHONE)
    await mother.sign_in(MOTHER)
    secret = await shows_the_code(province, mother)

    clerk = await people.arrive(province, DESK)
    await opens_the_code(province, clerk, secret)
    await proposes(clerk)
    # Nobody has touched the phone.
    await agrees(mother)
    code = await finds_the_dossier(clerk)
    await take_in(clerk, code)
    head = await people.arrive(province, DESK)
    await head.sign_in(NEW_HEAD)
    await decides(head, code)

    # Neither the phone nor the old school's desk has been touched.
    await is_at_the_new_school(mother)
    await expect(pupil(old_clerk)).to_have_count(0)
    homeroom = await people.arrive(province, DESK)
    await homeroom.sign_in(NEW_HOMEROOM)
    await opens_the_class(homeroom)
    await expect(pupil(homeroom)).to_have_count(1)


def card(person: Person, title: str | re.Pattern[str]) -> Locator:
    return person.page.get_by_role("region", name=title)


def pupil(officer: Person) -> Locator:
    """Her line in the class that is open."""
    lines = officer.page.get_by_role("list", name="Học sinh").get_by_role("listitem")
    return lines.filter(has_text=LAN)


async def opens_the_class(officer: Person) -> None:
    """The list of 7A1, of the officer's own school."""
    await officer.open("/school/classes")
    await officer.link("7A1").click()
    await officer.at("Lớp 7A1")
    await expect(officer.page.get_by_role("list", name="Học sinh").get_by_role("listitem").first).to_be_visible()


async def shows_the_code(province: App, mother: Person) -> str:
    """As a QR code with letters below it. What it says is the address at which the new school opens it."""
    await mother.go("Dịch vụ")
    await mother.link(re.compile("Chuyển trường bằng mã QR")).click()
    await mother.at("Chuyển trường")
    await card(mother, LAN).get_by_role("button", name="Hiện mã QR").click()
    await mother.sees(re.compile("^Còn dùng được 15 phút, một lần"))
    await look_closely(mother)
    found = SECRET.search(await card(mother, LAN).inner_text())
    assert found is not None
    secret = found[0].replace(" ", "")
    shown = await mother.page.get_by_role("img", name="Mã QR chuyển trường của Lan").get_attribute("src")
    address = f"{province.origin}/desk/transfer#{secret}"
    assert shown == segno.make(address, error="m", micro=False).svg_data_uri(border=2)
    return secret


async def opens_the_code(province: App, clerk: Person, secret: str) -> None:
    """Signed out, as a phone's camera opens it: the code comes along, and no server is told."""
    asked: list[str] = []
    clerk.page.on("request", lambda request: asked.append(request.url))
    await clerk.open(f"/desk/transfer#{secret}")
    await clerk.at("Đăng nhập")
    await clerk.enter(NEW_CLERK)
    await clerk.at(COMES)
    moves = card(clerk, LAN)
    for fact in (OLD, "7A1", "Điểm, kết quả học tập", "2 người, giữ nguyên liên kết"):
        await expect(moves).to_contain_text(fact)
    await look_closely(clerk)
    assert secret not in clerk.page.url
    assert [url for url in asked if secret in url.partition("#")[0]] == []
    assert secret not in province.log
    # The same while signed in; and a wrong one shows nothing.
    await clerk.open(f"/desk/transfer#{'Z' * len(secret)}")
    await clerk.sees("Mã không đúng hoặc đã hết hạn.")
    await expect(moves).to_have_count(0)
    await look_closely(clerk)
    await clerk.open("/desk")
    await clerk.open(f"/desk/transfer#{secret}")
    await expect(moves).to_contain_text(OLD)


async def proposes(clerk: Person) -> None:
    await clerk.page.get_by_role("combobox", name="Dự kiến xếp lớp").select_option(label="Chọn sau")
    await clerk.sees("Trước đó chưa có gì được chuyển.")
    await clerk.button("Đề nghị chuyển trường").click()
    await clerk.sees("Đã gửi đề nghị; chờ phụ huynh đồng ý.")
    await expect(clerk.link(re.compile(LAN))).to_contain_text("Chờ phụ huynh đồng ý")
    await look_closely(clerk)


async def agrees(mother: Person) -> None:
    """To exactly what is listed."""
    asked = card(mother, f"{LAN} chuyển trường")
    for words in (f"Từ {OLD} sang {NEW}", "Chờ bạn đồng ý", "Thông tin cá nhân của học sinh", "2 người giám hộ"):
        await expect(asked).to_contain_text(words)
    await expect(card(mother, LAN).get_by_role("img")).to_have_count(0)
    await look_closely(mother)
    await asked.get_by_role("button", name="Đồng ý chuyển", exact=True).click()
    await expect(sheet(mother)).to_contain_text("Sau đó Lan thôi học ở trường hiện tại.")
    await look_closely(mother)
    await sheet(mother).get_by_role("button", name="Đồng ý chuyển").click()
    await mother.sees("Đã đồng ý chuyển trường")
    await expect(asked).to_contain_text("Gia đình đã đồng ý")


async def finds_the_dossier(clerk: Person) -> str:
    """From the list of transfers, which has followed; its code."""
    row = clerk.link(re.compile(LAN))
    await expect(row).to_contain_text("Phụ huynh đã đồng ý")
    await row.click()
    await clerk.at("Chuyển trường")
    found = CODE.search(await clerk.page.get_by_role("main").inner_text())
    assert found is not None
    return found[0]


async def decides(head: Person, code: str) -> None:
    """Into a class of her grade."""
    await open_on_desk(head, code)
    await head.button("Hoàn thành và trả kết quả").click()
    done = sheet(head).get_by_role("button", name="Hoàn thành và trả kết quả")
    await done.click()
    await expect(sheet(head)).to_contain_text("Hãy chọn lớp ở trường mình.")
    classes = sheet(head).get_by_role("combobox", name="Xếp vào lớp")
    await expect(classes.get_by_role("option")).to_have_text(["Chọn lớp", "Lớp 7A1"])
    await look_closely(head)
    await classes.select_option(label="Lớp 7A1")
    await done.click()
    await head.sees("Hồ sơ đã hoàn thành")
    await head.sees("Quyết định tiếp nhận học sinh chuyển trường")


async def is_at_the_new_school(mother: Person) -> None:
    """Her own list of children says so, and what she agreed to is kept."""
    moved = card(mother, f"{LAN} chuyển trường")
    await expect(moved).to_contain_text("Đã chuyển sang trường mới")
    await expect(card(mother, re.compile(f"^{LAN}$"))).to_contain_text(f"Đang học ở {NEW}")
    await look_closely(mother)
    await mother.button(re.compile("Đổi con hoặc vai trò")).click()
    await expect(sheet(mother)).to_contain_text(f"7A1 · {NEW}")
