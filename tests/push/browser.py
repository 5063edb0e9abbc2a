"""What the two browser drivers share: a process with a throw-away profile, and JSON commands over a WebSocket."""

import asyncio
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, Self

import aiohttp


class BrowserError(Exception):
    """The browser refused a command, or a script in the page threw."""


class Browser(ABC):
    """A stock browser, headless. Same verbs for both; they act on the current tab.

    Use as `async with`. The profile outlives `restart()` and goes at the end, with every file the browser made.
    """

    binary: str
    listening: re.Pattern[str]
    """How the browser says on stderr where it takes commands: group 1 is the WebSocket address."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.environment = environment
        self._folder = tempfile.TemporaryDirectory(prefix="nhipcau-browser-", ignore_cleanup_errors=True)
        self.profile = Path(self._folder.name)
        self.tab = ""
        self._numbers = itertools.count(1)
        self._replies: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._process: asyncio.subprocess.Process | None = None
        self._client: aiohttp.ClientSession | None = None
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._tasks: list[asyncio.Task[None]] = []

    @abstractmethod
    def _arguments(self) -> list[str]: ...

    @abstractmethod
    async def _attach(self, address: str) -> None:
        """Open the command channel."""

    @abstractmethod
    async def _quit(self) -> None:
        """Ask the browser to end by itself, so that it writes its profile."""

    @abstractmethod
    async def _evaluate(self, script: str, tab: str) -> str: ...

    @abstractmethod
    async def goto(self, url: str) -> None:
        """Load a page in the current tab and wait until it has loaded."""

    @abstractmethod
    async def allow_notifications(self, origin: str) -> None:
        """Decide as a person would who has clicked "Allow"; the decision survives a restart."""

    @abstractmethod
    async def _tabs(self) -> dict[str, str]:
        """Tab ids and the addresses they show."""

    async def start(self) -> None:
        """Start the browser; a second start after `stop` finds the profile as it was left."""
        program = shutil.which(self.binary)
        if program is None:
            raise FileNotFoundError(f"{self.binary} is not installed")
        home = {"HOME": str(self.profile), "TMPDIR": str(self.profile)}
        environment = {**os.environ, **home, **self.environment}
        devnull, pipe = asyncio.subprocess.DEVNULL, asyncio.subprocess.PIPE
        self._process = await asyncio.create_subprocess_exec(
            program,
            *self._arguments(),
            env=environment,
            stdout=devnull,
            stderr=pipe,
            limit=2**20,
            start_new_session=True,
        )
        try:
            address: asyncio.Future[str] = asyncio.get_running_loop().create_future()
            self._tasks = [asyncio.create_task(self._listen(self._process, address))]
            # A cold disk can take ten seconds and more.
            await self._attach(await asyncio.wait_for(address, 60))
            await self.switch_to("about:blank")
        except BaseException:
            await self.stop()
            raise

    async def stop(self) -> None:
        """End the browser and every process it started; the profile stays."""
        if self._process is None:
            return
        if self._socket:
            # The connection may break before the answer comes; the profile is written all the same.
            with contextlib.suppress(BrowserError, OSError, TimeoutError):
                await self._quit()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), 10)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if self._client:
            await self._client.close()
        self._process = self._client = self._socket = None

    async def restart(self) -> None:
        """Stop and start with the same profile; no page of the app is open afterwards."""
        await self.stop()
        await self.start()

    async def close(self) -> None:
        """Stop and remove the profile."""
        await self.stop()
        self._folder.cleanup()

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def js(self, expression: str) -> Any:
        """The value of a JavaScript expression in the current tab, a promise awaited, as JSON carries it.

        Runs with user activation, as after a click. Raises BrowserError when it throws.
        """
        script = f"(async () => JSON.stringify((await ({expression})) ?? null))()"
        return json.loads(await self._evaluate(script, self.tab))

    async def wait(self, expression: str, seconds: float = 15) -> Any:
        """Ask until the expression is truthy and return it; a page that is just loading counts as "not yet"."""
        end, last = time.monotonic() + seconds, "falsy"
        while time.monotonic() < end:
            try:
                if value := await self.js(expression):
                    return value
            except BrowserError as error:
                last = str(error)
            await asyncio.sleep(0.05)
        raise TimeoutError(f"{expression} within {seconds} s: {last}")

    async def tabs(self) -> list[str]:
        """The addresses of all open tabs."""
        return list((await self._tabs()).values())

    async def switch_to(self, url: str, seconds: float = 15) -> None:
        """Wait for a tab that shows exactly this address and make it the current one."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for tab, address in (await self._tabs()).items():
                if address == url:
                    self.tab = tab
                    return
            await asyncio.sleep(0.05)
        raise TimeoutError(f"no tab shows {url} within {seconds} s; open: {await self.tabs()}")

    async def _listen(self, process: asyncio.subprocess.Process, address: asyncio.Future[str]) -> None:
        """Read stderr to its end (a full pipe would stop the browser) and find the command address in it."""
        assert process.stderr is not None
        async for line in process.stderr:
            if (match := self.listening.search(line.decode(errors="replace"))) and not address.done():
                address.set_result(match[1])
        if not address.done():
            address.set_exception(BrowserError(f"{self.binary} ended before it took commands"))

    async def _connect(self, url: str) -> None:
        self._client = client = aiohttp.ClientSession()
        self._socket = socket = await client.ws_connect(url, max_msg_size=0)
        self._tasks.append(asyncio.create_task(self._read(socket)))

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        async for frame in socket:
            reply: dict[str, Any] = frame.json()
            future = self._replies.pop(reply.get("id", 0), None)
            if future and not future.done():
                future.set_result(reply)
        for future in self._replies.values():
            if not future.done():
                future.set_exception(BrowserError("the browser has gone"))
        self._replies.clear()

    async def command(self, method: str, parameters: dict[str, Any], **envelope: str) -> dict[str, Any]:
        """Send one command and return its result. Raises BrowserError, or TimeoutError after 30 s."""
        assert self._socket is not None
        number, future = next(self._numbers), asyncio.get_running_loop().create_future()
        self._replies[number] = future
        await self._socket.send_json({"id": number, "method": method, "params": parameters, **envelope})
        reply: dict[str, Any] = await asyncio.wait_for(future, 30)
        if "error" in reply:
            raise BrowserError(f"{method}: {reply['error']} {reply.get('message', '')}")
        return reply["result"]
