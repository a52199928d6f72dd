"""What the commands print, in the reader's language: results to standard output, everything else to standard error.

Always holds: one process speaks one language, set once by `speak`; columns line up also where characters are two cells wide; nothing here is
imported that a short command can do without (rich only for a table on a terminal).
"""

import json
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from enum import Enum
from typing import IO, Any

from scheduler.core.labels import Label
from scheduler.core.words import Language

_speaking: list[Language] = [Language.EN]


def speak(language: Language) -> None:
    """From now on everything is said in `language`."""
    _speaking[0] = language


def language() -> Language:
    """The language in use."""
    return _speaking[0]


def language_of(wanted: str | None, env: Mapping[str, str]) -> Language:
    """The language asked for (`--lang`), else RENEWALS_LANG's, else the locale's; English unless one of them says Japanese.

    >>> language_of(None, {"LANG": "ja_JP.UTF-8"}).value, language_of("en", {"LANG": "ja_JP.UTF-8"}).value, language_of(None, {}).value
    ('ja', 'en', 'en')
    """
    names = (wanted, *(env.get(name) for name in ("RENEWALS_LANG", "LC_ALL", "LC_MESSAGES", "LANG")))
    chosen = next((name for name in names if name), "")
    return Language.JA if chosen.lower().startswith("ja") else Language.EN


def text(ja: str, en: str) -> str:
    """The one of the two that the reader reads."""
    return ja if language() is Language.JA else en


def label(of: Label) -> str:
    """A label in the language in use."""
    return of.of(language())


def say(ja: str = "", en: str = "") -> None:
    """A line of the result, to standard output."""
    _write(text(ja, en), sys.stdout)


def tell(ja: str = "", en: str = "") -> None:
    """Progress, a warning, an error: a line to standard error."""
    _write(text(ja, en), sys.stderr)


def as_json(value: Any) -> None:
    """A result for machines: dates and instants in ISO 8601, labels as {ja, en}."""
    _write(json.dumps(value, ensure_ascii=False, indent=2, default=_plain), sys.stdout)


def _plain(value: Any) -> Any:
    """What JSON has no form for."""
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    if hasattr(value, "__dataclass_fields__"):
        return {name: getattr(value, name) for name in value.__dataclass_fields__}
    return str(value)


def _write(line: str, where: IO[str]) -> None:
    """One line."""
    print(line, file=where)


def cells(line: str) -> int:
    """How many columns a terminal needs for `line`.

    >>> cells("abc"), cells("青葉")
    (3, 4)
    """
    if line.isascii():
        return len(line)
    from unicodedata import combining, east_asian_width

    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)


def pad(line: str, width: int, right: bool = False) -> str:
    """`line` filled with spaces to `width` columns.

    >>> pad("青葉", 6) + "|", pad("7", 3, right=True)
    ('青葉  |', '  7')
    """
    space = " " * max(0, width - cells(line))
    return space + line if right else line + space


def table(headers: Sequence[str], rows: Sequence[Sequence[object]], right: Collection[int] = ()) -> None:
    """Rows under headers; the columns numbered in `right` end at their right edge. Plain text unless a person looks at it on a terminal."""
    shown = [["" if value is None else str(value) for value in row] for row in rows]
    if sys.stdout.isatty() and os.environ.get("TERM") != "dumb":
        _rich_table(headers, shown, right)
        return
    widths = [max(cells(line[n]) for line in (headers, *shown)) for n in range(len(headers))]
    for line in (headers, *shown):
        _write("  ".join(pad(line[n].replace("\n", " "), widths[n], n in right) for n in range(len(headers))).rstrip(), sys.stdout)


def _rich_table(headers: Sequence[str], rows: Sequence[Sequence[str]], right: Collection[int]) -> None:
    """The same, as wide as the terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    drawn = Table(box=SIMPLE_HEAD, pad_edge=False)
    for n, header in enumerate(headers):
        drawn.add_column(Text(header), justify="right" if n in right else "left", overflow="fold")
    for row in rows:
        drawn.add_row(*(Text(value) for value in row))
    Console(no_color=bool(os.environ.get("NO_COLOR")), highlight=False).print(drawn)


def strong(line: str) -> str:
    """`line` in bold on a terminal that may show it (not with NO_COLOR)."""
    plain = os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb" or not sys.stdout.isatty()
    return line if plain else f"\x1b[1m{line}\x1b[0m"


def forgive_terminal() -> None:
    """Characters that the terminal cannot show become `?` from now on instead of ending the program."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]
