"""Logs: JSON in production, short lines in development, with request and actor, and without personal data.

Everything goes through one chain, also what libraries write with the standard library, so nothing escapes the mask.
"""

import logging
import re
import sys
from collections.abc import Mapping
from typing import Any, Final

import orjson
import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

MASK: Final = "…"
_TEXT_LIMIT: Final = 4000  # characters of one value; a traceback's end says most

_SECRET_KEYS: Final = re.compile(
    r"(?:^|_)(?:(?:user|full|first|last|middle|display)_?)?names?$"
    r"|phone|e?mail|token|secret|password|cookie|authorization|endpoint|p256dh"
    r"|(?:^|_)(?:code|otp|dsn|auth|address|birth|birthday|body|params|variables)(?:_|$)"
    r"|national_id|(?:^|_)(?:mark|score|average)s?(?:_|$)",
    re.IGNORECASE,
)
_OPEN_KEYS: Final = frozenset({"problem_code", "status_code", "exit_code", "language_code", "logger_name"})
_SECRET_TEXT: Final = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # an e-mail address
    r"|(?<![\w.-])(?:\+?84|0)[ .]?[235789]\d{1,2}(?:[ .-]?\d{3}){2}\d?(?![\w-])"  # a Vietnamese phone number
    r"|(?<![\w-])\d{12}(?![\w-])"  # a national id
    r"|(?<=\[parameters: ).*?(?=\]$)"  # SQLAlchemy quotes the values of a failed statement,
    r"|(?<=DETAIL:  ).*$|(?<=Key )\(.*?\)=\(.*?\)"  # PostgreSQL the row or the key in the way
    r"|(?<=://)[^/\s@]+(?=@)",  # user and password in an address
    re.MULTILINE,
)

bind = structlog.contextvars.bind_contextvars
bound = structlog.contextvars.bound_contextvars


def set_up(*, production: bool, level: str = "INFO") -> None:
    """Send every log line of this process to standard error, in the form of its surroundings."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso" if production else "%H:%M:%S", utc=production),
        structlog.processors.format_exc_info,
        mask,
    ]
    last: Processor = (
        structlog.processors.JSONRenderer(serializer=_json)
        if production
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), pad_event_to=0, pad_level=False)
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = _StandardError()
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, last]
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # These tell their every step; a reader of our log wants to hear only when something is wrong.
    for name in ("docket", "httpx", "uvicorn", "alembic", "asyncio", "google", "fontTools"):
        logging.getLogger(name).setLevel("WARNING")


class _StandardError(logging.Handler):
    """Writes to what is standard error at that moment, not when the logs were set up."""

    def emit(self, record: logging.LogRecord) -> None:
        try:
            sys.stderr.write(self.format(record) + "\n")
        except Exception:
            self.handleError(record)


def mask(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace what could tell who somebody is or what they got."""
    for key, value in event.items():
        event[key] = masked(key, value)
    return event


def masked(key: str, value: Any) -> Any:
    """The value as it may be logged under this key."""
    if value is None or isinstance(value, bool):
        return value
    if key not in _OPEN_KEYS and _SECRET_KEYS.search(key):
        return MASK
    if isinstance(value, Mapping):
        return {str(inner): masked(str(inner), item) for inner, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [masked("", item) for item in value]
    if isinstance(value, int | float):
        return value
    text = value if isinstance(value, str) else str(value)
    return _SECRET_TEXT.sub(MASK, text[-_TEXT_LIMIT:])


def _json(event: EventDict, **_: object) -> str:
    return orjson.dumps(event, default=str).decode()
