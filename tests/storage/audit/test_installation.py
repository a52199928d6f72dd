"""The facts of an installation: what has rung, what waits by channel and since when, what stands
still, what the last balance came to."""

from datetime import timedelta

from sqlalchemy import Engine, insert

from scheduler.core.messages.circuit_breaker import ChannelBreaker
from scheduler.core.messages.faults import FaultKind
from scheduler.core.words.lexicon import ChannelName
from scheduler.services.audit.installation import Balanced, Queue
from scheduler.storage.audit.installation import InstallationRows
from scheduler.storage.database.engine import transaction
from scheduler.storage.database.meta import instance_id
from scheduler.storage.database.revisions import newest
from scheduler.storage.database.rows import metadata
from scheduler.storage.database.timekeeping import Timekeeping
from scheduler.storage.delivery.channel_conditions import keep_condition
from tests.cast import at
from tests.storage.builders import add_contract, add_row

NOW = at("2027-01-05 12:00")
EARLIER, LATER = NOW - timedelta(hours=2), NOW + timedelta(hours=2)
SETUPS = {ChannelName.EMAIL: "mine"}


def rows(engine: Engine) -> InstallationRows:
    return InstallationRows(engine, engine, SETUPS)


def message(number: int, channel: str, state: str, not_before_at: object) -> dict[str, object]:
    """A message, as little of it as there must be."""
    values = {
        "key": f"m{number}",
        "recipient": "x",
        "channel": channel,
        "address": "x",
        "state": state,
        "created_at": EARLIER,
        "kind": "nudges",
    }
    return values | {
        "language": "en",
        "reason": "",
        "fence": 0,
        "attempts": 0,
        "unknowns": 0,
        "not_before_at": not_before_at,
    }


def test_a_fresh_installation_has_nothing_to_tell(engine: Engine) -> None:
    with transaction(engine) as connection:
        instance = instance_id(connection)
    found = rows(engine).look(NOW)
    assert (found.instance, found.revision) == (instance, newest())
    assert (
        found.last_sweep_at,
        found.alarms,
        found.oldest_alarm_at,
        found.queues,
        found.last_balance,
    ) == (None, 0, None, (), None)
    assert found.queue(ChannelName.SLACK) == Queue(ChannelName.SLACK)


def test_what_has_rung_and_what_waits_is_counted_from_its_oldest_on(engine: Engine) -> None:
    with transaction(engine) as connection:
        _, rung = add_contract(connection, "C-1", wake_at=EARLIER)
        add_contract(connection, "C-2", wake_at=LATER)
        nudge = {
            "milestone": "m",
            "anchor_on": NOW.date(),
            "recipient": "x",
            "created_at": EARLIER,
            "deal_id": rung,
        }
        add_row(connection, "nudges", key="due", state="waiting", due_at=EARLIER, **nudge)
        add_row(connection, "nudges", key="later", state="waiting", due_at=LATER, **nudge)
        add_row(connection, "nudges", key="held", state="held", due_at=EARLIER, **nudge)
        queued = [
            ("email", "queued", EARLIER),
            ("email", "queued", NOW),
            ("email", "queued", LATER),
            ("slack", "claimed", NOW),
        ]
        over = [
            ("email", "sent", EARLIER),
            ("email", "held", EARLIER),
            ("email", "in_doubt", EARLIER),
        ]
        connection.execute(
            insert(metadata.tables["messages"]),
            [message(n, *m) for n, m in enumerate((*queued, *over))],
        )
    found = rows(engine).look(NOW)
    assert (found.alarms, found.oldest_alarm_at) == (1, EARLIER)
    assert (found.nudges, found.oldest_nudge_at) == (1, EARLIER)
    assert found.queues == (Queue(ChannelName.EMAIL, 2, EARLIER), Queue(ChannelName.SLACK, 1, NOW))
    assert (found.held, found.held_nudges, found.doubtful) == (1, 1, 1)
    assert rows(engine).outcomes()["email", "queued"] == 3


def test_a_channel_that_is_paused_says_so_also_where_nothing_waits(engine: Engine) -> None:
    paused = ChannelBreaker(
        ChannelName.EMAIL,
        "mine",
        paused_at=EARLIER,
        probe_at=LATER,
        fault_kind=FaultKind.NETWORK,
        because="no route",
    )
    with transaction(engine) as connection:
        keep_condition(connection, paused)
        keep_condition(
            connection, ChannelBreaker(ChannelName.SLACK, "of another machine", paused_at=EARLIER)
        )
    assert rows(engine).look(NOW).queues == (
        Queue(ChannelName.EMAIL, 0, None, EARLIER, "no route", LATER),
    )


def test_the_last_sweep_and_the_last_balance_are_known(engine: Engine) -> None:
    balanced = Balanced(NOW, False, 12, 30, 1, {"missing": 2})
    Timekeeping(engine, engine).record_sweep(EARLIER)
    rows(engine).note_balance(Balanced(EARLIER, True))
    rows(engine).note_balance(balanced)
    found = rows(engine).look(NOW)
    assert (found.last_sweep_at, found.last_balance) == (EARLIER, balanced)
