"""What the log says of the outside watcher."""

from scheduler.services.audit.heartbeat import WatcherNews
from scheduler.system.logs import log


def say_heartbeat(change: WatcherNews, host: str) -> None:
    """Logs what has changed with the outside watcher: it cannot be reached, is not pinged, is told
    of a failure, or is pinged after every round again."""
    if change.held:
        log().error(
            "outside watcher not pinged: a copy that was restored waits and sends nothing",
            watcher=host,
        )
    elif change.silent:
        log().warning(
            "outside watcher not pinged: no round was completed since the last ping", watcher=host
        )
    elif change.problem:
        log().error("outside watcher not reached", watcher=host, because=change.problem)
    elif change.failing:
        log().error(
            "outside watcher told that nobody here can be",
            watcher=host,
            channels=[c.value for c in change.failing],
        )
    else:
        log().info("outside watcher pinged after every round", watcher=host)
