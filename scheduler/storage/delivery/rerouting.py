"""Where a message goes that cannot be delivered: the ways that are left, and its row there."""

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from scheduler.core.deal.people import Person
from scheduler.core.messages.states import Message
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.routing import Destination, destination_of_address, destinations_of
from scheduler.core.time.dates import local_day
from scheduler.core.words.keys import stable_key
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.core.words.reasons import reason
from scheduler.storage.database.deals import DEALS, NUDGES, load_people


def next_way(
    connection: Connection,
    message: Message,
    person: Person | None,
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> tuple[Destination, str, Person | None] | None:
    """The way to try after this one, and whom it leads to: the remaining ways of the recipient
    (`person`), then their manager's, then the fallback of the first nudge's pipeline; None where
    none is left. People who are away are passed over. Whoever gets a message instead of somebody
    else has no manager to go on to, so that circles end."""
    this = (message.channel, message.address)
    destinations = (
        destinations_of(person, configured) if person and _is_there(person, policy, now) else []
    )
    left: list[tuple[Destination, str, Person | None]] = [
        (w, message.recipient, person)
        for w in (
            destinations[destinations.index(this) + 1 :] if this in destinations else destinations
        )
    ]
    carried = _carried(connection, message) if message.kind == "nudges" else []
    if any(recipient == message.recipient for recipient, _ in carried):
        left += _manager_s_ways(connection, person, policy, configured, now)
    if carried:
        fallback = policy.fallback_of(carried[0][1])
        left.append((destination_of_address(fallback, configured), fallback, None))
    return next((onward for onward in left if onward[0] != this), None)


def _carried(connection: Connection, message: Message) -> list[tuple[str, str]]:
    """The recipient of each nudge that a message carries, with its deal's pipeline."""
    nudges = (
        select(NUDGES.c.recipient, DEALS.c.pipeline)
        .join(DEALS, DEALS.c.id == NUDGES.c.deal_id)
        .where(NUDGES.c.message_id == message.id)
    )
    rows = connection.execute(nudges.order_by(DEALS.c.pipeline))
    return [(row.recipient, row.pipeline) for row in rows]


def _manager_s_ways(
    connection: Connection,
    person: Person | None,
    policy: Policy,
    configured: Collection[ChannelName],
    now: datetime,
) -> Iterator[tuple[Destination, str, Person | None]]:
    """The ways to somebody's manager, unless they are away."""
    number = person.manager_id if person is not None else None
    manager = load_people(connection, [number]).get(number) if number is not None else None
    if manager is not None and _is_there(manager, policy, now):
        yield from (
            (destination, f"person:{manager.id}", manager)
            for destination in destinations_of(manager, configured)
        )


def _is_there(person: Person, policy: Policy, now: datetime) -> bool:
    """Whether they are a colleague now and not away today."""
    return person.active and person.absence_on(local_day(now, policy.zone_of(person))) is None


def instead_of(
    message: Message,
    destination: Destination,
    recipient: str,
    person: Person | None,
    language: Language,
    because: str,
) -> dict[str, Any]:
    """The columns of the message that goes another way instead of this one."""
    return {
        "key": stable_key("instead", message.key, *destination),
        "kind": message.kind,
        "recipient": recipient,
        "person_id": person.id if person else None,
        "channel": destination[0].value,
        "address": destination[1],
        "language": language.value,
        "window_on": message.window_on,
        "facts": dict(message.facts) if message.facts else None,
        "reason": reason("instead", channel=message.channel.value, because=because),
    }
