"""One row of a file as a `ContractRecord`, or as a `Reject` that names the column, the value and
the reason.

Always holds: a row comes in whole or not at all; the first thing wrong with it is what is reported.
This is the inner loop of an import.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from hashlib import blake2b
from typing import Any

from scheduler.core.config.fields import shown
from scheduler.core.imports.fields import DATE_FIELDS, DATED_FIELDS, MONEY_FIELDS
from scheduler.core.imports.header_units import agrees, header_currency
from scheduler.core.imports.names import plain
from scheduler.core.imports.placement import Placement
from scheduler.core.imports.records import ContractRecord, customer_key, kept_name
from scheduler.core.imports.terms import Terms, completed, estimated
from scheduler.core.imports.texts import FieldError, ImportRefusedError, LeftOut, Reject
from scheduler.core.imports.typed import NotReadError, day
from scheduler.core.imports.written_amounts import DecimalMark
from scheduler.core.imports.written_days import readings
from scheduler.core.imports.written_periods import Period
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.problems import Problem
from scheduler.sources.cells.amount_column import read_amount
from scheduler.sources.cells.cell_readers import (
    NOTHING,
    DaysOf,
    findable,
    one_line,
    read_id,
)
from scheduler.sources.cells.periods import spread
from scheduler.sources.field_readers import Read, field_readers
from scheduler.sources.kinds.profiles import Profile
from scheduler.sources.mappings.contracts import FileMapping
from scheduler.sources.mappings.layout import Layout
from scheduler.sources.stages import Places
from scheduler.sources.totals import REMARK, TOTAL_BEGINS, is_total

_Read = tuple[int, str, Read]
_DATED = frozenset("starts_on ends_on term notice decide_by auto_renew evergreen".split())
_DAYS = ("starts_on", "ends_on")
_REMEMBERED = 20_000


@dataclass(frozen=True, slots=True)
class ColumnReadings:
    """What was settled for whole columns: how each writes its dates, what begins the decimals of
    the amounts, and whether terms are written as `periods`."""

    days: Mapping[str, DaysOf]
    mark: DecimalMark | None
    periods: bool = False


def row_key(places: Sequence[int], cells: Sequence[str]) -> str:
    """What a row's contract is found again by; empty where its cells are, or hold no id."""
    try:
        key = _key(places, cells)
    except FieldError:
        return ""
    return key if key.strip("/") else ""


def _key(places: Sequence[int], cells: Sequence[str]) -> str:
    """The key of a row. Beside others a column may say that it has nothing (-); alone that is no
    key. Raises FieldError."""
    if len(places) == 1:
        return read_id(cells[places[0]], "contract")
    ids = [read_id(cells[k], "contract") or cells[k].strip().casefold() for k in places]
    return findable("/".join(ids), "contract")


