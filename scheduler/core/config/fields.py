"""The kinds of text in `config.toml` (ids, addresses, zones, lengths of time, names in two
languages), each with what to write instead.

Always holds: a value is kept exactly as written or refused with a sentence in both languages; a
refused value is shown as TOML, on one line and shortened if it is long. What a person probably
meant is up to `did_you_mean`.
"""

import json
import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from scheduler.core.config.addresses import listen_address, public_address, watcher_address
from scheduler.core.config.did_you_mean import (
    CURRENCY,
    ID,
    NO_CURRENCIES,
    ROLES,
    address_meant,
    closure_wrong,
    currency_meant,
    id_meant,
    told_meant,
    zone_meant,
    zone_within,
)
from scheduler.core.messages.channels import ADDRESS, EXAMPLES
from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.time.calendar import Closure
from scheduler.core.time.dates import Offset, Term
from scheduler.core.time.zones import zone_named
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*[-~〜–]\s*(\d{1,2}):(\d{2})")
_LONGEST = 60
_WEEK = 7


def shown(value: Any) -> str | Label:
    """A value as the file shows it; whole tables and lists only by their kind.

    >>> shown("x"), shown(True), shown(date(2026, 8, 13)), shown(["x"]).en
    ('"x"', 'true', '2026-08-13', 'a list')
    """
    match value:
        case str():
            return _quoted(value)
        case bool():
            return str(value).lower()
        case date() | datetime() | time():
            return value.isoformat()
        case dict():
            return Label("a table")
        case list():
            return Label("a list")
    return str(value)


def _quoted(text: str) -> str:
    """A text in quotation marks, always on one line, shortened if it is long."""
    cut = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04X}" for c in json.dumps(cut, ensure_ascii=False)
    )


def refused(said: Label) -> PydanticCustomError:
    """A ValueError with its sentence in both languages."""
    return PydanticCustomError("label", "{en}", {"en": said.en, "said": said})


def hours(text: str) -> tuple[time, time]:
    """`09:00-18:00` as two times, the earlier one first. Raises ValueError."""
    match = _HOURS.fullmatch(unicodedata.normalize("NFKC", text).strip())
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


def rhythm(text: str) -> Term:
    """The interval at which something recurs. Raises ValueError, also for less than a week:
    anything that frequent is a reminder, not a new question."""
    term = Term.parse(text)
    if term.months < 1 and term.days < _WEEK:
        raise ValueError(text)
    return term


def span(text: str) -> timedelta:
    """A length of time in whole days, of at least one. Raises ValueError, also for months, which
    are not all as long as each other."""
    term = Term.parse(text)
    if term.days < 1:
        raise ValueError(text)
    return timedelta(days=term.days)


def understood(
    read: Callable[[str], object],
    wrong: Label,
    write: Label | Callable[[str], Label],
    meant: Callable[[str], str | None] | None = None,
    *,
    secret: bool = False,
) -> BeforeValidator:
    """A text that `read` accepts (it raises ValueError otherwise); it stays text. The refusal says
    what is `wrong`, and what was `meant` or what to `write` (for this text). A `secret` is not
    repeated."""

    def check(value: Any) -> Any:
        try:
            if not isinstance(value, str):
                raise ValueError(value)
            read(value)
        except ValueError as error:
            close = meant(value) if meant is not None and isinstance(value, str) else None
            other = write if isinstance(write, Label) else write(str(value))
            instead = Label('did you mean "{close}"?', close=close) if close else other
            said = Label("this") if secret else Label.verbatim(shown(value))
            raise refused(
                Label("{words} {wrong}; {instead}", words=said, wrong=wrong, instead=instead)
            ) from error
        return value

    return BeforeValidator(check)


def _pattern(pattern: str) -> Callable[[str], object]:
    """Accepts a text that matches as a whole. Raises ValueError for any other."""

    def check(text: str) -> None:
        if not re.fullmatch(pattern, text):
            raise ValueError(text)

    return check


def zone_mistake(text: str) -> bool:
    """Whether a text is not a time zone that every machine has."""
    try:
        zone_named(text)
    except ValueError:
        return True
    return False


def _told(text: str) -> None:
    """Accepts a role or an address. Raises ValueError for anything else."""
    if text not in ROLES:
        _pattern(ADDRESS)(text)


def _currency(text: str) -> None:
    """Accepts a currency. Raises ValueError for anything else."""
    _pattern(CURRENCY)(text)
    if text in NO_CURRENCIES:
        raise ValueError(text)


def _closure(value: Any) -> Any:
    try:
        Closure.parse(value, "")
    except (ValueError, TypeError) as error:
        wrong = closure_wrong(str(value))
        raise refused(Label("{value} {wrong}", value=shown(value), wrong=wrong)) from error
    return value


