"""Signals of a file, as values."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from scheduler.core.imports.texts import Reject


class SignalLine(NamedTuple):
    """One signal of a file. `subject` is the contract's number or the customer's name or id as
    written, `key` what it is compared by; `line` is physical, from 1. `received_at`: when it was
    known, if the file says so; else it becomes known as it comes in."""

    line: int
    kind: str
    key: str
    subject: str
    name: str
    value: float
    at: datetime
    source: str
    received_at: datetime | None = None


@dataclass(slots=True)
class SignalBatch:
    """Some rows of a file: what they say, and what could not be read of them."""

    lines: list[SignalLine] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    rows: int = 0
