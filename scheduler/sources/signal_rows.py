"""One row of a file of signals: whom it is about, when, and what was measured.

A million rows pass through here, so what many rows have in common (a subject, an instant, a name)
is read once, and the usual spelling of a number by the quickest way.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import itemgetter
from zoneinfo import ZoneInfo

from scheduler.core.config.mappings.signals import SIGNAL_FIELDS
from scheduler.core.health.measured import KNOWN, LONGEST_NAME, Measured, signal_name
from scheduler.core.imports.names import plain
from scheduler.core.imports.records import customer_key
from scheduler.core.imports.signals import SignalBatch, SignalLine
from scheduler.core.imports.texts import FieldError, RecordProblem, Reject
from scheduler.core.imports.written_amounts import DecimalMark
from scheduler.core.words.lexicon import SignalSubject
from scheduler.sources.cells.cell_readers import DaysOf, findable, is_empty, read_id
from scheduler.sources.cells.date_order import DateColumn
from scheduler.sources.cells.instants import instant_reader
from scheduler.sources.cells.number_column import NumberColumn, number_reader
from scheduler.sources.kinds.signals import SUBJECTS
from scheduler.sources.mappings.layout import Layout
from scheduler.sources.totals import is_total

_REMEMBERED = 50_000
_CUSTOMER = frozenset(map(plain, ("customer", "account", "company", "顧客", "取引先", "会社")))
_ALIASES = {
    plain(called): m.name for m in KNOWN.values() for called in (m.name, *m.called.split("|"))
}
_NO_NUMBERS = frozenset(("nan", "+nan", "-nan"))
_WHOLE = re.compile(r"[0-9]{1,12}").fullmatch
_Whom = tuple[str, str, str]


def subject_of(kind: SignalSubject, written: str) -> _Whom:
    """Whom a text means: (kind, what it is compared by, as written). Raises FieldError."""
    text = " ".join(written.split())
    if is_total(text):
        raise FieldError("total")
    key = read_id(text) if kind is SignalSubject.CONTRACT else customer_key(text)
    if not key or is_empty(text):
        raise FieldError("no_subject")
    return kind.value, findable(key), text


def name_of(written: str) -> str:
    """What a measure is called here. Raises FieldError.

    >>> name_of("ログイン数"), name_of("Weekly logins"), name_of("Speed index")
    ('logins', 'logins', 'speed_index')
    """
    name = _ALIASES.get(plain(written)) or signal_name(written)
    if not name or len(name) > LONGEST_NAME:
        raise FieldError("signal_name", "name", most=LONGEST_NAME)
    return name


def typed_signal(pair: str) -> tuple[str, float]:
    """NAME=VALUE as somebody typed it. Raises FieldError.

    >>> typed_signal("logins=42"), typed_signal("champion left=yes")
    (('logins', 42.0), ('champion_left', 1.0))
    """
    written, _, value = pair.partition("=")
    name, column = name_of(written), NumberColumn(written)
    column.read(value.strip())
    mark = column.mark("")
    if isinstance(mark, RecordProblem):
        raise FieldError("money_separators", "value")
    number = number_reader(mark)(value.strip())
    refuse_impossible(name, number)
    return name, number


def typed_at(text: str, zone: ZoneInfo, now: datetime) -> datetime:
    """When something was measured, as somebody typed it. Raises FieldError, also where it can be
    read in two ways."""
    column = DateColumn("", "at")
    column.read(text.strip())
    order = column.order("")
    if isinstance(order, RecordProblem):
        raise FieldError("date", "at")
    return instant_reader(DaysOf(order), zone, now, utc=False)(text)


def refuse_impossible(name: str, value: float) -> None:
    """Raises FieldError for a value that a measure cannot have."""
    known = KNOWN.get(name)
    if known is None or known.least <= value <= known.most:
        return
    if value < 0 and known.least == 0:
        raise FieldError("number_negative", name, name=name)
    raise FieldError(
        "number_range", name, name=name, least=f"{known.least:g}", most=f"{known.most:g}"
    )


def _nobody(_cells: Sequence[str]) -> Hashable:
    """What rows say of whom they are about where no column does."""
    return ""


class SignalReader:
    """Everything decided about a file before its first row. `constants` are what all rows say;
    `instants` read `at` and `received`, `numbers` the columns of values by their places."""

    def __init__(
        self,
        layout: Layout,
        constants: Mapping[str, str],
        instants: Mapping[str, Callable[[str], datetime]],
        numbers: Mapping[int, Callable[[str], float]],
        source: str,
    ) -> None:
        self._layout, self._constants, self._source = (
            layout,
            constants,
            constants.get("source") or source,
        )
        self._places = layout.columns
        self._subjects = [f for f in SUBJECTS if f in self._places or f in constants]
        self._at, self._received = instants["at"], instants["received"]
        self._value_at, self._name_at, self._at_place, self._source_place = (
            self._places.get(field, -1) for field in ("value", "name", "at", "source")
        )
        self._says_received = "received" in self._places or "received" in constants
        self._numbers = {-1: number_reader(DecimalMark.POINT), **numbers}
        self._wide = [(n, place) for n, place in self._places.items() if n not in SIGNAL_FIELDS]
        self._long = not self._wide and self._name_at >= 0 and self._value_at >= 0
        about = [p for f in (*self._subjects, "kind") if (p := self._places.get(f)) is not None]
        self._about: Callable[[Sequence[str]], Hashable] = itemgetter(*about) if about else _nobody
        self._whom: dict[Hashable, _Whom] = {}
        self._names: dict[str, tuple[str, Measured | None]] = {}

    def read(self, line: int, cells: Sequence[str], batch: SignalBatch) -> None:
        """Takes one row into a batch."""
        field = "subject"
        try:
            about = self._about(cells)
            kind, key, subject = self._whom.get(about) or self._remembered(about, cells)
            field = "at"
            at = self._at(cells[self._at_place] if self._at_place >= 0 else self._said("at", cells))
            field = "received"
            received = self._received_at(cells, at) if self._says_received else None
            field = "source"
            source = findable(self._said_source(cells) or self._source)
        except FieldError as error:
            batch.rejects.append(self._reject(line, cells, field, error))
            return
        for written, place, text in self._measured(cells):
            field = "name"
            try:
                name, known = self._names.get(written) or self._named(written)
                field = "value"
                value = float(text) if _WHOLE(text) else self._numbers[place](text)
                if known is not None and not known.least <= value <= known.most:
                    refuse_impossible(name, value)
            except FieldError as error:
                reject = self._reject(line, cells, field, error)
                if field == "value" and place >= 0:
                    reject = replace(reject, column=self._layout.header[place], value=text[:200])
                batch.rejects.append(reject)
            else:
                said = SignalLine(line, kind, key, subject, name, value, at, source, received)
                batch.lines.append(said)

    def _measured(self, cells: Sequence[str]) -> Sequence[tuple[str, int, str]]:
        """What a row measures: (name, place of the value's column, the value as written). Of many
        columns those that say nothing are left out."""
        if self._long:
            return ((cells[self._name_at], self._value_at, cells[self._value_at].strip()),)
        if not self._wide:
            return ((self._said("name", cells), self._value_at, self._said("value", cells)),)
        found = []
        for name, place in self._wide:
            text = cells[place].strip()
            if text and (not is_empty(text) or text.lower() in _NO_NUMBERS):
                found.append((name, place, text))
        return found

    def _said(self, field: str, cells: Sequence[str]) -> str:
        """What a row says of a field."""
        place = self._places.get(field)
        return self._constants.get(field, "") if place is None else cells[place].strip()

    def _said_source(self, cells: Sequence[str]) -> str:
        """Where a row comes from, as its column says."""
        return cells[self._source_place] if self._source_place >= 0 else ""

    def _remembered(self, about: Hashable, cells: Sequence[str]) -> _Whom:
        """A subject that was not seen lately, by the cells that say it. Raises FieldError."""
        if len(self._whom) >= _REMEMBERED:
            self._whom.clear()
        found = self._whom[about] = self._whom_of(cells)
        return found

    def _whom_of(self, cells: Sequence[str]) -> _Whom:
        """Whom a row is about: its subject, else contract, else customer. Raises FieldError."""
        for field in self._subjects:
            if text := self._said(field, cells):
                kind = self._said("kind", cells) if field == "subject" else field
                by_customer = plain(kind) in _CUSTOMER
                means = SignalSubject.CUSTOMER if by_customer else SignalSubject.CONTRACT
                return subject_of(means, text)
        raise FieldError("no_subject")

    def _named(self, written: str) -> tuple[str, Measured | None]:
        """The name of a measure that was not seen lately, and what is known of it. Raises
        FieldError."""
        if len(self._names) >= _REMEMBERED:
            self._names.clear()
        name = name_of(written)
        found = self._names[written] = name, KNOWN.get(name)
        return found

    def _received_at(self, cells: Sequence[str], at: datetime) -> datetime | None:
        """When it became known, where the file says so. Raises FieldError."""
        text = self._said("received", cells)
        received_at = self._received(text) if text else None
        if received_at is not None and received_at < at:
            raise FieldError("received_first", "received")
        return received_at

    def _reject(self, line: int, cells: Sequence[str], field: str, error: FieldError) -> Reject:
        """What could not be read of a row, and where."""
        if field == "subject":
            field = next((f for f in self._subjects if f in self._places), field)
        return Reject(line, self._layout.name(field), self._said(field, cells)[:200], error.problem)
