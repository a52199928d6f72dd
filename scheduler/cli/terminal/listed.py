"""A listing declared once, by its columns: a table for people, and files for spreadsheets (`--csv`,
`--xlsx`).

Always holds: what a file has, a person can filter and add up: days are days, numbers are numbers,
the currency has a column of its own. A new listing needs its fields, and `Command(sheets=True)`;
its JSON is its rows (`say.as_json`).
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from zoneinfo import ZoneInfo

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.say import table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.core.words.errors import UserMustActError

if TYPE_CHECKING:
    from scheduler.cli.terminal.spreadsheets import Value

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Field(Generic[Row]):
    """One column. `shown` is what people read (None: not in the table), `value` what a spreadsheet
    gets (None: not in files), under the name `named` where it has another one there; how the table
    gives way is `Column`'s."""

    head: str
    shown: Callable[[Row], object] | None = None
    value: "Callable[[Row], Value] | None" = None
    named: str = ""
    right: bool = False
    least: int = 0
    spare: int = 0
    wraps: bool = False

    @classmethod
    def both(
        cls, head: str, of: "Callable[[Row], Value]", named: str = "", **layout: Any
    ) -> "Field[Row]":
        """A column that reads the same everywhere."""
        return cls(head, of, of, named, **layout)

    @property
    def column(self) -> Column:
        """The column that lays it out."""
        return Column(self.head, self.right, self.least, self.spare, self.wraps)


def show(fields: Sequence[Field[Row]], rows: Iterable[Row]) -> None:
    """The table."""
    shown = [(f.column, f.shown) for f in fields if f.shown is not None]
    table([column for column, _ in shown], [[cell(row) for _, cell in shown] for row in rows])


def wants_files(here: CommandContext) -> bool:
    """Whether files were asked for instead of something to read. Raises UserMustActError where both
    were."""
    wanted = [f"--{name}" for name in ("csv", "xlsx") if getattr(here, name)]
    if wanted and here.json:
        raise UserMustActError("give either --json or {wanted}, not both", wanted=wanted[0])
    return bool(wanted)


def write_files(
    here: CommandContext, title: str, fields: Sequence[Field[Row]], rows: Iterable[Row]
) -> None:
    """The files that were asked for, from one reading of the rows; each is named on standard error.
    Raises UserMustActError."""
    from scheduler.cli.terminal.spreadsheets import STANDARD_OUTPUT, csv_sheet, workbook_sheet

    kept = [(f.named or f.head, f.value) for f in fields if f.value is not None]
    heads, count = [head for head, _ in kept], 0
    there = [_is_there(where) for where in (here.csv, here.xlsx)]
    with ExitStack() as stack:
        sheets = [stack.enter_context(csv_sheet(here.csv, heads))] if here.csv else []
        sheets += (
            [stack.enter_context(workbook_sheet(here.xlsx, title, heads))] if here.xlsx else []
        )
        for row in rows:
            values = [value(row) for _, value in kept]
            for sheet in sheets:
                sheet.row(values)
            count += 1
    for where, before in zip((here.csv, here.xlsx), there, strict=True):
        if where and where != STANDARD_OUTPUT:
            _tell_written(where, count, replaced=before)


def _is_there(where: str | None) -> bool:
    """Whether the file already exists."""
    from pathlib import Path

    return bool(where) and Path(str(where)).exists()


def _tell_written(where: str, count: int, *, replaced: bool) -> None:
    """Says that a file was written."""
    before = text("; it replaced the one that was there") if replaced else ""
    tell(
        "wrote {count} row to {where}{before}",
        many="wrote {count} rows to {where}{before}",
        count=count,
        where=where,
        before=before,
    )


def clock(at: datetime | None, zone: ZoneInfo) -> datetime | None:
    """An instant as a spreadsheet keeps it: on the clock of a zone, without an offset, to the
    minute."""
    return None if at is None else at.astimezone(zone).replace(tzinfo=None, second=0, microsecond=0)


def yes_no(value: bool) -> str:
    """Yes or no in the reader's language, as an import reads it too."""
    return text("yes") if value else text("no")
