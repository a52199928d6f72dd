"""One row of a file as a `ContractRecord`, or as a `Reject` that names the column, the value and the reason.

Always holds: a row comes in whole or not at all; the first thing wrong with it is what is reported. This is the inner loop of an import.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from hashlib import blake2b
from typing import Any

from scheduler.core.import_terms import Terms, completed, estimated
from scheduler.core.import_texts import FieldError, Reject
from scheduler.core.importing import ContractRecord, Placement, customer_key
from scheduler.core.typed import FALSE, TRUE
from scheduler.core.written_days import DateOrder
from scheduler.sources.fields import date_reader, one_line, read_boolean, read_currency, read_health, read_money, read_term
from scheduler.sources.layout import Layout
from scheduler.sources.mapping import FileMapping
from scheduler.sources.profiles import DATE_FIELDS, Profile
from scheduler.sources.stages import find_place
from scheduler.sources.table import plain

Read = Callable[[str], Any]
_TEXTS = (
    "contract",
    "customer",
    "customer_id",
    "product",
    "title",
    "owner",
    "sales",
    "stage",
    "pipeline",
    "segment",
    "country",
    "url",
    "parent",
    "note",
)


@dataclass(frozen=True, slots=True)
class RowReader:
    """Everything decided about a file before its first row: `plan` is (place of the column, field, how to read it)."""

    plan: tuple[tuple[int, str, Read], ...]
    constants: Mapping[str, Any]
    places: Mapping[str, Placement]
    layout: Layout
    profile: Profile
    mapping: FileMapping
    currency: str
    fingerprint: bytes
    present: frozenset[str]

    @classmethod
    def of(
        cls,
        profile: Profile,
        mapping: FileMapping,
        layout: Layout,
        orders: Mapping[str, DateOrder | None],
        places: Mapping[str, Placement],
        *,
        currency: str,
    ) -> "RowReader":
        """A reader for one file. Raises FieldError for a constant that cannot be read."""
        readers = _readers(mapping, orders, profile.estimates)
        plan = tuple((place, name, readers[name]) for name, place in layout.columns.items() if name != "amount")
        constants = {name: readers[name](value) for name, value in mapping.constants.items() if name != "amount"}
        present = frozenset(layout.columns) | frozenset(mapping.constants) | {"contract", "customer"}
        shape = _shape(profile, mapping, layout, orders, currency)
        return cls(plan, constants, places, layout, profile, mapping, currency, shape, present)

    def place(self, cells: Sequence[str]) -> Placement | None:
        """Where the row's stage lands; None without one."""
        column, pipeline = self.layout.columns.get("stage"), self.layout.columns.get("pipeline")
        text = cells[column].strip() if column is not None else self.mapping.constants.get("stage", "")
        return find_place(self.places, text, "" if pipeline is None else cells[pipeline].strip()) if text else None

    def read(self, line: int, cells: Sequence[str], place: Placement | None) -> ContractRecord | Reject:
        """The record, or what is wrong with the row."""
        values = dict(self.constants)
        column, text = 0, ""
        try:
            for column, name, read in self.plan:
                text = cells[column].strip()
                if text:
                    values[name] = read(text)
        except FieldError as error:
            return Reject(line, self.layout.header[column], text, error.problem)
        try:
            return self._record(line, cells, values, place)
        except FieldError as error:
            at = self.layout.columns.get(error.field)
            return Reject(line, self.layout.name(error.field), "" if at is None else cells[at], error.problem)

    def _record(self, line: int, cells: Sequence[str], values: dict[str, Any], place: Placement | None) -> ContractRecord:
        """Puts the fields together and computes what they leave open. Raises FieldError."""
        customer = values.pop("customer", "") or (values.get("title", "") if self.profile.estimates else "")
        if not customer:
            raise FieldError("required", "customer")
        source_id = "/".join([cells[k].strip() for k in self.layout.key])
        if not source_id.strip("/"):
            raise FieldError("required", "contract")
        amount, currency = self._money(cells, values.pop("currency", ""))
        terms, is_estimate = self._terms(values, place)
        values.pop("pipeline", None)
        return ContractRecord(
            line,
            source_id,
            values.pop("contract", "") or source_id,
            customer,
            values.pop("customer_id", "") or customer_key(customer),
            blake2b("\x1f".join(cells).encode(), digest_size=12, key=self.fingerprint).hexdigest(),
            starts_on=terms.starts_on,
            ends_on=terms.ends_on,
            term=terms.term,
            notice=terms.notice,
            decide_by=terms.decide_by,
            auto_renew=terms.auto_renew,
            evergreen=terms.evergreen,
            amount=amount,
            estimated=is_estimate,
            currency=currency,
            place=place,
            attributes=tuple([(self.layout.header[k], cells[k].strip()) for k in self.layout.keep]),
            **values,
        )

    def _terms(self, values: dict[str, Any], place: Placement | None) -> tuple[Terms, bool]:
        """Takes the dates and lengths out of the values; a missing end as the mapping file or the profile wants it, and whether it is an estimate."""
        take = values.pop
        starts_on, ends_on, term, evergreen = take("starts_on", None), take("ends_on", None), take("term", None), take("evergreen", False)
        if ends_on is None and self.mapping.no_end == "evergreen":
            evergreen = True
        given = Terms(starts_on, ends_on, term, take("notice", None), take("decide_by", None), take("auto_renew", False), evergreen)
        if not self.profile.estimates or ends_on is not None:
            return completed(given), False
        return estimated(given, values.get("closed_on"), place)

    def _money(self, cells: Sequence[str], currency: str) -> tuple[int, str]:
        """The amount in minor units and the currency: the row's, what the amount says itself, or the policy's."""
        column = self.layout.columns.get("amount")
        text = cells[column].strip() if column is not None else self.mapping.constants.get("amount", "")
        if not text:
            return 0, currency or self.currency
        try:
            return read_money(text, currency, self.mapping.decimal, self.mapping.multiple, self.currency)
        except FieldError as error:
            error.field = "amount"
            raise


def _shape(profile: Profile, mapping: FileMapping, layout: Layout, orders: Mapping[str, DateOrder | None], currency: str) -> bytes:
    """A digest of how rows are read: a row is known again only if it would be read the same way."""
    told = {f.name: getattr(mapping, f.name) for f in fields(mapping) if f.name != "file"}
    stable = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in told.items()}
    shape = (profile.id, stable, dict(layout.columns), layout.key, layout.keep, sorted(orders.items()), currency)
    return blake2b(repr(shape).encode(), digest_size=16).digest()


def _readers(mapping: FileMapping, orders: Mapping[str, DateOrder | None], estimates: bool) -> Mapping[str, Read]:
    """How each field is read."""
    boolean = partial(read_boolean, true=mapping.true | (TRUE - mapping.false), false=mapping.false | (FALSE - mapping.true))
    words = {plain(word): length for word, length in mapping.terms.items()}

    def term(text: str) -> Any:
        return read_term(words.get(plain(text), text)) if words else read_term(text)

    readers: dict[str, Read] = dict.fromkeys(_TEXTS, one_line)
    readers |= {name: date_reader(orders.get(name)) for name in DATE_FIELDS}
    if estimates:
        readers |= dict.fromkeys(("customer", "customer_id"), _first_of_several)
    readers |= {"term": term, "notice": term, "auto_renew": boolean, "evergreen": boolean, "currency": read_currency, "health": read_health}
    return readers


def _first_of_several(text: str) -> str:
    """A CRM lists several companies with semicolons, the primary one first."""
    return one_line(text.split(";", maxsplit=1)[0])
