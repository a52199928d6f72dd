"""Weeks of a team's life in virtual time, by the real services on a real SQLite file, while
everything around them fails.

A `World` has a true time, a wall clock that may be set, Slack and a mail server that lose replies,
answer late, limit and refuse, a team that answers at fixed times, and a daemon whose process dies
at any statement, at any commit, before, in and after any sending. What dies is replaced by a new
process on the same file. Nothing waits: time goes on to the next instant at which anything is due.

Always holds: the same seed gives the same life; Slack and the mail server deliver what they took
exactly once, at the latest 59 seconds after it was handed to them.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from shutil import copy2
from typing import Any

from sqlalchemy import Connection, Engine, event, func, select

from scheduler.channels.preview import PreviewChannel
from scheduler.core.answers.answer import Answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.deal.deal import Lost
from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.core.messages.states import RESENDS, Shown
from scheduler.core.time.dates import Shift
from scheduler.core.words.keys import stable_key
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, ChannelName, ForecastCall, Verb
from scheduler.daemon.clock_watch import ClockWatch
from scheduler.ports import (
    Changed,
    Channel,
    Envelope,
    NotSent,
    Outcome,
    Sent,
    StoreUnavailableError,
    Unknown,
)
from scheduler.services.answers.answering import answer
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.delivery_store import DeliveryTransaction
from scheduler.services.delivery.form import form_messages
from scheduler.services.delivery.recover import recover_once
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.timekeeping import Timekeeping
from scheduler.storage.database.transactions import transactions
from scheduler.storage.database.types import UtcDateTime
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from tests.cast import ANN, BOB, CHIKA, DEADLINE, T1M, T3M, WELCOME, at, milestone, policy
from tests.services.delivering import PlainRenderer
from tests.storage.builders import T, add_contract, add_person

START = at("2027-01-04 06:00")
AGAIN = milestone(
    "stage_week",
    "+7 days",
    anchor=Anchor.STAGE_ENTERED_ON,
    series="stage",
    in_stages=("renewal_1m",),
    shift=Shift.LATER,
)
POLICY = policy(T3M, T1M, DEADLINE, WELCOME, AGAIN)
LAG = timedelta(seconds=59)
LONGEST = 43_200.0
_UNLIMITED = 1_073_741_823
LAST_RESORTS = ("renewals@example.com", "admin@example.com")
AWAY = StoreUnavailableError(
    Label.given({"ja": "切れた", "en": "the database is away"}), passing=True
)


class PowerCut(BaseException):
    """The process ends here; nothing in it can catch this."""


@dataclass(frozen=True)
class Faults:
    """How often each thing happens: per statement and commit, per sending, per tick. `disk`: per
    tick, that the disk is full during it."""

    statement: float = 0.0
    sending: float = 0.0
    clock: float = 0.0
    neighbour: float = 0.0
    disk: float = 0.0


NONE, SOME = Faults(), Faults(statement=0.006, sending=0.35, clock=0.03, neighbour=0.15, disk=0.02)


@dataclass(frozen=True)
class Outage:
    """A span in which a channel does not work, and what it says to everybody meanwhile. `refused`:
    a word about each recipient, not about itself."""

    channel: ChannelName
    begins_at: datetime
    ends_at: datetime
    said: str
    fault_kind: FaultKind | None

    def outcome(self) -> NotSent:
        """What every sending comes to."""
        if self.fault_kind is None:
            return NotSent(self.said, permanent=True, fault_scope=FaultScope.REFUSED)
        return NotSent(self.said, fault_scope=FaultScope.CHANNEL, fault_kind=self.fault_kind)


@dataclass
class Tally:
    """What happened."""

    ticks: int = 0
    deaths: int = 0
    outages: int = 0
    full: int = 0
    jumps: int = 0
    sendings: Counter[str] = field(default_factory=Counter)


class World:
    """The outside, its time and its faults."""

    def __init__(self, seed: int, faults: Faults) -> None:
        self.chance = random.Random(seed)
        self.faults = faults
        self.true_at, self.offset = START, timedelta(0)
        self.tally = Tally()
        self.slack, self.mail = Side(self, ChannelName.SLACK), Side(self, ChannelName.EMAIL)
        self.channels: dict[ChannelName, Channel] = {s.name: s for s in (self.slack, self.mail)} | {
            ChannelName.PREVIEW: PreviewChannel()
        }
        self.neighbour: Callable[[], None] = lambda: None
        self.disk_full = False
        self.outages: Sequence[Outage] = ()

    def outage(self, channel: ChannelName) -> Outage | None:
        """What is the matter with a channel, if anything is."""
        return next(
            (
                o
                for o in self.outages
                if o.channel is channel and o.begins_at <= self.true_at < o.ends_at
            ),
            None,
        )

    def now(self) -> datetime:
        """What the wall clock says."""
        return self.true_at + self.offset

    def steady(self) -> float:
        """Seconds on the clock that nobody can set."""
        return (self.true_at - START).total_seconds()

    def synchronised(self) -> bool:
        """Nobody vouches for the wall clock but people."""
        return False

    def go_on(self, seconds: float) -> None:
        """Time passes."""
        self.true_at += timedelta(seconds=seconds)

    def happens(self, probability: float) -> bool:
        """Whether a thing of this probability happens now."""
        return probability > 0 and self.chance.random() < probability


SENDINGS = (
    "refused",
    "limited",
    "reply lost",
    "dropped",
    "late",
    "dies before",
    "dies after",
    "dies, arrives late",
    "gone",
)


class Side:
    """Slack, or a mail server: what it took arrives once, perhaps late; what it says may be
    lost."""

    def __init__(self, world: World, name: ChannelName) -> None:
        self.name = name
        self._world = world
        self._taken: list[tuple[datetime, Envelope]] = []
        self.handed: list[tuple[datetime, Envelope]] = []

    @property
    def arrived(self) -> list[Envelope]:
        """What has arrived by now."""
        return [
            envelope for arrives_at, envelope in self._taken if arrives_at <= self._world.true_at
        ]

    def send(self, envelope: Envelope, deadline_seconds: float) -> Outcome:
        """Takes it, or not, and says so, or not."""
        world = self._world
        self.handed.append((world.now(), envelope))
        if outage := world.outage(self.name):
            world.tally.sendings[outage.said] += 1
            return outage.outcome()
        if world.happens(world.faults.neighbour):
            world.neighbour()
        trouble = world.chance.choice(SENDINGS) if world.happens(world.faults.sending) else "none"
        handed_at = world.true_at
        world.go_on(world.chance.uniform(0, 2))
        world.tally.sendings[trouble] += 1
        if trouble in ("none", "reply lost", "dies after"):
            self._taken.append((world.true_at, envelope))
        if trouble in ("late", "dies, arrives late"):
            self._taken.append((handed_at + LAG * world.chance.random(), envelope))
        if trouble.startswith("dies"):
            raise PowerCut
        if trouble in ("reply lost", "dropped", "late"):
            world.go_on(deadline_seconds)
            return Unknown(trouble)
        if trouble == "limited":
            return NotSent(
                "ratelimited",
                retry_after=float(world.chance.randrange(1, 600)),
                scope=f"{self.name}:x",
            )
        if trouble == "gone" and envelope.address not in LAST_RESORTS:
            return NotSent("account_inactive", permanent=True)
        return Sent("ok") if trouble == "none" else NotSent("busy")

    def update(
        self, envelope: Envelope, receipt: str, deadline_seconds: float, shown: Shown | None = None
    ) -> Changed:
        """Shows the new text where the post is."""
        return Changed(Sent(receipt))

    def address_problem(self, address: str) -> str:
        """Nothing is known to be wrong."""
        return ""

    def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
        """Slack finds what has arrived, if it can be asked at all; nobody can ask a mail server."""
        world = self._world
        world.go_on(world.chance.uniform(0, 2))
        if (
            self.name is ChannelName.EMAIL
            or world.outage(self.name)
            or world.happens(world.faults.sending)
        ):
            return Unknown("it could not be searched")
        return (
            Sent("found")
            if any(e.key == envelope.key for e in self.arrived)
            else NotSent("not there")
        )

    def check(self) -> Sequence[str]:
        """Nothing is wrong with its configuration."""
        return ()

    def is_loopback(self) -> bool:
        """People are told."""
        return False

    def close(self) -> None:
        """Nothing is open."""


class ShakyDelivering:
    """Begins the delivery's transactions; now and then a commit succeeds and the process hears the opposite."""

    def __init__(self, world: World, engine: Engine) -> None:
        self._world = world
        self._rows = transactions(engine, DeliveryQueries)

    @contextmanager
    def __call__(self, *, keep: bool = True) -> Iterator[DeliveryTransaction]:
        """A transaction."""
        with self._rows(keep=keep) as transaction:
            yield transaction
        if self._world.happens(self._world.faults.statement):
            self._world.tally.outages += 1
            raise AWAY


