"""Seals: a digest of every row's lasting columns, kept apart from the row, so that the balance
finds a row that was changed or is gone.

The end of a round seals the rows that were made since the last one. Always holds: a digest is never
replaced, only removed with its row by what may remove rows (`forget`); a row without one is merely
newer than the last round; no key is involved: seals find accidents and careless hands, not somebody
who makes new seals. What is in no seal, and why, is in `NOT_SEALED`.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import ColumnElement, Connection, Engine, and_, case, func, select, update

from scheduler.core.messages.channels import CHANGING
from scheduler.core.words.lexicon import EventState, MessageState, NudgeState
from scheduler.storage.database.engine import transaction, upsert
from scheduler.storage.database.meta import get_fact, set_fact
from scheduler.storage.database.rows import metadata

SEALS = metadata.tables["seals"]
MESSAGES, NUDGES, EVENTS = (metadata.tables[name] for name in ("messages", "nudges", "events"))
_SEALED, _BLOCK, _LETTERS = "sealed", 256, 16
_LATE = 2 * _BLOCK
"""How many numbers before the last sealed one are looked at again: a transaction may commit after
one that began later."""
_NONE = "0" * _LETTERS
_BATCH = 2000
_BY_NUMBER = {"policy_versions": "version"}

LASTING: Mapping[str, tuple[str, ...]] = {
    "policy_versions": (
        "hash",
        "document",
        "since",
        "author",
        "note",
        "applied_at",
        "effects",
        "names",
        "text",
    ),
    "people": (),
    "absences": ("person_id", "first_on", "last_on", "delegate_id", "note", "actor", "created_at"),
    "customers": (),
    "contracts": (),
    "deals": ("key", "contract_id", "import_id"),
    "passages": (
        "deal_id",
        "from_stage",
        "to_stage",
        "at",
        "because",
        "actor_kind",
        "actor",
        "observed",
        "import_id",
    ),
    "health_changes": ("deal_id", "at", "health", "was", "score", "because"),
    "events": ("deal_id", "milestone", "anchor_on", "step", "day_on", "at"),
    "nudges": ("key", "deal_id", "milestone", "anchor_on", "step", "created_at", "instead_of"),
    "messages": ("key", "kind", "created_at"),
    "answers": (
        "deal_id",
        "verb",
        "details",
        "before",
        "person_id",
        "actor",
        "via",
        "request",
        "at",
    ),
    "imports": ("source", "kind", "file", "sha256", "first_load", "started_at"),
    "import_changes": ("import_id", "table_name", "row_id", "before", "after"),
    "edits": ("import_id", "table_name", "row_id", "field", "value", "was"),
}
"""The columns that never change once a row is there, by table; of a table without any, only that
the row is there."""

SENT = (
    "key",
    "kind",
    "recipient",
    "person_id",
    "channel",
    "address",
    "language",
    "window_on",
    "sent_at",
    "handed_over_at",
)
CARRIED = (
    "key",
    "deal_id",
    "milestone",
    "anchor_on",
    "step",
    "recipient",
    "person_id",
    "role",
    "because",
    "state",
    "sent_at",
    "instead_of",
)
"""What is sealed of a sent message and of each nudge it carries, with its text, except on Slack,
where answers change the text."""

NOT_SEALED: Mapping[str, str] = {
    "meta": (
        "facts of running (the last sweep, marks of progress); what is wrong there shows in what "
        "is swept and sent"
    ),
    "plans": (
        "a plan that is gone or changed is planned again; what came into force by one is a version"
    ),
    "envelopes": (
        "what Slack delivered, deleted when it has been dealt with for some days; what came of it "
        "are answers"
    ),
    "hubspot_records, hubspot_ledger, hubspot_pushes, hubspot_conflicts, hubspot_state": (
        "how far HubSpot and the deals are in step; HubSpot itself can be read again"
    ),
    "limits": "how long a channel asked to be left alone, deleted when that is over",
    "channel_conditions": "whether a channel works at present",
    "signals, signal_subjects": (
        "what files have measured, millions of rows; the same file brings them again"
    ),
    "pauses": "what is to be quiet at present, and was",
    "contracts, customers, people, deals: other columns": (
        "what files, people and rules say today; changes leave answers, imports, passages"
    ),
    "events, nudges, messages (state, reason, lease, due and answer columns)": (
        "where they stand: checked against each other and against the rules"
    ),
}


@dataclass(frozen=True, slots=True)
class BrokenSeal:
    """A row that is not what was sealed: gone, or changed. `deal`: its deal, if the row is there
    and names one. `row` 0: the seals themselves are gone."""

    table: str
    row: int
    gone: bool
    deal: int | None = None


class SealRows:
    """Seals what is new."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def seal(self) -> int:
        """Seals the rows made and the messages sent since the last time, at most some thousands;
        returns how many."""
        with transaction(self._engine) as connection:
            seal_now = _Sealing(connection)
            return seal_now.made() + seal_now.sent()


