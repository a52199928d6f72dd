"""Who is told, and how: resolves a milestone's `tell` for one deal on one day, and chooses a
recipient's channel.

Always holds: every `tell` leads to somebody. If it cannot lead to the person meant, it leads to a
delegate, the next manager or the pipeline's fallback, with the reason. Circles of delegates or
managers are broken.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Absence, Person, Recipient
from scheduler.core.messages.channels import LEAVING, PERSONAL
from scheduler.core.policy.deadlines import last_days
from scheduler.core.policy.policy import Policy
from scheduler.core.time.calendar import Calendar
from scheduler.core.words.lexicon import ChannelName
from scheduler.core.words.reasons import code_of, fact, reason

ROLES = ("owner", "sales", "manager")


@dataclass(frozen=True, slots=True)
class Routed:
    """One recipient, the role that was meant, the reason if they are not the person meant (else
    empty), and the absent person they stand in for."""

    recipient: Recipient
    role: str
    because: str
    instead_of: int | None = None


def route(tell: str, deal: Deal, policy: Policy, today: date) -> list[Routed]:
    """Resolves `tell` (a role or an address) for `deal` on `today`."""
    if tell == "fallback":
        return [Routed(Recipient(address=policy.fallback_of(deal.pipeline)), "fallback", "")]
    if tell == "admin":
        return [Routed(Recipient(address=address), "admin", "") for address in policy.admins]
    if tell not in ROLES:
        return [Routed(Recipient(address=tell), "address", "")]
    person = {"owner": deal.owner, "sales": deal.sales, "manager": deal.manager}[tell]
    if person is None:
        return [_fallback(deal, policy, tell, reason("nobody_in_role", role=tell))]
    return [_available(person, tell, deal, policy, today)]


def route_person(person: Person, role: str, deal: Deal, policy: Policy, today: date) -> Routed:
    """Routes to a given person, or to whoever stands in for them on `today`."""
    return _available(person, role, deal, policy, today)


def known_person(number: int | None, deal: Deal) -> Person | None:
    """The person with this number, if the deal knows them."""
    if number is None:
        return None
    return deal.people.get(number) or next(
        (p for p in (deal.owner, deal.sales, deal.manager) if p is not None and p.id == number),
        None,
    )


def _available(person: Person, role: str, deal: Deal, policy: Policy, today: date) -> Routed:
    """The person meant, or their delegate if they are away, or the next manager if a manager has
    left; else the fallback."""
    because, instead_of = "", None
    here, passed = person, {person.id}
    while True:
        absence = here.absence_on(today) if here.active else None
        if not _stands_aside(here, absence, role, deal, policy, today):
            return Routed(Recipient(person_id=here.id), role, because, instead_of)
        following = _next(here, absence, role, deal)
        if here.active and absence is not None:
            instead_of = instead_of or here.id
            alone = role == "manager" and absence.delegate_id is None
            because = because or reason(
                "away_alone" if alone else "away", name=here.name, until=absence.last_on
            )
        else:
            because = because or reason("person_inactive", role=role, name=here.name)
        if following is None or following.id in passed:
            return _fallback(deal, policy, role, because, instead_of)
        here = following
        passed.add(here.id)


def _stands_aside(
    person: Person, absence: Absence | None, role: str, deal: Deal, policy: Policy, today: date
) -> bool:
    """Whether somebody else is told: they have left, or are away and it cannot wait for them."""
    if not person.active:
        return True
    return absence is not None and (
        _passed_on(absence, person, deal, policy, today)
        or _goes_up(absence, person, role, deal, policy)
    )


def _passed_on(absence: Absence, person: Person, deal: Deal, policy: Policy, today: date) -> bool:
    """Whether nudges for `person` go to somebody else while they are away: during a long absence
    with a delegate, or if a deadline of the deal falls within the absence. Long means
    `attention.absence_days` business days or more; during shorter ones nudges wait.
    """
    working = [day.last_on for day in last_days(deal, policy)]
    days = (*working, deal.contract.decide_by, deal.contract.ends_on, deal.expected_on)
    if any(day is not None and today <= day <= absence.last_on for day in days):
        return True
    return absence.delegate_id is not None and is_long(
        absence, policy.calendar_of(person, policy.pipelines.get(deal.pipeline)), policy
    )


def _goes_up(absence: Absence, person: Person, role: str, deal: Deal, policy: Policy) -> bool:
    """Whether a nudge to a manager climbs further: they are away for long with nobody standing in,
    and an escalation does not wait for weeks."""
    calendar = policy.calendar_of(person, policy.pipelines.get(deal.pipeline))
    return role == "manager" and absence.delegate_id is None and is_long(absence, calendar, policy)


def is_long(absence: Absence, calendar: Calendar, policy: Policy) -> bool:
    """Whether an absence has enough business days for a delegate to stand in."""
    first = calendar.on_or_after(absence.first_on)
    return (
        first <= absence.last_on
        and calendar.between(first, absence.last_on) + 1 >= policy.attention.absence_days
    )


def _next(person: Person, absence: Absence | None, role: str, deal: Deal) -> Person | None:
    """Who is next: the delegate of somebody who is away, else their manager. Nobody follows an
    owner who has left (DESIGN §5)."""
    if (
        person.active
        and absence is not None
        and absence.delegate_id is not None
        and absence.delegate_id in deal.people
    ):
        return deal.people[absence.delegate_id]
    if not person.active and role != "manager":
        return None
    return known_person(person.manager_id, deal)


def _fallback(
    deal: Deal, policy: Policy, role: str, because: str, instead_of: int | None = None
) -> Routed:
    """The pipeline's fallback address; the admins if the last manager is away."""
    address, to = policy.fallback_of(deal.pipeline), "away_to_fallback"
    if role == "manager" and instead_of is not None and policy.admins:
        address, to = policy.admins[0], "away_to_admins"
    if code_of(because) == "away_alone":
        because = reason(to, name=fact(because, "name"), until=fact(because, "until"))
    return Routed(Recipient(address=address), role, because, instead_of)


Destination = tuple[ChannelName, str]
"""A channel and an address on it."""


def destinations_of(person: Person, configured: Collection[ChannelName]) -> list[Destination]:
    """A person's destinations on the channels that are configured, the best first. With none
    configured that leaves this machine: preview."""
    destinations = [
        (name, to) for name, field in PERSONAL.items() if (to := getattr(person, field))
    ]
    shown = (
        person.email or person.slack_id or ("" if "@" in person.name else person.name)
    )  # an address that nobody vouched for gets nothing
    return _usable(destinations, configured) or (
        [(ChannelName.PREVIEW, shown)] if _nothing(configured) and shown else []
    )


def destination_of_address(address: str, configured: Collection[ChannelName]) -> Destination:
    """The destination of `slack:#x` or `email:a@b`; preview if that channel is not configured."""
    kind, _, rest = address.partition(":")
    channel = ChannelName(kind)
    return (channel, rest) if channel in configured else (ChannelName.PREVIEW, rest)


def _usable(
    destinations: list[Destination], configured: Collection[ChannelName]
) -> list[Destination]:
    """The destinations whose channel is configured."""
    return [w for w in destinations if w[0] in configured]


def _nothing(configured: Collection[ChannelName]) -> bool:
    """Whether nothing can be sent at all."""
    return not LEAVING & set(configured)
