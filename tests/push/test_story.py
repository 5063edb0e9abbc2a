"""The whole way of a push: a teacher publishes, stock browsers decrypt and show, a tap opens the child's marks."""

import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.e2e.api import Api
from tests.e2e.app import App, eventually, running
from tests.e2e.people import MOTHER, TEACHER

from .fcm import Fcm
from .phone import Phone

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(180)]

TITLE, BODY = "Lan (7A1): có điểm mới môn Toán", "Chạm để xem điểm."
TEST_TITLE = "Thông báo thử đã đến"
OPENED = "select opened_at from delivery where status = 'OPENED'"
DROPPED = "select id from device where dropped_at is not null and drop_reason = $1"
# A service that has only just given an address out may not know it everywhere yet: such a device is kept.
AGE = "update device set created_at = created_at - interval '1 day'"
CHILDREN = "{ myStudents { id givenName } }"
ADD_FCM = """mutation($token: String!) { addFcmDevice(token: $token, label: "Máy của mẹ") {
  __typename ... on AddDevicePayload { device { id } } ... on Problem { code } } }"""
TEST_PUSH = "mutation($id: UUID!) { sendTestPush(device: $id) { __typename ... on Problem { code } } }"
# What a finger would do. `told` is the words a screen reader says of a control.
PRESS = """(words => {
  const told = node => node.getAttribute('aria-label') ?? node.textContent.trim().replace(/\\s+/g, ' ')
  const found = [...document.querySelectorAll('button, [role=button]')].find(node => told(node) === words)
  if (!found || found.disabled) return false
  found.click()
  return true
})"""


@pytest.fixture
async def app(phone: Phone) -> AsyncIterator[App]:
    """The product, led to the phone's push service."""
    hosts = [urlsplit(origin).netloc for origin in phone.service.endpoint_origins if origin.startswith("http:")]
    async with running({**phone.service.app_environment, "NHIPCAU_PUSH_PRIVATE_HOSTS": json.dumps(hosts)}) as started:
        yield started


@pytest.fixture
async def mother(phone: Phone, app: App) -> "Parent":
    """Signed in, and rung from now on."""
    parent = Parent(phone, app)
    await parent.sign_in()
    await parent.switch_push_on()
    return parent


@pytest.fixture
async def teacher(app: App) -> AsyncIterator[Api]:
    async with Api(app) as someone:
        await someone.sign_in(TEACHER)
        yield someone


class Parent:
    """The mother of the story with her phone."""

    def __init__(self, phone: Phone, app: App) -> None:
        self.phone = phone
        self.browser = phone.browser
        self.app = app

    async def press(self, words: str) -> None:
        await self.browser.wait(f"{PRESS}({json.dumps(words)})")

    async def sees(self, words: str) -> None:
        await self.browser.wait(f"document.body.innerText.includes({json.dumps(words)})")

    async def type(self, label: str, text: str) -> None:
        """Into the field with this label, as a keyboard app does: a value, and the news of it."""
        script = f"""(() => {{
          const begins = node => node.textContent.trim().startsWith({json.dumps(label)})
          const label = [...document.querySelectorAll('label')].find(begins)
          const field = label?.control
          if (!field) return false
          field.focus()
          field.value = {json.dumps(text)}
          return field.dispatchEvent(new InputEvent('input', {{ bubbles: true }}))
        }})()"""
        await self.browser.wait(script)

    async def sign_in(self) -> None:
        await self.browser.allow_notifications(self.app.origin)
        await self.browser.goto(f"{self.app.origin}/sign-in")
        await self.type("Số điện thoại", MOTHER)
        self.app.mark()
        await self.press("Nhận mã")
        await self.type("Mã gồm 6 chữ số", await self.app.code())
        await self.browser.wait("location.pathname === '/'")

    async def switch_push_on(self) -> None:
        """In the settings, as anyone does. The app rings once at once, to see that it can."""
        await self.browser.goto(f"{self.app.origin}/settings/notifications")
        await self.press("Bật thông báo")
        await self.sees("Máy này đang nhận thông báo")
        await self.phone.desktop.wait(lambda note: note.summary == TEST_TITLE, 20)

    async def lands_on(self, path: str) -> None:
        """A tab of the app shows this path; the person goes on there."""

        async def look() -> list[str]:
            return [url for url in await self.browser.tabs() if urlsplit(url).path == path]

        await self.browser.switch_to((await eventually(look))[0])

    async def children(self) -> dict[str, str]:
        """Her children's given names and the ids they have in addresses."""
        answer = await self.browser.js(f"""fetch('/graphql', {{
          method: 'POST', body: JSON.stringify({{ query: '{CHILDREN}' }}),
          headers: {{ 'content-type': 'application/json', 'x-nhipcau': '1' }} }}).then(answer => answer.json())""")
        return {child["givenName"]: child["id"] for child in answer["data"]["myStudents"]}


async def test_a_published_mark_rings_and_a_tap_opens_it(phone: Phone, app: App, mother: Parent, teacher: Api) -> None:
    lan = (await mother.children())["Lan"]
    await mother.browser.goto("about:blank")

    await teacher.publish_marks()
    shown = await phone.desktop.wait(lambda note: note.summary == TITLE, 20)
    # Chromium puts the site's address above the words.
    assert shown.body.splitlines()[-1] == BODY
    message = phone.service.messages[-1]
    assert message.urgency == "normal"
    for words in ("Lan", "7A1", "Toán"):
        assert words.encode() not in message.body

    phone.desktop.click(shown)
    await mother.lands_on(f"/students/{lan}/marks")
    await mother.sees("Điểm của Lan")
    assert [row["opened_at"] is not None for row in await app.ask_database(OPENED)] == [True]


async def test_the_settings_send_a_test_and_a_dead_address_is_dropped(
    phone: Phone, app: App, mother: Parent, teacher: Api
) -> None:
    await mother.press("Gửi thử")
    await phone.desktop.until(lambda: [note.summary for note in phone.desktop.shown] == [TEST_TITLE] * 2, 20)
    await mother.press("Đã thấy")
    await eventually(lambda: app.ask_database("select id from device where confirmed_at is not null"))

    await app.ask_database(AGE)
    endpoint = (await app.ask_database("select address from device"))[0]["address"]
    phone.service.answer(endpoint, 410)
    await teacher.publish_marks()
    await eventually(lambda: app.ask_database(DROPPED, "http_410"))


async def test_a_wrapped_app_is_told_through_firebase(fcm: Fcm) -> None:
    settings = {"NHIPCAU_FCM_CREDENTIALS": str(fcm.account_file), "NHIPCAU_FCM_URL": fcm.send_url}
    async with running(settings) as app, Api(app) as mother, Api(app) as teacher:
        await mother.sign_in(MOTHER)
        await teacher.sign_in(TEACHER)
        device = (await mother(ADD_FCM, token="may-cua-me"))["addFcmDevice"]["device"]["id"]
        await teacher.publish_marks()
        await fcm.until(lambda: bool(fcm.messages), 20)
        [message] = fcm.messages
        assert message["fid"] == "may-cua-me"
        assert message["notification"] == {"title": TITLE, "body": BODY}

        await app.ask_database(AGE)
        fcm.fail("may-cua-me", "UNREGISTERED")
        await mother(TEST_PUSH, id=device)
        await eventually(lambda: app.ask_database(DROPPED, "unregistered"))
        assert len(fcm.messages) == 1
