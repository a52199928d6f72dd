"""What deals are linked with that may hold the term of a contract: line items, quotes, contracts.

Always holds: a kind that was not read is missing, which is something else than no record; how a
record stands (`StatusProperty`) is told by HubSpot's words, and one that nobody knows counts like
the best.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from scheduler.core.policy.hubspot import LinkedKind
from scheduler.core.sync.records import Record, record_of
from scheduler.core.words.labels import Label

Linked = Mapping[LinkedKind, Sequence[Record]]
"""The records of a deal, by kind; a kind that was not read is missing."""
NAMES: Mapping[LinkedKind, str] = {
    LinkedKind.LINE_ITEMS: "name",
    LinkedKind.QUOTES: "hs_title",
    LinkedKind.CONTRACTS: "hs_name",
}
"""The property that says what people call a record."""
KIND_WORDS: Mapping[LinkedKind, Label] = {
    LinkedKind.LINE_ITEMS: Label("line items"),
    LinkedKind.QUOTES: Label("quotes"),
    LinkedKind.CONTRACTS: Label("contract records"),
}
RECURS = "recurringbillingfrequency"
"""Filled in a line item that is billed again and again."""
_RANKS: Mapping[LinkedKind, Mapping[str, int | None]] = {
    LinkedKind.LINE_ITEMS: {},
    LinkedKind.QUOTES: {
        "accepted": 0,
        "signed": 0,
        "approved": 1,
        "approval_not_needed": 1,
        "published": 1,
        "draft": None,
        "pending_approval": None,
        "pending_buyer_action": 1,
        "rejected": None,
    },
    LinkedKind.CONTRACTS: {
        "active": 0,
        "scheduled": 1,
        "completed": 2,
        "terminated": 2,
        "draft": None,
    },
}
"""How much a record of each status counts: the lowest first, None not at all. A status that is not
listed counts like the first. Statuses of contracts: HubSpot's page on contracts; of quotes: its
page on the quotes API; the order is ours."""


@dataclass(frozen=True, slots=True)
class StatusProperty:
    """Where a kind of record says how it stands: the property, and what its values are called where
    they are ids."""

    property: str
    words: Mapping[str, str] = field(default_factory=dict)

    def rank(self, kind: LinkedKind, record: Record) -> int | None:
        """How much it counts; None: not at all."""
        value = record.value(self.property)
        if kind is LinkedKind.LINE_ITEMS:
            return 0 if value else 1
        word = self.words.get(value, value).strip().lower().replace(" ", "_")
        return _RANKS[kind].get(word, 0)


STANDINGS: Mapping[LinkedKind, StatusProperty] = {
    LinkedKind.LINE_ITEMS: StatusProperty(RECURS),
    LinkedKind.QUOTES: StatusProperty("hs_status"),
    LinkedKind.CONTRACTS: StatusProperty("hs_status"),
}
"""Used where the account's list of properties says nothing better (`contract_standing`)."""


def contract_standing(choices: Mapping[str, Mapping[str, str]]) -> StatusProperty:
    """Which property of contracts says how they stand, from the choices of each (value to label):
    the one that knows active ones and drafts or terminated ones."""
    for name, labels in choices.items():
        words = {value: label.lower() for value, label in labels.items()}
        said = {*words.values(), *(value.lower() for value in words)}
        if "active" in said and said & {"draft", "terminated"}:
            return StatusProperty(name, words)
    return STANDINGS[LinkedKind.CONTRACTS]


@dataclass(frozen=True, slots=True)
class LinkedFound:
    """What deals are linked with, by deal; a deal of which HubSpot does not say all is missing.
    `why`: the kinds that cannot be read at all, and why, as stored reasons."""

    of: Mapping[str, Linked]
    why: Mapping[LinkedKind, str] = field(default_factory=dict)


def in_force(
    kind: LinkedKind, records: Iterable[Record], standing: StatusProperty | None = None
) -> list[Record]:
    """The records that count."""
    standing = standing or STANDINGS[kind]
    ranked = [(standing.rank(kind, record), record) for record in records]
    best = min((rank for rank, _ in ranked if rank is not None), default=None)
    return [] if best is None else [record for rank, record in ranked if rank == best]


def called(kind: LinkedKind, record: Record) -> str:
    """What people call a record, and its id."""
    name = record.value(NAMES[kind]).strip()
    return f"{name} ({record.id})" if name else record.id


def linked_form(linked: Linked) -> dict[str, Any]:
    """Linked records as they are kept."""
    return {
        kind.value: [{"id": r.id, "properties": dict(r.properties)} for r in records]
        for kind, records in linked.items()
    }


def linked_from(kept: Mapping[str, Any] | None) -> Linked:
    """What `linked_form` gave."""
    return {
        LinkedKind(kind): tuple(map(record_of, records)) for kind, records in (kept or {}).items()
    }


def differs(before: Linked, now: Linked) -> bool:
    """Whether the records of a deal are others than before, or were changed since. A kind that
    could not be read now is not compared."""
    return any(_marks(before.get(kind, ())) != _marks(records) for kind, records in now.items())


def _marks(records: Iterable[Record]) -> frozenset[object]:
    return frozenset((record.id, record.modified_at()) for record in records)
