"""The copy that search reads, which lags behind the records.

[H] docs/api-reference/latest/crm/search-the-crm; [I] airbytehq/airbyte#69203, #31176,
supaglue-labs/supaglue#665, HubSpot/hubspot-api-php#59.
"""

from collections import deque
from collections.abc import Callable, Iterator
from typing import NamedTuple

from tests.servers.hubspot.records import Kind, Record, Values


class Seen(NamedTuple):
    """A record as search sees it."""

    record: Record
    modified: int
    values: Values


class SearchIndex:
    """The index of one type of object. `lost` are ids that it has lost until they change again;
    `version` grows with each visible change."""

    def __init__(self, kind: Kind, lag: Callable[[], int]) -> None:
        self.kind = kind
        self.lag = lag
        self.lost: set[int] = set()
        self.version = 0
        self.kept: dict[str, tuple[int, list[tuple[object, int]]]] = {}
        self._behind: dict[int, deque[Seen | None]] = {}
        self._due: deque[tuple[int, int]] = deque()

    def before(self, record: Record, now: int, *, there: bool = True) -> None:
        """Told just before a record changes; `there` is False of one that is being made."""
        self.lost.discard(record.id)
        lag = self.lag()
        if lag <= 0 and not self._due:
            self.version += 1
            return
        visible = max(now + lag, self._due[-1][0] if self._due else 0)
        self._due.append((visible, record.id))
        live = there and record.archived_at is None
        state = Seen(record, record.modified, record.values) if live else None
        self._behind.setdefault(record.id, deque()).append(state)

    def catch_up(self, now: int) -> None:
        """Takes in what is old enough."""
        while self._due and self._due[0][0] <= now:
            _, id_ = self._due.popleft()
            states = self._behind[id_]
            states.popleft()
            if not states:
                del self._behind[id_]
            self.version += 1

    def touched(self) -> None:
        """Something changed without a record's change: a bulk load, or a pipeline."""
        self.version += 1

    def all(self) -> Iterator[Seen]:
        """Every record that search shows."""
        for id_, record in self.kind.records.items():
            if id_ in self.lost or id_ in self._behind:
                continue
            if record.archived_at is None:
                yield Seen(record, record.modified, record.values)
        for id_ in self._behind:
            found = self.seen(id_)
            if found is not None:
                yield found

    def seen(self, id_: int) -> Seen | None:
        """One record as search shows it; a page names ids and reads them here."""
        if id_ in self.lost:
            return None
        if id_ in self._behind:
            return self._behind[id_][0]
        record = self.kind.records.get(id_)
        if record is None or record.archived_at is not None:
            return None
        return Seen(record, record.modified, record.values)
