"""What people do in HubSpot's own pages: no HTTP, at once.

ann = server.person("ann@example.com", "Ann Arai")
ann.moves(deal, "closedwon")
server.agenda.at(instant, lambda: ann.moves(deal, "closedlost"))
server.agenda.after("batch read", lambda: ann.moves(deal, "contractsent"))
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from threading import RLock
from typing import Any

from tests.servers.hubspot import lives
from tests.servers.hubspot.moments import millis
from tests.servers.hubspot.owners import Owner
from tests.servers.hubspot.portal import Portal
from tests.servers.hubspot.records import Record, Source

Act = Callable[[], object]


@dataclass(frozen=True)
class Person:
    """A user of the account, who is an owner as well. Every act goes into the histories as
    CRM_UI, userId:…, with their user id."""

    portal: Portal
    owner: Owner
    lock: RLock
    source_type: str = "CRM_UI"

    @property
    def source(self) -> Source:
        """What their writes carry."""
        return Source(self.source_type, f"userId:{self.owner.user}", self.owner.user)

    @property
    def owner_id(self) -> str:
        """For hubspot_owner_id."""
        return str(self.owner.id)

    def creates(self, kind: str, values: Mapping[str, Any]) -> int:
        """A new record; its id."""
        with self.lock:
            found = self.portal.kinds[kind]
            return self.portal.create(found, values, self.source, api=False).id

    def edits(self, id_: int, values: Mapping[str, Any], kind: str = "deals") -> None:
        """New values."""
        with self.lock:
            record = self._record(id_, kind)
            self.portal.update(self.portal.kinds[kind], record, values, self.source, api=False)

    def edits_all(self, ids: Sequence[int], values: Mapping[str, Any], kind: str = "deals") -> None:
        """A bulk job: every record at the same millisecond ([I] airbytehq/airbyte#43317)."""
        with self.lock:
            now = self.portal.clock()
            clock, self.portal.clock = self.portal.clock, lambda: now
            try:
                for id_ in ids:
                    self.edits(id_, values, kind)
            finally:
                self.portal.clock = clock

    def moves(self, deal: int, stage: str) -> None:
        """To a stage of whichever pipeline."""
        with self.lock:
            pipeline = self.portal.pipelines.pipeline_of(stage)
            self.edits(deal, {"pipeline": pipeline, "dealstage": stage})

    def gives(self, deal: int, to: "Person") -> None:
        """To another owner."""
        self.edits(deal, {"hubspot_owner_id": to.owner_id})

    def archives(self, id_: int, kind: str = "deals") -> None:
        """Into the bin for 90 days."""
        with self.lock:
            found = self.portal.kinds[kind]
            lives.archive(self.portal, found, self._record(id_, kind), self.source)

    def restores(self, id_: int, kind: str = "deals") -> None:
        """Out of the bin."""
        with self.lock:
            found = self.portal.kinds[kind]
            lives.restore(self.portal, found, self._record(id_, kind), self.source)

    def purges(self, id_: int, kind: str = "deals") -> None:
        """Deletes for good, for privacy's sake."""
        with self.lock:
            found = self.portal.kinds[kind]
            lives.purge(self.portal, found, self._record(id_, kind), self.source)

    def merges(self, primary: int, other: int, kind: str = "deals") -> int:
        """Two into one; the new id."""
        with self.lock:
            found = self.portal.kinds[kind]
            a, b = self._record(primary, kind), self._record(other, kind)
            return lives.merge(self.portal, found, a, b, self.source).id

    def links(
        self,
        id_: int,
        to: int,
        kinds: tuple[str, str] = ("deals", "companies"),
        *,
        primary: bool = True,
    ) -> None:
        """Associates two records; moves no hs_lastmodifieddate."""
        with self.lock:
            self.portal.links.add(kinds[0], id_, kinds[1], to, primary=primary)

    def unlinks(self, id_: int, to: int, kinds: tuple[str, str] = ("deals", "companies")) -> None:
        """Ends an association."""
        with self.lock:
            self.portal.links.end(kinds[0], id_, kinds[1], to)

    def deletes_stage(self, stage: str) -> None:
        """By force: deals keep an id that no pipeline knows."""
        with self.lock:
            id_ = self.portal.pipelines.pipeline_of(stage)
            found = self.portal.pipelines.need(id_ or "")
            del found.stages[stage]
            self.portal.index["deals"].touched()
            now, user = self.portal.now(), self.owner.user
            self.portal.pipelines.noted("UPDATE", found.id, found.as_json(), now, user)

    def approves(self, deal: int) -> None:
        """Lets a deal past its approval stage."""
        with self.lock:
            self.portal.rules.approved.add(deal)

    def changes_email(self, email: str) -> None:
        """Has another address from now on, and the same ids."""
        with self.lock:
            self.owner.email = email
            self.owner.updated = self.portal.now()

    def leaves(self) -> None:
        """Is deactivated: only in the archived owners from now on; deals keep pointing at
        them."""
        with self.lock:
            self.owner.archived = True
            self.owner.updated = self.portal.now()

    def returns(self) -> None:
        """Is active again."""
        with self.lock:
            self.owner.archived = False
            self.owner.updated = self.portal.now()

    def _record(self, id_: int, kind: str) -> Record:
        found = self.portal.kinds[kind]
        return found.records[found.survivor(id_)]


@dataclass
class Agenda:
    """What happens later: at an instant of the server's clock (noticed at the next request), or
    around a request of a kind (see routes.py)."""

    _at: list[tuple[int, int, Act]] = field(default_factory=list)
    _before: defaultdict[str, deque[Act]] = field(default_factory=lambda: defaultdict(deque))
    _after: defaultdict[str, deque[Act]] = field(default_factory=lambda: defaultdict(deque))

    def at(self, when: datetime, act: Act) -> None:
        """At an instant."""
        self._at.append((millis(when), len(self._at), act))
        self._at.sort(key=lambda entry: entry[:2])

    def before(self, kind: str, *acts: Act) -> None:
        """Just before the next requests of a kind are carried out, one each."""
        self._before[kind].extend(acts)

    def after(self, kind: str, *acts: Act) -> None:
        """Just after they were carried out: between a program's read and its write."""
        self._after[kind].extend(acts)

    def due(self, now: int) -> None:
        """Does what is due."""
        while self._at and self._at[0][0] <= now:
            self._at.pop(0)[2]()

    def around(self, kind: str, *, done: bool) -> None:
        """Does what was put around this request."""
        queue = (self._after if done else self._before)[kind]
        if queue:
            queue.popleft()()
