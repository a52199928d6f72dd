"""How numbers of things and lengths of time are written, in English and Japanese: `-1 month -5
days`, `+10 business days`, `3か月前`, `当日`.

Always holds: what `counted` writes, `read` reads. `Offset` and `Term` of
`scheduler.core.time.dates` are made of what is read here.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_COUNTER = "(?:か|カ|ヵ|ヶ|ケ|箇|個)"
_UNITS = {
    r"business\s*days?|working\s*days?|営業日": ("business_days", 1),
    rf"years?|yrs?|{_COUNTER}?年": ("months", 12),
    rf"months?|mos?|{_COUNTER}月": ("months", 1),
    r"weeks?|週": ("days", 7),
    r"days?|日": ("days", 1),
}
_PART = re.compile(
    rf"(?P<sign>[+-]?)\s*(?P<number>\d{{1,6}})\s*(?P<unit>{'|'.join(_UNITS)})間?\s*(?P<way>前|後|before|after)?(?:\s+|,|と|$|(?=[+-]|\d))\s*"
)
_DASHES = str.maketrans("\u2212\u2010\u2011\u2012\u2013\u2014", "------")
_DAYS_WITH_A_NAME = {
    "当日": "0 days",
    "same day": "0 days",
    "前日": "-1 day",
    "翌日": "+1 day",
    "前営業日": "-1 business day",
    "翌営業日": "+1 business day",
}
LONGEST = 200
"""A length of time needs fewer characters; anything longer is refused before a pattern looks at
it."""
_EXPECTED = "expected a number and years, months, weeks, days or business days"


@dataclass(frozen=True, slots=True)
class _Part:
    """One number with its unit as written: sign and way may be empty; `field` is what it counts
    in."""

    sign: str
    number: int
    field: str
    way: str


def read(text: str) -> dict[str, int]:
    """The signed sums of `months`, `days` and `business_days` in a text; 前 or 後 at its end counts
    for all its parts.

    Raises ValueError with what is wrong.

    >>> read("- 1 Month -5 days"), read("１か月と５日前"), read("前営業日")
    ({'months': -1, 'days': -5}, {'months': -1, 'days': -5}, {'business_days': -1})
    """
    if len(text) > LONGEST:
        raise ValueError(f"longer than {LONGEST} characters")
    plain = " ".join(
        unicodedata.normalize("NFKC", text).translate(_DASHES).lower().split()
    ).replace("半年", "6か月")
    parts = list(_parts(_DAYS_WITH_A_NAME.get(plain, plain)))
    _check_directions(parts)
    sums: dict[str, int] = {}
    for part in parts:
        back = part.sign == "-" or parts[-1].way in ("前", "before")
        sums[part.field] = sums.get(part.field, 0) + (-part.number if back else part.number)
    return sums


def counted(number: int, unit: str, sign: str = "") -> str:
    """A number with its English word, with its sign if `sign` is "+".

    >>> (counted(-1, "month"), counted(10, "business day", "+"), counted(0, "day"),
    ...  counted(2, "story"))
    ('-1 month', '+10 business days', '0 days', '2 stories')
    """
    if abs(number) == 1:
        return f"{number:{sign}d} {unit}"
    return f"{number:{sign}d} " + (
        f"{unit[:-1]}ies" if unit.endswith("y") and unit[-2:-1] not in "aeou" else f"{unit}s"
    )


def _parts(text: str) -> Iterator[_Part]:
    """The parts of a plain text. Raises ValueError where something else stands."""
    at = 0
    while at < len(text) or not text:
        match = _PART.match(text, at)
        if match is None:
            raise ValueError(f'at "{text[at:]}" {_EXPECTED}' if at else _EXPECTED)
        field, times = next(
            found for pattern, found in _UNITS.items() if re.fullmatch(pattern, match["unit"])
        )
        yield _Part(match["sign"], int(match["number"]) * times, field, match["way"] or "")
        at = match.end()


def _check_directions(parts: list[_Part]) -> None:
    """Raises ValueError unless all parts say which way they count, or none, or one word at the end
    says it for all."""
    signed = [p for p in parts if p.sign]
    if any(p.way for p in parts[:-1]) or (parts[-1].way and signed):
        raise ValueError("either signs, or before / after once at the end")
    if signed and any(p.number and not p.sign for p in parts):
        raise ValueError('every part needs its own sign, as in "-1 month -5 days"')
