"""Gives deals their signals, where a policy has their health timeline made anew.

Always holds: no query where no policy measures anything; a batch of deals is one query.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from scheduler.core.deal.deal import Deal
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.health.signals import KnownSeries
from scheduler.core.rules.health import must_be_made
from scheduler.storage.signals.reading import named_signals

_MOST = 900
Policies = Collection[HealthPolicy | None]


def with_signals(
    connection: Connection, stored: Sequence[StoredDeal], policies: Policies
) -> list[StoredDeal]:
    """The same deals; those whose health timeline one of the policies makes anew have their signals
    and share no decision."""
    fingerprints = {
        fingerprint
        for fingerprint in {deal.fingerprint for deal in stored}
        if _is_stale(fingerprint, policies)
    }
    if not fingerprints:
        return list(stored)
    stale = {deal.id: deal.made() for deal in stored if deal.fingerprint in fingerprints}
    signals = _signals(connection, stale.values(), policies)
    return [
        _alone(deal, replace(stale[deal.id], signals=signals.get(stale[deal.id].contract.id, {})))
        if deal.id in stale
        else deal
        for deal in stored
    ]


def deals_with_signals(
    connection: Connection, deals: Sequence[Deal], policies: Policies
) -> list[Deal]:
    """The same for deals that are there already."""
    stale = {
        d.id
        for d in deals
        if _is_stale(d.health_timeline.fingerprint if d.health_timeline else "", policies)
    }
    signals = _signals(connection, (deal for deal in deals if deal.id in stale), policies)
    return [
        replace(deal, signals=signals.get(deal.contract.id, {})) if deal.id in stale else deal
        for deal in deals
    ]


def _is_stale(fingerprint: str, policies: Policies) -> bool:
    """Whether one of the policies may need the signals."""
    return any(must_be_made(fingerprint, policy) for policy in policies)


def _signals(
    connection: Connection, deals: Iterable[Deal], policies: Policies
) -> Mapping[int, KnownSeries]:
    """The signals of the contracts, of those names that something is made of."""
    contracts, asking = [deal.contract.id for deal in deals], [p for p in policies if p]
    if not contracts:
        return {}
    names = frozenset[str]().union(*(policy.signals for policy in asking))
    together = any(policy.by_customer for policy in asking)
    found: dict[int, KnownSeries] = {}
    for start in range(0, len(contracts), _MOST):
        some = contracts[start : start + _MOST]
        found |= named_signals(connection, some, names, by_customer=together)
    return found


def _alone(stored: StoredDeal, deal: Deal) -> StoredDeal:
    """The deal as one that is like no other."""
    return replace(stored, facts=None, made=lambda: deal)
