"""One week of both sides on a clock of its own: people act there and here, rounds run in between,
requests fail; then everybody rests until nothing changes any more.

    with lived(engine, seed=7, days=7) as week:
        check(week)      (`accounts`)

The seed decides everything: who does what when, the faults, HubSpot's unknown behaviours, how far
the clocks are apart.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from sqlalchemy import Engine

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Deal, Lost, LostReason
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.keyset import LoopError
from scheduler.core.words.lexicon import ForecastCall, Health, Verb
from scheduler.hubspot.errors import HubspotError
from scheduler.services.sync.push_step import push_step
from scheduler.services.sync.syncing import Syncing
from scheduler.storage.database.transactions import transactions
from scheduler.storage.sync.ingesting import IngestRows
from tests.cast import label
from tests.core.sync.sync_cast import both
from tests.servers.hubspot import Switches, half_page, html, locked, migrating, rate_limited
from tests.servers.hubspot.answers import Json
from tests.servers.hubspot.people import Agenda
from tests.services.sync.in_step import SALES, STAGES
from tests.services.sync.pushing_world import PushWorld, push_world
from tests.services.sync.weeks.team import ELSE, Team

ENDS = (
    "2026-12-27",
    "2026-12-31",
    "2027-01-02",
    "2027-02-27",
    "2027-03-01",
    "2027-03-03",
    "2027-03-31",
    "2027-08-31",
)
"""Some of the days three months and one month before these lie in the week."""
FAULTS = 0.03
"""How many requests something befalls."""
_CALLER = "Ken Abe"
_HEALTHS = (Health.STABLE, Health.AT_RISK, Health.CRITICAL)
_MOMENT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Said:
    """What a colleague said here: when by HubSpot's clock, of which deal, where it went by that."""

    at: datetime
    deal: int
    verb: Verb
    stages: tuple[str, ...]


@dataclass
class Week:
    """Both sides. `said` is what was answered here, `skews` how far HubSpot's clock was ahead from
    when on, `before` its state at the beginning, `hindered` what rounds were broken off by."""

    world: PushWorld
    seed: int
    team: Team
    chance: Random
    said: list[Said] = field(default_factory=list)
    skews: list[tuple[datetime, timedelta]] = field(default_factory=list)
    before: dict[str, dict[int, Json]] = field(default_factory=dict)
    began: int = 0
    hindered: Counter[str] = field(default_factory=Counter)
    rounds: int = 0
    _syncing: Syncing | None = None

    @property
    def server(self) -> Any:
        """The account."""
        return self.world.both.here.server

    def now(self) -> datetime:
        """Our clock."""
        return self.world.both.here.time.now()

    def there(self, at: datetime) -> datetime:
        """An instant of our clock, by HubSpot's."""
        ahead = [skew for since, skew in self.skews if since <= at]
        return at + (ahead[-1] if ahead else self.skews[0][1])

    def live(self, days: float) -> None:
        """So long, at random."""
        until = self.now() + timedelta(days=days)
        acts = (self._there, self._here, self.round, self.sweep, self._trouble, self._drift)
        while self.now() < until:
            self.chance.choices(acts, (50, 18, 45, 18, 6, 1))[0]()
            self.world.later(seconds=self.chance.choice((2, 5, 60, 400, 1200, 3600, 9000)))

    def rests(self) -> None:
        """Nobody does anything, nothing fails: rounds go on for two days."""
        self.server.faults.stop()
        self.server.agenda = Agenda()
        if self.chance.random() < 0.7:
            self.server.rules.required_at.clear()
            self.server.rules.approvals.clear()
        for hours in (0.4, 0.4, 0.4, 0.4, 25, 0.4, 0.4, 0.4, 25, 0.4, 0.4, 0.4):
            self.world.later(hours=hours)
            self.sweep()
            self.hindered.clear()
            self.round()
            assert not self.hindered, f"seed {self.seed}: {self.hindered} on a quiet day"

    def round(self) -> None:
        """One round, as the daemon's; what breaks it off is over with the next one."""
        self.rounds += 1
        if self._syncing is None or self.chance.random() < 0.1:
            self._syncing = self.world.both.syncing
        try:
            steps(self.world, self._syncing, f"worker {self.rounds % 2}")
        except (HubspotError, LoopError) as error:
            self.hindered[type(error).__name__] += 1

    def sweep(self) -> None:
        """What is due by itself."""
        self.world.both.sweep()

    def _there(self) -> None:
        """Somebody does something in HubSpot."""
        self.team.acts()

    def _here(self) -> None:
        """A colleague answers."""
        deals = [deal for deal in self.world.both.deals() if deal.won is None and deal.lost is None]
        if deals:
            self.answers(self.chance.choice(deals))

    def answers(self, deal: Deal) -> None:
        """Says something of a deal; what is refused is not said."""
        self.world.later(seconds=2)
        verb = self.chance.choices(
            (Verb.HEALTH, Verb.FORECAST, Verb.ONBOARDED, Verb.WON, Verb.LOST), (10, 4, 3, 1, 1)
        )[0]
        said = Answer(
            verb,
            _CALLER,
            health=self.chance.choice(_HEALTHS),
            call=self.chance.choice((ForecastCall.RENEW, ForecastCall.AT_RISK)),
            lost=Lost("other", note="予算") if verb is Verb.LOST else None,
        )
        now = self.now()
        with transactions(self.world.both.engine, IngestRows)() as transaction:
            try:
                answered = apply_answer(deal, said, self.world.both.policy, now)
            except (AnswerRefusedError, MoveRefusedError):
                return
            transaction.record(deal, said, answered, now)
        to = tuple(passage.to_stage for passage in answered.moves)
        self.said.append(Said(self.there(now), deal.id, verb, to))
        self.world.later(seconds=2)

    def _trouble(self) -> None:
        """Something is about to go wrong."""
        kind, fault = self.chance.choice(
            (
                ("search", half_page()),
                ("list", half_page()),
                ("batch update", migrating(600)),
                ("batch update", locked()),
                ("batch read", html(414)),
                ("search", rate_limited("SECONDLY")),
            )
        )
        self.server.faults.next(kind, fault)

    def _drift(self) -> None:
        """HubSpot's clock gains on ours."""
        self.server.skew += timedelta(seconds=self.chance.randrange(1, 120))
        self.skews.append((self.now(), self.server.skew))


