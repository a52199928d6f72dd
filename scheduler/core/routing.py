"""Who is told, and how: a milestone's `tell` resolved for one deal, and a recipient's way out among the channels there are.

Always holds: every `tell` leads to somebody; where it cannot lead to the person meant it leads to the pipeline's fallback, with the reason.
"""

from collections.abc import Collection
from dataclasses import dataclass

from scheduler.core.deal import Deal
from scheduler.core.people import Person, Recipient
from scheduler.core.policy import Policy
from scheduler.core.reasons import reason
from scheduler.core.words import ChannelName


@dataclass(frozen=True, slots=True)
class Routed:
    """One recipient, in which role, and why he and nobody else (empty: he is the one meant)."""

    recipient: Recipient
    role: str
    because: str


def route(tell: str, deal: Deal, policy: Policy) -> list[Routed]:
    """Whom `tell` (a role or an address) means for `deal`."""
    people: dict[str, Person | None] = {"owner": deal.owner, "sales": deal.sales, "manager": deal.manager}
    if tell not in people and tell != "fallback":
        return [Routed(Recipient(address=tell), "address", "")]
    person = people.get(tell)
    if person is not None and person.active:
        return [Routed(Recipient(person_id=person.id), tell, "")]
    fallback = Recipient(address=policy.pipeline(deal.pipeline).fallback)
    if tell == "fallback":
        return [Routed(fallback, "fallback", "")]
    why = reason("person_inactive", role=tell, name=person.name) if person is not None else reason("nobody_in_role", role=tell)
    return [Routed(fallback, "fallback", why)]


Way = tuple[ChannelName, str]
"""A channel and an address on it."""


def ways_of(person: Person, configured: Collection[ChannelName]) -> list[Way]:
    """A person's ways among the channels that are configured, the best first. With neither Slack nor e-mail configured: preview."""
    ways: list[Way] = []
    if person.slack_id:
        ways.append((ChannelName.SLACK, person.slack_id))
    if person.email:
        ways.append((ChannelName.EMAIL, person.email))
    return _usable(ways, configured) or ([(ChannelName.PREVIEW, person.email or person.slack_id or person.name)] if _nothing(configured) else [])


def way_of_address(address: str, configured: Collection[ChannelName]) -> Way:
    """The way to `slack:#x` or `email:a@b`; preview where that channel is not configured."""
    kind, _, rest = address.partition(":")
    channel = ChannelName(kind)
    return (channel, rest) if channel in configured else (ChannelName.PREVIEW, rest)


def _usable(ways: list[Way], configured: Collection[ChannelName]) -> list[Way]:
    """Those whose channel is configured."""
    return [w for w in ways if w[0] in configured]


def _nothing(configured: Collection[ChannelName]) -> bool:
    """Whether nothing can be sent at all."""
    return not {ChannelName.SLACK, ChannelName.EMAIL} & set(configured)
