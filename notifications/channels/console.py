"""One-time codes in the terminal, for development: printed, never logged. Production takes another sender."""

import sys
from collections import deque
from typing import Final, TextIO

REMEMBERED: Final = 100


class Console:
    """Prints codes to `stream` and remembers the last hundred; `failing` makes it refuse, as a gateway might."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self.sent: deque[tuple[str, str]] = deque(maxlen=REMEMBERED)
        self.failing = False

    async def send_code(self, phone: str, text: str) -> None:
        """Raises OSError when told to fail."""
        if self.failing:
            raise ConnectionError("told to fail")
        self.sent.append((phone, text))
        print(text, file=self._stream or sys.stderr, flush=True)


class NoSender:
    """Production without a gateway: says that a code could not be sent, and never what it was."""

    async def send_code(self, phone: str, text: str) -> None:
        raise ConnectionError("no gateway for one-time codes is configured")
