"""Deals lived through the stored sweep and delivery on a virtual clock, from one instant at which
anything is due to the next, nobody answering."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, bindparam, func, select

from scheduler.channels.preview import PreviewChannel
from scheduler.core.deal.deal import Deal
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.delivery_window import DeliveryWindows
from scheduler.core.words.lexicon import ChannelName, EventState, MessageState
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.services.policy.lives import lived
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from tests.services.delivering import Hands, PlainRenderer
from tests.storage.builders import T

Row = tuple[Any, ...]
PREVIEW = (ChannelName.PREVIEW,)


def live_stored(engine: Engine, policy: Policy, start: datetime, until: datetime) -> None:
    """The daemon's rounds at `start` and at every instant before `until` at which something is
    due."""
    hands = Hands(start)
    delivery = Delivery(
        transactions(engine, DeliveryQueries),
        {ChannelName.PREVIEW: PreviewChannel()},
        PlainRenderer(),
        hands,
        "stored life",
    )
    now: datetime | None = start
    while now is not None and now < until:
        hands.at = now
        sweep_all(transactions(engine, SweepQueries), policy, now)
        while form_messages(transactions(engine, FormingQueries), policy, PREVIEW, now).total:
            sweep_all(transactions(engine, SweepQueries), policy, now)
        while deliver_batch(delivery, policy).total:
            pass
        now = _next(engine, now)


_DEALS, _NUDGES, _MESSAGES = T["deals"].c, T["nudges"].c, T["messages"].c
_COMING = (
    select(func.min(_DEALS.wake_at)).where(_DEALS.wake_at > bindparam("now")),
    select(func.min(_NUDGES.due_at)).where(
        _NUDGES.state == "waiting",
        _NUDGES.message_id.is_(None),
        _NUDGES.due_at > bindparam("now"),
    ),
    select(func.min(_MESSAGES.not_before_at)).where(
        _MESSAGES.state == MessageState.QUEUED.value, _MESSAGES.not_before_at > bindparam("now")
    ),
)


def _next(engine: Engine, now: datetime) -> datetime | None:
    """The next instant after `now` at which something is due."""
    with engine.connect() as connection:
        found = (connection.scalar(query, {"now": now}) for query in _COMING)
        return min((at for at in found if at is not None), default=None)


def stored_rows(engine: Engine, since: datetime) -> Counter[Row]:
    """All that has happened since then: moves, events and nudges, with when and to whom."""
    deals, passages, events, nudges, messages = (
        T[name] for name in ("deals", "passages", "events", "nudges", "messages")
    )
    with engine.connect() as connection:
        rows: list[Row] = [
            ("move", *row)
            for row in connection.execute(
                select(
                    deals.c.key,
                    passages.c.from_stage,
                    passages.c.to_stage,
                    passages.c.at,
                    passages.c.because,
                )
                .join(deals, deals.c.id == passages.c.deal_id)
                .where(passages.c.at >= since, passages.c.from_stage.is_not(None))
            )
        ]
        rows += [
            ("event", *row)
            for row in connection.execute(
                select(
                    deals.c.key,
                    events.c.milestone,
                    events.c.anchor_on,
                    events.c.step,
                    events.c.day_on,
                    events.c.state,
                    events.c.reason,
                )
                .join(deals, deals.c.id == events.c.deal_id)
                .where(events.c.at >= since)
            )
        ]
        rows += [
            ("nudge", *row)
            for row in connection.execute(
                select(
                    nudges.c.key,
                    nudges.c.recipient,
                    nudges.c.role,
                    nudges.c.state,
                    nudges.c.late,
                    messages.c.window_on,
                )
                .outerjoin(messages, messages.c.id == nudges.c.message_id)
                .where(nudges.c.created_at >= since)
            )
        ]
    return Counter(_without_message(row) for row in rows)


def _without_message(row: Row) -> Row:
    """A nudge that was not sent has no window, whatever message carried it until then."""
    return (*row[:-1], None) if row[0] == "nudge" and row[4] != "sent" else row


def lived_rows(
    deals: Iterable[Deal],
    policy: Policy,
    start: datetime,
    until: datetime,
    reaching: DeliveryWindows | None = None,
) -> Counter[Row]:
    """The same of lives that were lived ahead."""
    found: Counter[Row] = Counter()
    reaches = reaching or DeliveryWindows(policy, PREVIEW)
    lives = [life for deal in deals for life in lived(deal, policy, start, until, reaches)]
    later = reaches.one_a_window(
        told.reached for life in lives for told in life.told.values() if told.reached
    )
    for life in lives:
        assert not life.failed, life.failed
        found.update(
            ("move", life.deal.key, m.from_stage, m.to_stage, m.at, m.because) for m in life.moves
        )
        gone = {e.key: e for e in life.withdrawn}
        for e in life.events:
            taken_back = gone.get(e.key)
            state, why = (
                (EventState.WITHDRAWN, taken_back.reason) if taken_back else (e.state, e.reason)
            )
            found[
                "event", life.deal.key, e.milestone, e.anchor_on, e.step, e.day_on, state.value, why
            ] += 1
        for told in life.told.values():
            if told.made_at is not None:
                reached = later.get(told.reached, told.reached) if told.reached else None
                window = reached.window_on if reached and told.state.value == "sent" else None
                recipient = reached.recipient if reached else told.nudge.recipient.key
                found[
                    "nudge",
                    told.nudge.key,
                    recipient,
                    told.nudge.role,
                    told.state.value,
                    told.nudge.late,
                    window,
                ] += 1
    return found


def difference(stored: Counter[Row], ahead: Counter[Row]) -> str:
    """What only one of the two has, a line each."""
    only_stored, only_ahead = stored - ahead, ahead - stored
    return "\n".join(
        [f"stored only: {row}" for row in sorted(only_stored, key=str)]
        + [f"ahead only:  {row}" for row in sorted(only_ahead, key=str)]
    )
