"""The kinds of text that stand in `config.toml` (ids, addresses, zones, lengths of time, names in two languages), each with what to write instead.

Always holds: a value is kept exactly as written or refused with a sentence in both languages; a value that is refused is shown as it stands in TOML.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from typing import Annotated, Any
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from scheduler.core.calendar import Closure
from scheduler.core.config.addresses import listen_address, public_address
from scheduler.core.dates import Offset
from scheduler.core.milestones import Tell
from scheduler.core.problems import near

_ADDRESS = r"(email:[^@\s]+@[^@\s.]+(\.[^@\s.]+)+|slack:[#@]?[^\s#@]+)"
_ID = r"[a-z][a-z0-9_]*"
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})")
_ROLES = tuple(t.value for t in Tell)


def shown(value: Any) -> str:
    """A value as it stands in the file; whole tables and lists by their kind.

    >>> shown("x"), shown(True), shown(date(2026, 8, 13)), shown(["x"])
    ('"x"', 'true', '2026-08-13', 'a list')
    """
    match value:
        case str():
            return f'"{value}"'
        case bool():
            return str(value).lower()
        case date() | datetime() | time():
            return value.isoformat()
        case dict():
            return "a table"
        case list():
            return "a list"
    return str(value)


def refused(ja: str, en: str) -> PydanticCustomError:
    """An error that carries its words in both languages."""
    return PydanticCustomError("label", "{en}", {"ja": ja, "en": en})


def hours(text: str) -> tuple[time, time]:
    """`09:00-18:00` as two times, the first the earlier. Raises ValueError."""
    match = _HOURS.fullmatch(text.strip())
    if match is None:
        raise ValueError(text)
    opens, closes = time(int(match[1]), int(match[2])), time(int(match[3]), int(match[4]))
    if opens >= closes:
        raise ValueError(text)
    return opens, closes


def clock_time(text: str) -> time:
    """`09:00` as a time of day. Raises ValueError."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})", text.strip())
    if match is None:
        raise ValueError(text)
    return time(int(match[1]), int(match[2]))


def waits(text: str) -> Offset:
    """A length of time forward. Raises ValueError."""
    offset = Offset.parse(text)
    if min(offset.months, offset.days, offset.business_days) < 0 or offset == Offset():
        raise ValueError(text)
    return offset


def understood(read: Callable[[str], object], ja: str, en: str) -> BeforeValidator:
    """A text that `read` understands (it raises ValueError otherwise); it stays text."""

    def check(value: Any) -> Any:
        try:
            if not isinstance(value, str):
                raise ValueError(value)
            read(value)
        except ValueError as error:
            raise refused(f"{shown(value)} {ja}", f"{shown(value)} {en}") from error
        return value

    return BeforeValidator(check)


def _pattern(pattern: str) -> Callable[[str], object]:
    """Raises ValueError for what does not match as a whole."""

    def check(text: str) -> None:
        if not re.fullmatch(pattern, text):
            raise ValueError(text)

    return check


def _zone(value: Any) -> Any:
    try:
        ZoneInfo(value)
    except (ValueError, KeyError, OSError, TypeError, AttributeError) as error:
        close = near(str(value), available_timezones()) or "Asia/Tokyo"
        raise refused(
            f"{shown(value)} というタイムゾーンはありません。「{close}」のことですか。", f'{shown(value)} is not a time zone; did you mean "{close}"?'
        ) from error
    return value


def _tell(value: Any) -> Any:
    if isinstance(value, str) and (value in _ROLES or re.fullmatch(_ADDRESS, value)):
        return value
    close = near(str(value), _ROLES)
    roles = ", ".join(_ROLES)
    raise refused(
        f"{shown(value)} には送れません。" + (f"「{close}」のことですか。" if close else f"役割({roles})か、email:… / slack:#… を書いてください"),
        f"{shown(value)} is nobody; " + (f'did you mean "{close}"?' if close else f"write a role ({roles}) or an address (email:…, slack:#…)"),
    )


def label_table(value: Any) -> Any:
    """A name: one text for both languages, or one for each."""
    if isinstance(value, str) and value.strip():
        return {"ja": value, "en": value}
    if not isinstance(value, dict) or set(value) != {"ja", "en"} or not all(isinstance(v, str) and v.strip() for v in value.values()):
        raise refused('名前は { ja = "…", en = "…" } の形で書いてください', 'write a name as { ja = "…", en = "…" }, or one text for both')
    return value


LABEL_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string", "minLength": 1},
            {
                "type": "object",
                "properties": {"ja": {"type": "string", "minLength": 1}, "en": {"type": "string", "minLength": 1}},
                "required": ["ja", "en"],
                "additionalProperties": False,
            },
        ]
    }
)

Id = Annotated[
    str,
    understood(
        _pattern(_ID),
        "はidに使えません。英小文字・数字・_ を使ってください(例：renewal_3m)",
        "cannot be an id; use lower-case letters, digits and _, e.g. renewal_3m",
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{_ID}$"}),
]
Address = Annotated[
    str,
    understood(
        _pattern(_ADDRESS),
        "は宛先ではありません。例：email:cs@example.com、slack:#renewals",
        'is not an address; write e.g. "email:cs@example.com" or "slack:#renewals"',
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{_ADDRESS}$"}),
]
Told = Annotated[str, BeforeValidator(_tell), WithJsonSchema({"anyOf": [{"enum": list(_ROLES)}, {"type": "string", "pattern": f"^{_ADDRESS}$"}]})]
Zone = Annotated[str, BeforeValidator(_zone)]
Hours = Annotated[str, understood(hours, 'は時間帯ではありません。例："09:00-18:00"', 'are not hours of a day; write e.g. "09:00-18:00"')]
OffsetText = Annotated[
    str, understood(Offset.parse, 'は期間として読めません。例："-3 months"、"3か月前"', 'is not an offset; write e.g. "-3 months"')
]
WaitText = Annotated[str, understood(waits, 'は待つ長さとして読めません。例："30 days"', 'is not a length of time to wait; write e.g. "30 days"')]
ClosureText = Annotated[
    str,
    understood(
        lambda text: Closure.parse(text, ""),
        'は休業日として読めません。例："12-29..01-03"、"2026-08-13"',
        'is not a closure; write e.g. "12-29..01-03" or "2026-08-13"',
    ),
]
Currency = Annotated[
    str,
    understood(_pattern("[A-Z]{3}"), "は通貨コードではありません。例：JPY", "is not a currency; write its ISO code, e.g. JPY"),
    WithJsonSchema({"type": "string", "pattern": "^[A-Z]{3}$"}),
]
BaseUrl = Annotated[
    str,
    understood(
        public_address,
        'は公開URLとして使えません。例："https://renewals.example.co.jp"',
        'is no address for links; write e.g. "https://renewals.example.com"',
    ),
]
Listen = Annotated[
    str,
    understood(listen_address, 'では待ち受けできません。例："127.0.0.1:8787"', 'is nothing to listen on; write host and port, e.g. "127.0.0.1:8787"'),
]