def steps(world: PushWorld, syncing: Syncing, worker: str) -> None:
    """All the steps of one round. Raises what the account raises."""
    now = world.both.here.time.now
    for _ in range(200):
        if not syncing.step(now()).more:
            break
    else:
        raise AssertionError("the round never ends")
    syncing.count(now())
    pusher = world.pusher(worker=worker)
    for _ in range(100):
        if not push_step(pusher).more:
            return
    raise AssertionError("the push never ends")


@contextmanager
def lived(
    engine: Engine,
    seed: int,
    days: float,
    switches: Switches | None = None,
    kind: type[Week] = Week,
    *,
    create_renewals: bool = False,
) -> Iterator[Week]:
    """So many days, over; behaviours nobody knows are mixed by the seed unless they are given."""
    with _begun(engine, seed, switches, kind, create_renewals=create_renewals) as week:
        week.live(days)
        week.rests()
        yield week


@contextmanager
def _begun(
    engine: Engine, seed: int, switches: Switches | None, kind: type[Week], *, create_renewals: bool
) -> Iterator[Week]:
    """A week that begins with a first load of a dozen deals."""
    chance = Random(seed)
    with push_world(engine, policy=week_policy(), create_renewals=create_renewals) as world:
        server, time = world.both.here.server, world.both.here.time
        server.switches = switches or Switches.drawn(seed)
        server.skew = timedelta(seconds=chance.randrange(-420, 420))
        server.pipeline("Else", ("else_open", "Open", 0.5), id_=ELSE)
        team = Team(server, seed, passes=lambda: time.passes(seconds=_MOMENT.total_seconds()))
        made = kind(world, seed, team, chance, skews=[(time.now(), server.skew)])
        _furnish(made)
        made.before, made.began = server.state(), len(server.journal)
        made.sweep()
        made.round()
        world.later(minutes=5)
        server.faults.by_chance(seed, FAULTS)
        for request in ("batch read", "search", "batch update"):
            plan = [chance.random() < 0.1 for _ in range(400)]
            server.agenda.after(request, *(team.acts if p else _nothing for p in plan))
            plan = [chance.random() < 0.05 for _ in range(400)]
            server.agenda.before(request, *(team.acts if p else _nothing for p in plan))
        yield made


def week_policy() -> Policy:
    """Both pipelines; sales have reasons of their own for a loss."""
    plain = both()
    sales = (LostReason("timing", label("Not now")), LostReason("no_need", label("No need")))
    return replace(plain, lost_reasons={**plain.lost_reasons, "new_business": sales})


def _nothing() -> None:
    """Nobody acts."""


def _furnish(made: Week) -> None:
    """Deals of all stages."""
    two, chance = made.world.both, made.chance
    for n in range(12):
        stage = chance.choice(("onboarding", "stable", "calm", "at_risk", "renewal_3m", "stable"))
        owner = chance.choice([person.owner_id for person in made.team.people])
        two.deal(
            customer=f"Customer {n % 8}",
            dealname=f"Deal {n}",
            dealstage=STAGES[stage],
            ends_on=chance.choice(ENDS),
            hubspot_owner_id=owner,
        )
    for stage in ("appointmentscheduled", "qualifiedtobuy"):
        two.deal(pipeline=SALES, dealstage=stage, customer=f"Prospect {stage}")
