"""The whole way of an absence: a register is sent, the mother's phone rings, and she answers from the notification."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import datetime
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest

from tests.e2e.api import Api
from tests.e2e.app import App, eventually, running
from tests.e2e.people import HOMEROOM
from tests.e2e.school_day import SchoolDay

from .desktop import Shown
from .phone import Phone
from .test_story import Parent

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(240)]

SICK, SENT, UNSENT = "Con ốm", "Đã gửi: Con ốm", "Chưa gửi: Con ốm"


@pytest.fixture
async def app(phone: Phone) -> AsyncIterator[App]:
    """The product, led to the phone's push service."""
    hosts = [urlsplit(origin).netloc for origin in phone.service.endpoint_origins if origin.startswith("http:")]
    async with running({**phone.service.app_environment, "NHIPCAU_PUSH_PRIVATE_HOSTS": json.dumps(hosts)}) as started:
        yield started


@pytest.fixture
async def mother(phone: Phone, app: App) -> Parent:
    """Signed in, rung from now on, and doing something else."""
    parent = Parent(phone, app)
    await parent.sign_in()
    await parent.switch_push_on()
    await parent.browser.goto("about:blank")
    return parent


@pytest.fixture
async def teacher(app: App) -> AsyncIterator[SchoolDay]:
    async with Api(app) as homeroom:
        await homeroom.sign_in(HOMEROOM)
        yield SchoolDay(homeroom, datetime.now(ZoneInfo("Asia/Ho_Chi_Minh")).date())


async def asked(phone: Phone) -> Shown:
    return await phone.desktop.wait(lambda note: note.summary.startswith("Lan (7A1): chưa có mặt"), 20)


async def test_a_mother_answers_from_the_notification(phone: Phone, mother: Parent, teacher: SchoolDay) -> None:
    await teacher.record("Lan", "UNEXCUSED")
    shown = await asked(phone)
    assert phone.service.messages[-1].urgency == "high"

    phone.desktop.click(shown, SICK)
    confirmed = await phone.desktop.wait(lambda note: note.summary == SENT)
    assert ("Lan", "ANSWERED", "SICK") in await teacher.alerts()
    phone.desktop.click(confirmed)
    await mother.lands_on(f"/absences/{await teacher.live_alert()}")
    await mother.sees(SENT)


async def test_an_answer_that_cannot_be_sent_is_not_lost(
    phone: Phone, app: App, mother: Parent, teacher: SchoolDay
) -> None:
    await teacher.record("Lan", "UNEXCUSED")
    shown = await asked(phone)
    alert = await teacher.live_alert()

    await asyncio.to_thread(app.stop)
    phone.desktop.click(shown, SICK)
    await mother.lands_on(f"/absences/{alert}")
    await mother.sees(UNSENT)
    await asyncio.to_thread(app.start)
    await mother.sees(SENT)

    async def answered() -> bool:
        return ("Lan", "ANSWERED", "SICK") in await teacher.alerts()

    await eventually(answered)
