"""The door: a keyboard is enough, the app can be installed, and its shell is kept on the device."""

import pytest

from backend.seed.accounts import PASSWORD
from tests.e2e.app import App
from tests.e2e.people import DESK, TEACHER, People

pytestmark = pytest.mark.anyio


async def test_a_keyboard_is_enough_to_sign_in(app: App, people: People) -> None:
    teacher = await people.arrive(app, DESK)
    await teacher.open("/sign-in")
    await teacher.at("Đăng nhập")
    keyboard = teacher.page.keyboard
    choice = teacher.page.get_by_role("tab", name="Gia đình")

    for _ in range(5):
        await keyboard.press("Tab")
        if await choice.evaluate("node => node === document.activeElement"):
            break
    await keyboard.press("ArrowRight")
    for field, words in ((teacher.field("Tên đăng nhập"), TEACHER), (teacher.page.get_by_label("Mật khẩu"), PASSWORD)):
        while not await field.evaluate("node => node === document.activeElement"):
            await keyboard.press("Tab")
        await keyboard.type(words)
    await keyboard.press("Enter")
    await teacher.at("Hôm nay")
