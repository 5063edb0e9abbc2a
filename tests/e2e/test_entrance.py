"""The door: a keyboard is enough, the app can be installed, and its shell is kept on the device."""

import json
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.async_api import Locator, async_playwright, expect

from backend.seed.accounts import PASSWORD
from tests.e2e.app import App, eventually
from tests.e2e.people import DESK, MOTHER, PHONE, TEACHER, People, Person, chromium

pytestmark = pytest.mark.anyio

WRONG = "Tên đăng nhập hoặc mật khẩu không đúng."
MOST_STOPS = 12  # presses of Tab from one field of the entrance to another; more is no keyboard path


async def tab_to(person: Person, wanted: Locator) -> None:
    """Press Tab until this has the focus, and see that it shows."""
    for _ in range(MOST_STOPS):
        if await wanted.evaluate("node => node === document.activeElement && node.matches(':focus-visible')"):
            return
        await person.page.keyboard.press("Tab")
    raise AssertionError(f"{wanted} is not reached by {MOST_STOPS} presses of Tab")


async def test_a_keyboard_is_enough_to_sign_in_and_go_about(app: App, people: People) -> None:
    teacher = await people.arrive(app, DESK)
    keyboard = teacher.page.keyboard
    await teacher.open("/sign-in")
    await teacher.at("Đăng nhập")
    await teacher.check_accessibility()

    await tab_to(teacher, teacher.page.get_by_role("tab", name="Gia đình"))
    await keyboard.press("ArrowRight")
    await tab_to(teacher, teacher.field("Tên đăng nhập"))
    await keyboard.type(TEACHER)
    await tab_to(teacher, teacher.page.get_by_label("Mật khẩu"))
    await keyboard.type("sai mật khẩu")
    await keyboard.press("Enter")
    await expect(teacher.page.get_by_text(WRONG)).to_be_visible()
    await tab_to(teacher, teacher.page.get_by_label("Mật khẩu"))
    await keyboard.press("ControlOrMeta+a")
    await keyboard.type(PASSWORD)
    await keyboard.press("Enter")
    await teacher.at("Hôm nay")

    await tab_to(teacher, teacher.link("Tới nội dung chính"))
    await tab_to(teacher, teacher.page.get_by_role("navigation").get_by_role("link", name="Sổ điểm"))
    await keyboard.press("Enter")
    await teacher.at("Sổ điểm")


async def test_where_one_wanted_to_go_is_kept(app: App, people: People) -> None:
    mother = await people.arrive(app, PHONE)
    await mother.open("/inbox")
    await mother.at("Đăng nhập")
    await mother.enter(MOTHER)
    await mother.at("Thông báo")


async def test_the_app_can_be_installed(app: App, tmp_path: Path, anyio_backend: str) -> None:
    """In a profile of its own: a private window can install nothing."""
    with urlopen(f"{app.origin}/manifest.webmanifest") as answer:
        assert answer.headers["content-type"].startswith("application/manifest+json")
        manifest = json.load(answer)
    assert (manifest["display"], manifest["lang"], manifest["start_url"]) == ("standalone", "vi", "/")
    for icon in manifest["icons"]:
        with urlopen(app.origin + icon["src"]) as answer:
            assert answer.headers["content-type"] == icon["type"]

    async with async_playwright() as playwright:
        context = await playwright.chromium.launch_persistent_context(tmp_path / "profile", **chromium(), **PHONE)
        page = context.pages[0]
        await page.goto(app.origin)
        await eventually(lambda: page.evaluate("navigator.serviceWorker.controller !== null"))
        session = await context.new_cdp_session(page)
        assert (await session.send("Page.getInstallabilityErrors"))["installabilityErrors"] == []
        assert (await session.send("Page.getAppManifest"))["errors"] == []
        await context.close()
