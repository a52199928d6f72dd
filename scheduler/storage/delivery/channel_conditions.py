"""The rows with the condition of each channel. Always holds: whoever changes one holds its lock, so
that a pause begins, and ends, once."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, func, or_, select, update

from scheduler.core.deal.people import Person
from scheduler.core.messages.channels import LEAVING, PERSONAL
from scheduler.core.messages.circuit_breaker import ChannelBreaker
from scheduler.core.messages.faults import FaultKind
from scheduler.core.rules.routing import Destination, destination_of_address, destinations_of
from scheduler.core.words.lexicon import ChannelName, MessageState, Role
from scheduler.core.words.reasons import reason
from scheduler.storage.database.deals import PEOPLE, load_people
from scheduler.storage.database.engine import upsert
from scheduler.storage.database.rows import metadata
from scheduler.storage.delivery.forming import MESSAGES

CONDITIONS = metadata.tables["channel_conditions"]
_KEY = ("channel", "setup")
_ONE = select(CONDITIONS).where(
    CONDITIONS.c.channel == bindparam("channel"), CONDITIONS.c.setup == bindparam("setup")
)
_ONE_LOCKED = _ONE.with_for_update()
_WAITING = (MessageState.QUEUED.value, MessageState.CLAIMED.value, MessageState.HANDED_OVER.value)


def read_conditions(connection: Connection) -> list[ChannelBreaker]:
    """All that is known of any channel."""
    return [_condition(row) for row in connection.execute(select(CONDITIONS)).mappings()]


def read_condition(
    connection: Connection, channel: ChannelName, setup: str, *, locked: bool = True
) -> ChannelBreaker:
    """The condition of one channel with this configuration; a channel without a row works.
    `locked`: nobody else changes it meanwhile."""
    which = {"channel": channel.value, "setup": setup}
    row = connection.execute(_ONE_LOCKED if locked else _ONE, which).mappings().first()
    return _condition(row) if row is not None else ChannelBreaker(channel, setup)


def keep_condition(connection: Connection, condition: ChannelBreaker) -> None:
    """Writes a channel's row."""
    columns = CONDITIONS.c.keys()
    values = {name: getattr(condition, name) for name in columns if name != "nature"} | {
        "channel": condition.channel.value,
        "nature": condition.fault_kind and condition.fault_kind.value,
        "refused": dict(condition.refused),
    }
    new = upsert(connection, CONDITIONS).values(**values)
    changed = {name: new.excluded[name] for name in values if name not in _KEY}
    connection.execute(
        new.on_conflict_do_update(
            index_elements=[CONDITIONS.c[name] for name in _KEY], set_=changed
        )
    )


def _condition(row: RowMapping) -> ChannelBreaker:
    """Makes a condition of one row."""
    values: dict[str, Any] = dict(row)
    nature = values.pop("nature")
    return ChannelBreaker(
        **values
        | {
            "channel": ChannelName(row["channel"]),
            "fault_kind": FaultKind(nature) if nature else None,
        }
    )


def count_waiting(connection: Connection, channel: ChannelName) -> int:
    """Counts the messages that wait for a channel, those that are claimed or being sent among
    them."""
    waits = and_(MESSAGES.c.channel == channel.value, MESSAGES.c.state.in_(_WAITING))
    return connection.scalar(select(func.count()).select_from(MESSAGES).where(waits)) or 0


def hasten(
    connection: Connection, channel: ChannelName, addresses: Collection[str], now: datetime
) -> None:
    """Makes queued messages to these addresses due now if they were tried before."""
    waits = and_(
        MESSAGES.c.channel == channel.value,
        MESSAGES.c.state == MessageState.QUEUED.value,
        MESSAGES.c.not_before_at > now,
    )
    connection.execute(
        update(MESSAGES)
        .where(waits, MESSAGES.c.attempts > 0, MESSAGES.c.address.in_(addresses))
        .values(not_before_at=now)
    )


def go_around(
    connection: Connection,
    condition: ChannelBreaker,
    usable: Collection[ChannelName],
    now: datetime,
    limit: int,
) -> int:
    """Moves what waits for a paused channel to its recipient's other way, where there is one;
    returns how many. A message that may have arrived stays: by another channel it could arrive
    twice."""
    reached = [
        PEOPLE.c[field]
        for channel, field in PERSONAL.items()
        if channel in usable and channel is not condition.channel
    ]
    if not reached:
        return 0
    untouched = and_(
        MESSAGES.c.unknowns == 0,
        PEOPLE.c.active,
        or_(*(and_(column.is_not(None), column != "") for column in reached)),
    )
    waits = and_(
        MESSAGES.c.channel == condition.channel.value,
        MESSAGES.c.state == MessageState.QUEUED.value,
        MESSAGES.c.not_before_at <= now,
    )
    query = (
        select(MESSAGES.c.id, MESSAGES.c.person_id)
        .join(PEOPLE, PEOPLE.c.id == MESSAGES.c.person_id)
        .where(waits, untouched)
    )
    rows = connection.execute(query.order_by(MESSAGES.c.id).limit(limit)).all()
    people = load_people(connection, {r.person_id for r in rows})
    because, moved = (
        reason("instead", channel=condition.channel.value, because=condition.because),
        0,
    )
    for row in rows:
        destination = _other_destination(people[row.person_id], usable)
        if destination is not None:
            still = and_(
                MESSAGES.c.id == row.id,
                MESSAGES.c.state == MessageState.QUEUED.value,
                MESSAGES.c.channel == condition.channel.value,
            )
            changed = (
                update(MESSAGES)
                .where(still)
                .values(channel=destination[0].value, address=destination[1], reason=because)
            )
            moved += connection.execute(changed).rowcount
    return moved


def _other_destination(person: Person, usable: Collection[ChannelName]) -> Destination | None:
    """A person's best way among those that work and leave this machine."""
    return next(
        (
            destination
            for destination in destinations_of(person, [c for c in usable if c in LEAVING])
            if destination[0] in LEAVING
        ),
        None,
    )


def admins_past(
    connection: Connection,
    admins: Collection[str],
    configured: Collection[ChannelName],
    broken: Collection[ChannelName],
) -> list[Destination]:
    """Ways to the admins that use no broken channel: their addresses on the others. Where there are
    none: the best way that works to each active colleague who has one of these addresses or is an
    admin."""
    named = [destination_of_address(address, configured) for address in admins]
    direct = [
        destination
        for destination in named
        if destination[0] in LEAVING and destination[0] not in broken
    ]
    if direct:
        return list(dict.fromkeys(direct))
    usable = [c for c in configured if c in LEAVING and c not in broken]
    others = [
        destination
        for person in _people_of(connection, named)
        if (destination := _other_destination(person, usable))
    ]
    return list(dict.fromkeys(others))


def _people_of(connection: Connection, destinations: Collection[Destination]) -> list[Person]:
    """People who are admins, or whose addresses these are."""
    addresses = [address for _, address in destinations]
    lowered = [address.lower() for address in addresses]
    theirs = or_(
        PEOPLE.c.role == Role.ADMIN.value,
        *(func.lower(PEOPLE.c[field]).in_(lowered) for field in PERSONAL.values()),
    )
    numbers = list(
        connection.scalars(select(PEOPLE.c.id).where(theirs, PEOPLE.c.active).order_by(PEOPLE.c.id))
    )
    found: Mapping[int, Person] = load_people(connection, numbers)
    return [found[number] for number in numbers]
