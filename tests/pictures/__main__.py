"""python -m tests.pictures

Starts the product with the full demonstration, signs in as the people of README, and writes PNG files beside this one.
Needs a built app and Chromium.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
from playwright.async_api import Page, async_playwright, expect

from tests.e2e.app import App, eventually
from tests.e2e.people import CLERK, DESK, MOTHER, PHONE, TEACHER, People, Person, chromium
from tests.pictures.palette import smaller

FOLDER = Path(__file__).parent
# README would be slow to open with more.
MOST_BYTES = 120_000
SETTLED = """() => document.getAnimations().length === 0
  && [...document.images].every((image) => image.complete) && document.fonts.status === 'loaded'"""
TITLES = ["STT", "Mã lớp", "Mã học sinh", "Họ tên", "Ngày sinh", "Giới tính", "Trạng thái HS", "Ngày nhập trạng thái"]
ROWS: Sequence[Sequence[Any]] = [
    [1, "7A3", "2479000001", "Nguyễn Thị Ngọc Ánh", "17/08/2014", "Nữ", "Đang học", "05/09/2026"],
    [2, "7A3", "2479000002", "Trần Đức Mạnh", "02/03/2014", "Nam", "Đang học", "05/09/2026"],
    [3, "7A3", "2479000003", "Lê Hoàng Yến", "31/02/2014", "Nữ", "Đang học", "05/09/2026"],
    [4, "7A3", "2479000004", "Đỗ Minh Khang", "09/11/2014", "Nam", "Đang học", "05/09/2026"],
    [5, "7A9", "2479000005", "Vũ Thuỳ Dương", "21/13/2014", "Nữ", "Đang học", "05/09/2026"],
]


class Province(App):
    """The product with both schools of the demonstration instead of the small one."""

    def _command(self, *arguments: str) -> None:
        super()._command(*(argument for argument in arguments if argument != "--small"))


def main() -> int:
    """Take every picture; 1 when one has become too large for README."""
    with Province() as app:
        asyncio.run(_everything(app))
    large = {file.name: file.stat().st_size for file in FOLDER.glob("*.png") if file.stat().st_size > MOST_BYTES}
    for name, size in large.items():
        print(f"{name}: {size} bytes, more than {MOST_BYTES}", file=sys.stderr)
    return 1 if large else 0


async def _everything(app: App) -> None:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**chromium())
        people = People(browser)
        await _mother(await people.arrive(app, PHONE))
        await _teacher(await people.arrive(app, DESK))
        await _clerk(await people.arrive(app, DESK))
        await people.close()
        await browser.close()


async def _mother(mother: Person) -> None:
    await mother.sign_in(MOTHER)
    waiting = mother.page.get_by_role("main").get_by_role("button", name=re.compile("^Đã đọc"))
    await expect(waiting).to_have_count(2)
    # One tap does the first of them, so that both what waits and the child are on the screen.
    await mother.page.get_by_role("main").get_by_role("link").first.click()
    await mother.button("Đã đọc").click()
    await mother.sees("Bạn đã xác nhận")
    await mother.open("/")
    await expect(mother.page.get_by_role("heading", name="Nguyễn Thị Ngọc Lan")).to_be_visible()
    await _take(mother.page, "parent-home")
    await mother.page.evaluate("document.documentElement.dataset.theme = 'contrast'")
    await _take(mother.page, "parent-contrast")
    await mother.open("/learning")
    await expect(mother.page.get_by_role("heading", name="Toán")).to_be_visible()
    await _take(mother.page, "parent-marks")
    await mother.open("/inbox")
    await expect(mother.page.get_by_role("main").get_by_role("listitem").first).to_be_visible()
    await _take(mother.page, "parent-inbox")


async def _teacher(teacher: Person) -> None:
    await teacher.sign_in(TEACHER)
    await teacher.link(re.compile("^Toán 7A1")).click()
    await expect(teacher.page.get_by_role("row").nth(5)).to_be_visible()
    await _take(teacher.page, "teacher-sheet")


async def _clerk(clerk: Person) -> None:
    await clerk.sign_in(CLERK)
    await clerk.open("/school/import")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "hoc-sinh-khoi-7.xlsx"
        book = openpyxl.Workbook()
        assert book.active is not None
        for line in [TITLES, *ROWS]:
            book.active.append(line)
        book.save(file)
        await clerk.page.locator("input[type=file]").set_input_files(file)
        await clerk.button("Kiểm tra tệp").click()
        await clerk.sees("Chờ áp dụng")
    await expect(clerk.page.get_by_role("tabpanel").get_by_role("listitem").first).to_be_visible()
    await _take(clerk.page, "clerk-import")


async def _take(page: Page, name: str) -> None:
    await eventually(lambda: page.evaluate(SETTLED))
    picture = await page.screenshot(caret="hide", animations="disabled")
    (FOLDER / f"{name}.png").write_bytes(await asyncio.to_thread(smaller, picture))


if __name__ == "__main__":
    raise SystemExit(main())