@dataclass(frozen=True, slots=True)
class RowReader:
    """Everything decided about a file before its first row: `plan` is (place of the column, field,
    how to read it). `dated` are the columns that say when a contract runs, read once for all rows
    in which they say the same (`terms`); none where the rest of the row counts too."""

    plan: tuple[_Read, ...]
    dated: tuple[_Read, ...]
    constants: Mapping[str, Any]
    places: Places
    layout: Layout
    profile: Profile
    mapping: FileMapping
    mark: DecimalMark | None
    currency: str
    fingerprint: bytes
    present: frozenset[str]
    heading: str = ""
    terms: dict[tuple[str, ...], Terms] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls,
        profile: Profile,
        mapping: FileMapping,
        layout: Layout,
        read: ColumnReadings,
        places: Places,
        *,
        currency: str,
    ) -> "RowReader":
        """A reader for one file. Raises ImportRefusedError for constants that cannot be read."""
        readers = field_readers(mapping, read.days, profile, layout.units)
        plan = tuple(
            (place, name, readers[name])
            for name, place in layout.columns.items()
            if name not in (*MONEY_FIELDS, "contract")
        )
        dated = () if profile.estimates else tuple(column for column in plan if column[1] in _DATED)
        constants, wrong = _constants(mapping, readers, places, read.mark, currency)
        if wrong:
            raise ImportRefusedError(*wrong)
        present = {"contract", "customer", *layout.columns, *mapping.constants}
        if read.periods or isinstance(constants.get("term"), Period):
            present |= {"starts_on", "ends_on"}
        shape = _shape(profile, mapping, layout, read, currency)
        rest = tuple(column for column in plan if column not in dated)
        return cls(
            rest,
            dated,
            constants,
            places,
            layout,
            profile,
            mapping,
            read.mark,
            currency,
            shape,
            frozenset(present),
            row_key(layout.key, layout.header),
        )

    @property
    def placed(self) -> bool:
        """Whether anything says where rows land."""
        return not {"stage", "pipeline"}.isdisjoint(self.present)

    def place(self, cells: Sequence[str]) -> Placement | None:
        """Where the row's stage lands; None without one. Raises FieldError for a pipeline that
        there is not."""
        if not self.placed:
            return None
        stage, pipeline = self._said("stage", cells), self._said("pipeline", cells)
        return self.places.of(stage, pipeline) if stage or pipeline else None

    def _said(self, field: str, cells: Sequence[str]) -> str:
        """What a row says of a field, as written."""
        column = self.layout.columns.get(field)
        return (
            cells[column].strip() if column is not None else self.mapping.constants.get(field, "")
        )

    def key(self, cells: Sequence[str]) -> str:
        """What the row's contract is found again by."""
        return row_key(self.layout.key, cells)

    def read(
        self, line: int, cells: Sequence[str], place: Placement | None
    ) -> ContractRecord | Reject | LeftOut:
        """The record, or what is wrong with the row; a row of sums, of blanks, or the header once
        more is left out."""
        values = dict(self.constants)
        column, name, text = 0, "", ""
        try:
            for column, name, read in self.plan:
                text = cells[column].strip()
                if text and text not in NOTHING:
                    values[name] = read(text)
            said = tuple([cells[column] for column, _, _ in self.dated])
            if self.dated and said in self.terms:
                return self._record(line, cells, values, place, self.terms[said])
            for column, name, read in self.dated:
                text = cells[column].strip()
                if text and text not in NOTHING:
                    values[name] = read(text)
            return self._record(line, cells, values, place, None, said)
        except FieldError as error:
            if self._is_no_contract(cells) or self._repeats_header(cells):
                return LeftOut(line)
            if not error.field:
                return Reject(
                    line, self.layout.header[column], text, error.problem, self.key(cells)
                )
            return self.reject(line, cells, error)

    def _is_no_contract(self, cells: Sequence[str]) -> bool:
        """Whether a row is blank, or says that it is a sum: in its first cell that is filled, or as
        its customer."""
        customer = self.layout.columns.get("customer")
        first = next((cell for cell in cells if cell.strip()), "")
        return not first or is_total(first) or (customer is not None and is_total(cells[customer]))

    def _check_remark(self, cells: Sequence[str]) -> None:
        """Raises FieldError for a row without any date that is a sum or reads like a note under the
        list."""
        said = [cell.strip() for cell in cells if cell.strip()]
        if self._is_no_contract(cells):
            raise FieldError("required", "contract")
        if (len(said) == 1 and len(cells) > 2) or any(map(REMARK.fullmatch, said[:2])):
            raise FieldError("no_contract", "customer")

    def _repeats_header(self, cells: Sequence[str]) -> bool:
        """Whether a row is the header once more, as printed lists have it on every page."""
        return [plain(cell) for cell in cells] == [plain(name) for name in self.layout.header]

    def reject(self, line: int, cells: Sequence[str], error: FieldError) -> Reject:
        """A row that does not come in, by the field that is wrong with it; a day without a column
        of its own stands in the period."""
        in_period = error.field in _DAYS and error.field not in self.layout.columns
        field = "term" if in_period and "term" in self.layout.columns else error.field
        at = self.layout.columns.get(field)
        return Reject(
            line,
            self.layout.name(field),
            "" if at is None else cells[at],
            error.problem,
            self.key(cells),
        )

    def _record(
        self,
        line: int,
        cells: Sequence[str],
        values: dict[str, Any],
        place: Placement | None,
        terms: Terms | None,
        said: tuple[str, ...] = (),
    ) -> ContractRecord:
        """Puts the fields together and computes what they leave open: the terms too, unless they
        are known; then they are remembered as what was `said`. Raises FieldError."""
        customer = self._customer(values)
        source_id = self._source_id(cells)
        amount, currency = self._money(cells, values.pop("currency", ""))
        if terms is None:
            terms, is_estimate = self._terms(values, place)
            if self.dated:
                self._remember(said, terms)
        else:
            is_estimate = bool(values.pop("estimated", False)) and terms.ends_on is not None
            for name in _DATED.intersection(values):
                del values[name]
        values.pop("pipeline", None)
        if terms.ends_on is None and terms.starts_on is None and terms.decide_by is None:
            self._check_remark(cells)
        return ContractRecord(
            line,
            source_id,
            self._number(cells),
            customer,
            values.pop("customer_id", "") or findable(customer_key(customer), "customer"),
            blake2b("\x1f".join(cells).encode(), digest_size=12, key=self.fingerprint).hexdigest(),
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            term=terms.term,
            notice=terms.notice,
            decide_by=terms.decide_by,
            auto_renew=terms.auto_renew,
            evergreen=terms.evergreen,
            amount=amount,
            signed_amount=self._signed(cells, currency),
            estimated=is_estimate,
            currency=currency,
            place=place,
            attributes=tuple(
                [(kept_name(self.layout.header[k]), cells[k].strip()) for k in self.layout.keep]
            ),
            **values,
        )

    def _customer(self, values: dict[str, Any]) -> str:
        """Takes the customer's name out of the values; a deal of a profile that estimates goes by
        its title where it names none. Raises FieldError where there is neither."""
        found: str = values.pop("customer", "")
        if not found and self.profile.estimates:
            found = values.get("title", "")
        if not found:
            raise FieldError("required", "customer")
        return findable(found, "customer")

    def _source_id(self, cells: Sequence[str]) -> str:
        """What the row's contract is found again by. Raises FieldError where nothing is given, for
        a sum, and for the header once more."""
        found = _key(self.layout.key, cells)
        if (
            not found.strip("/")
            or (found.startswith(TOTAL_BEGINS) and is_total(found))
            or (found == self.heading and self._repeats_header(cells))
        ):
            raise FieldError("required", "contract")
        return found

    def _number(self, cells: Sequence[str]) -> str:
        """The contract's number as people read it; the cells of the key where there is none."""
        place = self.layout.columns.get("contract")
        number = one_line(cells[place]) if place is not None else ""
        number = number or "/".join([cells[k].strip() for k in self.layout.key])
        return findable(number, "contract")

    def _terms(self, values: dict[str, Any], place: Placement | None) -> tuple[Terms, bool]:
        """Takes the dates and lengths out of the values; a missing end as the mapping file or the
        profile wants it, and whether it is an estimate: the row says so, or had none. Raises
        FieldError."""
        spread(values)
        take = values.pop
        starts_on, ends_on, term, evergreen = (
            take("starts_on", None),
            take("ends_on", None),
            take("term", None),
            take("evergreen", False),
        )
        guessed = bool(take("estimated", False))
        if ends_on is None and self.mapping.no_end == "evergreen":
            evergreen = True
        given = Terms(
            starts_on,
            ends_on,
            term,
            take("notice", None),
            take("decide_by", None),
            take("auto_renew", False),
            evergreen,
        )
        if not self.profile.estimates or ends_on is not None:
            terms = completed(given)
            return terms, guessed and terms.ends_on is not None
        return estimated(given, values.get("closed_on"), place)

    def _remember(self, said: tuple[str, ...], terms: Terms) -> None:
        """Keeps the terms that the cells `said` mean."""
        if len(self.terms) >= _REMEMBERED:
            self.terms.clear()
        self.terms[said] = terms

    def _money(self, cells: Sequence[str], currency: str) -> tuple[int | None, str]:
        """The amount in minor units, None where the row gives none, and the currency: the row's,
        what the amount says itself, or the policy's."""
        text = self._said("amount", cells)
        if not text:
            return None, currency or self.currency
        currency = self._agreed("amount", currency)
        return read_amount(text, currency, self.mark, self.layout.multiple, self.currency)

    def _agreed(self, field: str, currency: str) -> str:
        """A row's currency; where its cell is empty, the one that the name of the amounts' column
        says. Raises FieldError where the two are not the same."""
        if "currency" not in self.layout.columns:
            return currency
        column = self.layout.name(field)
        if currency and not agrees(column, currency):
            said = header_currency(column, currency)
            raise FieldError("money_currency", field, symbol=said, currency=currency)
        return currency or header_currency(column, self.currency)

    def _signed(self, cells: Sequence[str], currency: str) -> int | None:
        """What a renewal was signed for, in minor units of the row's currency; None where the row
        does not say. Raises FieldError, also where its sign is that of another currency."""
        text = self._said("signed_amount", cells)
        if not text:
            return None
        times = self.layout.signed_multiple
        currency = self._agreed("signed_amount", currency)
        try:
            return read_amount(text, currency, self.mark, times, self.currency)[0]
        except FieldError as error:
            problem = error.problem
            raise FieldError(problem.code, "signed_amount", **dict(problem.facts)) from None


