"""Associations: which records belong together.

[S] CRM/Associations 2026-09. Always holds: making or ending one moves no hs_lastmodifieddate
([I] airbytehq/airbyte#27199).
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.servers.hubspot.answers import Json

PAGE = 500
"""Links of one record in one answer."""


class Link(NamedTuple):
    """One record it leads to; `primary` of a deal's companies."""

    to: int
    primary: bool = False


TYPES: Mapping[tuple[str, str], tuple[int, int | None]] = {
    ("deals", "companies"): (341, 5),
    ("companies", "deals"): (342, 6),
    ("deals", "line_items"): (19, None),
    ("line_items", "deals"): (20, None),
    ("deals", "quotes"): (63, None),
    ("quotes", "deals"): (64, None),
    ("deals", "contracts"): (1390, None),
    ("contracts", "deals"): (1391, None),
    ("contracts", "companies"): (1393, None),
    ("quotes", "line_items"): (67, None),
    ("contracts", "line_items"): (1395, None),
}
"""Type ids: without a label, and Primary. [H] docs/api-reference/crm/associations/guide for deals,
companies, line items and quotes; the contracts' are [?]."""
_SINGULAR = {"companies": "company"}


def type_name(start: str, end: str) -> str:
    """The old name of a kind of link.

    >>> type_name("deals", "companies")
    'deal_to_company'
    """
    return f"{_SINGULAR.get(start, start[:-1])}_to_{_SINGULAR.get(end, end[:-1])}"


class Links:
    """All of them. Kept one way; the other way is looked for."""

    def __init__(self) -> None:
        self._links: dict[tuple[str, str], dict[int, tuple[Link, ...]]] = {}

    def of(self, start: str, id_: int, end: str) -> Sequence[Link]:
        """Where a record leads to, the primary one first."""
        there = self._links.get((start, end), {}).get(id_, ())
        back = self._links.get((end, start), {})
        found = [
            *there,
            *(Link(n, link.primary) for n, to in back.items() for link in to if link.to == id_),
        ]
        return sorted(found, key=lambda link: not link.primary) if len(found) > 1 else found

    def put(self, start: str, id_: int, end: str, links: Sequence[Link]) -> None:
        """All links of one record to one type of object."""
        if links:
            self._links.setdefault((start, end), {})[id_] = tuple(links)
        else:
            self._links.get((start, end), {}).pop(id_, None)

    def add(self, start: str, id_: int, end: str, to: int, *, primary: bool) -> None:
        """One more; a new primary one takes the place of the old."""
        old = self._links.get((start, end), {}).get(id_, ())
        kept = [Link(k.to, k.primary and not primary) for k in old if k.to != to]
        self.put(start, id_, end, [*kept, Link(to, primary)])

    def end(self, start: str, id_: int, end: str, to: int) -> None:
        """One less."""
        old = self._links.get((start, end), {}).get(id_, ())
        self.put(start, id_, end, [k for k in old if k.to != to])

    def merged(self, kind: str, primary: int, other: int, new: int) -> None:
        """What led to or from either of two leads to or from their survivor."""
        for (start, end), table in self._links.items():
            if start == kind:
                joined = {k.to: k for k in (*table.pop(other, ()), *table.pop(primary, ()))}
                firsts = [k.to for k in joined.values() if k.primary][-1:]
                if joined:
                    table[new] = tuple(Link(k.to, k.to in firsts) for k in joined.values())
            if end == kind:
                for n, to in list(table.items()):
                    table[n] = tuple(
                        dict.fromkeys(
                            Link(new, k.primary) if k.to in (primary, other) else k for k in to
                        )
                    )

    def forget(self, kind: str, id_: int) -> None:
        """All of a record that is gone."""
        for (start, end), table in self._links.items():
            if start == kind:
                table.pop(id_, None)
            if end == kind:
                for n, to in list(table.items()):
                    table[n] = tuple(k for k in to if k.to != id_)


def listed(start: str, end: str, links: Sequence[Link]) -> Json:
    """As a list or a single read shows them: a primary one **twice**
    ([I] airbytehq/airbyte#14390)."""
    name = type_name(start, end)
    shown = []
    for link in links:
        if link.primary:
            shown.append({"id": str(link.to), "type": name})
        unlabelled = f"{name}_unlabeled" if TYPES[start, end][1] is not None else name
        shown.append({"id": str(link.to), "type": unlabelled})
    return {"results": shown}


def typed(start: str, end: str, link: Link) -> Json:
    """As a batch read of associations shows one. [S] MultiAssociatedObjectWithLabel"""
    plain, primary = TYPES[start, end]
    types: list[Json] = []
    if link.primary and primary is not None:
        types.append({"category": "HUBSPOT_DEFINED", "typeId": primary, "label": "Primary"})
    types.append({"category": "HUBSPOT_DEFINED", "typeId": plain, "label": None})
    return {"toObjectId": str(link.to), "associationTypes": types}
