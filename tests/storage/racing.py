"""Two transactions at once, without guessing about time: the second runs in a thread until it is
done or waits for the first."""

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

from sqlalchemy import Engine, text

PATIENCE = 20.0
_WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND "
    "wait_event_type = 'Lock' AND pid <> pg_backend_pid()"
)


def beside(engine: Engine, act: Callable[[], object]) -> Callable[[], None]:
    """Runs `act` beside the transaction that is open; returns once it is done or waits for it. What
    is returned brings it to its end.

    On SQLite nobody can see a transaction waiting, but there it waits before it has read anything,
    so it makes no difference when that is.
    """
    errors: list[BaseException] = []
    thread = Thread(target=_noting, args=(act, errors))
    thread.start()
    pause, end = Event(), monotonic() + PATIENCE
    while engine.dialect.name == "postgresql" and thread.is_alive() and not _somebody_waits(engine):
        assert monotonic() < end, "neither done nor waiting"
        pause.wait(0.005)

    def finish() -> None:
        thread.join(PATIENCE)
        assert not thread.is_alive(), "it still waits"
        if errors:
            raise errors[0]

    return finish


def at_once(count: int, act: Callable[[], object]) -> list[BaseException]:
    """Runs `act` in so many threads; the errors."""
    errors: list[BaseException] = []
    threads = [Thread(target=_noting, args=(act, errors)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def _noting(act: Callable[[], object], errors: list[BaseException]) -> None:
    """`act`, whose error is noted."""
    try:
        act()
    except BaseException as error:
        errors.append(error)


def _somebody_waits(engine: Engine) -> bool:
    """Whether a transaction of this database waits for a lock."""
    with engine.connect() as connection:
        return bool(connection.execute(_WAITING).scalar())
