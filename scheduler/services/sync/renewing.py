"""Making the deal of a next term in HubSpot, where a term was won and nobody has made the deal of
the one that opened here.

    1  claim      next terms without a record, of which everything that HubSpot had within the grace
                  time has been taken in: a deal that a person or HubSpot's contracts made until
                  then was adopted, and the term is none of these any more
    2  look       by our unique property, whether there is a deal already (it is linked), and what
                  the deal before shows (`renewal_plan`)
    3  hand over  commit what is about to be made, if fence and lease still stand
    4  make       a batch, each with its company; no transaction open
    5  link       the record belongs to the term from now on: the next pull reads it whole, the next
                  push tells the rest

Unknown is looked up by the unique property until HubSpot says for certain that there is none; only
then it is due again. Refused is looked up as well, since a value that is not unique any more means
that there is one, and else parked in HubSpot's words. The pull links what has our key, too.
Always holds: no term has two deals made for it, whatever dies when: HubSpot itself refuses a second
one with the same key.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from scheduler.core.sync.writes import (
    PendingWrite,
    RecordsRead,
    RecordWrite,
    WriteOutcome,
    WriteResult,
)
from scheduler.core.words.errors import LabelledError
from scheduler.services.sync.pull_store import COMPLETE
from scheduler.services.sync.push_store import PushClaim
from scheduler.services.sync.pushing import Pushed, Pusher, let_go
from scheduler.services.sync.renewal_plan import PlannedRenewal, RenewalPlanner
from scheduler.services.sync.renewal_store import RenewalClaim
from scheduler.services.sync.renewals_kept import KeptRenewals

GRACE = timedelta(days=1)
"""How long a person or HubSpot's contracts have to make the deal themselves."""
_Going = Sequence[tuple[PushClaim, PendingWrite, str]]
"""What may go out, with the company of each."""


def create_renewals(pusher: Pusher) -> Pushed | None:
    """Makes a batch of deals that are due (steps 1 to 5); None where there are none. Raises what
    the account raises; what was claimed is due again then, or unknown."""
    claims = _claimed(pusher) if pusher.settings.create_renewals else ()
    if not claims:
        return None
    try:
        planned = _planner(pusher).plan(claims)
    except LabelledError:
        let_go(pusher, [each.claim for each in claims])
        raise
    going, outcomes = _handed_over(pusher, planned)
    return Pushed().plus(Counter(outcomes)).plus(_made(pusher, going))


def _claimed(pusher: Pusher) -> Sequence[RenewalClaim]:
    """Next terms that are due. Search shows late what was made: the overlap of a round counts as
    well."""
    now = pusher.clock.now()
    with pusher.begin() as transaction:
        complete = transaction.kept(COMPLETE)
        if complete is None:
            return ()
        opened_before = datetime.fromisoformat(complete) - pusher.settings.overlap - GRACE
        until, version = now + pusher.lease, pusher.policy.version
        return transaction.renewals(now, until, pusher.worker, pusher.batch, opened_before, version)


def _planner(pusher: Pusher) -> RenewalPlanner:
    """The planner of a batch; reads what is needed to interpret deals, if that was not read
    lately."""
    schema, now = pusher.schema(), pusher.clock.now()
    return RenewalPlanner(
        pusher.account, pusher.settings, pusher.policy, schema, pusher.url_of, now
    )


def _handed_over(pusher: Pusher, planned: Sequence[PlannedRenewal]) -> tuple[_Going, Sequence[str]]:
    """Settles and links what needs no write and hands the rest over, in one transaction; what may
    go out, and as which the others count."""
    now = pusher.clock.now()
    outcomes = []
    with pusher.begin() as transaction:
        kept = KeptRenewals(transaction, pusher.policy.version, now)
        for each in planned:
            push = each.push
            if push.waits is not None:
                transaction.wait([each.before], push.waits)
            if push.settled is not None:
                transaction.settle(push.claim, push.settled, now)
                outcomes.append(push.outcome)
            if each.found is not None:
                outcomes.append(kept.found(push.claim, each.found))
        going = [(p.push.claim, p.push.handed, p.company_id) for p in planned if p.push.handed]
        stand = transaction.hand_over([(claim, handed) for claim, handed, _ in going], now)
    return [each for each in going if each[0].deal.id in stand], outcomes


def _made(pusher: Pusher, going: _Going) -> Mapping[str, int]:
    """Makes what was handed over and keeps what became of it. Raises what the account raises, after
    that was kept."""
    results: dict[str, WriteResult] = {}
    raised: LabelledError | None = None
    there: RecordsRead | None = None
    try:
        changes = [RecordWrite(c.deal.key, h.values, h.trace, company) for c, h, company in going]
        for result in pusher.account.create(changes):
            results[result.change.trace] = result
        there = pusher.account.by_key(_refused(results)) if _refused(results) else None
    except LabelledError as error:
        raised = error
    with pusher.begin() as transaction:
        kept = KeptRenewals(transaction, pusher.policy.version, pusher.clock.now())
        outcomes = [kept.made(c, h, results.get(h.trace), there) for c, h, _ in going]
    if raised is not None:
        raise raised
    return Counter(outcomes)


def _refused(results: Mapping[str, WriteResult]) -> Sequence[str]:
    """The keys of the deals that HubSpot refused to make."""
    return [r.change.key for r in results.values() if r.outcome is WriteOutcome.REFUSED]


def read_back_renewals(pusher: Pusher, doubtful: Sequence[PushClaim]) -> Pushed:
    """Ends what is of unknown outcome, by what HubSpot has under each key. Raises what the account
    raises; they stay unknown then."""
    there: RecordsRead | None = None
    try:
        there = pusher.account.by_key([claim.deal.key for claim in doubtful])
    finally:
        with pusher.begin() as transaction:
            kept = KeptRenewals(transaction, pusher.policy.version, pusher.clock.now())
            outcomes = [kept.looked_up(claim, there) for claim in doubtful]
    return Pushed().plus(Counter(filter(None, outcomes)))
