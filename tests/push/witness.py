"""Waiting for something to become true, without sleeping: the thing that changes says so, and waiters look again."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar

Found = TypeVar("Found")


class Witness:
    """Base of everything in this folder that records what it saw."""

    def __init__(self) -> None:
        self._waiters: list[tuple[Callable[[], Any], asyncio.Future[Any]]] = []

    def changed(self) -> None:
        """Tell the waiters that there is something new to look at."""
        for look, future in list(self._waiters):
            if not future.done() and (found := look()):
                future.set_result(found)

    async def until(self, look: Callable[[], Found | None], seconds: float = 15) -> Found:
        """Return the first truthy value of `look()`; raises TimeoutError after `seconds`."""
        if found := look():
            return found
        waiter = (look, asyncio.get_running_loop().create_future())
        self._waiters.append(waiter)
        try:
            return await asyncio.wait_for(waiter[1], seconds)
        except TimeoutError:
            raise TimeoutError(f"not seen within {seconds} s; {self}") from None
        finally:
            self._waiters.remove(waiter)
