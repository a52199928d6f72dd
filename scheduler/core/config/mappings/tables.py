"""The shape of a mapping file (docs/importing.md): pydantic models of its tables, read and reported
like those of `config.toml`.

Always holds: unknown keys are refused; a value is either read exactly or not at all. Whether the
tables fit together, and fit a file and a policy, is checked when files are read.
"""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, create_model

from scheduler.core.config.fields import refused, shown, understood
from scheduler.core.config.mistakes import one_of
from scheduler.core.config.tables.shape import Shape, Table
from scheduler.core.config.tables.stage_lines import StageLine, stage_line
from scheduler.core.imports.fields import DATED_FIELDS, FIELDS
from scheduler.core.imports.typed import MOST_MONTHS, UNITS
from scheduler.core.imports.written_days import DateOrder
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label

DUPLICATES = ("refuse", "first", "last", "suffix")
NO_END = ("evergreen", "term")
MOST_SKIPPED = 1000
SERIAL = "excel"
"""What `[dates]` says of a column that holds Excel's serial numbers."""
_ORDERS = {"DMY": DateOrder.DMY, "MDY": DateOrder.MDY, "YMD": DateOrder.YMD}
_MARKS = (".", ",")
_ONE_VALUE = Label("one value")


def date_order(text: str) -> DateOrder | None:
    """`DD/MM/YYYY` and the like as a date order (only the order of the letters counts); None for
    `excel`. Raises ValueError for anything else."""
    letters = "".join(dict.fromkeys(c for c in text.upper() if c in "YMD"))
    if text == SERIAL:
        return None
    if letters not in _ORDERS:
        raise ValueError(text)
    return _ORDERS[letters]


def _closed(words: Sequence[str]) -> BeforeValidator:
    """One of a few words."""

    def check(value: Any) -> Any:
        if value not in words:
            raise refused(one_of(value, list(words)))
        return value

    return BeforeValidator(check)


def _delimiter(text: str) -> None:
    """Accepts a character that can separate cells. Raises ValueError for anything else."""
    if len(text) != 1 or text.isalnum() or text in '"\r\n':
        raise ValueError(text)


def _mark(text: str) -> None:
    """Accepts a decimal mark. Raises ValueError for anything else."""
    if text not in _MARKS:
        raise ValueError(text)


def _constant(value: Any) -> str:
    """A constant as a cell would hold it."""
    if not isinstance(value, str | int | float | date | datetime | time):
        raise refused(
            Label("{value} is not possible; write {what}", value=shown(value), what=_ONE_VALUE)
        )
    return ("true" if value else "false") if isinstance(value, bool) else str(value)


Order = Annotated[
    str,
    understood(date_order, Label("is not a date order"), Label('write e.g. "DD/MM/YYYY"')),
]
"""The order of the numbers of a date."""
Constant = Annotated[str, BeforeValidator(_constant)]
"""A value that is the same in every row."""
Delimiter = Annotated[
    str,
    understood(
        _delimiter, Label("cannot separate cells"), Label('write one character, e.g. "," or "\\t"')
    ),
]
"""A character that separates cells."""
_Length = Annotated[
    str,
    understood(Term.parse, Label("is not a length of time"), Label('write e.g. "12 months"')),
]


class AmountTable(Table):
    """How amounts are written. `multiply`: the factor (1000 for 千円)."""

    decimal: (
        Annotated[str, understood(_mark, Label("is not a decimal mark"), Label('write "." or ","'))]
        | None
    ) = None
    multiply: Annotated[int, Field(ge=1)] | None = None


class BooleansTable(Table):
    """Words for yes and no."""

    true: list[str] = Field(default_factory=list)
    false: list[str] = Field(default_factory=list)


def table_of(name: str, kind: Any, fields: Sequence[str], **others: Any) -> type[Table]:
    """A table with a setting of one kind for each of some fields, and `others`."""
    known: dict[str, Any] = dict.fromkeys(fields, (kind | None, None)) | others
    return create_model(name, __base__=Table, **known)


ColumnsTable = table_of("ColumnsTable", str, FIELDS)
ConstantsTable = table_of("ConstantsTable", Constant, FIELDS)
DatesTable = table_of("DatesTable", Order, ("format", *DATED_FIELDS), exclusive=(bool, False))
UnitsTable = table_of("UnitsTable", Annotated[str, _closed(UNITS)], tuple(MOST_MONTHS))


def given(table: Table) -> dict[str, Any]:
    """The settings that a table gives, without those left out."""
    return table.model_dump(exclude_unset=True)


class FileTable(Table):
    """How a file is written, as every mapping says it."""

    profile: str = ""
    source: str = ""
    encoding: str | None = None
    delimiter: Delimiter | None = None
    sheet: str | None = None
    skip: Annotated[int, Field(ge=0, le=MOST_SKIPPED)] | None = None

    def how_written(self) -> dict[str, Any]:
        """These settings by name."""
        return {name: getattr(self, name) for name in FileTable.model_fields}


class MappingTable(FileTable):
    """A mapping file. Empty parts are left to the profile. `key`: the columns that identify a
    contract; `no_end`: what an empty end means; `exclusive`: ends are written as the first day
    after; `units`: what plain numbers count in a column of lengths of time.
    """

    key: list[str] = Field(default_factory=list)
    keep: list[str] = Field(default_factory=list)
    duplicates: Annotated[str, _closed(DUPLICATES)] = "refuse"
    no_end: Annotated[str, _closed(NO_END)] = ""
    columns: ColumnsTable = ColumnsTable()  # type: ignore[valid-type]
    constants: ConstantsTable = ConstantsTable()  # type: ignore[valid-type]
    dates: DatesTable = DatesTable()  # type: ignore[valid-type]
    amount: AmountTable = AmountTable()
    booleans: BooleansTable = BooleansTable()
    terms: dict[str, _Length] = Field(default_factory=dict)
    units: UnitsTable = UnitsTable()  # type: ignore[valid-type]
    stages: dict[str, Annotated[StageLine, BeforeValidator(stage_line)]] = Field(
        default_factory=dict
    )


MAPPING = Shape(
    MappingTable,
    {
        (): MappingTable,
        ("columns",): ColumnsTable,
        ("constants",): ConstantsTable,
        ("dates",): DatesTable,
        ("amount",): AmountTable,
        ("booleans",): BooleansTable,
        ("units",): UnitsTable,
        ("stages", "*"): StageLine,
    },
    {
        name: f"[{name}]"
        for name in ("columns", "constants", "dates", "amount", "booleans", "terms", "units")
    }
    | {"stages": "[stages]"},
)
"""A mapping file."""
