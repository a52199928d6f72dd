"""Deals from rows and successors to rows. Always holds: a batch of deals is read in a constant
number of queries, whatever its size."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, bindparam, func, insert, select

from scheduler.core.deal.contracts import Contract, Customer, Money
from scheduler.core.deal.deal import Deal, Event, NextTerm, Nudge
from scheduler.core.deal.people import Absence, Person
from scheduler.core.deal.pipeline import Actor, Passage
from scheduler.core.deal.successor import SUCCESSORS, successor_id
from scheduler.core.words.keys import deal_key
from scheduler.core.words.lexicon import (
    ActorKind,
    Call,
    EventState,
    Health,
    NudgeState,
    Paperwork,
    Urgency,
)
from scheduler.core.words.reasons import reason
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.values import (
    absence_from,
    lost_from,
    person_from,
    recipient_from,
    term_from,
    won_from,
)

T = metadata.tables
DEALS, CONTRACTS, CUSTOMERS, PEOPLE = T["deals"], T["contracts"], T["customers"], T["people"]
EVENTS, NUDGES, PASSAGES, ABSENCES = T["events"], T["nudges"], T["passages"], T["absences"]
_MOST = 900
_EVENT_STATES = {state.value: state for state in EventState}
_NUDGE_STATES = {state.value: state for state in NudgeState}
_URGENCIES = {urgency.value: urgency for urgency in Urgency}

_DEAL_FIELDS = [c for c in DEALS.c if c.name not in ("voided_at", "import_id", "closed_at")]
_CONTRACT_FIELDS = [
    c.label(f"c_{c.name}")
    for c in CONTRACTS.c
    if c.name not in ("import_id", "row_hash", "predecessor_id", "system_made")
]
_CUSTOMER_FIELDS = [
    c.label(f"k_{c.name}")
    for c in CUSTOMERS.c
    if c.name not in ("import_id", "source", "source_id")
]
_EVENT_FIELDS = [EVENTS.c[field.name] for field in fields(Event)]
_NUDGE_FIELDS = [
    NUDGES.c[name]
    for name in (
        "key milestone anchor_on step recipient person_id role because state reason urgency late "
        "instead_of id delayed_from"
    ).split()
]
_PARENT = CUSTOMERS.alias("parent")
_DEALS_QUERY = select(*_DEAL_FIELDS).where(DEALS.c.id.in_(bindparam("ids", expanding=True)))
_CONTRACTS_QUERY = select(*_CONTRACT_FIELDS).where(
    CONTRACTS.c.id.in_(bindparam("ids", expanding=True))
)
_CUSTOMERS_QUERY = (
    select(*_CUSTOMER_FIELDS, _PARENT.c.name.label("parent_name"))
    .outerjoin(_PARENT, _PARENT.c.id == CUSTOMERS.c.parent_id)
    .where(CUSTOMERS.c.id.in_(bindparam("ids", expanding=True)))
)
"""Three queries and not one that joins them: without statistics SQLite begins such a join at the
customers, and reads all of them for some deals."""
_EVENTS_QUERY = (
    select(EVENTS.c.deal_id, *_EVENT_FIELDS)
    .where(EVENTS.c.deal_id.in_(bindparam("ids", expanding=True)))
    .order_by(EVENTS.c.id)
)
_NUDGES_QUERY = (
    select(NUDGES.c.deal_id, *_NUDGE_FIELDS)
    .where(NUDGES.c.deal_id.in_(bindparam("ids", expanding=True)))
    .order_by(NUDGES.c.id)
)
_PEOPLE_QUERY = select(PEOPLE).where(PEOPLE.c.id.in_(bindparam("ids", expanding=True)))
_ABSENCES_QUERY = (
    select(ABSENCES)
    .where(
        ABSENCES.c.person_id.in_(bindparam("ids", expanding=True)),
        ABSENCES.c.cancelled_at.is_(None),
    )
    .order_by(ABSENCES.c.first_on, ABSENCES.c.id)
)


def load_deals(
    connection: Connection,
    ids: Sequence[int],
    *,
    told: bool = True,
    known: Mapping[int, Person] = MappingProxyType({}),
) -> list[Deal]:
    """The deals with these numbers, in that order, with all that a rule may read; not `told`:
    without events and nudges. `known` are people who were loaded before."""
    found: dict[int, Deal] = {}
    for start in range(0, len(ids), _MOST):
        found.update(_load_some(connection, ids[start : start + _MOST], told, known))
    return [found[i] for i in ids if i in found]


def _load_some(
    connection: Connection, ids: Sequence[int], told: bool, known: Mapping[int, Person]
) -> dict[int, Deal]:
    """Some deals, by number."""
    deals = _named(connection, _DEALS_QUERY, ids)
    numbers = {deal["contract_id"] for deal in deals}
    contracts = {c["c_id"]: c for c in _named(connection, _CONTRACTS_QUERY, numbers)}
    numbers = {contract["c_customer_id"] for contract in contracts.values()}
    customers = {c["k_id"]: c for c in _named(connection, _CUSTOMERS_QUERY, numbers)}
    both = ((deal, contracts[deal["contract_id"]]) for deal in deals)
    rows = [deal | contract | customers[contract["c_customer_id"]] for deal, contract in both]
    events: dict[int, list[Event]] = defaultdict(list)
    for deal_id, *values in _all(connection, _EVENTS_QUERY, ids) if told else ():
        events[deal_id].append(_event(*values))
    nudges: dict[int, list[Nudge]] = defaultdict(list)
    for deal_id, *values in _all(connection, _NUDGES_QUERY, ids) if told else ():
        nudges[deal_id].append(_nudge(*values))
    named = {p for r in rows for p in (r["c_owner_id"], r["c_sales_id"]) if p is not None}
    everybody = {**known, **load_circle(connection, named - known.keys())}
    return {
        r["id"]: _deal(r, everybody, tuple(events[r["id"]]), tuple(nudges[r["id"]])) for r in rows
    }


def _named(connection: Connection, query: Any, ids: Iterable[int]) -> list[dict[str, Any]]:
    """The rows of a query, each by the names of its columns."""
    read = connection.execute(query, {"ids": list(ids)})
    names = tuple(read.keys())
    return [dict(zip(names, row, strict=True)) for row in read.all()]


def _all(connection: Connection, query: Any, ids: Sequence[int]) -> Sequence[Any]:
    """The rows of a query, all at once: a cursor that is asked for one row after the other takes
    longer than the database."""
    found: Sequence[Any] = connection.execute(query, {"ids": list(ids)}).all()
    return found


def load_people(connection: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """People by number."""
    wanted = list(ids)
    if not wanted:
        return {}
    absences: dict[int, list[Absence]] = defaultdict(list)
    for row in connection.execute(_ABSENCES_QUERY, {"ids": wanted}).mappings():
        absences[row["person_id"]].append(absence_from(row))
    return {
        r["id"]: person_from(r, tuple(absences[r["id"]]))
        for r in connection.execute(_PEOPLE_QUERY, {"ids": wanted}).mappings()
    }


def load_passages(connection: Connection, ids: Sequence[int]) -> dict[int, list[Passage]]:
    """The passages of some deals, by the deal's number, oldest first."""
    found: dict[int, list[Passage]] = defaultdict(list)
    for row in connection.execute(
        select(PASSAGES).where(PASSAGES.c.deal_id.in_(ids)).order_by(PASSAGES.c.id)
    ).mappings():
        actor = Actor(ActorKind(row["actor_kind"]), row["actor"])
        undone = row["voided_at"] is not None
        found[row["deal_id"]].append(
            Passage(
                row["from_stage"],
                row["to_stage"],
                row["at"],
                row["because"],
                actor,
                row["observed"],
                undone,
            )
        )
    return found


