"""A person in front of a browser: what stories do again and again, in the words that stand on the screen."""

import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, BrowserContext, Locator, Page, expect

from backend.seed.accounts import PASSWORD
from tests.e2e.app import ROOT, App, eventually

PHONE = {"viewport": {"width": 360, "height": 640}, "is_mobile": True, "has_touch": True, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 800}}
LAN, MOTHER, FATHER = "+84912000003", "+84912000001", "+84912000002"
SLIP = "BNTP-7A2K-DEMQ"
TEACHER, HOMEROOM, CLERK, HEADTEACHER = "giaovien.toan", "chunhiem.7a1", "giaovu.tienphong", "hieutruong.tienphong"
OFFICER = "so.bacninh"
THEMES = ("light", "dark", "contrast")
AXE = ROOT / "pwa" / "node_modules" / "axe-core" / "axe.min.js"
RUN_AXE = """async (theme) => {
  document.documentElement.dataset.theme = theme
  // A colour that is still on its way to the new theme is nobody's choice.
  document.getAnimations().forEach((animation) => { try { animation.finish() } catch { animation.cancel() } })
  const { violations } = await window.axe.run(document, { resultTypes: ['violations'] })
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target} (${failureSummary})`).join('; ')}`)
}"""


def chromium() -> dict[str, Any]:
    """How the system's Chromium is launched. Raises FileNotFoundError."""
    program = shutil.which("chromium")
    if program is None:
        raise FileNotFoundError("chromium is not installed; `make tools` installs it")
    # No sandbox: test machines and containers often run as root, where Chromium refuses to start with one.
    return {"executable_path": program, "args": ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]}


class Person:
    """One browser window with its own cookies and storage."""

    def __init__(self, context: BrowserContext, page: Page, app: App) -> None:
        self.context = context
        self.page = page
        self.app = app
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    # -- going about

    async def open(self, path: str) -> None:
        await self.page.goto(self.app.origin + path)

    async def at(self, title: str | re.Pattern[str]) -> None:
        """Be on the screen with this title."""
        await expect(self.page.get_by_role("heading", level=1, name=title)).to_be_visible()

    async def until(self, expression: str) -> None:
        """A JavaScript expression of the page has become true."""
        await eventually(lambda: self.page.evaluate(expression))

    def button(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("button", name=name)

    def link(self, name: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("link", name=name)

    def field(self, label: str | re.Pattern[str]) -> Locator:
        return self.page.get_by_role("textbox", name=label)

    async def sees(self, text: str | re.Pattern[str]) -> None:
        await expect(self.page.get_by_text(text).first).to_be_visible()

    async def go(self, place: str) -> None:
        """Through the navigation that is on every screen, or the menu of what it has no room for."""
        bar = self.page.get_by_role("navigation", name="Các mục chính")
        await expect(bar).to_be_visible()
        link = bar.get_by_role("link", name=place)
        if not await link.is_visible():
            await self.button(re.compile("Mục khác|Đổi con hoặc vai trò")).click()
            link = self.page.get_by_role("dialog").get_by_role("link", name=place)
        await link.click()

    # -- signing in

    async def sign_in(self, who: str) -> None:
        """With a phone number (and the code that is sent to it) or with a user name, through the screen."""
        await self.open("/sign-in")
        await self.enter(who)
        await self.at("Hôm nay")

    async def enter(self, who: str) -> None:
        """The same on the screen that is open."""
        if who.startswith("+"):
            await self.enter_phone(who)
            return
        await self.page.get_by_text("Giáo viên, nhân viên", exact=True).click()
        await self.field("Tên đăng nhập").fill(who)
        await self.page.get_by_label("Mật khẩu").fill(PASSWORD)
        await self.button("Đăng nhập").click()

    async def enter_phone(self, phone: str) -> None:
        await self.field("Số điện thoại").fill(phone)
        self.app.mark()
        await self.button("Nhận mã").click()
        # The last digit sends them.
        await self.page.get_by_label("Mã gồm 6 chữ số").fill(await self.app.code())

    # -- looking closely

    async def check_accessibility(self) -> None:
        """No violation of axe's rules on this screen, in any theme."""
        await expect(self.page.get_by_role("heading", level=1)).to_be_visible()
        if not await self.page.evaluate("'axe' in window"):
            # The page's security policy forbids a script element of ours; evaluating is the debugger's right.
            await self.page.evaluate(AXE.read_text(encoding="utf-8"))
        chosen = await self.page.evaluate("document.documentElement.dataset.theme")
        found = {theme: await self.page.evaluate(RUN_AXE, theme) for theme in THEMES}
        await self.page.evaluate("(theme) => { document.documentElement.dataset.theme = theme }", chosen)
        faulty = {theme: faults for theme, faults in found.items() if faults}
        assert not faulty, f"{self.page.url}: {faulty}"

    async def check_screens(self, paths: Iterable[str]) -> None:
        """Open each of these addresses and look at it closely."""
        for path in paths:
            await self.open(path)
            await self.check_accessibility()


class People:
    """Everyone in a story."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._everyone: list[Person] = []

    async def arrive(self, app: App, device: dict[str, Any], **options: Any) -> Person:
        """A new person with a fresh browser window on this kind of device."""
        context = await self._browser.new_context(**device, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options)
        context.set_default_timeout(15_000)
        person = Person(context, await context.new_page(), app)
        self._everyone.append(person)
        return person

    async def keep_pictures(self, folder: Path, name: str) -> None:
        """What everyone sees just now, and what their pages complained of."""
        folder.mkdir(parents=True, exist_ok=True)
        clean = re.sub(r"\W+", "-", name)
        for number, person in enumerate(self._everyone, start=1):
            await person.page.screenshot(path=folder / f"{clean}-{number}.png", full_page=True)
            (folder / f"{clean}-{number}.txt").write_text("\n".join([person.page.url, *person.errors]))

    async def close(self) -> None:
        """Everyone leaves; a script error on anyone's screen fails the story."""
        for person in self._everyone:
            await person.context.close()
        errors = [error for person in self._everyone for error in person.errors]
        assert errors == [], errors
