"""Makes deals from rows, and rows from successors. Always holds: a batch of deals is read in a
constant number of queries, whatever its size."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache, partial
from types import MappingProxyType

from sqlalchemy import Connection, Dialect, select

from scheduler.core.deal.contracts import Contract, Customer, Money
from scheduler.core.deal.deal import UNSENT, Deal, Event, Nudge
from scheduler.core.deal.pauses import PausedUntil
from scheduler.core.deal.people import Absence, Person
from scheduler.core.deal.pipeline import Actor, Passage
from scheduler.core.deal.stored import StoredDeal, circle, is_there
from scheduler.core.words.lexicon import (
    ActorKind,
    EventState,
    ForecastCall,
    Health,
    NudgeState,
    Paperwork,
    Urgency,
)
from scheduler.storage.database.deal_rows import (
    CONTRACTS,
    CUSTOMERS,
    DEALS,
    EVENTS,
    NUDGES,
    OWN_OF_CONTRACT,
    OWN_OF_CUSTOMER,
    OWN_OF_DEAL,
    OWN_OF_EVENT,
    OWN_OF_NUDGE,
    Columns,
    DealRows,
    T,
    read_rows,
    selection,
)
from scheduler.storage.database.paused import paused_until
from scheduler.storage.database.values import (
    absence_from,
    fingerprint_in,
    health_timeline_from,
    lost_from,
    person_from,
    recipient_from,
    said_health_from,
    term_from,
    won_from,
)

__all__ = ["CONTRACTS", "CUSTOMERS", "DEALS", "EVENTS", "NUDGES"]
PEOPLE, PASSAGES, ABSENCES = T["people"], T["passages"], T["absences"]
_OPEN = (None, None, None)
"""The columns of a deal without a notice's reason and without an outcome."""
_THE_OWNER = -1
_WAIT = frozenset(state.value for state in UNSENT)
_NUDGE_STATE = OWN_OF_NUDGE + 5
_NUMBER = 7
"""Where a contract's row has its number."""
_MOST = 900
_HEALTHS = {health.value: health for health in Health}
_PAPERWORKS = {paperwork.value: paperwork for paperwork in Paperwork}
_EVENT_STATES = {state.value: state for state in EventState}
_NUDGE_STATES = {state.value: state for state in NudgeState}
_URGENCIES = {urgency.value: urgency for urgency in Urgency}

_PEOPLE = selection(list(PEOPLE.c), "people WHERE id {among}")
_ABSENCES = selection(
    list(ABSENCES.c),
    "absences WHERE person_id {among} AND cancelled_at IS NULL ORDER BY first_on, id",
)


def load_deals(
    connection: Connection,
    ids: Sequence[int],
    *,
    told: bool = True,
    known: Mapping[int, Person] = MappingProxyType({}),
) -> list[Deal]:
    """The deals with these numbers, in that order, with all that a rule may read; if not `told`,
    without events and nudges. `known` are people who are loaded already."""
    found: dict[int, Deal] = {}
    paused = paused_until(connection)
    for start in range(0, len(ids), _MOST):
        some = read_rows(connection, ids[start : start + _MOST], told=told)
        people = _people_of(connection, some, known)
        found.update(
            {rows.deal[0]: _deal(rows, connection.dialect, people, paused) for rows in some}
        )
    return [found[i] for i in ids if i in found]


def stored_deals(connection: Connection, ids: Sequence[int]) -> list[StoredDeal]:
    """The deals with these numbers, in that order, each with what decides whether another deal
    lives like it."""
    found: dict[int, StoredDeal] = {}
    paused = paused_until(connection)
    for start in range(0, len(ids), _MOST):
        some = read_rows(connection, ids[start : start + _MOST])
        people = _people_of(connection, some)
        there = {None, *(number for number, person in people.items() if is_there(person))}
        circles = {n: circle(people.get(n), people) for n in {rows.contract[2] for rows in some}}
        for rows in some:
            facts = _facts(rows, circles[rows.contract[2]], there)
            found[rows.deal[0]] = _stored(
                rows, facts, partial(_deal, rows, connection.dialect, people, paused), paused
            )
    return [found[i] for i in ids if i in found]


def _stored(
    rows: DealRows, facts: Hashable | None, made: Callable[[], Deal], paused: PausedUntil
) -> StoredDeal:
    """Makes one deal of its row."""
    deal, contract = rows.deal, rows.contract
    waits = not _WAIT.isdisjoint([nudge[_NUDGE_STATE] for nudge in rows.nudges])
    of = (deal[0], deal[1], deal[2], deal[5], contract[2])
    amount = Money(contract[4], contract[OWN_OF_CONTRACT])
    until = _paused_until(rows, paused)
    return StoredDeal(*of, amount, facts, waits, made, fingerprint_in(deal[-1]), until)


def _paused_until(rows: DealRows, paused: PausedUntil) -> datetime | None:
    """Until when the deal is paused, by its pipeline and its contract's number."""
    return paused.of(rows.deal[OWN_OF_DEAL], rows.contract[_NUMBER])


