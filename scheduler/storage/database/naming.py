"""Which rows a typed word names: a contract by its number, whatever the case, or a text that a
column holds. Always holds: it only makes conditions for queries."""

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from scheduler.core.imports.written_days import narrow
from scheduler.storage.database.deals import CONTRACTS, DEALS

_DIGITS = 12
"""Longer numbers than a database's are those of no deal."""
_NUMBERED = CONTRACTS.alias()
"""The contracts again, to search their numbers in the index alone."""


def named(contract: str) -> ColumnElement[bool]:
    """The deals that a contract number (any case and width) or a deal's number `#12` names."""
    plain = narrow(contract).strip()
    if plain.startswith("#") and plain[1:].isdecimal() and len(plain) < _DIGITS:
        return DEALS.c.id == int(plain[1:])
    numbers = select(_NUMBERED.c.id).where(numbered(_NUMBERED.c.number, contract))
    return CONTRACTS.c.id.in_(numbers)


def numbered(column: ColumnElement[Any], contract: str) -> ColumnElement[bool]:
    """Has this contract number, in any case, as it is written or made narrow."""
    written = dict.fromkeys((contract, narrow(contract).strip()))
    return or_(*(same(column, number) for number in written))


def same(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Equal in any case (SQLite only knows the case of ASCII letters, so the text as written
    matches too)."""
    return or_(column == text, func.lower(column) == text.lower())


def holds(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Contains the text as it is written or made narrow, in any case; `%` and `_` are ordinary
    characters."""
    return or_(
        *(
            contained
            for part in dict.fromkeys((text, narrow(text)))
            for contained in (
                column.contains(part, autoescape=True),
                func.lower(column).contains(part.lower(), autoescape=True),
            )
        )
    )