def label_table(value: Any) -> Any:
    """A name: one text for all languages, or one for each; Japanese and English are needed."""
    if isinstance(value, str) and value.strip():
        return {language.value: value for language in Language}
    if (
        not isinstance(value, dict)
        or not {"ja", "en"} <= set(value) <= {language.value for language in Language}
        or not all(isinstance(v, str) and v.strip() for v in value.values())
    ):
        raise refused(Label('write a name as { ja = "…", en = "…" }, or one text for both'))
    return value


_IN = {"ja": "In Japanese. 日本語", "en": "In English. 英語"}
LABEL_SCHEMA = WithJsonSchema(
    {
        "anyOf": [
            {
                "type": "string",
                "minLength": 1,
                "description": "One text for both languages. 両方の言語に同じ文字",
            },
            {
                "type": "object",
                "description": "One text for each language. 言語ごとの文字",
                "properties": {
                    language.value: {
                        "type": "string",
                        "minLength": 1,
                        "description": _IN.get(language.value, language.value),
                    }
                    for language in Language
                },
                "required": ["ja", "en"],
                "additionalProperties": False,
            },
        ]
    }
)

Id = Annotated[
    str,
    understood(
        _pattern(ID),
        Label("is not a valid id"),
        Label("use lower-case letters, digits and _, e.g. renewal_3m"),
        id_meant,
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{ID}$"}),
]
Address = Annotated[
    str,
    understood(
        _pattern(ADDRESS),
        Label("is not an address"),
        Label('write e.g. "email:cs@example.com" or "slack:#renewals"'),
        address_meant,
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{ADDRESS}$"}),
]
Told = Annotated[
    str,
    understood(
        _told,
        Label("is not a recipient"),
        Label(
            "write a role ({roles}) or an address ({addresses})",
            roles=", ".join(ROLES),
            addresses=", ".join(EXAMPLES),
        ),
        told_meant,
    ),
    WithJsonSchema(
        {"anyOf": [{"enum": list(ROLES)}, {"type": "string", "pattern": f"^{ADDRESS}$"}]}
    ),
]


def _zone_to_write(text: str) -> Label:
    """What to write instead of what is no zone."""
    within = zone_within(text)
    if within is None:
        return Label('write region and city, e.g. "Asia/Tokyo"')
    return Label('it is a region; write a city in it too, e.g. "{zone}"', zone=within)


Zone = Annotated[
    str,
    understood(
        zone_named,
        Label("is not a time zone"),
        _zone_to_write,
        zone_meant,
    ),
]
Hours = Annotated[
    str,
    understood(
        hours,
        Label("is not a time range within a day"),
        Label('write e.g. "09:00-18:00", the earlier first, between 00:00 and 23:59'),
    ),
]
OffsetText = Annotated[
    str,
    understood(
        Offset.parse,
        Label("is not an offset"),
        Label('write e.g. "-3 months"'),
    ),
]
WaitText = Annotated[
    str,
    understood(
        waits,
        Label("is not a waiting time"),
        Label('write e.g. "30 days" or "10 business days"'),
    ),
]
RhythmText = Annotated[
    str,
    understood(
        rhythm,
        Label("is not an interval"),
        Label('write months, weeks or days, at least a week, e.g. "3 months"'),
    ),
]
SpanText = Annotated[
    str,
    understood(span, Label("is not a number of days"), Label('write e.g. "30 days"')),
    WithJsonSchema({"type": "string", "minLength": 1}),
]
ClosureText = Annotated[str, BeforeValidator(_closure)]
Currency = Annotated[
    str,
    understood(
        _currency,
        Label("is not a currency"),
        Label('write its ISO code, e.g. "JPY"'),
        currency_meant,
    ),
    WithJsonSchema({"type": "string", "pattern": f"^{CURRENCY}$"}),
]
PropertyName = Annotated[
    str,
    understood(
        _pattern(r"([^/\s]+/)?[a-z][a-z0-9_]*|"),
        Label("is not a property's internal name"),
        Label(
            'write it as HubSpot has it, e.g. "contract_end", or "contracts/hs_end_date" for a '
            "property of line_items, quotes or contracts"
        ),
    ),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^(({'|'.join(LinkedKind)})/)?[a-z][a-z0-9_]*$|^$",
        }
    ),
]
TimeOfDay = Annotated[
    str,
    understood(
        clock_time,
        Label("is not a time of day"),
        Label('write e.g. "09:00"'),
    ),
]
BaseUrl = Annotated[
    str,
    understood(
        public_address,
        Label("cannot be used as the address for links"),
        Label('write e.g. "https://renewals.example.com"'),
    ),
]
WatcherUrl = Annotated[
    str,
    understood(
        watcher_address,
        Label("is not the address of an outside watcher"),
        Label('write an https address, e.g. "https://hc-ping.com/…"'),
        secret=True,
    ),
]
Listen = Annotated[
    str,
    understood(
        listen_address,
        Label("is not an address to listen on"),
        Label('write host and port, e.g. "127.0.0.1:8787"'),
    ),
]