def shaky_engine(world: World, file: Path) -> Engine:
    """An engine on which the process may die, or the database be away, before any statement and any
    commit. It survives: nothing is kept in it."""

    def may_fail(*_: object) -> None:
        if world.happens(world.faults.statement):
            raise PowerCut
        if world.happens(world.faults.statement):
            world.tally.outages += 1
            raise AWAY

    def takes_no_more(connection: Connection) -> None:
        pages = 1 if world.disk_full else _UNLIMITED
        connection.connection.cursor().execute(f"PRAGMA max_page_count={pages}")

    engine = open_engine(f"sqlite:///{file}")
    event.listen(engine, "connect", _without_waiting_for_the_disk)
    event.listen(engine, "begin", takes_no_more)
    event.listen(engine, "before_cursor_execute", may_fail)
    event.listen(engine, "commit", may_fail)
    return engine


class Process:
    """A daemon's process from its start to its end: whatever it remembers."""

    def __init__(self, world: World, engine: Engine, name: str) -> None:
        self._world = world
        self._engine = engine
        self._facts = Timekeeping(engine, engine)
        self._watch: ClockWatch | None = None
        self._delivery = Delivery(
            ShakyDelivering(world, engine), world.channels, PlainRenderer(), world, name, batch=5
        )

    def tick(self, *, stopping: bool = False) -> None:
        """Everything that is due, as scheduler.daemon.jobs does it. Raises PowerCut where the
        process ends."""
        with suppress(StoreUnavailableError):
            if self._watch is None:
                self._watch = ClockWatch(
                    self._world, self._world.steady, self._facts, self._world.synchronised
                )
            if self._watch.look() is None:
                self._work(stopping=stopping)

    def _work(self, *, stopping: bool) -> None:
        """Sweep, then deliver; a database that is away ends one of them for now, not the
        process."""
        world = self._world
        with suppress(StoreUnavailableError):
            sweep_all(transactions(self._engine, SweepQueries), POLICY, world.now(), limit=7)
            self._facts.record_sweep(world.now())
        with suppress(StoreUnavailableError):
            more = True
            while more:
                formed = form_messages(
                    transactions(self._engine, FormingQueries),
                    POLICY,
                    tuple(world.channels),
                    world.now(),
                )
                recovered = recover_once(self._delivery, POLICY)
                delivered = deliver_batch(
                    self._delivery, POLICY, lambda: stopping and world.happens(0.5)
                )
                more = bool(formed.total or recovered.total or delivered.total) and not stopping

    def accept_clock(self) -> None:
        """A person says that the wall clock is right."""
        with suppress(StoreUnavailableError):
            self._facts.accept(self._world.now())

    def says(self, contract: str, said: Answer) -> None:
        """A person answers; a command that fails is given again."""
        with suppress(AnswerRefusedError):
            answer(
                transactions(self._engine, AnswerQueries), contract, said, POLICY, self._world.now()
            )


