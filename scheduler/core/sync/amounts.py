"""How much is read, and from when on: the way of the first load, and the mark an increment leaves.

Always holds: a mark never passes the start of the run that set it, and moves only after the whole
run; what is read twice does no harm, what is never read would.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

AROUND = 7
"""The requests of a first load whatever the number of deals: the account, properties, pipelines,
owners (also those who left), and two counts."""
LIST_PAGE, LIST_PAGE_WITH_HISTORY = 100, 50
SEARCH_PAGE, SEARCH_LIMIT = 200, 10_000
BATCH, BATCH_WITH_HISTORY, LINKS_BATCH = 100, 50, 1_000
"""HubSpot's own sizes."""
OVERLAP = timedelta(minutes=15)
"""How far an increment reaches back before the last mark: the index of searches lags (estuary/
connectors#2210 holds back an hour)."""
SETTLED = timedelta(hours=1)
"""How long after the newest change nothing older is expected to come up in searches any more."""


class ReadMethod(StrEnum):
    """How everything is read: the list of all deals, or a search for the mapped pipelines."""

    LIST = "list"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class FirstLoad:
    """The chosen way, and about how many requests the whole load takes."""

    way: ReadMethod
    requests: int


def first_load(total: int, mapped: int, *, history: bool = True, kinds: int = 0) -> FirstLoad:
    """The way with fewer requests for `mapped` deals among `total`; the list where both take as
    many, since it reads the database and not the index. Each deal is taken to have a company of its
    own, whose name is read; `kinds`: and one record of so many kinds of linked ones.

    >>> first_load(100_000, 100_000), first_load(100_000, 20_000)
    (FirstLoad(way=<ReadMethod.LIST: 'list'>, requests=3007), \
FirstLoad(way=<ReadMethod.SEARCH: 'search'>, requests=727))
    """
    listed = _pages(total, LIST_PAGE_WITH_HISTORY if history else LIST_PAGE)
    searched = _pages(mapped, SEARCH_PAGE) + _pages(mapped, LINKS_BATCH)
    if history:
        searched += _pages(mapped, BATCH_WITH_HISTORY)
    linked = kinds * (1 + _pages(mapped, LINKS_BATCH) + _pages(mapped, BATCH))
    besides = AROUND + _pages(mapped, BATCH) + linked
    if searched < listed:
        return FirstLoad(ReadMethod.SEARCH, searched + besides)
    return FirstLoad(ReadMethod.LIST, listed + besides)


def _pages(records: int, size: int) -> int:
    """How many requests that is; at least the one that finds nothing."""
    return max(1, -(-records // size))


def watermark(
    started_at: datetime, newest_at: datetime | None, overlap: timedelta = OVERLAP
) -> datetime:
    """The mark that a completed run leaves: what is changed while it reads comes again. Both
    instants are on HubSpot's clock. (singer-io/tap-hubspot#91: a mark at the newest record seen
    skips what changed during the run.) In an account at rest it stays at the newest change, without
    the overlap once that has settled: else whatever was changed last, thousands by a bulk edit,
    would be found again by every run until somebody changes something.
    """
    newest = min(started_at, newest_at or started_at)
    return newest if started_at - newest >= max(SETTLED, overlap) else newest - overlap


def window(mark: datetime | None, started_at: datetime) -> tuple[datetime, datetime]:
    """From when to when a run reads changes; without a mark there is nothing to go on from and it
    begins one overlap ago. A clock that went back never turns the window round."""
    floor = started_at - OVERLAP if mark is None else min(mark, started_at)
    return floor, started_at


def clock_offset(theirs_at: datetime, ours_at: datetime) -> timedelta:
    """How far HubSpot's clock is ahead of ours, from the `Date` of an answer and the middle of the
    call; whole seconds are all that header has."""
    return theirs_at - ours_at
