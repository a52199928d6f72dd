"""Which deals a command means: `--where segment=enterprise --where 'amount>=1000000'`. All of the
conditions must hold.

Always holds: the fields are those of milestones' conditions, plus people, stage, pipeline and
dates; an unknown field or comparison is refused with a list of the known ones. Case, width and
spaces do not matter when texts are compared. Several values are separated by commas (a number is
one value: a comma groups its digits); `!=` excludes all of them.
"""

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from scheduler.core.deal.deal import Deal
from scheduler.core.imports import typed
from scheduler.core.imports.records import customer_key
from scheduler.core.imports.words import word
from scheduler.core.policy.milestone_days import facts_of
from scheduler.core.policy.milestones import WHERE_FIELDS
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import NO_CALL, ForecastCall, Health, Paperwork
from scheduler.core.words.problems import near

_WRITTEN = re.compile(r"\s*([a-z_]+)\s*(!=|>=|<=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_DAYS, _FLAGS, _NUMBERS = (
    ("starts_on", "ends_on", "decide_by"),
    ("auto_renew", "evergreen", "estimated", "notice"),
    ("amount", "term_months"),
)
_WORDS: Mapping[str, type[Health] | type[Paperwork] | type[ForecastCall]] = {
    "health": Health,
    "paperwork": Paperwork,
    "call": ForecastCall,
}
_BESIDE = ("contract", "customer", "owner", "sales", "stage", "pipeline", *_DAYS)
FIELDS = (*_BESIDE, *WHERE_FIELDS)


@dataclass(frozen=True, slots=True)
class ReadCondition:
    """One condition, read."""

    field: str
    op: str
    values: tuple[Any, ...]

    def holds(self, deal: Deal) -> bool:
        """Whether the condition holds for a deal; an unknown value satisfies only `!=`."""
        found = _found(deal, self.field)
        if self.op == "!=":
            return not any(v in found for v in self.values)
        if self.op == "=":
            return any(v in found for v in self.values)
        bound = self.values[0]
        return any(_COMPARED[self.op](value, bound) for value in found)


_COMPARED: Mapping[str, Callable[[Any, Any], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}


def _found(deal: Deal, field: str) -> list[Any]:
    """A deal's values for a field, in every form in which they may be named."""
    contract, people = deal.contract, {"owner": deal.owner, "sales": deal.sales}
    if field in people:
        person = people[field]
        return [customer_key(t) for t in (person.name, person.email) if t] if person else ["none"]
    texts = {
        "contract": (contract.number, f"#{deal.id}"),
        "customer": (contract.customer.name,),
        "stage": (deal.stage,),
        "pipeline": (deal.pipeline,),
    }
    if field in texts:
        return [customer_key(t) for t in texts[field]]
    value = getattr(contract, field) if field in _DAYS else facts_of(deal)[field]
    return [] if value is None else [customer_key(value)] if isinstance(value, str) else [value]


def read_conditions(written: Iterable[str]) -> tuple[ReadCondition, ...]:
    """Reads conditions as they were typed. Raises UserMustActError."""
    return tuple(map(_read, written))


def _read(written: str) -> ReadCondition:
    """One condition."""
    match = _WRITTEN.fullmatch(written)
    if match is None or not match[3]:
        raise UserMustActError(
            ("a condition is FIELD=VALUE, e.g. --where segment=enterprise, not {written}"),
            written=written,
        )
    field, op, text = match[1], match[2], match[3]
    if field not in FIELDS:
        close, listed = near(field, FIELDS), ", ".join(FIELDS)
        raise UserMustActError(
            "there is no field {field}; {close}",
            close=(
                Label("did you mean {close}?", close=close)
                if close
                else Label("there are: {listed}", listed=listed)
            ),
            field=field,
        )
    if op in _COMPARED and field not in (*_DAYS, *_NUMBERS):
        raise UserMustActError("{field} has no order; write = or !=", field=field)
    parts: Sequence[str] = (
        [text]
        if op in _COMPARED or field in _NUMBERS
        else [part for each in re.split("[,、]", text) if (part := each.strip())]
    )
    if not parts:
        raise UserMustActError("{field} has no value: {written}", field=field, written=written)
    return ReadCondition(field, op, tuple(_value(field, part) for part in parts))


def _value(field: str, text: str) -> date | bool | int | str:
    """One value."""
    if field in _DAYS:
        return typed.day(text)
    if field in _FLAGS:
        return typed.yes_no(text)
    if field in _NUMBERS:
        return typed.amount(text, "JPY").minor or 0
    if field in _WORDS and customer_key(text) != NO_CALL:
        return word(_WORDS[field], text).value
    return customer_key(text)


def chosen(deals: Iterable[Deal], conditions: Sequence[ReadCondition]) -> list[Deal]:
    """The deals that meet all conditions."""
    return [deal for deal in deals if all(condition.holds(deal) for condition in conditions)]
