"""Fixtures: the running product, and people with browsers in front of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright, expect

from tests.e2e.app import ROOT, App
from tests.e2e.people import People, chromium

ARTIFACTS = ROOT / "tests" / ".artifacts"
# What is waited for comes in a tenth of a second; on a machine that is busy with other tests it may take seconds.
expect.set_options(timeout=15_000)
_failed = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def app() -> Iterator[App]:
    """One product for all stories of a test process. Whatever it calls a fault fails the session."""
    with App() as running:
        yield running
    assert running.faults == []


@pytest.fixture(scope="module")
def office() -> Iterator[App]:
    """A product for the requests of one file: codes to sign in are counted by phone."""
    with App() as running:
        yield running
    assert running.faults == []


@pytest.fixture
def own_app() -> Iterator[App]:
    """A product of this test's own, to be stopped and started."""
    with App() as running:
        yield running
    assert running.faults == []


@pytest.fixture
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(**chromium())
        yield opened
        await opened.close()


@pytest.fixture
async def people(request: pytest.FixtureRequest, browser: Browser) -> AsyncIterator[People]:
    """Opens a browser window for everyone in the story; pictures of all of them are kept when it fails."""
    everyone = People(browser)
    yield everyone
    if request.node.stash.get(_failed, False):
        await everyone.keep_pictures(ARTIFACTS, request.node.name)
    await everyone.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    report = yield
    if report.failed:
        item.stash[_failed] = True
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A story starts a product and a browser: on two busy cores that may take a while."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(240))