def _without_waiting_for_the_disk(connection: Any, _record: object) -> None:
    """Nobody pulls the plug of this machine."""
    connection.execute("PRAGMA synchronous=OFF")


class Life:
    """One team's weeks. `live` runs them; what came of it is in the file, and in the world what
    arrived."""

    def __init__(
        self,
        seed: int,
        faults: Faults,
        tables: Path,
        folder: Path,
        weeks: int,
        outages: Sequence[Outage] = (),
    ) -> None:
        self.world = World(seed, faults)
        self.world.outages = outages
        self.file = Path(
            copy2(tables, folder / f"{seed}-{'calm' if faults == NONE else 'storm'}.db")
        )
        self.until_at = START + timedelta(weeks=weeks)
        self.engine = open_engine(f"sqlite:///{self.file}")
        event.listen(self.engine, "connect", _without_waiting_for_the_disk)
        self._said = _fill(self.engine, random.Random(seed), weeks)
        self._shaky = shaky_engine(self.world, self.file)
        self._processes = [self._new("a"), self._new("b")]

    def _new(self, name: str) -> Process:
        return Process(self.world, self._shaky, name)

    def live(self) -> "Life":
        """The weeks with their faults, then quiet days until nothing is left to do."""
        while self.world.true_at < self.until_at:
            self._step()
        self.world.faults, self.world.offset = NONE, timedelta(0)
        self._processes = [self._new("a"), self._new("b")]
        self._processes[0].accept_clock()
        end = self.until_at + timedelta(days=9)
        while self.world.true_at < end:
            self._step(answers=False)
        self._shaky.dispose()
        return self

    def _step(self, *, answers: bool = True) -> None:
        """What is due now, then on to the next instant at which anything is."""
        world = self.world
        world.tally.ticks += 1
        world.disk_full = world.happens(world.faults.disk)
        world.tally.full += world.disk_full
        self._set_clock()
        which = world.chance.randrange(2)
        world.neighbour = lambda: self._run(1 - which)
        self._run(which, stopping=world.faults != NONE and world.happens(0.05))
        world.disk_full = False
        while answers and self._said and self._said[0][0] <= world.true_at:
            _, contract, said = self._said.pop(0)
            self._say(contract, said)
        coming = self._next_at()
        wait = (coming - world.now()).total_seconds() if coming else LONGEST
        world.go_on(min(max(wait, 0.0), LONGEST) + world.chance.uniform(1, 40))

    def _run(self, which: int, *, stopping: bool = False) -> None:
        """One process's tick; a process that dies or is told to stop is replaced by a new one."""
        try:
            self._processes[which].tick(stopping=stopping)
        except PowerCut:
            self.world.tally.deaths += 1
        else:
            if not stopping:
                return
        self._processes[which] = self._new("ab"[which])

    def _say(self, contract: str, said: Answer) -> None:
        """An answer, given until it is taken."""
        while True:
            try:
                return self._processes[0].says(contract, said)
            except (PowerCut, StoreUnavailableError):
                continue

    def _set_clock(self) -> None:
        """Now and then somebody sets the wall clock: by minutes, which is believed, or by more,
        which is doubted until somebody looks.

        Not while something is under way to Slack: a clock set by minutes in that very minute may
        lead to a second copy, as DESIGN §7 says of a look-up that comes too early.
        """
        world = self.world
        if self.world.happens(world.faults.clock) and world.true_at > max(
            (a for s in (world.slack, world.mail) for a, _ in s._taken), default=START
        ):
            world.tally.jumps += 1
            world.offset = timedelta(minutes=world.chance.choice((-45, -8, -2, 0, 0, 3, 9, 45)))
        with suppress(PowerCut):
            if world.happens(0.2):
                self._processes[0].accept_clock()

    def _next_at(self) -> datetime | None:
        """The next instant, by the wall clock, at which anything stored is due."""
        with self.engine.connect() as connection:
            times = [
                connection.execute(select(func.min(column)).where(*where)).scalar()
                for column, where in _DUE
            ]
            times += self._queued(connection)
        coming = [
            t.replace(tzinfo=UTC) if isinstance(t, datetime) else t for t in times if t is not None
        ]
        if self._said:
            coming.append(self._said[0][0] + self.world.offset)
        return min(coming, default=None)

    def _queued(self, connection: Connection) -> list[datetime]:
        """When the first message for each channel goes on; what waits for a paused one goes on with
        its next probe."""
        conditions = select(_CONDITIONS.c.channel, _CONDITIONS.c.probe_at).where(
            _CONDITIONS.c.paused_at.is_not(None)
        )
        probes = {row.channel: row.probe_at for row in connection.execute(conditions)}
        first, waiting = (
            func.min(_MESSAGES.c.not_before_at, type_=UtcDateTime()),
            _MESSAGES.c.state.in_(["queued", "unknown"]),
        )
        queued = (
            select(_MESSAGES.c.channel, first.label("at"))
            .where(waiting)
            .group_by(_MESSAGES.c.channel)
        )
        return [
            max(row.at, probes.get(row.channel) or row.at) for row in connection.execute(queued)
        ]


