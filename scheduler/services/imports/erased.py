"""A column that is empty in a whole file although contracts had values in it: far more often an
accident of formatting or filtering than meant.

Always holds: an emptied cell erases its value; a whole emptied column is refused with the number of
values it would erase, unless `--erase` says so.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from scheduler.core.imports.texts import FIELD_LABELS, ImportRefusedError, RecordProblem
from scheduler.core.words.labels import Label
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.store import RowChange

_COLUMNS = {"owner_id": "owner", "sales_id": "sales", "manager_id": "manager"}
_MEANT = 1
"""How many values may be erased: a file of one row may erase a single one."""


def erased_by(changes: Iterable[RowChange], table: str = "contracts") -> Iterator[str]:
    """The fields whose values are erased by changes of a table, once for each value."""
    for change in changes:
        if change.table == table:
            yield from (
                _COLUMNS.get(name, name)
                for name, value in change.after.items()
                if _is_empty(value) and not _is_empty(change.before.get(name))
            )


def _is_empty(value: object) -> bool:
    """Whether a column holds nothing; false and zero are values."""
    return value is None or value == ""


def refuse_erased(
    report: ImportReport, erased: Mapping[str, int], empty: frozenset[str], *, erase: bool
) -> None:
    """Raises ImportRefusedError for columns that are empty in the whole file and would erase more
    than one value."""
    counted = Counter(
        {name: count for name, count in erased.items() if name in empty and count > _MEANT}
    )
    if counted and not erase:
        raise ImportRefusedError(
            *(_problem(report.file, name, count) for name, count in counted.items())
        )


def _problem(file: str, field: str, count: int) -> RecordProblem:
    """One emptied column."""
    label = FIELD_LABELS.get(field, Label.verbatim(field))
    return RecordProblem.of("erased_column", file=file, field=label, count=count)
