"""What was lost: how far it had come, why, how the customer was doing before, and whether it could
have been avoided.

Always holds: health on a day is what was said of the customer last by then, in an answer, by the
stage that stands for a health or by signals; where nothing was said it is not assessed, and counted
as that.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost
from scheduler.core.deal.pipeline import Pipeline
from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.time.dates import send_instant
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health

EARLY, LATE = 90, 30
"""How many days before the end the health is looked at."""
HealthAt = tuple[datetime, Health]
"""A health, and from when on it was known."""


@dataclass(frozen=True, slots=True)
class LostDeal:
    """A deal that was lost: the stages it entered, its healths in the order in which they were
    said."""

    stages: tuple[str, ...]
    healths: tuple[HealthAt, ...]
    ends_on: date | None
    amount: Money
    lost: Lost | None


@dataclass(frozen=True, slots=True)
class LossCell:
    """What lost deals have in common. `stage` is empty where nobody knows how far they came,
    `reason` where none was given."""

    stage: str
    reason: str
    early: Health
    late: Health
    avoidable: bool | None
    currency: str


@dataclass(frozen=True, slots=True)
class LossLine:
    """Lost deals that have all of that in common: how many, what they brought (minor units), and
    how many of them have no amount."""

    cell: LossCell
    deals: int
    minor: int
    without: int


def losses(pipeline: Pipeline, deals: Iterable[LostDeal], zone: ZoneInfo) -> tuple[LossLine, ...]:
    """What was lost, the most deals first."""
    found: dict[LossCell, list[Money]] = defaultdict(list)
    for deal in deals:
        found[_cell(pipeline, deal, zone)].append(deal.amount)
    lines = (
        LossLine(
            cell,
            len(money),
            sum(m.minor or 0 for m in money),
            sum(m.minor is None for m in money),
        )
        for cell, money in found.items()
    )
    return tuple(sorted(lines, key=lambda line: (-line.deals, -line.minor, str(line.cell))))


def _cell(pipeline: Pipeline, deal: LostDeal, zone: ZoneInfo) -> LossCell:
    """Where one deal is counted."""
    known = [s for name in deal.stages if (s := pipeline.find(name)) is not None and s.is_open]
    furthest = max(known, key=lambda stage: pipeline.position(stage.id), default=None)
    return LossCell(
        furthest.id if furthest else "",
        deal.lost.reason if deal.lost else "",
        health_before(deal, EARLY, zone),
        health_before(deal, LATE, zone),
        deal.lost.avoidable if deal.lost else None,
        deal.amount.currency,
    )


def health_before(deal: LostDeal, days: int, zone: ZoneInfo) -> Health:
    """How the customer was doing at the close of the day `days` days before the end, as far as
    anybody had said."""
    if deal.ends_on is None:
        return Health.UNKNOWN
    until = send_instant(deal.ends_on - timedelta(days=days - 1), time(0), zone)
    said = [health for at, health in deal.healths if at < until]
    return said[-1] if said else Health.UNKNOWN


def by_reason(lines: Sequence[LossLine]) -> list[tuple[str, int]]:
    """How many deals were lost for each reason, the most first."""
    sums: dict[str, int] = defaultdict(int)
    for line in lines:
        sums[line.cell.reason] += line.deals
    return sorted(sums.items(), key=lambda item: (-item[1], item[0]))


COLUMNS = (
    Definition("pipeline", Label("Pipeline"), Label("the pipeline of the deals")),
    Definition(
        "stage",
        Label("Furthest stage"),
        Label("the furthest stage before won or lost that the deals ever entered"),
    ),
    Definition("reason", Label("Reason"), Label("the main reason that was given")),
    Definition(
        "health_90",
        Label("Health at T-90"),
        Label(
            "the customer's health as last known 90 days before the end, from an answer, the "
            "stage or signals; not assessed where nothing was known"
        ),
    ),
    Definition(
        "health_30",
        Label("Health at T-30"),
        Label("the same 30 days before the end"),
    ),
    Definition(
        "avoidable",
        Label("Avoidable"),
        Label("whether the person who recorded the loss said that it could have been avoided"),
    ),
    Definition("currency", Label("Currency"), Label("the contract's currency")),
    Definition("deals", Label("Deals", context="count"), Label("deals lost in the period")),
    Definition("amount", Label("Amount"), Label("the amounts of their terms, in that currency")),
)
BY_ID = by_id(COLUMNS)
