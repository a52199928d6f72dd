"""Two sides of which ours makes the next terms' deals, for tests of that."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Engine, select

from scheduler.core.deal.deal import Deal
from scheduler.storage.database.rows import metadata
from tests.services.sync.pushing_world import PushWorld, push_world

PUSHES = metadata.tables["hubspot_pushes"]


@dataclass
class RenewalWorld(PushWorld):
    """Both sides; `record` is the deal that was won, `next` that of the term after it."""

    next: int = 0

    @property
    def following(self) -> Deal:
        """The deal of the next term here."""
        return next(deal for deal in self.both.deals() if deal.id == self.next)

    def wins(self, record: int, **more: Any) -> None:
        """The deal is won here, and HubSpot is told so."""
        self.next = self.win(record, **more).id
        self.later(minutes=1)
        self.round()

    def made(self) -> list[int]:
        """The deals that were made by our key."""
        return [
            id
            for id, each in self.both.here.server.state()["deals"].items()
            if each["values"].get("renewals_key") == self.following.key
        ]

    def of_next(self) -> Mapping[str, Any]:
        """What is kept of the push of the next term."""
        with self.both.engine.connect() as connection:
            query = select(PUSHES).where(PUSHES.c.deal_id == self.next)
            return dict(connection.execute(query).mappings().one())

    def deals_there(self) -> int:
        """How many deals HubSpot has."""
        return len(self.both.here.server.state()["deals"])


@contextmanager
def renewal_world(engine: Engine, **more: Any) -> Iterator[RenewalWorld]:
    """An account with one deal that was won here, HubSpot told."""
    term = more.pop("term", {})
    with push_world(engine, **({"create_renewals": True} | more)) as made:
        world = RenewalWorld(made.both)
        world.record = world.loaded(hubspot_owner_id=made.both.people["ann"].owner_id, **term)
        world.wins(world.record)
        yield world
