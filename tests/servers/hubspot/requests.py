"""A request as the endpoints see it, and the log of all of them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.servers.hubspot.answers import Json, invalid
from tests.servers.hubspot.records import Source

LARGEST = 100
"""Records in a list's page or a batch. [S] CRM/Deals 2026-09"""
LARGEST_WITH_HISTORY = 50
"""[I] HubSpot/hubspot-api-python#143, activepieces/activepieces#9359"""


@dataclass(frozen=True, slots=True)
class Request:
    """One request: its path's parts, its query, its body, and who writes."""

    method: str
    path: str
    query: Mapping[str, Sequence[str]]
    body: Json
    source: Source
    parts: Mapping[str, str] = field(default_factory=dict)

    def one(self, name: str, default: str = "") -> str:
        """The last value of a query's parameter."""
        return self.query.get(name, [default])[-1]

    def names(self, name: str) -> list[str]:
        """A list in the query: repeated, or joined by commas."""
        return [n for given in self.query.get(name, ()) for n in given.split(",") if n]

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes or no in the query."""
        return self.one(name, str(default)).lower() == "true"

    def number(self, name: str, default: int, largest: int) -> int:
        """A size in the query: 1 to `largest`, else 400."""
        text = self.one(name, str(default))
        if not text.isdecimal() or not 1 <= int(text) <= largest:
            raise invalid(f"{name} must be between 1 and {largest}, but was {text}")
        return int(text)

    def after(self) -> int:
        """Where a page starts."""
        text = self.one("after", "0")
        if not text.isdecimal():
            raise invalid(f"The after parameter {text!r} is not valid")
        return int(text)

    def inputs(self, largest: int = LARGEST) -> list[Any]:
        """The inputs of a batch: one at least, `largest` at most."""
        found = self.body.get("inputs")
        if not isinstance(found, list) or not found:
            raise invalid("Some required fields were not set: [inputs]")
        if len(found) > largest:
            raise invalid(f"The maximum number of inputs supported in a batch request is {largest}")
        return found


@dataclass(frozen=True, slots=True)
class Call:
    """One request in the log. `ids` is how many inputs it held, `fault` what was done to it."""

    at: int
    kind: str
    object: str
    method: str
    path: str
    status: int
    ids: int = 0
    fault: str = ""


@dataclass
class Log:
    """Every request in the order of their answers; `keep` False only counts them."""

    calls: list[Call] = field(default_factory=list)
    count: Counter[str] = field(default_factory=Counter)
    keep: bool = True

    @property
    def total(self) -> int:
        """How many there were."""
        return self.count.total()

    def add(self, call: Call) -> None:
        """One more."""
        self.count[call.kind] += 1
        if self.keep:
            self.calls.append(call)

    def of(self, kind: str, object_: str = "") -> list[Call]:
        """Those of one kind, of one type of object."""
        return [c for c in self.calls if c.kind == kind and object_ in ("", c.object)]

    def clear(self) -> None:
        """Starts anew."""
        self.calls.clear()
        self.count.clear()
