"""The server is away, the register is taken, the browser is closed: everything arrives once when they are back."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, async_playwright, expect

from tests.e2e.app import App, eventually
from tests.e2e.people import PHONE, TEACHER, Person, chromium
from tests.e2e.register import PUPILS, RegisterScreen, fill_class, marks, operations

pytestmark = pytest.mark.anyio

RETRY_SECONDS = 60.0
CONTROLLED = "navigator.serviceWorker.controller !== null"
# The pupils of the register are on the device.
READ_AHEAD = """new Promise((done) => {
  const open = indexedDB.open('nhipcau')
  open.onsuccess = () => {
    const kept = open.result.transaction('snapshots').objectStore('snapshots').getAll()
    kept.onsuccess = () => {
      open.result.close()
      done(kept.result.some(({ data }) => data.classGroup?.name === '7A1' && data.registerRows?.length === 45))
    }
  }
})"""


async def test_a_register_taken_without_a_server_arrives_once(own_app: App, tmp_path: Path) -> None:
    path = await fill_class(own_app)
    async with async_playwright() as playwright:

        async def start() -> tuple[BrowserContext, Person]:
            """The phone's browser with everything it has kept."""
            options: dict[str, Any] = {**chromium(), **PHONE}
            context = await playwright.chromium.launch_persistent_context(
                tmp_path / "profile", locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options
            )
            return context, Person(context, context.pages[0], own_app)

        context, teacher = await start()
        await teacher.sign_in(TEACHER)
        await teacher.until(CONTROLLED)
        # The day's registers are shown once; their classes are read ahead.
        await teacher.open("/attendance")
        await teacher.until(READ_AHEAD)
        await context.close()
        await asyncio.to_thread(own_app.stop)

        context, teacher = await start()
        register = RegisterScreen(teacher)
        await register.open(path)
        await register.pupil(2).tap()
        await register.pupil(30).tap()
        await register.kind(30, "Có phép").tap()
        await register.send()
        await teacher.sees("0/45 đã gửi")
        await register.shows(2, "Vắng không phép, đang chờ gửi")
        await teacher.check_accessibility()
        await context.close()

        context, teacher = await start()
        register = RegisterScreen(teacher)
        await register.open(path)
        await teacher.sees("0/45 đã gửi")
        await register.shows(2, "Vắng không phép, đang chờ gửi")
        await register.shows(3, "Có mặt, đang chờ gửi")
        await teacher.open("/settings")
        await teacher.button("Đăng xuất khỏi máy này").click()
        await teacher.sees("45 mục chưa gửi")
        await teacher.page.keyboard.press("Escape")
        await register.open(path)

        await asyncio.to_thread(own_app.start)
        # By itself: nobody taps, and no browser says that a server is back.
        await register.is_sent(RETRY_SECONDS)
        assert await operations(own_app) == (PUPILS, PUPILS)
        assert await marks(own_app) == {"PRESENT": PUPILS - 2, "UNEXCUSED": 1, "EXCUSED": 1}
        await register.shows(2, "Vắng không phép, đã ghi")
        await teacher.page.reload()
        await expect(register.lines).to_have_count(PUPILS)
        await register.is_sent()
        assert await eventually(lambda: operations(own_app)) == (PUPILS, PUPILS)
        await context.close()
        assert teacher.errors == []