def _facts(rows: DealRows, owner: Hashable | None, there: set[int | None]) -> Hashable | None:
    """All that rules read about the deal except its own columns, with `owner` and the numbers of
    the people it leads to; None if one of them is not `there`, or if the deal has ended."""
    deal, contract, customer, events, nudges = rows
    people = [contract[3], *[e[2] for e in events], *[n[4] for n in nudges]]
    people += [n[5] for n in nudges]
    if owner is None or not there.issuperset(people) or deal[6:OWN_OF_DEAL] != _OPEN:
        return None
    return (
        owner,
        tuple([_THE_OWNER if p is not None and p == contract[2] else p for p in people]),
        deal[OWN_OF_DEAL:],
        contract[OWN_OF_CONTRACT:],
        customer[OWN_OF_CUSTOMER:-1],
        tuple([event[OWN_OF_EVENT:] for event in events]),
        tuple([(nudge[4] is None and nudge[3], *nudge[OWN_OF_NUDGE:]) for nudge in nudges]),
    )


def _people_of(
    connection: Connection,
    some: Iterable[DealRows],
    known: Mapping[int, Person] = MappingProxyType({}),
) -> Mapping[int, Person]:
    """Everybody to whom the rules may turn for these deals."""
    named = {p for rows in some for p in rows.contract[2:4] if p is not None}
    return {**known, **load_circle(connection, named - known.keys())}


def load_people(connection: Connection, ids: Iterable[int]) -> dict[int, Person]:
    """People by number."""
    wanted = list(ids)
    if not wanted:
        return {}
    absences: dict[int, list[Absence]] = defaultdict(list)
    for row in _ABSENCES.named(connection, wanted):
        absences[row["person_id"]].append(absence_from(row))
    return {
        row[0]: _person(row, tuple(absences[row[0]]), connection.dialect)
        for row in _PEOPLE.rows(connection, wanted)
    }


@lru_cache(maxsize=4096)  # every batch of deals has the people of the one before
def _person(row: Columns, absences: tuple[Absence, ...], dialect: Dialect) -> Person:
    """Makes a person of one row, as the driver gives it."""
    return person_from(_PEOPLE.by_name(row, dialect), absences)


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
    so on."""
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
    read: DealRows, dialect: Dialect, people: Mapping[int, Person], paused: PausedUntil
) -> Deal:
    """Makes one deal of its rows."""
    rows = read.typed(dialect)
    (
        (id_, key, version, _, wake_at, policy_version, notice_lost, won, lost),
        (pipeline, stage, entered_at, arrived_at, baseline_at, health, health_because, *facts),
    ) = rows.deal[:OWN_OF_DEAL], rows.deal[OWN_OF_DEAL:]
    paperwork, expected_on, by_default, call, called_on, call_note, notice_on, *of_health = facts
    said_health, health_timeline = of_health
    owner = people.get(rows.contract[2])
    return Deal(
        id_,
        key,
        version,
        pipeline,
        stage,
        entered_at,
        _contract(rows.contract, rows.customer),
        arrived_at,
        owner,
        people.get(rows.contract[3]),
        people.get(owner.manager_id) if owner and owner.manager_id else None,
        _HEALTHS[health],
        health_because,
        _PAPERWORKS[paperwork],
        expected_on,
        by_default,
        ForecastCall(call) if call else None,
        called_on,
        call_note or "",
        notice_on,
        lost_from(notice_lost),
        baseline_at,
        wake_at,
        policy_version,
        tuple([_event(*event) for event in rows.events]),
        tuple([_nudge(*nudge) for nudge in rows.nudges]),
        won_from(won),
        lost_from(lost),
        people,
        said_health_from(said_health),
        health_timeline_from(health_timeline),
        _paused_until(read, paused),
    )


def _contract(contract: Columns, customer: Columns) -> Contract:
    """The contract of a deal."""
    (
        (id_, _, _, _, amount, source, source_id, number, title, url, attributes),
        (currency, product, starts_on, ends_on, term, notice, renewal_term, *facts),
    ) = contract[:OWN_OF_CONTRACT], contract[OWN_OF_CONTRACT:]
    renewal_notice, decide_by, auto_renew, evergreen, estimated, series_starts_on, number_of = facts
    customer_id, name, parent_id, country, segment, parent_name = customer
    return Contract(
        id_,
        number,
        Customer(customer_id, name, country, segment, parent_id, parent_name),
        product,
        starts_on,
        ends_on,
        term_from(term),
        term_from(notice),
        decide_by,
        bool(auto_renew),
        Money(amount, currency),
        bool(evergreen),
        bool(estimated),
        url,
        series_starts_on,
        number_of,
        source,
        source_id,
        title,
        tuple((str(k), str(v)) for k, v in attributes.items()) if attributes else (),
        term_from(renewal_term),
        term_from(renewal_notice),
    )


def _event(
    deal_id: int,
    id_: int,
    snoozed_by: int | None,
    milestone: str,
    anchor_on: date,
    step: int,
    day_on: date,
    state: str,
    was: str | None,
    reason: str,
    at: datetime,
    answered_at: datetime | None,
    snoozed_until: date | None,
    seen: bool,
    answer: str,
) -> Event:
    """An event from one row of `events`, its columns in the order in which they are read."""
    return Event(
        milestone,
        anchor_on,
        day_on,
        _EVENT_STATES[state],
        reason,
        at,
        step,
        _EVENT_STATES[was] if was else None,
        answered_at,
        snoozed_until,
        snoozed_by,
        seen,
        answer,
        id_,
    )


def _nudge(
    deal_id: int,
    id_: int,
    key: str,
    recipient: str,
    person_id: int | None,
    instead_of: int | None,
    milestone: str,
    anchor_on: date,
    step: int,
    role: str,
    because: str,
    state: str,
    reason: str,
    urgency: str,
    late: bool,
    delayed_from: date | None,
) -> Nudge:
    """A nudge from one row of `nudges`, its columns in the order in which they are read."""
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
