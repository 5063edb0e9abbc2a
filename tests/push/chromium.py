"""Stock Chromium, driven over the Chrome DevTools Protocol."""

import json
import re

from .browser import Browser, BrowserError
from .desktop import Desktop
from .gcm import Gcm

SETTINGS = "chrome://settings/content/notifications"
# No sandbox: test machines and containers often run as root, where Chromium refuses to start with one.
SWITCHES = [
    "--headless=new",
    "--no-sandbox",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--disable-sync",
    "--disable-breakpad",
    "--disable-component-update",
    "--disable-features=MediaRouter,OptimizationHints,Translate",
    "--password-store=basic",
]


class Chromium(Browser):
    """See `Browser`. The tab ids here are DevTools targets; a session is opened to each on first use."""

    binary = "chromium"
    listening = re.compile(r"DevTools listening on (ws://\S+)")

    def __init__(self, service: Gcm, desktop: Desktop) -> None:
        super().__init__(desktop.environment)
        self._switches = service.chromium_switches
        self._sessions: dict[str, str] = {}

    def _arguments(self) -> list[str]:
        profile = [f"--user-data-dir={self.profile / 'profile'}", "--remote-debugging-port=0", "about:blank"]
        return [*SWITCHES, *self._switches, *profile]

    async def _attach(self, address: str) -> None:
        self._sessions.clear()
        await self._connect(address)

    async def _quit(self) -> None:
        await self.command("Browser.close", {})

    async def _session(self, tab: str) -> str:
        if tab not in self._sessions:
            attached = await self.command("Target.attachToTarget", {"targetId": tab, "flatten": True})
            self._sessions[tab] = attached["sessionId"]
        return self._sessions[tab]

    async def _evaluate(self, script: str, tab: str) -> str:
        question = {"expression": script, "awaitPromise": True, "userGesture": True}
        outcome = await self.command("Runtime.evaluate", question, sessionId=await self._session(tab))
        if failure := outcome.get("exceptionDetails"):
            raise BrowserError(failure.get("exception", {}).get("description", failure["text"]))
        return outcome["result"]["value"]

    async def goto(self, url: str) -> None:
        outcome = await self.command("Page.navigate", {"url": url}, sessionId=await self._session(self.tab))
        if failure := outcome.get("errorText"):
            raise BrowserError(f"{url}: {failure}")
        await self.wait("document.readyState === 'complete'", 30)

    async def allow_notifications(self, origin: str) -> None:
        """Through the settings page: what DevTools itself can grant is forgotten at the next start."""
        before = self.tab
        self.tab = (await self.command("Target.createTarget", {"url": SETTINGS}))["targetId"]
        try:
            await self.wait("typeof globalThis.chrome?.send === 'function'")
            site, ask = json.dumps(origin), "import('chrome://resources/js/cr.js')"
            await self.js(f"chrome.send('setOriginPermissions', [{site}, 'notifications', 'allow'])")
            stored = f"{ask}.then(cr => cr.sendWithPromise('getOriginPermissions', {site}, ['notifications']))"
            await self.wait(f"{stored}.then(([found]) => found.setting === 'allow')")
        finally:
            await self.command("Target.closeTarget", {"targetId": self.tab})
            self.tab = before

    async def _tabs(self) -> dict[str, str]:
        targets = (await self.command("Target.getTargets", {}))["targetInfos"]
        return {target["targetId"]: target["url"] for target in targets if target["type"] == "page"}
