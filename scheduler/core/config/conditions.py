"""The syntax of `where` in `config.toml`: one line of it to conditions, or what is wrong with it.

Always holds: what `condition_mistake` finds nothing wrong with, `conditions` reads.

    amount = ">= 1000000"            amount = ">= 1,000,000 and < 5,000,000"      auto_renew = true
    segment = ["enterprise", "mid"]  health = { not = ["stable", "unknown"] }      country = "JP"
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence

from scheduler.core.config.fields import shown
from scheduler.core.config.mistakes import one_of
from scheduler.core.config.tables import NotTable, WhereValue
from scheduler.core.labels import Label
from scheduler.core.milestones import WHERE_FIELDS, Condition, Op
from scheduler.core.problems import unknown
from scheduler.core.words import Health, Paperwork

_NUMBERS, _FLAGS = ("amount", "term_months"), ("auto_renew", "evergreen", "estimated")
_WORDS: Mapping[str, tuple[str, ...]] = {"health": tuple(Health), "paperwork": tuple(Paperwork)}
_CODES = {"country": "[A-Z]{2}", "currency": "[A-Z]{3}"}
_COMPARISON = re.compile(r"(>=|<=|>|<)\s*(-?\d[\d,_]*)")
_ORDERS = {"≥": ">=", "≦": "<=", "≧": ">=", "≤": "<="}


def conditions(field: str, value: WhereValue) -> tuple[Condition, ...]:
    """One line of `where`. Raises ValueError where `condition_mistake` has something to say about a comparison."""
    if isinstance(value, NotTable):
        return (Condition(field, Op.NOT_IN, tuple(value.not_)),)
    if isinstance(value, list):
        return (Condition(field, Op.IN, tuple(value)),)
    if field in _NUMBERS and isinstance(value, str):
        return tuple(Condition(field, Op(op), (number,)) for op, number in _comparisons(value))
    return (Condition(field, Op.IN, (value,)),)


def condition_mistake(field: str, value: WhereValue) -> Label | None:
    """What is wrong with one line of `where`, if anything is."""
    if field not in WHERE_FIELDS:
        return unknown(field, WHERE_FIELDS, "条件の項目", "field for a condition")
    if field in _NUMBERS:
        return _number_mistake(field, value)
    several: Sequence[str | int | bool]
    several = value.not_ if isinstance(value, NotTable) else value if isinstance(value, list) else [value]
    return next((wrong for item in several if (wrong := _item_mistake(field, item))), None)


def _number_mistake(field: str, value: WhereValue) -> Label | None:
    """A number is compared, or is one of several."""
    if isinstance(value, str):
        try:
            _comparisons(value)
        except ValueError:
            return _not_a_comparison(field, value)
        return None
    several = value.not_ if isinstance(value, NotTable) else value if isinstance(value, list) else [value]
    wrong = [item for item in several if isinstance(item, str | bool)]
    return _not_a_comparison(field, wrong[0]) if wrong else None


def _not_a_comparison(field: str, value: str | int) -> Label:
    return Label(
        f'{shown(value)} では {field} を比べられません。例：">= 1000000"、">= 1000000 and < 5000000"',
        f'{shown(value)} does not compare {field}; write e.g. ">= 1000000" or ">= 1000000 and < 5000000"',
    )


def _comparisons(text: str) -> list[tuple[str, int]]:
    """`>= 1,000,000 and < 5,000,000` as pairs. Raises ValueError."""
    plain = unicodedata.normalize("NFKC", text)
    for sign, plainer in _ORDERS.items():
        plain = plain.replace(sign, plainer)
    matches = [_COMPARISON.fullmatch(part.strip()) for part in plain.split(" and ")]
    if not all(matches):
        raise ValueError(text)
    return [(match[1], int(re.sub("[,_]", "", match[2]))) for match in matches if match]


def _item_mistake(field: str, item: str | int | bool) -> Label | None:
    """One value of a field that is not a number."""
    if field in _FLAGS:
        return None if isinstance(item, bool) else Label(f"{field}はtrueかfalseです", f"{field} is true or false")
    if not isinstance(item, str):
        return Label(f'{field}は文字列("…")です', f"{field} is text in quotation marks")
    if field in _WORDS and item not in _WORDS[field]:
        return one_of(item, list(_WORDS[field]))
    if field in _CODES and not re.fullmatch(_CODES[field], item):
        example = "JP" if field == "country" else "JPY"
        return Label(
            f'{shown(item)} は{field}の値ではありません。例："{example}"',
            f'{shown(item)} is not a {field}; write its ISO code, e.g. "{example}"',
        )
    if _COMPARISON.fullmatch(item.strip()):
        return Label(f"{field}は大小を比べられません", f'{field} has no greater and less; name the values, e.g. ["enterprise", "mid"]')
    return None
