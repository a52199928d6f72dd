"""Telling HubSpot what happens here: our stage, and our own properties beside it.

    1  claim      one transaction: a batch of due deals gets a lease and a higher fence
    2  read       their records, from HubSpot's database; where a stage is to be written, with its
                  history: a move that no pull has taken in yet is left alone, the record waits for
                  the next pull, and only the other properties are written
    3  compare    what is wanted with what is there; a deal without differences is up to date
    4  hand over  commit what is about to be written, if fence and lease still stand
    5  write      by id, no transaction open
    6  record     each change by itself (`recording`): what was written of it is entered into the
                  ledger; what was refused is parked in HubSpot's words; unknown is read back after
                  a while (`reading_back`); put off is due again
    7  check      afterwards, whom a written stage covered (`covering`)
One step does at most one batch of one of these: read back, make next terms' deals (`renewing`),
check, or push.

A crash before 4 leaves a lease that runs out: the deal is due again. Between 4 and 6 nobody knows:
it is `unknown` and is read back before anything is written again. Between 6 and 7 the ledger says
what is still to be checked. Whatever the account raises leaves everything kept and due.
Always holds: with `push = false` nothing is written, ever; close date, amount and owner of an
existing deal are never written.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from scheduler.core.deal.deal import Deal
from scheduler.core.policy.hubspot import HubSpotSettings
from scheduler.core.policy.policy import Policy
from scheduler.core.sync.account_schema import AccountSchema
from scheduler.core.sync.amounts import BATCH
from scheduler.core.sync.clocks import ClockOffsets
from scheduler.core.sync.echoes import OwnSources
from scheduler.core.sync.states import Waits
from scheduler.core.sync.writes import PendingWrite, WriteOutcome, WriteResult
from scheduler.core.words.errors import LabelledError
from scheduler.ports import Begin, Clock
from scheduler.services.sync.pull_store import CLOCKS
from scheduler.services.sync.push_plan import PlannedPush, Planner
from scheduler.services.sync.push_store import DealWriting, PushClaim, SettledPush
from scheduler.services.sync.recording import record
from scheduler.services.sync.renewal_store import RenewingTransaction

OWN_SOURCES = "own_sources"
"""Where it is kept what HubSpot calls our own writing."""


@dataclass(frozen=True, slots=True)
class Pusher:
    """What a push works with. `schema` says what deals are read by; `url_of` says where a deal is
    seen here, empty for nowhere; `lease` is longer than a batch takes with all its waiting."""

    begin: Begin[RenewingTransaction]
    account: DealWriting
    settings: HubSpotSettings
    policy: Policy
    clock: Clock
    worker: str
    schema: Callable[[], AccountSchema]
    url_of: Callable[[Deal], str] = lambda deal: ""
    lease: timedelta = timedelta(minutes=15)
    batch: int = BATCH


@dataclass(frozen=True, slots=True)
class Pushed:
    """The result of one step. `more`: there was something, and there may be more; `restored`: moves
    of somebody else's that were restored; `partly`: written but for what HubSpot refused of them,
    for which they are parked as well; `made`: deals of next terms that were made or found;
    `unmade`: our properties that the account lacks."""

    more: bool = False
    in_step: int = 0
    written: int = 0
    partly: int = 0
    parked: int = 0
    unknown: int = 0
    put_off: int = 0
    waiting: int = 0
    gone: int = 0
    restored: int = 0
    made: int = 0
    unmade: frozenset[str] = field(default_factory=frozenset)

    def and_also(self, other: "Pushed") -> "Pushed":
        """Both steps together."""
        named = {name: getattr(self, name) | getattr(other, name) for name in ("unmade", "more")}
        counts = [n for n in self.__dataclass_fields__ if n not in named]
        return Pushed(**named, **{n: getattr(self, n) + getattr(other, n) for n in counts})

    def plus(self, counts: Mapping[str, int]) -> "Pushed":
        """These counts added; `more` set."""
        sums = {name: getattr(self, name) + n for name, n in counts.items()}
        return replace(self, more=True, **sums)


def push_batch(pusher: Pusher) -> Pushed:
    """Pushes a batch of due deals, if there are any (steps 1 to 6). Raises what the account
    raises; what was claimed is due again then."""
    now = pusher.clock.now()
    with pusher.begin() as transaction:
        version = pusher.policy.version
        claims = transaction.claim(now, now + pusher.lease, pusher.worker, pusher.batch, version)
        own = OwnSources.from_text(transaction.kept(OWN_SOURCES))
        clocks = ClockOffsets.from_text(transaction.kept(CLOCKS))
    if not claims:
        return Pushed()
    planner = Planner(
        pusher.account,
        pusher.settings,
        pusher.policy,
        pusher.url_of,
        pusher.clock.now(),
        own,
        clocks,
    )
    try:
        planned, unmade = planner.plan(claims)
    except LabelledError:
        let_go(pusher, claims)
        raise
    handed = _handed_over(pusher, planned)
    outcomes = [p.outcome for p in planned if p.settled is not None]
    told = write(pusher, handed)
    waiting = sum(p.waits is Waits.HISTORY for p in planned)
    return Pushed(unmade=unmade, waiting=waiting).plus(Counter(outcomes)).plus(told)


def let_go(pusher: Pusher, claims: Sequence[PushClaim]) -> None:
    """Claims are as they were before; nothing counts as tried."""
    with pusher.begin() as transaction:
        for claim in claims:
            transaction.settle(claim, SettledPush.as_before(claim), pusher.clock.now())


def _handed_over(
    pusher: Pusher, planned: Sequence[PlannedPush]
) -> Sequence[tuple[PushClaim, PendingWrite]]:
    """Settles what needs no write and hands the rest over, in one transaction; what may go out."""
    now = pusher.clock.now()
    with pusher.begin() as transaction:
        for each in planned:
            if each.waits is not None:
                transaction.wait([each.claim.record_id], each.waits)
            if each.settled is not None:
                transaction.settle(each.claim, each.settled, now)
        going = [(each.claim, each.handed) for each in planned if each.handed is not None]
        stand = transaction.hand_over(going, now)
    return [(claim, handed) for claim, handed in going if claim.deal.id in stand]


def write(pusher: Pusher, handed: Sequence[tuple[PushClaim, PendingWrite]]) -> Mapping[str, int]:
    """Writes what was handed over and records what became of it (steps 5 and 6). Raises what the
    account raises, after that was recorded."""
    if not handed:
        return {}
    by_trace = {each.trace: (claim, each) for claim, each in handed}
    results: list[WriteResult] = []
    raised: LabelledError | None = None
    try:
        changes = [each.change(claim.record_id) for claim, each in handed]
        for result in pusher.account.write(changes):
            results.append(result)  # noqa: PERF402  (kept even when it breaks off)
    except LabelledError as error:
        raised = error
    told = {result.change.trace for result in results}
    results += [
        WriteResult(each.change(claim.record_id), WriteOutcome.UNKNOWN)
        for claim, each in handed
        if each.trace not in told
    ]
    now = pusher.clock.now()
    with pusher.begin() as transaction:
        outcomes = [
            record(transaction, *by_trace[result.change.trace], result, now) for result in results
        ]
    if raised is not None:
        raise raised
    return Counter(outcomes)