_MESSAGES, _NUDGES, _DEALS, _CONDITIONS = (
    T["messages"],
    T["nudges"],
    T["deals"],
    T["channel_conditions"],
)
_DUE: list[tuple[Any, list[Any]]] = [
    (_DEALS.c.wake_at, []),
    (_NUDGES.c.due_at, [_NUDGES.c.state == "waiting", _NUDGES.c.message_id.is_(None)]),
    (_MESSAGES.c.lease_until, []),
]


def _fill(engine: Engine, chance: random.Random, weeks: int) -> list[tuple[datetime, str, Answer]]:
    """A team of four and forty contracts that have something to say in these weeks; what people
    will answer, and when."""
    with engine.begin() as connection:
        bob = add_person(
            connection,
            BOB.name,
            email=BOB.email,
            zone=BOB.zone,
            calendar="weekdays",
            language="en",
            role="manager",
        )
        ways: list[Mapping[str, Any]] = [
            {"slack_id": "U0ANN", "email": ANN.email, "zone": ANN.zone},
            {"slack_id": "U0CHIKA", "zone": CHIKA.zone},
            {"email": "dan@example.com", "zone": ANN.zone},
            {"zone": ANN.zone},
        ]
        people = [
            add_person(
                connection, f"Person {n}", manager_id=bob, calendar="weekdays", language="en", **way
            )
            for n, way in enumerate(ways)
        ]
        answers: list[tuple[datetime, str, Answer]] = []
        for n in range(40):
            ends_on = START.date() + timedelta(days=chance.randrange(5, 90 + 7 * weeks))
            renews = chance.random() < 0.3
            add_contract(
                connection,
                f"C-{n}",
                ends_on,
                owner_id=chance.choice(people),
                starts_on=ends_on - timedelta(days=364),
                stage="onboarding" if chance.random() < 0.1 else "stable",
                arrived_at=START,
                **(
                    {
                        "auto_renew": True,
                        "notice": "60 days",
                        "decide_by": ends_on - timedelta(days=60),
                    }
                    if renews
                    else {}
                ),
            )
            answers += _answers(chance, f"C-{n}", ends_on, weeks)
    return sorted(answers, key=lambda a: a[0])


