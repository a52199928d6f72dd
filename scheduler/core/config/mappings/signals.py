"""The shape of a mapping file for signals (docs/signals.md): the tables of a mapping file as far as
signals have them, and `[signals]`, which names the columns that are a measure each."""

from pydantic import Field

from scheduler.core.config.mappings.tables import (
    AmountTable,
    Constant,
    FileTable,
    Order,
    table_of,
)
from scheduler.core.config.tables.shape import Shape

SIGNAL_FIELDS = (
    "contract",
    "customer",
    "subject",
    "kind",
    "name",
    "value",
    "at",
    "source",
    "received",
)
"""What a row of a file of signals may say besides its measures."""
SignalColumnsTable = table_of("SignalColumnsTable", str, SIGNAL_FIELDS)
SignalConstantsTable = table_of("SignalConstantsTable", Constant, SIGNAL_FIELDS)
SignalDatesTable = table_of("SignalDatesTable", Order, ("format", "at", "received"))


class SignalMappingTable(FileTable):
    """A mapping file for signals. `signals`: the column of each measure, by its name here."""

    columns: SignalColumnsTable = SignalColumnsTable()  # type: ignore[valid-type]
    signals: dict[str, str] = Field(default_factory=dict)
    constants: SignalConstantsTable = SignalConstantsTable()  # type: ignore[valid-type]
    dates: SignalDatesTable = SignalDatesTable()  # type: ignore[valid-type]
    amount: AmountTable = AmountTable()


SIGNAL_MAPPING = Shape(
    SignalMappingTable,
    {
        (): SignalMappingTable,
        ("columns",): SignalColumnsTable,
        ("constants",): SignalConstantsTable,
        ("dates",): SignalDatesTable,
        ("amount",): AmountTable,
    },
    {name: f"[{name}]" for name in ("columns", "signals", "constants", "dates", "amount")},
)
"""A mapping file for signals."""
