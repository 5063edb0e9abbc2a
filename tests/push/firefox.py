"""Stock Firefox ESR, driven over WebDriver BiDi."""

import json
import re
from typing import Any

from .autopush import Autopush
from .browser import Browser, BrowserError
from .desktop import Desktop

# Quiet: neither call home nor ask questions. None of these changes how push works.
QUIET: dict[str, Any] = {
    "app.normandy.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "browser.region.network.url": "",
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.search.update": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.page": 0,
    "browser.topsites.contile.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processCount": 2,
    "extensions.getAddons.cache.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.manage-offline-status": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "termsofuse.bypassNotification": True,
    "toolkit.telemetry.server": "",
}


def push_preferences(service: Autopush) -> dict[str, Any]:
    """Preferences that lead Firefox to the local service."""
    return {
        "dom.push.serverURL": service.browser_url,
        # The service speaks ws: and not wss:
        "dom.push.testing.allowInsecureServerURL": True,
        # Milliseconds until the first attempt to connect again; the default is five seconds.
        "dom.push.retryBaseInterval": 200,
        # Remote control switches push off among the preferences it recommends; we do without its recommendations.
        "remote.prefs.recommended": False,
        "dom.push.connection.enabled": True,
    }


class Firefox(Browser):
    """See `Browser`. Accepts any server certificate, so an app on https with a test CA works too."""

    binary = "firefox-esr"
    listening = re.compile(r"WebDriver BiDi listening on (ws://\S+)")

    def __init__(self, service: Autopush, desktop: Desktop) -> None:
        super().__init__({**desktop.environment, "MOZ_CRASHREPORTER_DISABLE": "1", "MOZ_DISABLE_AUTO_SAFE_MODE": "1"})
        preferences = {**QUIET, **push_preferences(service)}
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in preferences.items()]
        (self.profile / "user.js").write_text("".join(lines))

    def _arguments(self) -> list[str]:
        profile = ["--profile", str(self.profile), "--remote-debugging-port", "0", "about:blank"]
        return ["--headless", "--no-remote", *profile]

    async def _attach(self, address: str) -> None:
        await self._connect(f"{address}/session")
        await self.command("session.new", {"capabilities": {"alwaysMatch": {"acceptInsecureCerts": True}}})

    async def _quit(self) -> None:
        await self.command("browser.close", {})

    async def _evaluate(self, script: str, tab: str) -> str:
        target = {"expression": script, "target": {"context": tab}, "awaitPromise": True, "userActivation": True}
        outcome = await self.command("script.evaluate", target)
        if outcome["type"] == "exception":
            raise BrowserError(outcome["exceptionDetails"]["text"])
        return outcome["result"]["value"]

    async def goto(self, url: str) -> None:
        await self.command("browsingContext.navigate", {"context": self.tab, "url": url, "wait": "complete"})

    async def allow_notifications(self, origin: str) -> None:
        decision = {"descriptor": {"name": "notifications"}, "state": "granted", "origin": origin}
        await self.command("permissions.setPermission", decision)

    async def _tabs(self) -> dict[str, str]:
        tree = await self.command("browsingContext.getTree", {"maxDepth": 0})
        return {context["context"]: context["url"] for context in tree["contexts"]}
