"""One bounded step of telling HubSpot what happens here, for a loop that asks until there is no
more: read back what is unknown, make what next terms lack, check what was written, push what is due
(see `pushing` and `renewing`)."""

from scheduler.services.sync.covering import check_written
from scheduler.services.sync.pushing import Pushed, Pusher, push_batch
from scheduler.services.sync.reading_back import read_back
from scheduler.services.sync.recording import LOOK_AFTER
from scheduler.services.sync.renewing import create_renewals, read_back_renewals


def push_step(pusher: Pusher) -> Pushed:
    """At most one batch; `more` says whether there was something to be done.

    Raises what the account raises: for what passes by itself the caller waits, a token or a scope
    is told to the admins; nothing is lost, nothing counts as tried.
    """
    if not pusher.settings.push:
        return Pushed()
    now = pusher.clock.now()
    with pusher.begin() as transaction:
        transaction.expire(now, now + LOOK_AFTER)
        mine = (now, now + pusher.lease, pusher.worker, pusher.batch)
        doubtful = transaction.doubtful(*mine)
        unmade = () if doubtful else transaction.doubtful_renewals(*mine)
    if doubtful:
        return read_back(pusher, doubtful)
    if unmade:
        return read_back_renewals(pusher, unmade)
    return create_renewals(pusher) or check_written(pusher) or push_batch(pusher)
