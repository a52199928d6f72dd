"""Plain numbers as people and programs write them: what a text means under each decimal sign.

Always holds: nothing is guessed. `12.500` means twelve and a half under a point, twelve thousand
five hundred under a comma: both are returned, and the caller, who knows the whole column, decides.
"""

import re
from collections.abc import Mapping

from scheduler.core.imports.typed import FALSE, TRUE
from scheduler.core.imports.written_amounts import DecimalMark, number_under
from scheduler.core.imports.written_days import narrow

PLAIN = re.compile(r"-?\d{1,15}(?:\.\d{1,15})?")
"""What programs write."""
_LONGEST = 60
_NO_NUMBER = re.compile(r"[+-]?(?:nan|inf(?:inity)?|∞)|#(?:num|div/0)!", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<open>\()?\s*(?P<minus>[-−–△▲+])?\s*(?P<body>(?:\d(?:[.,' ]?\d)*|\.\d+))"
    r"(?:E(?P<power>[+-]?\d{1,3}))?\s*%?\s*(?P<close>\))?",
    re.IGNORECASE,
)


class NumberError(ValueError):
    """Why a text is no number: a code of `texts.TEXTS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def number_readings(text: str) -> Mapping[DecimalMark, float]:
    """What `text` means under each decimal sign that its separators allow; yes and no are 1 and 0,
    a percent sign says nothing. Raises NumberError if it is a number under neither.

    >>> number_readings("1,234.5"), number_readings("あり")[DecimalMark.POINT]
    ({<DecimalMark.POINT: '.'>: 1234.5}, 1.0)
    >>> number_readings("▲3")
    {<DecimalMark.POINT: '.'>: -3.0, <DecimalMark.COMMA: ','>: -3.0}
    >>> {str(mark): value for mark, value in number_readings("12.500").items()}
    {'.': 12.5, ',': 12500.0}
    >>> number_readings("NaN")
    Traceback (most recent call last):
    scheduler.core.imports.written_numbers.NumberError: number_finite
    """
    plain = narrow(text).strip()
    word = plain.lower()
    if word in TRUE or word in FALSE:
        return dict.fromkeys(DecimalMark, float(word in TRUE))
    if _NO_NUMBER.fullmatch(plain):
        raise NumberError("number_finite")
    found = _NUMBER.fullmatch(plain) if len(plain) <= _LONGEST else None
    if found is None or bool(found["open"]) != bool(found["close"]):
        code = "number_size" if plain.isdecimal() else "number"
        raise NumberError(code)
    sign = -1 if found["open"] or found["minus"] not in (None, "+") else 1
    power = int(found["power"] or 0)
    values = {
        mark: sign * float(value.scaleb(power))
        for mark in DecimalMark
        if (value := number_under(found["body"], mark, "")) is not None
    }
    if not values:
        raise NumberError("money_separators")
    return values
