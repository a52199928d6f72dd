"""The page for the weekly meeting: open renewals of a period, what is to be talked about on top.

Always holds: a contract stands on the page once, in the first group that it belongs to; a renewal
counts in the month in which its term ends, as in the other reports; money is in minor units, by
currency, and unknown amounts are counted, never added as zero; a customer whose health nobody has
assessed is counted as that, never as stable.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from scheduler.core.deal.contracts import Money
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ForecastCall, Health


class MeetingGroup(StrEnum):
    """Why a contract stands where it does, the most pressing first."""

    NOTICE = "notice"
    DOUBT = "doubt"
    UNANSWERED = "unanswered"
    RISK = "at_risk"
    OTHER = "other"


class NextStep(StrEnum):
    """What comes next for a contract."""

    LEAVES = "leaves"
    RECORD = "record"
    ANSWER = "answer"
    EXPECTED = "expected"
    DEADLINE = "deadline"
    END = "end"
    SETTLE = "settle"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class LastWord:
    """What somebody said last about a deal, a note included, and has not taken back; `details` as
    they are kept with the answer."""

    verb: str
    details: Mapping[str, Any]
    name: str
    at: datetime


@dataclass(frozen=True, slots=True)
class MeetingFacts:
    """An open renewal as the database has it. `owners` are the names by which the owner is known,
    the first of them what they are called; `question` is the milestone that waits for an answer,
    since `waiting_since`; `to_record`: the order has come in; `history`: nothing was told of its
    end, because that had passed when the contract was first loaded."""

    deal: int
    contract: str
    customer: str
    product: str
    segment: str | None
    pipeline: str
    stage: str
    owners: tuple[str, ...]
    team: str | None
    ends_on: date
    decide_by: date | None
    auto_renew: bool
    estimated: bool
    term: Term | None
    amount: Money
    health: Health
    health_because: str
    call: ForecastCall | None
    called_on: date | None
    call_note: str
    notice_on: date | None
    expected_on: date | None
    question: str | None
    waiting_since: date | None
    doubtful: bool
    to_record: bool
    last: LastWord | None = None
    history: bool = False

    @property
    def owner(self) -> str:
        """What the owner is called; empty where there is none."""
        return self.owners[0] if self.owners else ""

    @property
    def groups(self) -> tuple[MeetingGroup, ...]:
        """Every group that it belongs to, the most pressing first."""
        belongs = (
            (MeetingGroup.NOTICE, self.notice_on is not None),
            (MeetingGroup.DOUBT, self.doubtful),
            (MeetingGroup.UNANSWERED, self.waiting_since is not None),
            (MeetingGroup.RISK, self.health in (Health.AT_RISK, Health.CRITICAL)),
        )
        return tuple(group for group, there in belongs if there)


@dataclass(frozen=True, slots=True)
class MeetingLine:
    """A contract on the page: its group, and the next step with its day, where that has one."""

    of: MeetingFacts
    group: MeetingGroup
    step: NextStep
    step_on: date | None


@dataclass(frozen=True, slots=True)
class DueLine:
    """Renewals that end in one month (its first day), of one health, in one currency; `minor` is
    their sum, `without` how many of them have no amount."""

    month: date
    health: Health
    currency: str
    contracts: int
    minor: int
    without: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """The page: its contracts in their order, and the sums by month. `left_out` are in none of
    them: still open, though their term was over before they were first loaded."""

    lines: tuple[MeetingLine, ...]
    due: tuple[DueLine, ...]
    left_out: tuple[MeetingFacts, ...] = ()

    def in_group(self, group: MeetingGroup) -> Sequence[MeetingLine]:
        """The contracts of one group."""
        return [line for line in self.lines if line.group is group]

    def to_settle(self) -> Sequence[MeetingLine]:
        """Those that are left out, what ended first on top: somebody has to say what became of
        them, as nothing asks."""
        several = sorted(self.left_out, key=lambda of: (of.ends_on, of.deal))
        return [MeetingLine(of, MeetingGroup.OTHER, NextStep.SETTLE, None) for of in several]


def meeting(facts: Iterable[MeetingFacts], today: date) -> Meeting:
    """The page of these contracts."""
    shown, left_out = list[MeetingFacts](), list[MeetingFacts]()
    for one in facts:
        (left_out if one.history and one.ends_on < today else shown).append(one)
    lines = sorted((_line(one, today) for one in shown), key=_order)
    return Meeting(tuple(lines), due_by_month(shown), tuple(left_out))


def _line(of: MeetingFacts, today: date) -> MeetingLine:
    """One contract in its place."""
    return MeetingLine(of, next(iter(of.groups), MeetingGroup.OTHER), *next_step(of, today))


_GROUPS = {group: place for place, group in enumerate(MeetingGroup)}


def _order(line: MeetingLine) -> tuple[int, date, int, int]:
    """By group, then what ends first, then what is worth most in its currency."""
    return _GROUPS[line.group], line.of.ends_on, -(line.of.amount.minor or 0), line.of.deal


def next_step(of: MeetingFacts, today: date) -> tuple[NextStep, date | None]:
    """What comes next, and on which day: after a notice the end; an order is recorded; an open
    question is answered; else the expected day, the deadline, the end, whichever comes first from
    today on. NONE where all of that is over."""
    if of.notice_on is not None:
        return NextStep.LEAVES, of.ends_on
    if of.to_record:
        return NextStep.RECORD, None
    if of.waiting_since is not None:
        return NextStep.ANSWER, of.waiting_since
    days = (
        (of.expected_on, NextStep.EXPECTED),
        (of.decide_by, NextStep.DEADLINE),
        (of.ends_on, NextStep.END),
    )
    ahead = [(day, place, step) for place, (day, step) in enumerate(days) if day and day >= today]
    if not ahead:
        return NextStep.NONE, None
    day, _, step = min(ahead)
    return step, day


def due_by_month(facts: Iterable[MeetingFacts]) -> tuple[DueLine, ...]:
    """The sums by month, health and currency, in that order."""
    found: dict[tuple[date, Health, str], list[Money]] = defaultdict(list)
    for one in facts:
        month = one.ends_on.replace(day=1)
        found[month, one.health, one.amount.currency].append(one.amount)
    healths = list(Health)
    return tuple(
        DueLine(
            month,
            health,
            currency,
            len(money),
            sum(m.minor or 0 for m in money),
            sum(m.minor is None for m in money),
        )
        for (month, health, currency), money in sorted(
            found.items(), key=lambda item: (item[0][0], healths.index(item[0][1]), item[0][2])
        )
    )


def pages_of(found: Meeting, *, by_team: bool) -> dict[str, Meeting]:
    """The page of each person, or of each team, by name; contracts of nobody come last, under an
    empty name."""
    parts: dict[str, list[MeetingLine]] = defaultdict(list)
    left: dict[str, list[MeetingFacts]] = defaultdict(list)
    for line in found.lines:
        parts[_page_of(line.of, by_team)].append(line)
    for one in found.left_out:
        left[_page_of(one, by_team)].append(one)
    return {
        name: Meeting(
            tuple(parts[name]), due_by_month(line.of for line in parts[name]), tuple(left[name])
        )
        for name in sorted({*parts, *left}, key=lambda name: (not name, name))
    }


def _page_of(of: MeetingFacts, by_team: bool) -> str:
    """On whose page a contract stands."""
    return (of.team or "") if by_team else of.owner
