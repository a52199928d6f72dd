"""What a report is asked for: whose contracts, which days, and as it was known on which day.

Always holds: a day that is past is known as it was when it ended in the zone of the policy; what
was recorded later does not count.
"""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.time.dates import local_day, send_instant
from scheduler.core.words.errors import UserMustActError

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ReportScope:
    """Whose contracts and which days; an empty field wants all. `owner` is a part of a name or an
    e-mail address; the others match whole, in any case. `from_on` and `until_on` are the first and
    the last day."""

    pipeline: str | None = None
    owner: str | None = None
    team: str | None = None
    segment: str | None = None
    currency: str | None = None
    from_on: date | None = None
    until_on: date | None = None

    def has_day(self, day: date | None) -> bool:
        """Whether a day lies in the period. No day lies in a period that has a first or last
        day."""
        if day is None:
            return self.from_on is None and self.until_on is None
        return (self.from_on is None or self.from_on <= day) and (
            self.until_on is None or day <= self.until_on
        )

    @property
    def filters(self) -> bool:
        """Whether it wants some contracts only, its days aside."""
        return any((self.pipeline, self.owner, self.team, self.segment, self.currency))

    def wants(self, *, owner: tuple[str, ...], team: str | None, **facts: str | None) -> bool:
        """Whether a contract with these facts (`pipeline`, `segment`, `currency`) is meant; `owner`
        are the names and addresses by which its owner is known."""
        return self.wants_owner(owner, team) and self.wants_contract(**facts)

    def wants_owner(self, owner: tuple[str, ...], team: str | None) -> bool:
        """Whether contracts of this owner are meant; nobody has no names."""
        named = not self.owner or any(self.owner.casefold() in name.casefold() for name in owner)
        return named and _alike(team, self.team)

    def wants_contract(
        self, *, pipeline: str | None, segment: str | None, currency: str | None
    ) -> bool:
        """Whether a contract is meant, whoever its owner is."""
        return (
            _alike(pipeline, self.pipeline)
            and _alike(segment, self.segment)
            and _alike(currency, self.currency)
        )


def _alike(has: str | None, wanted: str | None) -> bool:
    """Whether a word is the one that is wanted, in any case; every word is where none is."""
    return not wanted or (has or "").casefold() == wanted.casefold()


@dataclass(frozen=True, slots=True)
class AsKnown:
    """What a report may know: everything recorded before `before`, the end of the day `on`; None
    for all that is known now."""

    on: date
    before: datetime | None = None

    def has(self, at: datetime) -> bool:
        """Whether what was recorded at this instant counts."""
        return self.before is None or at < self.before


def known_on(day: date | None, now: datetime, zone: ZoneInfo) -> AsKnown:
    """What was known when `day` ended in `zone`; None, or today, is all that is known at `now`.
    Raises UserMustActError for a day to come."""
    today = local_day(now, zone)
    if day is None or day == today:
        return AsKnown(today)
    if day > today:
        raise UserMustActError(
            "{day} is in the future, so it cannot be shown what will be known then; give a past "
            "day",
            day=day,
        )
    return AsKnown(day, send_instant(day + _DAY, time(0), zone))


def months_of(day: date, before: int, after: int) -> tuple[date, date]:
    """The first and the last day of the months from `before` months before that of `day` until
    `after` months after it.

    >>> [str(d) for d in months_of(date(2027, 1, 15), 11, 0)]
    ['2026-02-01', '2027-01-31']
    """
    first, last = (_first_of(day, months) for months in (-before, after + 1))
    return first, last - _DAY


def _first_of(day: date, months: int) -> date:
    """The first day of the month so many months away."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
