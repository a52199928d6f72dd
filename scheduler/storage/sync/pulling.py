"""The rows of what was read from HubSpot. Always holds: an older reading never replaces a newer
one, and what was read is not read again before it has changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    TextClause,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)
from typing_extensions import override

from scheduler.core.sync.identity import RecordState
from scheduler.core.sync.linked import Linked, linked_form, linked_from
from scheduler.core.sync.records import Record, kept_form
from scheduler.core.sync.states import Waits
from scheduler.core.sync.terms import SOURCE
from scheduler.core.words.reasons import reason
from scheduler.services.sync.pull_store import PullingTransaction, Reading
from scheduler.storage.database.deals import CONTRACTS, CUSTOMERS
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.transactions import OnConnection

RECORDS, STATE = metadata.tables["hubspot_records"], metadata.tables["hubspot_state"]
PUSHES = metadata.tables["hubspot_pushes"]
_KEPT = select(STATE.c.value).where(STATE.c.key == bindparam("of"))
_KEEP = (
    update(STATE)
    .where(STATE.c.key == bindparam("of"))
    .values(value=bindparam("to"), at=bindparam("now"))
)
_AT_A_TIME = 500
REFUSED = "sync_not_given"
"""The reason for which a record is held that HubSpot refuses to give."""


def waits_for(*waits: Waits) -> TextClause:
    """Records that wait for one of these. The words stand in the statement itself: an index of some
    rows is used only by a query that names the same ones."""
    words = ", ".join(f"'{each.value}'" for each in waits)
    named = f"waits = {words}" if len(waits) == 1 else f"waits IN ({words})"
    return text(f"hubspot_records.waits <> '' AND hubspot_records.{named}")


_GONE = [
    state.value for state in (RecordState.ARCHIVED, RecordState.DELETED, RecordState.MOVED_OUT)
]


class PullQueries(OnConnection, PullingTransaction):
    """Keeps what is read, and facts that a sync remembers."""

    @override
    def kept(self, key: str) -> str | None:
        return self._connection.scalar(_KEPT, {"of": key})

    @override
    def keep(self, key: str, value: str, now: datetime) -> None:
        changed = self._connection.execute(_KEEP, {"of": key, "to": value, "now": now})
        if not changed.rowcount:
            self._connection.execute(insert(STATE).values(key=key, value=value, at=now))

    @override
    def forget(self, key: str) -> None:
        self._connection.execute(delete(STATE).where(STATE.c.key == key))

    @override
    def store(self, readings: Sequence[Reading], now: datetime) -> None:
        for some in in_pieces({r.record_id: r for r in readings}.values()):
            known = self._known(some)
            fresh = [_new(r, now) for r in some if r.record_id not in known]
            if fresh:
                self._connection.execute(insert(RECORDS), fresh)
            ids = [r for r in some if r.record_id in known and r.record is None]
            self._found_again([r for r in ids if _is_newer(r, known[r.record_id])])
            self._read_again(
                [r for r in some if r.record_id in known and r.record is not None], now
            )

    def _known(self, some: Sequence[Reading]) -> Mapping[str, Any]:
        """The known state of each of these: when it was changed, as far as is known, when it was
        asked for and what it waits for."""
        columns = (RECORDS.c.record_id, RECORDS.c.modified_at, RECORDS.c.read_at, RECORDS.c.waits)
        rows = self._connection.execute(
            select(*columns).where(RECORDS.c.record_id.in_([r.record_id for r in some]))
        )
        return {r.record_id: r for r in rows}

    def _found_again(self, some: Sequence[Reading]) -> None:
        """Known records that have changed: they are to be read whole, and those that were gone to
        be looked up."""
        for gone, waits in ((False, Waits.HISTORY), (True, Waits.LOOK)):
            which = RECORDS.c.record_id.in_([r.record_id for r in some])
            state = RECORDS.c.state.in_(_GONE) if gone else RECORDS.c.state.not_in(_GONE)
            if some:
                self._connection.execute(
                    update(RECORDS).where(which, state).values(waits=waits.value)
                )

    def _read_again(self, some: Sequence[Reading], now: datetime) -> None:
        """Known records that were read whole."""
        values: dict[str, Any] = {"raw": bindparam("raw_"), "modified_at": bindparam("modified_")}
        more = {"waits": bindparam("waits_"), "read_at": now, "state": "here"}
        for linked in (False, True):
            rows = [_values(r) for r in some if (r.company_id is not None) is linked]
            company: dict[str, Any] = {"company_id": bindparam("company_")} if linked else {}
            if rows:
                self._connection.execute(
                    update(RECORDS)
                    .where(RECORDS.c.record_id == bindparam("id_"))
                    .values(**values, **more, **company),
                    rows,
                )

    @override
    def waiting(self, waits: Waits, limit: int) -> Sequence[str]:
        query = select(RECORDS.c.record_id).where(waits_for(waits))
        order = (RECORDS.c.read_at, RECORDS.c.record_id)
        return list(self._connection.scalars(query.order_by(*order).limit(limit)))

    @override
    def put_off(self, records: Sequence[str], refused: Mapping[str, str], now: datetime) -> None:
        for id in records:
            said = {"held": reason(REFUSED, words=refused[id])} if id in refused else {}
            self._connection.execute(
                update(RECORDS).where(RECORDS.c.record_id == id).values(**_put_off(now), **said)
            )

    @override
    def put_off_nameless(self, companies: Sequence[str], now: datetime) -> None:
        for some in in_pieces(companies):
            which = (RECORDS.c.company_id.in_(some), waits_for(Waits.COMPANY))
            self._connection.execute(update(RECORDS).where(*which).values(**_put_off(now)))

    @override
    def begin_put_off(self, refused_before: datetime) -> None:
        may = or_(~RECORDS.c.held.contains(REFUSED), RECORDS.c.read_at <= refused_before)
        self._connection.execute(
            update(RECORDS).where(waits_for(Waits.PUT_OFF), may).values(waits=Waits.HISTORY.value)
        )

    @override
    def companies_waiting(self, limit: int) -> Sequence[str]:
        query = select(RECORDS.c.company_id).distinct().where(waits_for(Waits.COMPANY))
        return list(self._connection.scalars(query.order_by(RECORDS.c.company_id).limit(limit)))

    @override
    def linked(self, companies: Mapping[str, str], then: Waits) -> None:
        rows = [
            {
                "id_": id,
                "company_": company,
                "waits_": (Waits.COMPANY if company else then).value,
            }
            for id, company in companies.items()
        ]
        if rows:
            self._connection.execute(
                update(RECORDS)
                .where(RECORDS.c.record_id == bindparam("id_"))
                .values(company_id=bindparam("company_"), waits=bindparam("waits_")),
                rows,
            )

    @override
    def named(self, names: Mapping[str, str], then: Waits) -> None:
        rows = [{"id_": id, "name_": name} for id, name in names.items()]
        if rows:
            self._connection.execute(
                update(RECORDS)
                .where(RECORDS.c.company_id == bindparam("id_"), waits_for(Waits.COMPANY))
                .values(company=bindparam("name_"), waits=then.value),
                rows,
            )

    @override
    def customers(self, companies: Sequence[str]) -> Mapping[str, str]:
        query = select(CUSTOMERS.c.source_id, CUSTOMERS.c.name).where(CUSTOMERS.c.source == SOURCE)
        found: dict[str, str] = {}
        for some in in_pieces(companies):
            rows = self._connection.execute(query.where(CUSTOMERS.c.source_id.in_(some)))
            found |= {row.source_id: row.name for row in rows}
        return found

    @override
    def keep_linked(self, found: Mapping[str, Linked]) -> None:
        rows = [{"id_": id, "linked_": linked_form(linked)} for id, linked in found.items()]
        if rows:
            self._connection.execute(
                update(RECORDS)
                .where(RECORDS.c.record_id == bindparam("id_"))
                .values(linked=bindparam("linked_"), waits=Waits.TAKING.value),
                rows,
            )

    @override
    def linked_after(self, record_id: str, limit: int) -> Mapping[str, Linked]:
        rows = self._after(record_id, limit, RECORDS.c.linked)
        return {id: linked_from(linked) for id, linked in rows}

    @override
    def companies_after(self, record_id: str, limit: int) -> Mapping[str, str]:
        return dict(self._after(record_id, limit, RECORDS.c.company_id))

    def _after(self, record_id: str, limit: int, column: Column[Any]) -> Iterator[tuple[str, Any]]:
        """A column of the next records that are here and wait for nothing."""
        here = (RECORDS.c.state == RecordState.HERE.value, RECORDS.c.waits == "")
        query = (
            select(RECORDS.c.record_id, column)
            .where(RECORDS.c.record_id > record_id, *here)
            .order_by(RECORDS.c.record_id)
            .limit(limit)
        )
        yield from ((row[0], row[1]) for row in self._connection.execute(query))

    @override
    def wait(self, records: Sequence[str], waits: Waits) -> None:
        for some in in_pieces(records):
            self._connection.execute(
                update(RECORDS).where(RECORDS.c.record_id.in_(some)).values(waits=waits.value)
            )

    @override
    def again_of(self, people: Collection[int], waits: Waits) -> None:
        here = (RECORDS.c.state == RecordState.HERE.value, RECORDS.c.waits == "")
        for some in in_pieces(people):
            theirs = select(CONTRACTS.c.source_id).where(
                CONTRACTS.c.source == SOURCE, CONTRACTS.c.owner_id.in_(some)
            )
            self._connection.execute(
                update(RECORDS)
                .where(RECORDS.c.record_id.in_(theirs), *here)
                .values(waits=waits.value)
            )

    @override
    def elsewhere(self, records: Sequence[str]) -> None:
        here = RECORDS.c.state == RecordState.HERE.value
        for some in in_pieces(records):
            self._connection.execute(
                update(RECORDS)
                .where(RECORDS.c.record_id.in_(some), here)
                .values(waits=Waits.LOOK.value)
            )

    @override
    def read_anew(self) -> None:
        self._connection.execute(update(RECORDS).values(modified_at=None))

    @override
    def try_held(self, then: Waits) -> None:
        held = (
            RECORDS.c.held != "",
            RECORDS.c.waits == "",
            RECORDS.c.state == RecordState.HERE.value,
        )
        self._connection.execute(update(RECORDS).where(*held).values(waits=then.value))

    @override
    def push_anew(self) -> None:
        self._connection.execute(update(PUSHES).values(policy_version=0, digest=""))

    @override
    def count(self, *waits: Waits) -> int:
        query = select(func.count()).select_from(RECORDS).where(waits_for(*waits))
        return self._connection.scalar(query) or 0


def _put_off(now: datetime) -> dict[str, Any]:
    """The values kept of a record that was asked for in vain."""
    return {"waits": Waits.PUT_OFF.value, "read_at": now}


def _is_newer(reading: Reading, known: Any) -> bool:
    """Whether a record that was found has changed since it was read, or asked for in vain."""
    if known.waits == Waits.LOOK.value or reading.modified_at is None:
        return True
    if known.waits == Waits.PUT_OFF.value:
        return bool(reading.modified_at > known.read_at)
    return bool(reading.modified_at != known.modified_at)


def _new(reading: Reading, now: datetime) -> dict[str, Any]:
    """The row of a record that was not known. What is only found has no instant yet, so that it is
    read whole however often the run is broken off."""
    record = reading.record
    return {
        "record_id": reading.record_id,
        "raw": kept_form(record) if record else {},
        "modified_at": reading.modified_at if record else None,
        "read_at": now,
        "waits": reading.waits.value,
        "company_id": reading.company_id or "",
        "company": "",
        "held": "",
    }


def _values(reading: Reading) -> dict[str, Any]:
    """A reading as parameters."""
    record: Record | None = reading.record
    return {
        "id_": reading.record_id,
        "raw_": kept_form(record) if record else {},
        "modified_": reading.modified_at,
        "waits_": reading.waits.value,
        "company_": reading.company_id,
    }


T = TypeVar("T")


def in_pieces(things: Iterable[T]) -> Iterator[list[T]]:
    """The things in lists that one statement can name."""
    things = list(things)
    yield from (things[at : at + _AT_A_TIME] for at in range(0, len(things), _AT_A_TIME))
