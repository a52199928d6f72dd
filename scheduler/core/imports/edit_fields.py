"""The fields of a contract that a person may set by hand, and how what they type is read: the same
for commands, pages and forms.

Always holds: `none` (なし) clears a field that may be empty, an end also 無期限 and the like; a
value that cannot be read is refused with a sentence that says what to write instead.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.imports import typed
from scheduler.core.imports.currencies import CODES
from scheduler.core.imports.records import ContractRecord
from scheduler.core.imports.texts import FIELD_LABELS
from scheduler.core.imports.written_amounts import read_currency
from scheduler.core.imports.written_days import narrow
from scheduler.core.imports.written_periods import is_endless
from scheduler.core.words.errors import UserMustActError

CLEARED = frozenset(["none", "なし", "無し"])
"""What takes a value away."""
_LONGEST = 200


def words(text: str) -> str:
    """A name or a number on one line. Raises UserMustActError for one that is too long."""
    plain = " ".join(text.split())
    if len(plain) > _LONGEST:
        raise UserMustActError("write no more than {longest} characters", longest=_LONGEST)
    return plain


FIELDS: Mapping[str, Callable[[str], Any]] = {
    "customer": words,
    "product": words,
    "segment": words,
    "owner": words,
    "sales": words,
    "starts_on": typed.day,
    "ends_on": typed.day,
    "decide_by": typed.day,
    "term": typed.term,
    "notice": typed.notice,
    "renewal_term": typed.term,
    "renewal_notice": typed.notice,
    "auto_renew": typed.yes_no,
}
"""What reads each field; amount and currency are read together."""
NEVER_EMPTY = ("customer", "auto_renew", "term")


def read_fields(texts: Mapping[str, str], currency: str) -> dict[str, Any]:
    """The fields that were given; None for one that was cleared. `currency` is the contract's
    present one. Raises UserMustActError."""
    found: dict[str, Any] = {}
    for name, text in texts.items():
        if name not in ("amount", "currency"):
            found[name] = None if _is_cleared(name, text) else _read(name, text)
    return found | _money(texts, currency)


def _is_cleared(name: str, text: str) -> bool:
    """Whether the value is cleared. Raises UserMustActError for a field that must have one."""
    cleared = name != "auto_renew" and narrow(text).strip().lower() in CLEARED
    cleared = cleared or (name == "ends_on" and is_endless(text))
    if name in NEVER_EMPTY and (cleared or not text.strip()):
        label = FIELD_LABELS[name]
        raise UserMustActError("the {label} cannot be empty", label=label)
    return cleared


def _read(name: str, text: str) -> Any:
    """One value."""
    if not text.strip():
        label = FIELD_LABELS[name]
        raise UserMustActError(
            "the {label} is empty; to take the value away write none", label=label
        )
    return FIELDS[name](text)


def _money(texts: Mapping[str, str], currency: str) -> dict[str, Any]:
    """Amount and currency, which belongs to an amount."""
    if "currency" in texts and "amount" not in texts:
        raise UserMustActError("another currency needs its amount: --amount")
    code = currency
    if "currency" in texts:
        code = read_currency(texts["currency"])
        if code not in CODES:
            raise UserMustActError(
                "{currency} is not a currency; write e.g. JPY or USD", currency=texts["currency"]
            )
    if "amount" in texts:
        if _is_cleared("amount", texts["amount"]):
            return {"amount": Money(None, code)}
        return {"amount": typed.amount(texts["amount"], code, code)}
    return {}


def applied(
    record: ContractRecord, given: Mapping[str, Any]
) -> tuple[ContractRecord, frozenset[str]]:
    """A record with only the given fields, and their names; values computed from dates are left
    empty, to be computed again. Clearing the end makes the contract evergreen.
    """
    values: dict[str, Any] = {"term": None, "decide_by": None, "row_hash": ""}
    for name, value in given.items():
        match name:
            case "amount":
                values |= {"amount": value.minor, "currency": value.currency}
            case "ends_on":
                values |= {"ends_on": value, "evergreen": value is None, "estimated": False}
            case "product" | "owner" | "sales":
                values[name] = value or ""
            case _:
                values[name] = value
    present = set(given) | ({"evergreen"} if "ends_on" in given else set())
    return replace(record, **values), frozenset(present)
