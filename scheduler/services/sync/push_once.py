"""One bounded step of telling HubSpot what happens here, for a loop that asks until there is no
more: read back what is unknown, check what was written, push what is due (see `pushing`)."""

from scheduler.services.sync.covering import check_written
from scheduler.services.sync.pushing import Pushed, Pusher, pushed_batch
from scheduler.services.sync.reading_back import read_back
from scheduler.services.sync.recording import LOOK_AFTER


def push_once(pusher: Pusher) -> Pushed:
    """At most one batch; `more` says whether there was something to be done.

    Raises what the account raises: for what passes by itself the caller waits, a token or a scope
    is told to the admins; nothing is lost, nothing counts as tried.
    """
    if not pusher.settings.push:
        return Pushed()
    now = pusher.clock.now()
    with pusher.begin() as transaction:
        transaction.expire(now, now + LOOK_AFTER)
        doubtful = transaction.doubtful(now, now + pusher.lease, pusher.worker, pusher.batch)
    if doubtful:
        return read_back(pusher, doubtful)
    return check_written(pusher) or pushed_batch(pusher)
