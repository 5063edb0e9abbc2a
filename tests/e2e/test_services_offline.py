"""A request written without a network: kept when the browser is closed, filed by itself and once when one is back."""

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import BrowserContext, async_playwright, expect

from tests.e2e.app import App, eventually
from tests.e2e.people import MOTHER, PHONE, Person, chromium
from tests.e2e.services import CERTIFICATE, LAN, begin, code_on, look_closely, next_step, on_step, say_what_for

pytestmark = pytest.mark.anyio

CONTROLLED = "navigator.serviceWorker.controller !== null"
DOSSIERS = """select d.code from dossier d join "procedure" p on p.id = d.procedure_id
  join "user" u on u.id = d.owner_id where p.code = $1 and u.phone = $2 and d.channel = 'ONLINE'"""
DRAFTS = 'select count(*) from draft d join "user" u on u.id = d.owner_id where u.phone = $1'
RETRY_SECONDS = 45.0
# What was written has reached the phone's storage.
KEPT = """new Promise((done) => {
  const open = indexedDB.open('nhipcau-kept')
  open.onsuccess = () => {
    const kept = open.result.transaction('kept').objectStore('kept').getAll()
    kept.onsuccess = () => { open.result.close(); done(kept.result.some(({ answers, filing }) =>
      answers?.copies === 1 && answers?.receive === 'ELECTRONIC' && (filing ?? false) === FILING)) }
  }
})"""


async def test_a_draft_without_a_network_is_filed_once(own_app: App, tmp_path: Path) -> None:
    async with async_playwright() as playwright:

        async def start() -> tuple[BrowserContext, Person]:
            """The phone's browser with everything it has kept."""
            options: dict[str, Any] = {**chromium(), **PHONE}
            context = await playwright.chromium.launch_persistent_context(
                tmp_path / "profile", locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh", **options
            )
            return context, Person(context, context.pages[0], own_app)

        context, mother = await start()
        await mother.sign_in(MOTHER)
        await mother.until(CONTROLLED)
        before = len(await own_app.ask_database(DOSSIERS, CERTIFICATE, MOTHER))
        await begin(mother, CERTIFICATE, LAN)
        await mother.sees("Đã lưu")
        draft = mother.page.url.removeprefix(own_app.origin)
        await context.set_offline(True)
        await next_step(mother)
        await say_what_for(mother)
        await mother.sees(re.compile("lưu trên máy này"))
        await mother.until(KEPT.replace("FILING", "false"))
        await look_closely(mother)
        await context.close()

        context, mother = await start()
        await context.set_offline(True)
        await mother.open(draft)
        await on_step(mother, 1)
        await next_step(mother)
        await expect(mother.field("Số bản")).to_have_value("1")
        await next_step(mother)
        await on_step(mother, 3)
        await mother.button("Nộp hồ sơ").click()
        await mother.sees("tự gửi khi có mạng trở lại")
        await look_closely(mother)
        await mother.until(KEPT.replace("FILING", "true"))
        assert len(await own_app.ask_database(DOSSIERS, CERTIFICATE, MOTHER)) == before
        await context.close()

        # Once more closed and opened; then the network is back, and nobody taps.
        context, mother = await start()
        await context.set_offline(True)
        await mother.open(draft)
        await mother.sees("tự gửi khi có mạng trở lại")
        await context.set_offline(False)

        async def filed() -> bool:
            return len(await own_app.ask_database(DOSSIERS, CERTIFICATE, MOTHER)) == before + 1

        await eventually(filed, RETRY_SECONDS)
        code = await code_on(mother)
        # The link of the draft, on whatever device it was kept, leads to what it became, and files nothing more.
        await mother.open(draft)
        await mother.at("Giấy xác nhận học sinh")
        await mother.sees(code)
        codes = [row["code"] for row in await own_app.ask_database(DOSSIERS, CERTIFICATE, MOTHER)]
        assert len(codes) == before + 1 and code in codes
        assert (await own_app.ask_database(DRAFTS, MOTHER))[0]["count"] == 0
        await context.close()
        assert mother.errors == []
