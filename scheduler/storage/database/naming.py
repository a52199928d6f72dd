"""Which rows a typed word names: a contract by its number, whatever the case, or a text that a
column holds. Always holds: conditions only."""

from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from scheduler.storage.database.deals import CONTRACTS, DEALS

_NUMBERED = CONTRACTS.alias()
"""The contracts once more: their numbers are looked through in the index alone."""


def named(contract: str) -> ColumnElement[bool]:
    """The deals that a contract number (any case) or a deal's number `#12` names."""
    if contract.startswith("#") and contract[1:].isdecimal():
        return DEALS.c.id == int(contract[1:])
    return CONTRACTS.c.id.in_(select(_NUMBERED.c.id).where(same(_NUMBERED.c.number, contract)))


def same(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Equal, whatever the case (SQLite knows the case of ASCII letters only, so the text as written
    counts too)."""
    return or_(column == text, func.lower(column) == text.lower())


def holds(column: ColumnElement[Any], text: str) -> ColumnElement[bool]:
    """Contains the text, whatever the case; `%` and `_` are characters like others."""
    return or_(
        column.contains(text, autoescape=True),
        func.lower(column).contains(text.lower(), autoescape=True),
    )
