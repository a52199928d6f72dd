"""What a balance finds, and what it reads of the database."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.pauses import Pause
from scheduler.core.health.policy import HealthPolicy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import EventState, NudgeState
from scheduler.services.delivery.balance_faults import CLEARED_BY_A_LOOK, BalanceFinding

OwedDays = dict[tuple[str, date, int], date]
"""The days that come of a deal's milestones, by the key that their events have."""


DEFINITIONS: Mapping[str, tuple[Label, Label]] = {
    "due": (
        Label("Due"),
        Label(
            "days that have come, recounted for each deal from the contract's dates and the "
            "policy (for closed deals and moved days: from the record)"
        ),
    ),
    "not_swept_yet": (
        Label("Not swept yet"),
        Label("of those, the ones that the next sweep will record"),
    ),
    "missing": (
        Label("Missing", context="balance"),
        Label("of those, the ones that are not recorded and that no sweep will look at"),
    ),
    "nudges": (
        Label("Made"),
        Label(
            "nudges that have an event, plus those that are missing; each column counts only "
            "nudges whose message agrees"
        ),
    ),
}
"""The name and the definition of each sum; those of the states are `core.messages.state_tables`."""


@dataclass(frozen=True, slots=True)
class Unschedulable:
    """One open contract that cannot be followed, or whose reminders reach nobody it belongs to, and
    why: a `checking.FindingKind`, or an error."""

    contract: str
    customer: str
    why: str
    amount_minor: int | None
    currency: str


@dataclass(frozen=True, slots=True)
class UndeliveredReminder:
    """A reminder that reached nobody, or may have reached nobody, while its question is open: it is
    accounted for, but not settled."""

    contract: str
    customer: str
    milestone: str
    state: NudgeState
    recipient: str
    on: date
    amount: Money


@dataclass(slots=True)
class BalanceDay:
    """The sums of one day. Of `due`, `unswept` waits for the next sweep and `missing` is lost."""

    due: int = 0
    events: Counter[EventState] = field(default_factory=Counter)
    unswept: int = 0
    missing: int = 0
    nudges: Counter[NudgeState] = field(default_factory=Counter)
    made: int = 0

    @property
    def balanced(self) -> bool:
        """Whether both equations hold."""
        return (
            self.due == self.events.total() + self.unswept
            and not self.missing
            and self.made == self.nudges.total()
        )

    def add(self, other: "BalanceDay") -> None:
        """Another day's sums."""
        self.due, self.unswept, self.missing, self.made = (
            self.due + other.due,
            self.unswept + other.unswept,
            self.missing + other.missing,
            self.made + other.made,
        )
        self.events += other.events
        self.nudges += other.nudges


@dataclass(slots=True)
class Balance:
    """All days, what does not agree, what cannot be scheduled, and what reached nobody.
    `paused_days` and `paused_nudges`: the days and nudges that wait for a pause to end;
    `taken_as_told`: the sent nudges that are only taken as told since a copy was restored;
    `pushes`: the deals that HubSpot is to be told of (`all`), by what became of that; empty where
    nothing is written there."""

    days: dict[date, BalanceDay] = field(default_factory=lambda: defaultdict(BalanceDay))
    findings: list[BalanceFinding] = field(default_factory=list)
    unschedulable: list[Unschedulable] = field(default_factory=list)
    undelivered: list[UndeliveredReminder] = field(default_factory=list)
    pauses: Sequence[Pause] = ()
    paused_days: int = 0
    paused_nudges: int = 0
    taken_as_told: int = 0
    pushes: Mapping[str, int] = field(default_factory=dict)

    @property
    def balanced(self) -> bool:
        """Whether every row is accounted for."""
        return not self.findings

    @property
    def sleepers(self) -> list[int]:
        """Deals that a sweep should look at now, by number."""
        return sorted(
            {f.deal for f in self.findings if f.fault in CLEARED_BY_A_LOOK and f.deal is not None}
        )

    def total(self) -> BalanceDay:
        """Everything ever."""
        total = BalanceDay()
        for day in self.days.values():
            total.add(day)
        return total


@dataclass(frozen=True, slots=True)
class TellingVersion:
    """When a version of the policy came into force, and which of its milestones tell anybody."""

    since: datetime
    tells: Mapping[str, bool]


class BalanceSnapshot(Protocol):
    """The database at one instant; voided deals and what belongs to them are left out
    everywhere."""

    def deals(
        self, *, closed: bool, measuring: Collection[HealthPolicy | None] = ()
    ) -> Iterable[Deal]:
        """Every deal, in a stream; with signals as in `services.policy.planning`."""

    def events(self) -> Iterable[tuple[date, str, int]]:
        """(day_on, state, events)."""

    def nudges(self) -> Iterable[tuple[datetime, str, int]]:
        """The nudges whose message agrees with their state, as (made at, state, nudges)."""

    def nudges_made(self) -> Iterable[tuple[datetime, int]]:
        """The nudges about an existing event, whatever their states, as (made at, nudges)."""

    def versions(self) -> Sequence[TellingVersion]:
        """Every version of the policy, the oldest first."""

    def last_sweep_at(self) -> datetime | None:
        """When the last sweep that had nothing left to do was recorded."""

    def pauses(self, now: datetime) -> Sequence[Pause]:
        """The pauses in force; what is paused waits, and is not stuck."""

    def waiting_paused(self, now: datetime) -> int:
        """How many nudges wait because they are paused."""

    def taken_as_told(self) -> int:
        """How many nudges are taken as told since a copy was restored."""

    def disagreeing(
        self, now: datetime, stuck_before: datetime, zone: ZoneInfo
    ) -> Iterable[BalanceFinding]:
        """Nudges that do not agree with their event or message, and what should have moved on
        before that instant. Days are in `zone`."""

    def broken(self) -> Iterable[BalanceFinding]:
        """Rows that are not what was sealed: changed, or gone."""

    def stages(self) -> Iterable[tuple[str, str, str, str, str, int]]:
        """(contract, customer, pipeline, stage, stage to which the last passage led, deal) where
        the two stages are not written alike."""

    def pushes(self, policy_version: int, *, makes: bool) -> Mapping[str, int]:
        """The deals that HubSpot is to be told of (`all`; if it `makes` them, with those of next
        terms that are to be made there), counted without a look at pushes, and by state: `told`,
        `waiting`, `under_way`, `unknown`, `parked`."""

    def stuck_pushes(self, before: datetime) -> Iterable[BalanceFinding]:
        """The pushes whose worker died, or which were to be read back, before that instant."""

    def undelivered(self, zone: ZoneInfo) -> Iterable[UndeliveredReminder]:
        """Reminders of open questions that reached nobody."""


def shown_days(found: Balance, first: date, last: date) -> Sequence[tuple[date, BalanceDay]]:
    """The days of a span on which there was anything, and every day that does not balance, in
    order."""
    return [
        (day, sums)
        for day, sums in sorted(found.days.items())
        if first <= day <= last or not sums.balanced
    ]


def reasons(found: Balance) -> Iterator[tuple[str, Sequence[Unschedulable]]]:
    """The contracts that cannot be scheduled, by reason, in the order in which the reasons came
    up."""
    for why in dict.fromkeys(u.why for u in found.unschedulable):
        yield why, [u for u in found.unschedulable if u.why == why]
