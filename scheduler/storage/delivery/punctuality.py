"""The sums behind punctuality.

Always holds: nudges are summed by the database.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Select,
    and_,
    case,
    cast,
    extract,
    func,
    select,
)
from typing_extensions import override

from scheduler.core.deal.pauses import Scope
from scheduler.core.facts.punctuality import Cause, Group, MonthLine, Outage
from scheduler.core.words.lexicon import ChannelName, NudgeState
from scheduler.services.delivery.punctuality import PunctualityStore
from scheduler.storage.database.deals import CONTRACTS, DEALS, EVENTS, NUDGES, PEOPLE
from scheduler.storage.database.engine import looking, transaction
from scheduler.storage.database.meta import get_fact, set_fact
from scheduler.storage.database.outages import keep_outage, read_outages
from scheduler.storage.database.paused import PAUSES, paused_numbers, pauses_since
from scheduler.storage.database.schema import require_current
from scheduler.storage.delivery.channel_conditions import read_condition
from scheduler.storage.delivery.forming import MESSAGES

PUNCTUALITY = "last_punctuality"
_TO_THE_SECOND = len("2027-01-05 10:00:00")
_QUARTER = 900
"""Midnight falls on a quarter of an hour in every zone there is: a sum by quarters knows each one's
day."""


class PunctualityRows(PunctualityStore):
    """The rows of what was in time and what was not. `setups` are marks of this machine's
    configuration of each channel."""

    def __init__(self, writing: Engine, reading: Engine, setups: Mapping[ChannelName, str]) -> None:
        self._writing, self._reading, self._setups = writing, reading, setups

    @override
    def groups(self, since: datetime) -> list[Group]:
        """Nudges made since then, but for those that were cancelled, summed by outcome, day,
        reader's zone and calendar, and by what was ever paused."""
        with looking(self._reading) as connection:
            require_current(connection)
            scopes = set(connection.scalars(select(PAUSES.c.scope).distinct()))
            numbers = paused_numbers(connection) if Scope.CONTRACT in scopes else frozenset()
            query = _sums(connection.dialect.name, since, scopes, numbers)
            return [_group(row) for row in connection.execute(query)]

    @override
    def outages(self, since: datetime, now: datetime) -> list[Outage]:
        with looking(self._reading) as connection:
            conditions = [
                read_condition(connection, channel, setup, locked=False)
                for channel, setup in self._setups.items()
            ]
            going_on = [
                Outage(Cause.CHANNEL, c.paused_at, now, c.channel.value)
                for c in conditions
                if c.paused_at is not None
            ]
            paused = [
                Outage(Cause.PAUSED, pause.since_at, to_at, pause=pause)
                for pause, to_at in pauses_since(connection, since, now)
            ]
            return [*read_outages(connection), *going_on, *paused]

    def note(self, outage: Outage) -> None:
        """Keeps a time in which nothing could be sent."""
        with transaction(self._writing) as connection:
            keep_outage(connection, outage)

    @override
    def keep(self, lines: Sequence[MonthLine], now: datetime) -> None:
        said = {"at": now.isoformat(), "lines": [line_as_json(line) for line in lines]}
        with transaction(self._writing) as connection:
            set_fact(connection, PUNCTUALITY, json.dumps(said))

    @override
    def kept(self) -> list[MonthLine]:
        with looking(self._reading) as connection:
            return kept_lines(connection)


def kept_lines(connection: Connection) -> list[MonthLine]:
    """The numbers as last kept."""
    found = get_fact(connection, PUNCTUALITY)
    return [_line(line) for line in json.loads(found)["lines"]] if found else []


def line_as_json(line: MonthLine) -> dict[str, Any]:
    """One line in the form that machines read."""
    return {
        "month": line.month_on.strftime("%Y-%m") if line.month_on else None,
        "channel": line.channel or None,
        "due": line.due,
        "in_time": line.in_time,
        "late": line.late,
        "missing": line.missing,
        "longest_days": line.longest,
        "because": {cause.value: line.because[cause] for cause in Cause if cause in line.because},
    }


def _line(kept: Mapping[str, Any]) -> MonthLine:
    """Reads one line as it was kept."""
    month_on = datetime.strptime(kept["month"], "%Y-%m").date()  # noqa: DTZ007  (a month, no instant)
    numbers = (kept["due"], kept["in_time"], kept["late"], kept["missing"], kept["longest_days"])
    return MonthLine(
        month_on, kept["channel"] or "", *numbers, {Cause(c): n for c, n in kept["because"].items()}
    )


def _sums(
    dialect: str, since: datetime, paused: Collection[str], numbers: Collection[str]
) -> Select[Any]:
    """How many nudges with each outcome there are; `paused`: which scopes anything was ever paused
    in; `numbers`: those of contracts that were."""
    place = ("deal_id", "milestone", "anchor_on", "step")
    joined = (
        NUDGES.outerjoin(MESSAGES, MESSAGES.c.id == NUDGES.c.message_id)
        .outerjoin(PEOPLE, PEOPLE.c.id == NUDGES.c.person_id)
        .outerjoin(
            EVENTS,
            and_(
                *(EVENTS.c[name] == NUDGES.c[name] for name in place), EVENTS.c.state != "withdrawn"
            ),
        )
    )
    whose = {
        Scope.PIPELINE: DEALS.c.pipeline.label("pipeline"),
        Scope.CONTRACT: case((CONTRACTS.c.number.in_(numbers), CONTRACTS.c.number), else_="").label(
            "contract"
        ),
    }
    if whose.keys() & paused:
        joined = joined.join(DEALS, DEALS.c.id == NUDGES.c.deal_id).join(
            CONTRACTS, CONTRACTS.c.id == DEALS.c.contract_id
        )
    keys = [
        func.coalesce(MESSAGES.c.channel, "").label("channel"),
        NUDGES.c.state.label("state"),
        EVENTS.c.day_on.label("came_on"),
        func.coalesce(NUDGES.c.delayed_from, MESSAGES.c.window_on).label("meant_on"),
        _quarter(dialect, func.coalesce(NUDGES.c.sent_at, NUDGES.c.created_at)).label("quarter"),
        PEOPLE.c.zone.label("zone"),
        PEOPLE.c.calendar.label("calendar"),
        *(key for scope, key in whose.items() if scope in paused),
    ]
    counted = and_(NUDGES.c.created_at >= since, NUDGES.c.state != NudgeState.CANCELLED.value)
    not_in_its_window = and_(
        NUDGES.c.state == NudgeState.WAITING.value,
        NUDGES.c.message_id.is_(None),
        NUDGES.c.delayed_from.is_(None),
    )
    return (
        select(*keys, func.count().label("n"))
        .select_from(joined)
        .where(counted, ~not_in_its_window)
        .group_by(*keys)
    )


def _quarter(dialect: str, instant: ColumnElement[Any]) -> ColumnElement[int]:
    """Quarters of an hour since 1970. SQLite would round up to the next second; four bytes hold the
    seconds until 2038 only."""
    seconds = (
        func.strftime("%s", func.substr(instant, 1, _TO_THE_SECOND))
        if dialect == "sqlite"
        else func.floor(extract("epoch", instant))
    )
    return cast(seconds, BigInteger) // _QUARTER


def _group(row: Any) -> Group:
    """Makes one group of a sum."""
    at = datetime.fromtimestamp(row.quarter * _QUARTER, UTC)
    whose = {name: getattr(row, name, "") for name in ("pipeline", "contract")}
    return Group(
        row.channel,
        NudgeState(row.state),
        row.came_on,
        row.meant_on,
        at,
        row.zone,
        row.calendar,
        row.n,
        **whose,
    )
