"""How a table fits into so many columns of a terminal. Pure: text in, lines out.

Always holds: columns line up, also where characters are two cells wide; nothing is shortened where
the width does not matter (a pipe, a file). On a terminal, in this order: columns without a single
value are not shown, columns that are merely nice to have are left out, headings and long texts wrap
or are clipped (`…`), further columns are left out.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

GAP = 2
_NARROWEST_WRAP, _NARROWEST_HEADING = 28, 8
_CHUNKS = re.compile(r"\s+|[!-\u10ff]+|.", re.DOTALL)
_NEVER_FIRST = frozenset("、。，．・：；！？）」』】〕〉》…ー々),.;:!?]")
_NEVER_LAST = frozenset("（「『【〔〈《([¥£")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: its heading and how it gives way where room is short.

    `least`: may be clipped to so many cells. `spare`: may be left out; 1 before anything is
    clipped, then 2 …; 0 never. `wraps`: its text goes on in the next line. `stays`: is shown also
    without a single value.
    """

    head: str
    right: bool = False
    least: int = 0
    spare: int = 0
    wraps: bool = False
    stays: bool = False


@dataclass(frozen=True, slots=True)
class TableLayout:
    """A table as lines: the heading, the body, and the headings of the columns for which there was
    no room."""

    head: tuple[str, ...]
    body: tuple[str, ...]
    width: int
    left_out: tuple[str, ...] = ()


def cells(line: str) -> int:
    """How many columns a terminal needs for `line`.

    >>> cells("abc"), cells("青葉")
    (3, 4)
    """
    if line.isascii():
        return len(line)
    return sum(0 if combining(c) else 2 if east_asian_width(c) in "WF" else 1 for c in line)


def pad(line: str, width: int, right: bool = False) -> str:
    """`line` filled with spaces to `width` columns.

    >>> pad("青葉", 6) + "|", pad("7", 3, right=True)
    ('青葉  |', '  7')
    """
    space = " " * max(0, width - cells(line))
    return space + line if right else line + space


def clipped(line: str, width: int) -> str:
    """At most `width` columns of a line.

    >>> clipped("青葉商事株式会社", 9), clipped("Aoba", 9)
    ('青葉商事…', 'Aoba')
    """
    if cells(line) <= width:
        return line
    kept = ""
    for character in line:
        if cells(kept + character) >= width:
            break
        kept += character
    return kept.rstrip() + "…"


def wrapped(line: str, width: int) -> list[str]:
    """The line in pieces of at most `width` columns: broken at spaces, and anywhere between
    Japanese characters except before 、。」 and the like.

    >>> wrapped("解約通知がないまま、更新", 12), wrapped("told once a week", 11)
    (['解約通知がな', 'いまま、更新'], ['told once a', 'week'])
    """
    lines = [""]
    for chunk in _chunks(line):
        if cells(lines[-1] + chunk.rstrip()) > width and lines[-1]:
            lines[-1] = lines[-1].rstrip()
            lines.append("")
        lines[-1] += chunk if lines[-1] else chunk.lstrip()
        while cells(lines[-1].rstrip()) > width:
            head = _most(lines[-1], width)
            lines[-1:] = [head, lines[-1][len(head) :]]
    return [piece.rstrip() for piece in lines]


def _chunks(line: str) -> list[str]:
    """Splits a line into what must stay together: Latin words, and punctuation with the character
    it belongs to."""
    chunks: list[str] = []
    for piece in _CHUNKS.findall(line):
        if (
            chunks
            and not chunks[-1][-1].isspace()
            and (piece[0] in _NEVER_FIRST or chunks[-1][-1] in _NEVER_LAST)
        ):
            chunks[-1] += piece
        else:
            chunks.append(piece)
    return chunks


def _most(line: str, width: int) -> str:
    """As much of a line as fits; at least one character."""
    taken = 1
    while taken < len(line) and cells(line[: taken + 1]) <= width:
        taken += 1
    return line[:taken]


