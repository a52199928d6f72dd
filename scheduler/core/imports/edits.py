"""What a person has changed by hand, and what happens when a file says otherwise (`[import]
edits`).

    keep    the edit stands
    file    the file's value comes in, and the edit is over
    ask     the edit stands and is listed, until somebody decides

Always holds: a file that agrees with the edit ends it, and so does undoing the edit; a file without
a column for a field says nothing about it. An edit of a contract's field (owner, notice …) carries
over to its later terms; one of dates and amounts stays with its term, and a file whose dates renew
that term contradicts neither.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.formats import money
from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.term_attribution import Extension, extension

OF_THE_TERM = ("starts_on", "ends_on", "term", "decide_by", "amount")
OF_THE_CONTRACT = (
    "owner",
    "sales",
    "customer",
    "product",
    "notice",
    "renewal_term",
    "renewal_notice",
    "auto_renew",
)
OF_THE_CUSTOMER = ("segment",)
_DATES = ("starts_on", "ends_on", "term", "decide_by")


@dataclass(frozen=True, slots=True)
class Edit:
    """A field that somebody set by hand and that still stands: its `value` and the one before,
    `was`, both as `as_said` gives them; `kept`: what a file said when somebody decided to keep the
    edit. `row`: the contract, customer or person."""

    id: int
    import_id: int
    row: int
    field: str
    value: str
    was: str
    kept: str | None
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class SaidRecord:
    """A record with its owner's and sales person's ids."""

    record: ContractRecord
    owner_id: int | None
    sales_id: int | None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A field that was edited here and differs in a file: both values as texts, who edited it and
    when, and the rule that applied."""

    contract: str
    customer: str
    field: str
    here: str
    file: str
    by: str
    at: datetime
    edit: int
    rule: EditRule
    decided: bool = False


@dataclass(frozen=True, slots=True)
class EditOutcome:
    """What happens to an edit when a file has a value for its field: the edit is over (`ended`) or
    the field stays as edited (`stays`); the file's value is remembered as decided (`kept`); people
    are told (`told`); no decision is awaited (`decided`)."""

    ended: bool = False
    kept: bool = False
    told: bool = False
    decided: bool = True

    @property
    def stays(self) -> bool:
        """Whether the field stays as it was edited."""
        return not self.ended


def settle(edit: Edit, said: str, rule: EditRule, *, decided: bool) -> EditOutcome:
    """Applies the rule to a file's value for an edited field. `decided`: somebody has chosen
    `rule`.

    If somebody kept the edit against the same value before, it is not asked about, told or
    remembered again, unless they decide again.
    """
    if said == edit.value:
        return EditOutcome(ended=True)
    if rule is EditRule.FILE:
        return EditOutcome(ended=True, told=True)
    known = edit.kept == said
    return EditOutcome(
        kept=decided and not known, told=decided or not known, decided=decided or known
    )


@dataclass
class RowWithEdits:
    """A file's row combined with the edits: the row as it will be used, and what happens to each
    edit whose field it fills."""

    said: SaidRecord
    contradictions: list[Contradiction] = field(default_factory=list)
    settled: list[tuple[Edit, str, EditOutcome]] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether a decision is awaited, so that the row has to be looked at again."""
        return any(not one.decided for one in self.contradictions)


def as_json(value: Any) -> str:
    """A value as an edit keeps it."""
    return json.dumps(value, ensure_ascii=False)


def as_said(said: SaidRecord, name: str) -> str:
    """A record's value for a field, as JSON, for comparing and storing.

    >>> record = ContractRecord(0, "c-1", "C-1", "Aoba", "aoba", "", amount=1200, currency="EUR")
    >>> said = SaidRecord(record, 3, None)
    >>> as_said(said, "amount"), as_said(said, "owner")
    ('[1200, "EUR"]', '3')
    """
    record = said.record
    match name:
        case "owner":
            return as_json(said.owner_id)
        case "sales":
            return as_json(said.sales_id)
        case "customer":
            return as_json(record.customer_id)
        case "amount":
            return as_json([record.amount, record.currency])
        case "ends_on":
            return as_json(
                "evergreen"
                if record.evergreen and record.ends_on is None
                else _text(record.ends_on)
            )
        case _:
            return as_json(_text(getattr(record, name)))


def _text(value: Any) -> Any:
    """Days and lengths of time as texts."""
    return value if value is None or isinstance(value, bool | int) else str(value)


def shown(said: SaidRecord, name: str) -> str:
    """A record's value for a field, as people read it."""
    value = getattr(said.record, name)
    if name == "amount":
        return money(Money(value, said.record.currency))
    return "" if value is None else str(value)


def says(row: ContractRecord, name: str, present: frozenset[str]) -> bool:
    """Whether a row gives a field: in its own column, or an end through start and term."""
    if name == "ends_on" and row.estimated:
        return False
    return name in present or (name == "ends_on" and row.ends_on is not None)


def meet(
    row: SaidRecord,
    term: SaidRecord,
    edits: Iterable[Edit],
    present: frozenset[str],
    rule: EditRule,
    *,
    renewed: bool = False,
    decided: bool = False,
) -> RowWithEdits:
    """Combines `row` with the standing edits of the open `term`. `renewed`: somebody said that its
    dates are a renewal; `decided`: somebody chose `rule` as the answer. In the resulting row, every
    edited field that stays has the term's value.
    """
    met = RowWithEdits(row)
    renews = renewed or extension(term.record, row.record) is Extension.RENEWED
    kept: list[str] = []
    for edit in edits:
        name = edit.field
        if not says(row.record, name, present) or as_said(term, name) != edit.value:
            continue
        said = as_said(row, name)
        if name in OF_THE_TERM and renews and said not in (edit.value, edit.was):
            continue
        settled = settle(edit, said, rule, decided=decided)
        met.settled.append((edit, said, settled))
        if settled.stays:
            kept.append(name)
        if settled.told:
            met.contradictions.append(
                _contradiction(row, term, edit, rule, decided=settled.decided)
            )
    met.said = _without(row, term, kept, present) if kept else row
    return met


def _contradiction(
    row: SaidRecord, term: SaidRecord, edit: Edit, rule: EditRule, *, decided: bool
) -> Contradiction:
    """Both sides in words."""
    record = row.record
    return Contradiction(
        record.number,
        term.record.customer,
        edit.field,
        shown(term, edit.field),
        shown(row, edit.field),
        edit.by,
        edit.at,
        edit.id,
        rule,
        decided,
    )


def _without(
    row: SaidRecord, term: SaidRecord, names: Iterable[str], present: frozenset[str]
) -> SaidRecord:
    """The row with these fields as in the term; values computed from dates that stay are cleared,
    to be computed again."""
    values: dict[str, Any] = {}
    for name in names:
        values[name] = getattr(term.record, name)
        values |= {other: getattr(term.record, other) for other in _BESIDE.get(name, ())}
    if not values.keys().isdisjoint(_DATES):
        values |= {
            name: None
            for name in ("term", "decide_by")
            if name not in present and name not in values
        }
    people = {
        f"{name}_id": getattr(term, f"{name}_id") for name in ("owner", "sales") if name in values
    }
    return replace(row, record=replace(row.record, **values), **people)


_BESIDE: Mapping[str, tuple[str, ...]] = {
    "amount": ("currency",),
    "ends_on": ("evergreen", "estimated"),
    "customer": ("customer_id",),
}
"""What goes with a field."""
