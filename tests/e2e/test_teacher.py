"""A teacher at a desk types marks by keyboard, pastes from a spreadsheet, publishes; a parent's open phone knows."""

import re

import pytest
from playwright.async_api import Locator, expect

from tests.e2e.app import App
from tests.e2e.people import DESK, MOTHER, PHONE, TEACHER, People, Person

pytestmark = pytest.mark.anyio

# Of a column that the seed has half entered, for twelve pupils: two are typed, ten are pasted.
WAITING = re.compile(r"Toán 7A1 · (ĐĐGtx \d|ĐĐGgk|ĐĐGck)\s*6.12 đã nhập")
TYPED = ("8,5", "7")
PASTED = ("9", "8,55", "6,5", "10", "5", "7,5", "8", "9,5", "6", "4,5")
FIRST_PASTED, REFUSED = 2, 3  # rows
NOT_YET = re.compile("Chưa công bố được: 1 học sinh chưa có điểm|1 ô chưa lưu lên máy chủ")
TOO_PRECISE = "Chỉ một chữ số sau dấu phẩy, ví dụ 8,5"
NEWS = "Lan (7A1): có điểm mới môn Toán"
LIVE_MILLISECONDS = 2000


class ScoreSheet:
    """The column of the story in the grid on the screen."""

    def __init__(self, person: Person, column: str) -> None:
        self.page = person.page
        self.column = column

    async def find(self) -> None:
        """Where the column stands now."""
        await expect(self.head).to_be_visible()
        heads = await self.page.get_by_role("columnheader").all_inner_texts()
        self._place = next(place for place, words in enumerate(heads) if words.startswith(self.column)) - 1

    @property
    def head(self) -> Locator:
        return self.page.get_by_role("columnheader", name=self.column)

    def cell(self, row: int) -> Locator:
        return self.page.get_by_role("row").nth(row + 1).get_by_role("gridcell").nth(self._place)

    async def shows(self, *marks: str) -> None:
        """These marks, from the first pupil on."""
        for row, mark in enumerate(marks):
            await expect(self.cell(row)).to_have_text(re.compile(rf"^{mark}(,0)?$"))

    async def is_saved(self) -> None:
        """Nothing is on its way to the server any more."""
        await expect(self.page.get_by_text(re.compile("^(Đang lưu|Chưa lưu)"))).to_have_count(0)


async def test_marks_are_typed_pasted_kept_published_and_known_at_once(app: App, people: People) -> None:
    teacher, mother = await people.arrive(app, DESK), await people.arrive(app, PHONE)
    await mother.sign_in(MOTHER)
    await mother.go("Thông báo")
    await mother.at("Thông báo")
    await mother.sees(re.compile("Lan"))
    known = await mother.page.get_by_text(NEWS).count()

    await teacher.sign_in(TEACHER)
    await teacher.check_accessibility()
    waiting = teacher.link(WAITING)
    named = WAITING.search(await waiting.inner_text())
    assert named
    await waiting.click()
    await teacher.at("Toán 7A1")
    sheet = ScoreSheet(teacher, named[1])
    await sheet.find()
    await type_marks(teacher, sheet)
    await paste_marks(teacher, sheet)
    await teacher.check_accessibility()

    await teacher.page.reload()
    await sheet.find()
    await sheet.shows(*TYPED, *PASTED)
    await expect(sheet.cell(REFUSED)).to_have_attribute("title", TOO_PRECISE)

    await sheet.head.get_by_role("button", name="Công bố").click()
    await teacher.sees(NOT_YET)
    await teacher.check_accessibility()
    await teacher.page.keyboard.press("Escape")
    await sheet.cell(REFUSED).click()
    await teacher.page.keyboard.type("8,5")
    await teacher.page.keyboard.press("Enter")
    await teacher.sees("Đã lưu lúc")
    await sheet.is_saved()

    await publish(teacher, sheet)
    await expect(mother.page.get_by_text(NEWS)).to_have_count(known + 1, timeout=LIVE_MILLISECONDS)
    await mother.page.get_by_text(NEWS).first.click()
    await mother.at("Điểm của Lan")
    await expect(mother.page.get_by_role("heading", name="Toán")).to_be_in_viewport()
    await mother.check_accessibility()


async def type_marks(teacher: Person, sheet: ScoreSheet) -> None:
    """8,5 Enter 7 Enter, without touching the mouse again; Escape leaves what was there."""
    keyboard = teacher.page.keyboard
    before = await sheet.cell(FIRST_PASTED).inner_text()
    await sheet.cell(0).click()
    for words in TYPED:
        await keyboard.type(words)
        await keyboard.press("Enter")
    await keyboard.type("1")
    await keyboard.press("Escape")
    await expect(sheet.cell(FIRST_PASTED)).to_have_text(before)
    await sheet.shows(*TYPED)


async def paste_marks(teacher: Person, sheet: ScoreSheet) -> None:
    """A column from a spreadsheet; what is no mark is refused in its own cell, the others are saved."""
    await teacher.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await teacher.page.evaluate("(text) => navigator.clipboard.writeText(text)", "\n".join(PASTED))
    await sheet.cell(FIRST_PASTED).click()
    await teacher.page.keyboard.press("ControlOrMeta+v")
    await sheet.shows(*TYPED, *PASTED)
    await expect(sheet.cell(REFUSED)).to_have_attribute("aria-invalid", "true")
    await expect(teacher.page.get_by_text("1 ô cần xem lại")).to_be_visible()
    await sheet.is_saved()


async def publish(teacher: Person, sheet: ScoreSheet) -> None:
    await sheet.head.get_by_role("button", name="Công bố").click()
    dialog = teacher.page.get_by_role("dialog", name=f"Công bố {sheet.column}")
    await expect(dialog.get_by_text("12 gia đình lớp 7A1 sẽ được báo")).to_be_visible()
    await teacher.check_accessibility()
    await dialog.get_by_role("button", name="Công bố").click()
    await expect(sheet.head).to_contain_text("Đã công bố")