def laid_out(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], width: int | None = None
) -> TableLayout:
    """The table in at most `width` columns where that can be done; None for as wide as it needs."""
    shown = [
        n
        for n in range(len(columns))
        if not rows or columns[n].stays or any(row[n] for row in rows)
    ]
    left_out: list[int] = []
    nice = [n for n in shown if columns[n].spare == 1]
    while width is not None and nice and _total(_comfortable(columns, rows, shown)) > width:
        left_out.append(nice.pop())
        shown.remove(left_out[-1])
    widths = _widths(columns, rows, shown, width)
    while width is not None and _total(widths) > width:
        spare = [n for n in shown if columns[n].spare]
        if not spare:
            break
        left_out.append(min(spare, key=lambda n: columns[n].spare))
        shown.remove(left_out[-1])
        widths = _widths(columns, rows, shown, width)
    head = _lines(
        [wrapped(columns[n].head, width) for n, width in zip(shown, widths, strict=True)],
        columns,
        shown,
        widths,
    )
    body = [line for row in rows for line in _row(row, columns, shown, widths)]
    return TableLayout(
        tuple(head),
        tuple(body),
        _total(widths),
        tuple(columns[n].head for n in sorted(left_out) if columns[n].head),
    )


def _total(widths: Sequence[int]) -> int:
    """The table's width."""
    return sum(widths) + GAP * (len(widths) - 1)


def _comfortable(
    columns: Sequence[Column], rows: Sequence[Sequence[str]], shown: Sequence[int]
) -> list[int]:
    """The widths at which nothing is clipped; what wraps may wrap."""
    full = _widths(columns, rows, shown, None)
    return [
        min(needed, _NARROWEST_WRAP) if columns[n].wraps else needed
        for n, needed in zip(shown, full, strict=True)
    ]


def _widths(
    columns: Sequence[Column],
    rows: Sequence[Sequence[str]],
    shown: Sequence[int],
    width: int | None,
) -> list[int]:
    """The columns' widths: what they need, the longest made shorter until the table fits or nothing
    can give way any more."""
    widths = [max(cells(columns[n].head), *(cells(row[n]) for row in rows), 0) for n in shown]
    if width is None:
        return widths
    least = [
        min(needed, _least(columns[n], [row[n] for row in rows]))
        for n, needed in zip(shown, widths, strict=True)
    ]
    while (over := _total(widths) - width) > 0:
        giving = [n for n in range(len(widths)) if widths[n] > least[n]]
        if not giving:
            break
        most = max(widths[n] for n in giving)
        widest = [n for n in giving if widths[n] == most]
        next_widest = max((widths[n] for n in giving if widths[n] < most), default=0)
        for n in widest:
            widths[n] = max(least[n], next_widest, most - -(-over // len(widest)))
    return widths


def _least(column: Column, texts: Sequence[str]) -> int:
    """The fewest cells a column can do with: its longest word of the heading, and its texts as far
    as they may be clipped or wrapped."""
    words = [chunk.strip() for chunk in _chunks(column.head)]
    heading = max((cells(word) for word in words), default=0)
    if any(cells(word) > len(word) for word in words):
        heading = min(cells(column.head), _NARROWEST_HEADING)
    longest = max((cells(text) for text in texts), default=0)
    body = _NARROWEST_WRAP if column.wraps else column.least or longest
    return max(heading, min(body, longest))


def _row(
    row: Sequence[str], columns: Sequence[Column], shown: Sequence[int], widths: Sequence[int]
) -> list[str]:
    """One row: a line, or several where a text wraps."""
    return _lines(
        [
            wrapped(row[n], width)
            if columns[n].wraps and cells(row[n]) > width
            else [clipped(row[n], width)]
            for n, width in zip(shown, widths, strict=True)
        ],
        columns,
        shown,
        widths,
    )


def _lines(
    pieces: Sequence[Sequence[str]],
    columns: Sequence[Column],
    shown: Sequence[int],
    widths: Sequence[int],
) -> list[str]:
    """Cells of several lines each, side by side."""
    height = max((len(p) for p in pieces), default=1)
    return [
        _line([p[at] if at < len(p) else "" for p in pieces], columns, shown, widths)
        for at in range(height)
    ]


def _line(
    texts: Sequence[str], columns: Sequence[Column], shown: Sequence[int], widths: Sequence[int]
) -> str:
    """Joins one line of padded cells."""
    padded = [
        pad(text, width, columns[n].right)
        for text, n, width in zip(texts, shown, widths, strict=True)
    ]
    return (" " * GAP).join(padded).rstrip()