def wrong_constants(
    profile: Profile, mapping: FileMapping, places: Places, currency: str
) -> list[Problem]:
    """The constants that cannot be read, whatever the file holds."""
    orders = {f: mapping.order(f) for f in DATED_FIELDS}
    days = {f: DaysOf(order, f in mapping.serials) for f, order in orders.items()}
    readers = field_readers(mapping, days, profile, mapping.units)
    return _constants(mapping, readers, places, mapping.mark, currency)[1]


def _constants(
    mapping: FileMapping,
    readers: Mapping[str, Read],
    places: Places,
    mark: DecimalMark | None,
    currency: str,
) -> tuple[dict[str, Any], list[Problem]]:
    """The constants, read, and all that cannot be."""
    constants: dict[str, Any] = {}
    problems: list[Problem] = []

    def refuse(name: str, wrong: Label) -> None:
        problems.append(mapping.problem(("constants", name), wrong))

    for name, value in mapping.constants.items():
        try:
            if name in MONEY_FIELDS:
                written = mapping.constants.get("currency", "")
                read_amount(value, written, mark, mapping.multiple or 1, currency)
            elif name not in ("stage", "pipeline"):
                constants[name] = readers[name](value)
                if name in DATE_FIELDS and not mapping.order(name) and len(readings(value)) > 1:
                    day(value)
        except NotReadError as error:
            refuse(name, error.label)
        except FieldError as error:
            refuse(name, _about(value, error))
    stage, pipeline = mapping.constants.get("stage", ""), mapping.constants.get("pipeline", "")
    try:
        missing = bool(stage or pipeline) and places.of(stage, pipeline) is None
    except FieldError as error:
        refuse(error.field, _about(mapping.constants[error.field], error))
    else:
        if missing and stage:
            refuse(
                "stage",
                Label("there is no stage {stage}; give it a place under [stages]", stage=stage),
            )
        elif stage:
            constants["stage"] = stage
    return constants, problems


def _about(value: str, error: FieldError) -> Label:
    """What is wrong with a value that stands in the mapping file."""
    said = Label.verbatim(ByLanguage(error.problem.shown))
    return Label("{value}: {wrong}", value=shown(value), wrong=said)


def _shape(
    profile: Profile, mapping: FileMapping, layout: Layout, read: ColumnReadings, currency: str
) -> bytes:
    """A digest of how rows are read: a row is known again only if it would be read the same way."""
    told = {
        f.name: getattr(mapping, f.name)
        for f in fields(mapping)
        if f.name not in ("file", "lines", "units")
    } | {"multiple": layout.multiple}
    told |= {"units": dict(layout.units)} if layout.units else {}
    stable = {
        name: sorted(value) if isinstance(value, frozenset) else value
        for name, value in told.items()
    }
    shape = (
        profile.id,
        stable,
        dict(layout.columns),
        layout.key,
        layout.keep,
        sorted((name, repr(how)) for name, how in read.days.items()),
        read.mark,
        currency,
    )
    told_as_ever = repr(shape).replace("<DecimalMark.", "<Mark.")  # as known rows were told
    return blake2b(told_as_ever.encode(), digest_size=16).digest()
