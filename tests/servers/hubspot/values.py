"""Which value a property takes, and as which text it is kept.

[H] docs/faq/how-should-timestamps-be-formatted-for-hubspots-apis (dates, times);
[H] changelog/breaking-change-enhanced-validations-for-non-string-properties-in-hubspots-crmobject-apis
(white space); [H] changelog/upcoming-property-validations-rules-will-be-enforced-for-apis-and-
integrations (format rules).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.servers.hubspot.moments import DAY, day_of, instant_of, iso, read_instant
from tests.servers.hubspot.schema import Definition

DEFAULT_LENGTH = 65_536
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e"


class BadValueError(Exception):
    """A value that is refused."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True)
class FormatRule:
    """A rule an admin made for a property's format. [S] CRM/Property Validations 2026-09"""

    kind: str
    argument: str

    def broken_by(self, value: str) -> bool:
        """Whether a value is against it."""
        match self.kind:
            case "REGEX":
                return re.fullmatch(self.argument, value) is None
            case "MAX_LENGTH":
                return len(value) > int(self.argument)
            case "MIN_LENGTH":
                return len(value) < int(self.argument)
            case "MAX_NUMBER":
                return Decimal(value) > Decimal(self.argument)
            case "MIN_NUMBER":
                return Decimal(value) < Decimal(self.argument)
            case _:
                raise ValueError(self.kind)


def kept_value(definition: Definition, given: Any) -> str | None:
    """The text that is kept; None for nothing: an empty text clears. Raises BadValueError."""
    text = _as_text(given)
    if text is None or text == "":
        return None
    if definition.type == "string":
        if len(text) > DEFAULT_LENGTH:
            raise BadValueError("STRING_TOO_LONG", f"{definition.name} is too long")
        return text
    if text != text.strip() or text[0] in INVISIBLE or text[-1] in INVISIBLE:
        raise BadValueError(
            "INVALID_WHITESPACE",
            f"Property {definition.name} may not have leading or trailing white space",
        )
    return _BY_TYPE.get(definition.type, _enumeration)(definition, text)


def _as_text(given: Any) -> str | None:
    if isinstance(given, bool):
        return "true" if given else "false"
    return None if given is None else str(given)


def _number(definition: Definition, text: str) -> str:
    """Without thousands marks, with one dot. [H] community.hubspot.com developer announcement 446"""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise BadValueError("INVALID_LONG", f"{text} was not a valid number.")
    return text


def _bool(definition: Definition, text: str) -> str:
    if text.lower() not in ("true", "false"):
        raise BadValueError(
            "INVALID_OPTION", f"{text} was not one of the allowed options: true, false"
        )
    return text.lower()


def _date(definition: Definition, text: str) -> str:
    """A day, or midnight in UTC."""
    found = read_instant(text)
    if found is None:
        raise BadValueError("INVALID_DATE", f"{text} was not a valid date.")
    if found % DAY:
        at = instant_of(found)
        raise BadValueError(
            "INVALID_DATE", f"{text} is at {at.hour}:{at.minute}:{at.second}.0 UTC, not midnight!"
        )
    return day_of(found).isoformat()


def _datetime(definition: Definition, text: str) -> str:
    found = read_instant(text)
    if found is None:
        raise BadValueError("INVALID_DATE", f"{text} was not a valid date.")
    return iso(found)


def _enumeration(definition: Definition, text: str) -> str:
    """Internal values, never labels; those of many check boxes joined by semicolons. One without
    options of its own (owner, stage, currency) is looked up elsewhere."""
    chosen = text.split(";") if definition.field_type == "checkbox" else [text]
    wrong = [c for c in chosen if c not in definition.values]
    if definition.options and wrong:
        raise BadValueError(
            "INVALID_OPTION",
            f"{wrong[0]} was not one of the allowed options: {', '.join(definition.values)}",
        )
    return text


_BY_TYPE: Mapping[str, Callable[[Definition, str], str]] = {
    "number": _number,
    "bool": _bool,
    "date": _date,
    "datetime": _datetime,
    "enumeration": _enumeration,
}
