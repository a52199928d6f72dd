"""Each person's upcoming workload, week by week.

Always holds: weeks begin on Monday (ISO 8601). A contract whose term ends, whose notice deadline
falls and which is looked at in the same week counts once as a renewal, once as a deadline and once
as a nudge. Days before the first week are not counted.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from scheduler.core.deal.formats import short_day
from scheduler.core.reports.pictures import Chart, HeatMap
from scheduler.core.time.weeks import monday_of
from scheduler.core.words.labels import ByLanguage, Label

_WEEK = timedelta(days=7)
AHEAD_WEEKS = 12
"""How many weeks after the present one are shown where nobody says."""


class LoadKind(StrEnum):
    """What comes on a day."""

    RENEWAL = "renewals"
    DEADLINE = "deadlines"
    NUDGE = "nudges"


@dataclass(frozen=True, slots=True)
class ComingDay:
    """How many contracts of one owner (their number; None for nobody) have something on a day."""

    owner: int | None
    kind: LoadKind
    on: date
    contracts: int


@dataclass(frozen=True, slots=True)
class LoadLine:
    """One person's week (its Monday)."""

    person: str
    team: str | None
    monday: date
    renewals: int
    deadlines: int
    nudges: int

    @property
    def all(self) -> int:
        """Everything together."""
        return self.renewals + self.deadlines + self.nudges


@dataclass(frozen=True, slots=True)
class WeeklyLoad:
    """The weeks, and a line for each person with something and each week, the busiest first; a
    person's lines are those of all weeks, in order."""

    mondays: tuple[date, ...]
    people: tuple[tuple[LoadLine, ...], ...]

    @property
    def total(self) -> tuple[int, ...]:
        """Everybody's weeks."""
        return tuple(sum(weeks[n].all for weeks in self.people) for n in range(len(self.mondays)))


def load_of(
    days: Iterable[ComingDay],
    people: "dict[int | None, tuple[str, str | None]]",
    first: date,
    last: date,
) -> WeeklyLoad:
    """The load from the week of `first` to that of `last`; `people` are names and teams by number,
    of those who are meant."""
    mondays = weeks_between(first, last)
    found: dict[tuple[int | None, date], dict[LoadKind, int]] = defaultdict(dict)
    for day in days:
        week = monday_of(day.on)
        if day.owner in people and mondays[0] <= week <= mondays[-1]:
            counts = found[day.owner, week]
            counts[day.kind] = counts.get(day.kind, 0) + day.contracts
    lines = [
        tuple(_line(people[owner], monday, found.get((owner, monday), {})) for monday in mondays)
        for owner in {owner for owner, _ in found}
    ]
    return WeeklyLoad(tuple(mondays), tuple(sorted(lines, key=_busiest)))


def _line(who: tuple[str, str | None], monday: date, of: "dict[LoadKind, int]") -> LoadLine:
    """One week of one person."""
    return LoadLine(*who, monday, *(of.get(kind, 0) for kind in LoadKind))


def _busiest(weeks: Sequence[LoadLine]) -> tuple[int, str]:
    """Who has the most comes first."""
    return -sum(week.all for week in weeks), weeks[0].person


def weeks_between(first: date, last: date) -> list[date]:
    """The Mondays of the weeks from that of `first` to that of `last`.

    >>> [str(d) for d in weeks_between(date(2027, 1, 6), date(2027, 1, 18))]
    ['2027-01-04', '2027-01-11', '2027-01-18']
    """
    start = monday_of(first)
    return [start + n * _WEEK for n in range((monday_of(last) - start).days // 7 + 1)]


_DRAWN = 25
"""People that a chart has room for."""


def load_chart(found: WeeklyLoad, today: date) -> Chart:
    """The load as a heat map, the busiest people."""
    shown = found.people[:_DRAWN]
    panel = HeatMap(
        Label("Renewals, deadlines and nudges, by week (beginning on)"),
        tuple(weeks[0].person or Label("(nobody)") for weeks in shown),
        tuple(ByLanguage(short_day, m, today) for m in found.mondays) if shown else (),
        tuple(tuple(week.all for week in weeks) for weeks in shown),
    )
    rest = len(found.people) - len(shown)
    note = Label("{count} more person", many="{count} more people", count=rest) if rest > 0 else ""
    return Chart(Label("Load of each person"), (panel,), note)
