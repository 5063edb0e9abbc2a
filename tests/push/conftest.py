"""Fixtures: `phone`, a device with a stock browser, and `fcm`, Firebase on this machine."""

from collections.abc import AsyncIterator

import pytest

from .fcm import Fcm
from .phone import KINDS, Phone, open_phone


@pytest.fixture
async def fcm(anyio_backend: str) -> AsyncIterator[Fcm]:
    async with Fcm() as service:
        yield service


@pytest.fixture(params=KINDS)
async def phone(request: pytest.FixtureRequest, anyio_backend: str) -> AsyncIterator[Phone]:
    """Firefox and Chromium in turn."""
    async with open_phone(request.param) as opened:
        yield opened
