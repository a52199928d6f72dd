"""A column that is empty in a whole file although contracts had values in it: far more often an
accident of formatting or filtering than meant.

Always holds: an emptied cell erases its value; a whole emptied column is refused with the number of
values it would erase, unless `--erase` says so. Where something takes the value's place because
nobody says anything (no automatic renewal, a notice of no days, the base currency, the computed
deadline), the value is erased too. An emptied `estimated` is how ends are confirmed, and erases
nothing.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from scheduler.core.imports.texts import FIELD_LABELS, ImportRefusedError, RecordProblem
from scheduler.core.time.dates import Term
from scheduler.core.words.labels import Label
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.store import CustomerNews, RowChange

_COLUMNS = {"owner_id": "owner", "sales_id": "sales", "manager_id": "manager"}
_MEANT = 1
"""How many values may be erased: a file of one row may erase a single one."""


_UNSAID = {"auto_renew": False, "evergreen": False, "notice": str(Term())}
"""What stands in these columns where neither a file nor a person says anything."""


def erased_by(changes: Iterable[RowChange], table: str = "contracts") -> Iterator[str]:
    """The fields whose values are erased by changes of a table where their column is empty, once
    for each value."""
    for change in changes:
        if change.table == table:
            yield from (
                _COLUMNS.get(name, name)
                for name, value in change.after.items()
                if not _is_empty(name, change.before.get(name))
                and (_is_empty(name, value) or _is_replaced(name, change.after))
            )


def erased_of_customers(news: Iterable[CustomerNews]) -> Iterator[str]:
    """The fields of customers that are erased, once for each customer."""
    yield from (said.field for said in news if said.before and not said.after)


def _is_empty(name: str, value: object) -> bool:
    """Whether a column holds nothing; zero is a value, and so is false where nobody need say it."""
    return value is None or value == "" or value == _UNSAID.get(name, "")


def _is_replaced(name: str, after: Mapping[str, Any]) -> bool:
    """Whether what a row no longer says is taken from elsewhere: the base currency for its own, a
    deadline from the end and the notice though neither has changed."""
    return name == "currency" or (name == "decide_by" and not {"ends_on", "notice"} & set(after))


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