def _answers(
    chance: random.Random, contract: str, ends_on: date, weeks: int
) -> Iterator[tuple[datetime, str, Answer]]:
    """Half the contracts are answered about, at 16:30, long after anything of that day was
    decided."""
    if chance.random() < 0.5:
        return
    days = sorted(
        START.date() + timedelta(days=chance.randrange(7 * weeks))
        for _ in range(chance.randrange(1, 4))
    )
    for day in days:
        said = chance.choice(
            (
                Answer(Verb.SEEN, ANN.name),
                Answer(Verb.SNOOZE, ANN.name, until=day + timedelta(days=chance.randrange(1, 9))),
                Answer(
                    Verb.FORECAST,
                    ANN.name,
                    call=ForecastCall.RENEW,
                    expected_on=day + timedelta(days=5),
                ),
                Answer(Verb.WON, ANN.name),
                Answer(Verb.LOST, ANN.name, lost=Lost("budget")),
            )
        )
        yield at(f"{day.isoformat()} 16:30"), contract, said
        if said.verb in (Verb.WON, Verb.LOST):
            return


@dataclass(frozen=True)
class Outcomes:
    """What a life came to, as far as faults must not change it. A deal is named by its contract's
    number and which term it is."""

    moves: Mapping[str, Sequence[tuple[str, str]]]
    events: frozenset[tuple[Any, ...]]
    nudges: frozenset[str]