def load_circle(connection: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """These people with everybody a route may lead to from them: their managers and delegates, and
    theirs."""
    found: dict[int, Person] = {}
    wanted = set(ids)
    while wanted:
        some = load_people(connection, wanted)
        found.update(some)
        following = {
            i
            for p in some.values()
            for i in (p.manager_id, *(a.delegate_id for a in p.absences))
            if i is not None
        }
        wanted = following - set(found)
    return found


def _deal(
    row: Mapping[str, Any],
    people: Mapping[int, Person],
    events: tuple[Event, ...],
    nudges: tuple[Nudge, ...],
) -> Deal:
    """One deal of a joined row."""
    owner = people.get(row["c_owner_id"])
    return Deal(
        id=row["id"],
        key=row["key"],
        version=row["version"],
        pipeline=row["pipeline"],
        stage=row["stage"],
        stage_entered_at=row["stage_entered_at"],
        contract=_contract(row),
        arrived_at=row["arrived_at"],
        owner=owner,
        sales=people.get(row["c_sales_id"]),
        manager=people.get(owner.manager_id) if owner and owner.manager_id else None,
        health=Health(row["health"]),
        health_because=row["health_because"],
        paperwork=Paperwork(row["paperwork"]),
        expected_on=row["expected_on"],
        expected_chosen=row["expected_chosen"],
        call=Call(row["call"]) if row["call"] else None,
        called_on=row["called_on"],
        call_note=row["call_note"] or "",
        notice_on=row["notice_on"],
        notice_lost=lost_from(row["notice_lost"]),
        baseline_at=row["baseline_at"],
        wake_at=row["wake_at"],
        policy_version=row["policy_version"],
        events=events,
        nudges=nudges,
        won=won_from(row["won"]),
        lost=lost_from(row["lost"]),
        people=people,
    )


def _contract(row: Mapping[str, Any]) -> Contract:
    """The contract of a joined row."""
    customer = Customer(
        row["k_id"],
        row["k_name"],
        row["k_country"],
        row["k_segment"],
        row["k_parent_id"],
        row["parent_name"],
    )
    attributes = row["c_attributes"] or {}
    return Contract(
        id=row["c_id"],
        number=row["c_number"],
        customer=customer,
        product=row["c_product"],
        starts_on=row["c_starts_on"],
        ends_on=row["c_ends_on"],
        term=term_from(row["c_term"]),
        notice=term_from(row["c_notice"]),
        decide_by=row["c_decide_by"],
        auto_renew=bool(row["c_auto_renew"]),
        amount=Money(row["c_amount"], row["c_currency"]),
        evergreen=bool(row["c_evergreen"]),
        estimated=bool(row["c_estimated"]),
        url=row["c_url"],
        series_starts_on=row["c_series_starts_on"],
        term_number=row["c_term_number"],
        source=row["c_source"],
        source_id=row["c_source_id"],
        title=row["c_title"],
        attributes=tuple((str(k), str(v)) for k, v in attributes.items()),
        renewal_term=term_from(row["c_renewal_term"]),
        renewal_notice=term_from(row["c_renewal_notice"]),
    )


def _event(
    milestone: str,
    anchor_on: date,
    day_on: date,
    state: str,
    reason: str,
    at: datetime,
    step: int,
    was: str | None,
    *answered: Any,
) -> Event:
    """One row of `events`, its columns in the order of the value's fields."""
    return Event(
        milestone,
        anchor_on,
        day_on,
        _EVENT_STATES[state],
        reason,
        at,
        step,
        _EVENT_STATES[was] if was else None,
        *answered,
    )


def _nudge(
    key: str,
    milestone: str,
    anchor_on: date,
    step: int,
    recipient: str,
    person_id: int | None,
    role: str,
    because: str,
    state: str,
    reason: str,
    urgency: str,
    late: bool,
    instead_of: int | None,
    id_: int,
    delayed_from: date | None,
) -> Nudge:
    """One row of `nudges`, its columns in that order too."""
    return Nudge(
        key,
        milestone,
        anchor_on,
        step,
        recipient_from(recipient, person_id),
        role,
        because,
        _NUDGE_STATES[state],
        reason,
        _URGENCIES[urgency],
        bool(late),
        instead_of,
        id_,
        delayed_from,
    )


def insert_successor(connection: Connection, deal: Deal, following: NextTerm, now: datetime) -> int:
    """The contract and the deal of the term that follows `deal`'s; returns the new deal's number.

    Its id at its source counts the successors its predecessor ever had, so that a renewal undone
    and won again makes a new one.
    """
    before = connection.execute(
        select(func.count()).where(CONTRACTS.c.predecessor_id == deal.contract.id)
    ).scalar_one()
    source_id = successor_id(deal.key, before + 1)
    old = (
        connection.execute(select(CONTRACTS).where(CONTRACTS.c.id == deal.contract.id))
        .mappings()
        .one()
    )
    kept = {
        k: old[k]
        for k in (
            "number",
            "customer_id",
            "product",
            "title",
            "owner_id",
            "sales_id",
            "url",
            "attributes",
        )
    }
    contract_id = _new_id(
        connection,
        CONTRACTS,
        kept
        | {
            "source": SUCCESSORS,
            "source_id": source_id,
            "starts_on": following.starts_on,
            "ends_on": following.ends_on,
            "term": str(following.term) if following.term else None,
            "notice": str(following.notice) if following.notice else None,
            "renewal_term": str(following.renewal_term) if following.renewal_term else None,
            "renewal_notice": str(following.renewal_notice) if following.renewal_notice else None,
            "decide_by": following.decide_by,
            "auto_renew": following.auto_renew,
            "amount": following.amount.minor,
            "currency": following.amount.currency,
            "estimated": False,
            "evergreen": False,
            "series_starts_on": following.series_starts_on,
            "term_number": following.term_number,
            "predecessor_id": deal.contract.id,
            "system_made": True,
        },
    )
    deal_id = _new_id(
        connection,
        DEALS,
        new_deal(
            contract_id,
            SUCCESSORS,
            source_id,
            following.pipeline,
            following.stage,
            now,
            health=deal.health,
        ),
    )
    connection.execute(
        insert(PASSAGES),
        [
            first_passage(
                deal_id, following.stage, now, reason("renewal_opened"), ActorKind.POLICY, "system"
            )
        ],
    )
    return deal_id


def new_deal(
    contract_id: int,
    source: str,
    source_id: str,
    pipeline: str,
    stage: str,
    now: datetime,
    *,
    health: Health = Health.UNKNOWN,
    baseline: bool = False,
) -> dict[str, Any]:
    """The columns of a deal that has just arrived and whose alarm rings at once."""
    return {
        "key": deal_key(source, source_id),
        "version": 1,
        "contract_id": contract_id,
        "pipeline": pipeline,
        "stage": stage,
        "stage_entered_at": now,
        "arrived_at": now,
        "baseline_at": now if baseline else None,
        "health": health.value,
        "health_because": "",
        "paperwork": Paperwork.NONE.value,
        "wake_at": now,
        "policy_version": 0,
    }


def first_passage(
    deal_id: int, stage: str, at: datetime, because: str, kind: ActorKind, actor: str
) -> dict[str, Any]:
    """The columns of the passage into a deal's first stage."""
    return {
        "deal_id": deal_id,
        "from_stage": None,
        "to_stage": stage,
        "at": at,
        "because": because,
        "actor_kind": kind.value,
        "actor": actor,
        "observed": True,
    }


def _new_id(connection: Connection, table: Any, values: Mapping[str, Any]) -> int:
    """Inserts one row and returns its number."""
    number: int = connection.execute(
        insert(table).values(**values).returning(table.c.id)
    ).scalar_one()
    return number