class _Sealing:
    """One round of sealing on one connection. The mark is locked first, so that of two machines one
    waits."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        connection.execute(
            upsert(connection, metadata.tables["meta"])
            .values(key=_SEALED, value="{}")
            .on_conflict_do_nothing(index_elements=["key"])
        )
        self._marks: dict[str, int] = json.loads(get_fact(connection, _SEALED, locked=True) or "{}")

    def made(self) -> int:
        """Seals the rows that were made, in every table."""
        newest = self._connection.execute(_NEWEST).one()._asdict()
        new = {
            name: number
            for name, number in newest.items()
            if (number or 0) > self._marks.get(name, 0)
        }
        fresh = sum(self._table(name, number) for name, number in new.items())
        if new:
            set_fact(self._connection, _SEALED, json.dumps(self._marks))
        return fresh

    def _table(self, name: str, newest: int) -> int:
        """The new rows of one table."""
        number, last = _number_of(name), self._marks.get(name, 0)
        upto = min(newest, last + _BATCH)
        there = (
            self._connection.execute(
                select(number).where(number.between(last - _LATE, upto)).order_by(number)
            )
            .scalars()
            .all()
        )
        blocks = _blocks(self._connection, name, {row // _BLOCK for row in there})
        unsealed = {
            row
            for row in there
            if row // _BLOCK not in blocks or blocks[row // _BLOCK][row % _BLOCK] == _NONE
        }
        new = (
            dict(_digests(self._connection, name, number.between(min(unsealed), upto)))
            if unsealed
            else {}
        )
        fresh = unsealed & new.keys()
        for row in fresh:
            blocks.setdefault(row // _BLOCK, [_NONE] * _BLOCK)[row % _BLOCK] = new[row]
        _write(self._connection, name, {row // _BLOCK: blocks[row // _BLOCK] for row in fresh})
        self._marks[name] = upto
        return len(fresh)

    def sent(self) -> int:
        """Seals the messages that were sent and are not sealed yet."""
        ids = self._connection.execute(
            select(MESSAGES.c.id)
            .where(MESSAGES.c.state == MessageState.SENT.value, MESSAGES.c.seal.is_(None))
            .limit(_BATCH)
        ).scalars()
        seals = dict(sent_seals(self._connection, list(ids)))
        for number, seal in seals.items():
            self._connection.execute(
                update(MESSAGES).where(MESSAGES.c.id == number).values(seal=seal)
            )
        return len(seals)


def broken(connection: Connection) -> Iterator[BrokenSeal]:
    """Every row that is not what was sealed."""
    marks: dict[str, int] = json.loads(get_fact(connection, _SEALED) or "{}")
    there: dict[str, int] = {
        row[0]: row[1]
        for row in connection.execute(select(SEALS.c.topic, func.count()).group_by(SEALS.c.topic))
    }
    for name in LASTING:
        if there.get(name, 0) and name not in marks:
            yield BrokenSeal("seals", 0, gone=True)
        for block in range(marks.get(name, -1) // _BLOCK + 1):
            yield from _broken_in(connection, name, block)
    last = 0
    while ids := list(connection.execute(_sealed(last)).scalars()):
        kept = {
            row.id: row.seal
            for row in connection.execute(
                select(MESSAGES.c.id, MESSAGES.c.seal).where(MESSAGES.c.id.in_(ids))
            )
        }
        for number, seal in sent_seals(connection, ids):
            if seal != kept[number]:
                yield BrokenSeal("messages", number, gone=False)
        last = ids[-1]


def forget(connection: Connection, name: str, which: ColumnElement[bool]) -> None:
    """Removes the digests of rows that are about to be removed by what may remove them; messages
    that carried such nudges are sealed again."""
    rows = list(connection.execute(select(_number_of(name)).where(which)).scalars())
    blocks = _blocks(connection, name, {row // _BLOCK for row in rows})
    for row in rows:
        if row // _BLOCK in blocks:
            blocks[row // _BLOCK][row % _BLOCK] = _NONE
    _write(connection, name, blocks)
    if name == "nudges":
        carried = select(NUDGES.c.message_id).where(which, NUDGES.c.message_id.is_not(None))
        connection.execute(update(MESSAGES).where(MESSAGES.c.id.in_(carried)).values(seal=None))


def sent_seals(connection: Connection, ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    """The text each message is sealed with: to whom, when, what it said, and every nudge it
    carried."""
    if not ids:
        return
    carried: dict[int, list[list[Any]]] = {}
    nudges = (
        select(NUDGES.c.message_id, *(NUDGES.c[name] for name in CARRIED))
        .where(NUDGES.c.message_id.in_(ids))
        .order_by(NUDGES.c.key)
    )
    for number, *facts in connection.execute(nudges.where(NUDGES.c.state == NudgeState.SENT.value)):
        carried.setdefault(number, []).append(facts)
    columns = [MESSAGES.c[name] for name in (*SENT, "subject", "body")]
    for number, *facts in connection.execute(
        select(MESSAGES.c.id, *columns).where(MESSAGES.c.id.in_(ids)).order_by(MESSAGES.c.id)
    ):
        said = facts[len(SENT) :] if facts[SENT.index("channel")] not in CHANGING else []
        yield number, _digest([*facts[: len(SENT)], *said, carried.get(number, [])])


def _broken_in(connection: Connection, name: str, block: int) -> Iterator[BrokenSeal]:
    """The rows of one block that are not what was sealed."""
    first = block * _BLOCK
    found = dict(_digests(connection, name, _number_of(name).between(first, first + _BLOCK - 1)))
    kept = _blocks(connection, name, {block}).get(block)
    if kept is None:
        if found and any(row >= first for row in found):
            yield BrokenSeal("seals", 0, gone=True)
        return
    table = metadata.tables[name]
    for place, digest in enumerate(kept):
        row = first + place
        if digest in (_NONE, found.get(row)):
            continue
        deal = (
            connection.execute(select(table.c.deal_id).where(table.c.id == row)).scalar()
            if row in found and "deal_id" in table.c
            else None
        )
        yield BrokenSeal(
            name, row, gone=row not in found, deal=row if name == "deals" and row in found else deal
        )


def _digests(
    connection: Connection, name: str, which: ColumnElement[bool]
) -> Iterator[tuple[int, str]]:
    """The digest of each row's lasting columns, row by row."""
    table = metadata.tables[name]
    columns: list[Any] = [table.c[column] for column in LASTING[name]]
    if name == "events":
        columns.append(
            case((EVENTS.c.state == EventState.WITHDRAWN.value, EVENTS.c.was), else_=EVENTS.c.state)
        )
    for number, *facts in connection.execute(select(_number_of(name), *columns).where(which)):
        yield number, _digest([number, *facts])


