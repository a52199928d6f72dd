"""Structured logs to standard error: one JSON object a line for machines, readable lines on a
terminal.

Always holds: no secret is ever written: values of keys that name one, and the user and password of
a URL, are replaced before a line is made; a line that cannot be written (a full disk, a closed
pipe) is lost, and the work goes on.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

import structlog

from scheduler.core.words.escaping import escape_terminal

_SECRET_KEYS = re.compile(
    r"token|password|passwd|secret|authorization|api_key|database_url|smtp_url", re.IGNORECASE
)
_SECRET_VALUES = (
    (re.compile(r"(?<!\w)(\w{1,20}(?:\+\w{1,20})?://)[^/\s:@]{0,200}:[^@\s/]{0,200}@"), r"\1***@"),
    (re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|\bpat-[a-z0-9]+-[0-9a-f][\w-]{3,}"), "***"),
    (re.compile(r"(password|secret|token)=[^\s&;]+", re.IGNORECASE), r"\1=***"),
)

_PLAIN = (str, int, float, list, tuple, dict, type(None))
"""What JSON has a form of its own for; `bool` is an `int`."""


def without_secrets(text: str) -> str:
    """`text` with what looks like a secret replaced.

    >>> without_secrets("postgresql://me:pw@db/x refused xoxb-12-ab")
    'postgresql://***@db/x refused ***'
    """
    for pattern, replacement in _SECRET_VALUES:
        text = pattern.sub(replacement, text)
    return text


def _censored(
    logger: Any, method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """The structlog step that takes secrets out."""
    for key, value in event.items():
        if _SECRET_KEYS.search(key):
            event[key] = "***"
        elif isinstance(value, str):
            event[key] = without_secrets(value)
    return event


def _written(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog step that writes moments and days as ISO 8601 (RFC 3339, in UTC), and what else
    JSON has no form for in its own words, so that no program's notation stands in a line."""
    return {
        key: value if key.startswith("_") or isinstance(value, _PLAIN) else _in_words(value)
        for key, value in event.items()
    }


def _in_words(value: object) -> str:
    """A value as a reader of another program knows it.

    >>> from datetime import timedelta, timezone
    >>> _in_words(datetime(2026, 11, 30, 9, 5, 7, 9, timezone(timedelta(hours=9))))
    '2026-11-30T00:05:07Z'
    >>> _in_words(date(2026, 11, 30)), _in_words(ValueError("odd"))
    ('2026-11-30', 'odd')
    """
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
    return value.isoformat() if isinstance(value, date) else str(value)


def _seen(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The structlog step that spells out what would steer a terminal."""
    return {
        key: escape_terminal(value) if isinstance(value, str) else value
        for key, value in event.items()
    }


def set_up(form: str = "auto") -> None:
    """Sends this program's and its libraries' logs to standard error; `form` is auto, text or
    json."""
    readable = form == "text" or (form == "auto" and sys.stderr.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        _written,
        _censored,
        _seen,
    ]
    last: Any = (
        structlog.dev.ConsoleRenderer()
        if readable
        else structlog.processors.JSONRenderer(ensure_ascii=False)
    )
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=_to_standard_error,
    )
    handler = logging.StreamHandler(_StandardError())
    without_meta = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[without_meta, last], foreign_pre_chain=shared
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("apscheduler").setLevel(logging.ERROR)  # it warns of every tick that waits


def hush() -> None:
    """Only errors from now on: for the demo, whose year of log lines would hide the story."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))


class _StandardError:
    """What standard error is now, as a file that never fails."""

    def write(self, text: str) -> int:
        """Writes what can be written."""
        with suppress(OSError, ValueError, AttributeError):
            _unguarded(sys.stderr).write(text)
        return len(text)

    def flush(self) -> None:
        """Hands on what was written."""
        with suppress(OSError, ValueError, AttributeError):
            sys.stderr.flush()


def _to_standard_error(*_: Any) -> structlog.PrintLogger:
    """A logger that writes to what standard error is now."""
    return structlog.PrintLogger(_StandardError())  # type: ignore[arg-type]


def _unguarded(stream: Any) -> Any:
    """The stream itself where commands have put a guard around it: what a line holds was made
    harmless by `_seen`, its colours are ours."""
    return getattr(stream, "stream", stream)


def log() -> Any:
    """The logger: `log().info("swept", deals=12)`."""
    return structlog.get_logger()