def outcomes(life: Life) -> Outcomes:
    """The moves of each deal in their order, every event with its state, every nudge."""
    moves: dict[str, list[tuple[str, str]]] = {}
    contracts, passages, events = T["contracts"], T["passages"], T["events"]
    with life.engine.connect() as connection:
        deals = select(_DEALS.c.id, contracts.c.number, contracts.c.term_number).join(
            contracts, contracts.c.id == _DEALS.c.contract_id
        )
        names = {
            row.id: f"{row.number} term {row.term_number}" for row in connection.execute(deals)
        }
        for row in connection.execute(select(passages).order_by(passages.c.id)):
            moves.setdefault(names[row.deal_id], []).append((row.from_stage, row.to_stage))
        columns = [events.c[name] for name in ("milestone", "anchor_on", "step", "state", "day_on")]
        happened = frozenset(
            (names[row[0]], *row[1:])
            for row in connection.execute(select(events.c.deal_id, *columns))
        )
        nudges = frozenset(connection.execute(select(_NUDGES.c.key)).scalars())
    return Outcomes(moves, happened, nudges)


@dataclass(frozen=True)
class Balance:
    """What became of every nudge. `lost` and `twice` name those that were not said, or said more
    than once, without an account of it; `untold` the messages in doubt of which no admin was
    told."""

    states: Counter[str]
    lost: list[str]
    twice: list[str]
    accounted: int
    open: list[str]
    untold: list[str]


_TOLD = ~_MESSAGES.c.reason.like('{"code": "went_on"%')
"""Messages that did not go on another way."""


def balance(life: Life) -> Balance:
    """Compares what the rows say with what arrived outside."""
    arrived = Counter(e.key for side in (life.world.slack, life.world.mail) for e in side.arrived)
    said = {
        e.key: e.rendered.text for side in (life.world.slack, life.world.mail) for e in side.arrived
    }
    query = (
        select(
            _NUDGES,
            T["contracts"].c.number,
            _MESSAGES.c.key.label("message"),
            _MESSAGES.c.state.label("message_state"),
        )
        .join(_DEALS, _DEALS.c.id == _NUDGES.c.deal_id)
        .join(T["contracts"], T["contracts"].c.id == _DEALS.c.contract_id)
        .outerjoin(_MESSAGES, _MESSAGES.c.id == _NUDGES.c.message_id)
    )
    mails = select(_MESSAGES.c.key, _MESSAGES.c.unknowns).where(_MESSAGES.c.channel == "email")
    states: Counter[str] = Counter()
    lost, still = [], []
    with life.engine.connect() as connection:
        rows = connection.execute(query).all()
        doubtful = {row.key: row.unknowns for row in connection.execute(mails)}
        messages = connection.execute(
            select(_MESSAGES.c.key, _MESSAGES.c.fence, _MESSAGES.c.state).where(_TOLD)
        ).all()
        unfinished = connection.execute(
            select(_MESSAGES.c.key, _MESSAGES.c.state).where(
                _MESSAGES.c.state.in_(["claimed", "handed_over"])
            )
        ).all()
    for row in rows:
        states[row.state] += 1
        name = f"{row.milestone} {row.number}"
        if row.state == "sent" and name not in said.get(row.message, "").split(", "):
            lost.append(f"{name} step {row.step} (message {row.message_state})")
        if row.state in ("waiting", "held") and row.due_at < life.world.now() - timedelta(hours=2):
            still.append(f"{name} due {row.due_at}")
    twice = [
        f"{key} × {times}"
        for key, times in arrived.items()
        if times > 1 + min(RESENDS, doubtful.get(key, 0))
    ]
    accounted = sum(
        times - 1
        for key, times in arrived.items()
        if 1 < times <= 1 + min(RESENDS, doubtful.get(key, 0))
    )
    keys = {m.key for m in messages}
    alerts = {
        m.key: stable_key("alert", f"in_doubt:{m.key}:{m.fence}", POLICY.admins[0])
        for m in messages
        if m.state == "in_doubt"
    }
    untold = [key for key, alert in alerts.items() if alert not in keys]
    return Balance(
        states,
        lost,
        twice,
        accounted,
        still + [f"{key} {state}" for key, state in unfinished],
        untold,
    )
