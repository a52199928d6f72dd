"""The syntax of `where` in `config.toml`: turns one line into conditions, or says what is wrong
with it.

Always holds: a line in which `condition_mistake` finds nothing wrong can be read by `conditions`,
and some deal can satisfy it.

    amount = ">= 1000000"            amount = ">= 1,000,000 and < 5,000,000"      auto_renew = true
    segment = ["enterprise", "mid"]  health = { not = ["stable", "unknown"] }      country = "JP"
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from scheduler.core.config.did_you_mean import currency_meant
from scheduler.core.config.fields import shown
from scheduler.core.config.mistakes import one_of, unknown
from scheduler.core.config.tables.milestones import NotTable, WhereValue
from scheduler.core.policy.milestones import WHERE_FIELDS
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import NO_CALL, ForecastCall, Health, Paperwork

_NUMBERS, _FLAGS = ("amount", "term_months"), ("auto_renew", "evergreen", "estimated", "notice")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "health": tuple(Health),
    "paperwork": tuple(Paperwork),
    "call": (*ForecastCall, NO_CALL),
}
_CODES = {"country": "[A-Z]{2}", "currency": "[A-Z]{3}"}
_COMPARISON = re.compile(r"(>=|<=|>|<)\s*(-?\d[\d,_]{0,24})")
_AND = re.compile(r"\s+and\s+|\s*かつ\s*", re.IGNORECASE)
_ORDERS = {"≥": ">=", "≦": "<=", "≧": ">=", "≤": "<="}


def conditions(field: str, value: WhereValue) -> tuple[Condition, ...]:
    """The conditions of one line of `where`. Raises ValueError for a comparison in which
    `condition_mistake` finds a mistake."""
    if isinstance(value, NotTable):
        return (Condition(field, Operator.NOT_IN, tuple(value.not_)),)
    if isinstance(value, list):
        return (Condition(field, Operator.IN, tuple(value)),)
    if field in _NUMBERS and isinstance(value, str):
        return tuple(
            Condition(field, Operator(op), (number,)) for op, number in _comparisons(value)
        )
    return (Condition(field, Operator.IN, (value,)),)


def condition_mistake(field: str, value: WhereValue) -> Label | None:
    """What is wrong with one line of `where`, if anything is."""
    if field not in WHERE_FIELDS:
        return unknown(field, WHERE_FIELDS, Label("field for a condition"))
    if field in _NUMBERS:
        return _number_mistake(field, value)
    wrong = next((wrong for item in _several(value) if (wrong := _item_mistake(field, item))), None)
    return wrong or _nothing_left(field, value)


def _several(value: WhereValue) -> Sequence[str | int | bool]:
    """The values named."""
    return (
        value.not_ if isinstance(value, NotTable) else value if isinstance(value, list) else [value]
    )


def _number_mistake(field: str, value: WhereValue) -> Label | None:
    """What is wrong with a condition on a number."""
    if isinstance(value, str):
        try:
            return _no_number_between(value, _comparisons(value))
        except ValueError:
            return _not_a_comparison(field, value)
    wrong = [item for item in _several(value) if isinstance(item, str | bool)]
    return _not_a_comparison(field, wrong[0]) if wrong else None


def _not_a_comparison(field: str, value: str | int) -> Label:
    return Label(
        (
            '{shown} is not a comparison for {field}; write e.g. ">= 1000000" or ">= 1000000 and '
            '< 5000000"'
        ),
        shown=shown(value),
        field=field,
    )


def _no_number_between(text: str, comparisons: Sequence[tuple[str, int]]) -> Label | None:
    """What is wrong if no whole number satisfies all comparisons."""
    least = [number + (op == ">") for op, number in comparisons if op in (">", ">=")]
    most = [number - (op == "<") for op, number in comparisons if op in ("<", "<=")]
    if least and most and max(least) > min(most):
        return Label("{shown} matches nothing; one of the two bounds is wrong", shown=shown(text))
    return None


def _comparisons(text: str) -> list[tuple[str, int]]:
    """`>= 1,000,000 and < 5,000,000` as pairs. Raises ValueError."""
    plain = " ".join(unicodedata.normalize("NFKC", text).split())
    for sign, plainer in _ORDERS.items():
        plain = plain.replace(sign, plainer)
    matches = [_COMPARISON.fullmatch(part.strip()) for part in _AND.split(plain)]
    if not all(matches):
        raise ValueError(text)
    return [(match[1], int(re.sub("[,_]", "", match[2]))) for match in matches if match]


def _item_mistake(field: str, item: str | int | bool) -> Label | None:
    """What is wrong with one value of a field that is not a number."""
    if field in _FLAGS:
        return None if isinstance(item, bool) else Label("{field} is true or false", field=field)
    if not isinstance(item, str):
        return Label("{field} is text in quotation marks", field=field)
    if field in _WORDS and item not in _WORDS[field]:
        return one_of(item, list(_WORDS[field]))
    if field in _CODES and not re.fullmatch(_CODES[field], item):
        return _no_code(field, item)
    if _COMPARISON.fullmatch(item.strip()):
        return Label(
            ('{field} cannot be compared with < or >; list the values, e.g. ["enterprise", "mid"]'),
            field=field,
        )
    return None


def _no_code(field: str, item: str) -> Label:
    """What is wrong with a country or currency that is not written as its code."""
    upper = unicodedata.normalize("NFKC", item).strip().upper()
    meant = (
        currency_meant(item)
        if field == "currency"
        else upper
        if re.fullmatch(_CODES[field], upper)
        else None
    )
    hint = (
        Label('did you mean "{close}"?', close=meant)
        if meant
        else Label(
            'write its ISO code, e.g. "{example}"',
            example="JP" if field == "country" else "JPY",
        )
    )
    if field == "country":
        return Label("{item} is not a country; {hint}", item=shown(item), hint=hint)
    return Label("{item} is not a currency; {hint}", item=shown(item), hint=hint)


def _nothing_left(field: str, value: WhereValue) -> Label | None:
    """A `not` that leaves no value."""
    possible: Sequence[str | bool] = (True, False) if field in _FLAGS else _WORDS.get(field, ())
    if possible and isinstance(value, NotTable) and set(possible) <= set(value.not_):
        return Label("every value is excluded, so no deal can meet this condition")
    return None
