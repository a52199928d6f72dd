"""What a dry run shows beside the counts: where the contracts would stand, who would look after
them, and what would come in the next days.

Always holds: it is made inside the import's own transaction from the same rows and by the same
rules, and rolled back with it. If there are very many contracts only the first `MOST` are lived
ahead, and the preview says so.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from operator import attrgetter
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money, sums
from scheduler.core.deal.deal import AUTO_RENEWAL, Deal
from scheduler.core.facts.coming import Upcoming, upcoming
from scheduler.core.messages.channels import PERSONAL
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day

DAYS = 30
MOST = 20_000
SHOWN = 20


@dataclass(frozen=True, slots=True)
class PreviewedStage:
    """One stage: how many of the file's deals would stand there, their money, and how many have no
    amount."""

    pipeline: str
    stage: str
    deals: int
    money: tuple[Money, ...]
    without_amount: int


@dataclass(frozen=True, slots=True)
class DecisionDay:
    """The last day on which a contract can be decided on: the notice deadline, else its end."""

    on: date
    contract: str
    customer: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """What a dry run shows. `deals` counts the deals that the import makes or changes; `lived` of
    them were looked at day by day for `days` days."""

    deals: int
    lived: int
    stages: tuple[PreviewedStage, ...]
    with_owner: int
    without_owner: int
    nudges: int
    renewals: int
    coming: tuple[Upcoming, ...]
    deadlines: tuple[DecisionDay, ...]
    days: int = DAYS


def preview(deals: Iterator[Deal], policy: Policy, now: datetime) -> ImportPreview:
    """The preview of the open deals that an import has touched."""
    some = list(islice(deals, MOST))
    rest = sum(1 for _ in deals)
    today = local_day(now, ZoneInfo(policy.zone))
    coming = upcoming(some, policy, now, DAYS)
    told = [line for line in coming if line.asked]
    renewals = [line for line in coming if line.milestone == AUTO_RENEWAL]
    owned = sum(bool(d.owner and any(getattr(d.owner, f) for f in PERSONAL.values())) for d in some)
    ahead = sorted(
        (d for d in map(_deadline, some) if d is not None and d.on >= today),
        key=attrgetter("on", "customer", "contract"),
    )
    return ImportPreview(
        len(some) + rest,
        len(some),
        _stages(some),
        owned,
        len(some) - owned,
        len(told),
        len(renewals),
        tuple([line for line in coming if line.asked or line in renewals][:SHOWN]),
        tuple(ahead[:SHOWN]),
    )


def _stages(deals: Iterable[Deal]) -> tuple[PreviewedStage, ...]:
    """The deals by pipeline and stage, the fullest first."""
    groups: dict[tuple[str, str], list[Money]] = {}
    for deal in deals:
        groups.setdefault((deal.pipeline, deal.stage), []).append(deal.contract.amount)
    counted = Counter({place: len(amounts) for place, amounts in groups.items()})
    return tuple(
        PreviewedStage(*place, count, *sums(groups[place]))
        for place, count in counted.most_common()
    )


def _deadline(deal: Deal) -> DecisionDay | None:
    """The day by which a deal's contract must be decided on; None if it is not known."""
    contract = deal.contract
    on = contract.decide_by or contract.ends_on
    return (
        None
        if on is None
        else DecisionDay(on, contract.number, contract.customer.name, contract.amount)
    )