def _digest(facts: Sequence[Any]) -> str:
    """The digest of some facts; never the one that stands for no row."""
    text = json.dumps(facts, default=_plain, sort_keys=True, ensure_ascii=False)
    found = sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LETTERS]
    return found if found != _NONE else _NONE[:-1] + "1"


def _plain(value: Any) -> str:
    """A day or an instant as text."""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def _blocks(connection: Connection, name: str, blocks: Collection[int]) -> dict[int, list[str]]:
    """The digests of some blocks, row by row."""
    query = select(SEALS.c.block, SEALS.c.digests).where(
        SEALS.c.topic == name, SEALS.c.block.in_(sorted(blocks))
    )
    return {block: _split(digests) for block, digests in connection.execute(query)}


def _split(digests: str) -> list[str]:
    """The digests of a block, one for each row; if the text was cut short, the rest become digests
    that match nothing."""
    return [
        digests[at : at + _LETTERS].ljust(_LETTERS, "?")
        for at in range(0, _BLOCK * _LETTERS, _LETTERS)
    ]


def _write(connection: Connection, name: str, blocks: Mapping[int, Sequence[str]]) -> None:
    """Keeps blocks."""
    for block, digests in blocks.items():
        new = upsert(connection, SEALS).values(topic=name, block=block, digests="".join(digests))
        connection.execute(
            new.on_conflict_do_update(
                index_elements=[SEALS.c.topic, SEALS.c.block],
                set_={"digests": new.excluded.digests},
            )
        )


def _number_of(name: str) -> Any:
    """The column by which rows are numbered."""
    return metadata.tables[name].c[_BY_NUMBER.get(name, "id")]


_NEWEST = select(
    *(select(func.max(_number_of(name))).scalar_subquery().label(name) for name in LASTING)
)
"""The last row of every table that is sealed."""


def _sealed(after: int) -> Any:
    """The next messages that were sealed when they were sent."""
    sealed = and_(MESSAGES.c.id > after, MESSAGES.c.seal.is_not(None))
    return select(MESSAGES.c.id).where(sealed).order_by(MESSAGES.c.id).limit(_BATCH)
