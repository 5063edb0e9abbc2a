"""What people of a story do again and again with requests: begin one, say what for, file it, find it on the desk."""

import re
import subprocess
from io import BytesIO

from PIL import Image, ImageDraw
from playwright.async_api import FilePayload, Locator, expect

from tests.e2e.people import Person

CERTIFICATE, CORRECTION, COPY = "TRUONG.02", "TRUONG.04", "3.000465"
CODE = re.compile(r"\b\d{6,12}-\d{6}-\d{4}\b")
ONLINE = "Nhận bản điện tử trong ứng dụng"
LAN = "Nguyễn Thị Ngọc Lan"


async def look_closely(person: Person) -> None:
    """No violation in any theme, and nothing is wider than the screen. Nothing is pointed at: that dims a button."""
    await person.page.mouse.move(0, 0)
    await person.check_accessibility()
    wide = await person.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{person.page.url} is {wide} px too wide"


async def begin(person: Person, code: str, child: str | None = None) -> None:
    """From the page that explains a procedure to the first question."""
    await person.open(f"/services/{code}")
    await person.link("Bắt đầu").click()
    if child:
        await person.page.get_by_role("radio", name=re.compile(child)).check()
    await person.button("Bắt đầu").click()
    await expect(person.page).to_have_url(re.compile("/services/drafts/"))
    await on_step(person, 1)


async def on_step(person: Person, number: int) -> None:
    """The page of this step is there."""
    await expect(person.page.get_by_role("progressbar", name="Các bước")).to_have_attribute("value", str(number))


async def next_step(person: Person) -> None:
    await person.page.get_by_role("button", name="Tiếp", exact=True).click()


async def say_what_for(person: Person) -> None:
    """The second page of a certificate."""
    await person.page.get_by_role("radio", name="Xin học bổng, trợ cấp, vay vốn học tập").check()
    await person.field("Số bản").fill("1")
    await person.page.get_by_role("radio", name=ONLINE).check()


async def code_on(person: Person) -> str:
    """The code of the dossier on the receipt."""
    await person.sees("Đã nộp hồ sơ")
    shown = person.page.locator("dd").filter(has_text=CODE)
    return (await shown.first.inner_text()).strip()


async def file_certificate(person: Person) -> str:
    """A certificate for Lan, from the page that explains it to its receipt; its code."""
    await begin(person, CERTIFICATE, LAN)
    await next_step(person)
    await on_step(person, 2)
    await say_what_for(person)
    await next_step(person)
    await on_step(person, 3)
    await person.button("Nộp hồ sơ").click()
    return await code_on(person)


async def open_on_desk(officer: Person, code: str, *, finished: bool = False) -> None:
    """Search the queue for a code and open what is found, by the keyboard. A finished one is in another part."""
    await officer.open("/desk")
    await officer.at("Hồ sơ")
    await officer.page.get_by_role("searchbox", name="Tìm mã hoặc tên").fill(code)
    if finished:
        await officer.sees("Phần này không có hồ sơ khớp.")
        await officer.button("Đã xong (1)").click()
    await expect(officer.page.get_by_role("row")).to_have_count(2)
    await officer.link(code).focus()
    await officer.page.keyboard.press("Enter")
    # The queue says the code as well.
    await expect(officer.page.get_by_role("heading", name="Việc cần làm")).to_be_visible()
    await officer.sees(re.compile(code))


def sheet(person: Person) -> Locator:
    """What is asked before something is done."""
    return person.page.get_by_role("dialog")


async def press(officer: Person, key: str, action: str, done: str) -> None:
    """A letter at the desk asks once; the answer does it. What may be done now stands there before it is pressed."""
    await expect(officer.button(action)).to_be_visible()
    await officer.page.keyboard.press(key)
    await sheet(officer).get_by_role("button", name=action).click()
    await officer.sees(done)
    await expect(sheet(officer)).to_have_count(0)


async def take_in(clerk: Person, code: str) -> None:
    """The clerk's part: received, begun, and on to the headteacher."""
    await open_on_desk(clerk, code)
    await press(clerk, "a", "Tiếp nhận và xử lý", "Đã tiếp nhận hồ sơ.")
    await press(clerk, "a", "Chuyển bước tiếp theo", "Đã chuyển bước tiếp theo.")


async def decide(head: Person, code: str) -> None:
    """The headteacher's part, where nothing else has to be said."""
    await open_on_desk(head, code)
    await press(head, "a", "Hoàn thành và trả kết quả", "Hồ sơ đã hoàn thành")


async def words_of(person: Person, address: str) -> str:
    """What a PDF says, read with the right of this person's window."""
    answer = await person.context.request.get(person.app.origin + address)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf")
    told = subprocess.run(["pdftotext", "-", "-"], input=await answer.body(), check=True, capture_output=True)
    return " ".join(told.stdout.decode().split())


def photo(title: str) -> FilePayload:
    """A photo of a paper with writing on it, as a phone takes it."""
    drawn = Image.new("RGB", (1200, 1600), "#f2efe6")
    pen = ImageDraw.Draw(drawn)
    for line in range(24):
        pen.text((120, 140 + line * 58), f"{title} {line} " * 4, fill="#1b1b1b", font_size=34)
    kept = BytesIO()
    drawn.save(kept, "JPEG", quality=92)
    return {"name": f"{title}.jpg", "mimeType": "image/jpeg", "buffer": kept.getvalue()}
