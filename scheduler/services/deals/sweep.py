"""Sweep: decides the deals whose alarm has rung and writes what was decided, batch by batch.

One step
    1. open a transaction and claim up to `limit` deals whose `wake_at` has come or whose policy is
       not the current one;
    2. decide each (pure, to a fixed point), or one for all that are alike;
    3. write passages, events, nudges, successors and the new alarm, checked against each deal's
       version; commit.
A crash anywhere before the commit leaves nothing behind and the alarm still set. The transaction
aborts when its policy is no longer current. A deal that cannot be decided does not stop the others:
it is reported, left as it is, and looked at again an hour later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from scheduler.core.deal.deal import Decision
from scheduler.core.deal.stored import StoredDeal
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.shared import SharedDecisions
from scheduler.ports import Begin

LOOK_AGAIN = timedelta(hours=1)


class StalePolicyError(Exception):
    """Another version of the policy became current; load it and sweep again."""


class SweepTransaction(Protocol):
    """One open transaction on the deals."""

    def claim_due(self, now: datetime, policy: Policy, limit: int) -> Sequence[StoredDeal]:
        """Up to `limit` due deals, locked until the end of the transaction; first those whose alarm
        has rung; with their signals where the policy has their health timeline made anew. Raises
        StalePolicyError."""

    def write(
        self, decided: Sequence[tuple[StoredDeal, Decision]], policy_version: int, now: datetime
    ) -> None:
        """Writes every decision, the new alarms and the policy version."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A deal that could not be decided, and the error that says why."""

    deal: str
    contract: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Swept:
    """The result of one step, or of several added up."""

    deals: int = 0
    moves: int = 0
    events: int = 0
    nudges: int = 0
    cancels: int = 0
    won: int = 0
    lost: int = 0
    failures: tuple[Failure, ...] = ()

    def __add__(self, other: "Swept") -> "Swept":
        return Swept(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))


def _count(decisions: Sequence[Decision], failures: Sequence[Failure]) -> Swept:
    """Adds up decisions."""
    return Swept(
        deals=len(decisions),
        moves=sum(len(d.moves) for d in decisions),
        events=sum(len(d.events) for d in decisions),
        nudges=sum(len(d.nudges) for d in decisions),
        cancels=sum(len(d.cancels) for d in decisions),
        won=sum(d.won is not None for d in decisions),
        lost=sum(d.lost is not None for d in decisions),
        failures=tuple(failures),
    )


def _decide_all(
    deals: Sequence[StoredDeal], decisions: SharedDecisions, now: datetime
) -> tuple[list[tuple[StoredDeal, Decision]], list[Failure]]:
    """A decision for every deal; one that fails sleeps for an hour."""
    decided: list[tuple[StoredDeal, Decision]] = []
    failures: list[Failure] = []
    for deal in deals:
        try:
            decision = decisions.of(deal, now)
        except (
            Exception
        ) as error:  # one deal's fault, whatever it is, must not keep the others from being told
            decision = Decision(wake_at=now + LOOK_AGAIN)
            failures.append(Failure(deal.key, deal.made().contract.number, error))
        decided.append((deal, decision))
    return decided, failures


def sweep_once(
    sweeping: Begin[SweepTransaction],
    policy: Policy,
    now: datetime,
    limit: int = 500,
    decisions: SharedDecisions | None = None,
) -> Swept:
    """Sweeps one batch; `deals` is 0 when nothing was due. `decisions` are those of the batches
    before, under the same policy. Raises StalePolicyError."""
    with sweeping() as transaction:
        deals = transaction.claim_due(now, policy, limit)
        decided, failures = _decide_all(deals, decisions or SharedDecisions(policy), now)
        transaction.write(decided, policy.version, now)
    return _count([decision for _, decision in decided], failures)


def sweep_all(
    sweeping: Begin[SweepTransaction], policy: Policy, now: datetime, limit: int = 500
) -> Swept:
    """Batches until nothing is due at `now`. Terminates because every decision sets an alarm later
    than `now`."""
    total, decisions = Swept(), SharedDecisions(policy)
    while True:
        step = sweep_once(sweeping, policy, now, limit, decisions)
        if not step.deals:
            return total
        total += step
