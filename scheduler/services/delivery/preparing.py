"""Prepares a claimed message (steps 2 to 4 of `deliver`): what is still to be said, whether its
reader may be told now, its texts, and the hand-over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.core.deal.people import Person
from scheduler.core.facts.nudge_facts import facts_told, message_facts
from scheduler.core.messages.states import Message, move_message
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.relevance import dropped_because
from scheduler.core.rules.delivery_window import Wait, may_leave
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import MessageState
from scheduler.core.words.reasons import reason
from scheduler.ports import Envelope, Links, Rendered
from scheduler.services.delivery.delivery import Delivered, Delivery
from scheduler.services.delivery.delivery_store import CarriedNudge, DeliveryTransaction
from scheduler.services.delivery.recording import dead_letter


def give_back(transaction: DeliveryTransaction, message: Message) -> bool:
    """Puts a claimed message back into the queue, if its fence still stands."""
    return transaction.save(
        move_message(message, MessageState.QUEUED, lease_until=None), message.fence
    )


def prepare(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    reader: Person | None,
    now: datetime,
) -> Delivered | tuple[Message, Envelope]:
    """Steps 2 to 4: returns the envelope of a message that is handed over, or what became of the
    message instead."""
    if delivery.loopback_only and not delivery.channels[message.channel].is_loopback():
        _settle(transaction, message, MessageState.HELD, reason("rehearsal"))
        return Delivered(held=1)
    if message.kind == "nudges":
        contents = _still_wanted(transaction, policy, message, contents)
        if not contents:
            _settle(transaction, message, MessageState.CANCELLED, reason("nothing_left"))
            return Delivered(cancelled=1)
    wait = may_leave(message, reader, contents[0].deal.pipeline if contents else None, policy, now)
    if isinstance(wait, Wait):
        return _put_off(transaction, delivery, policy, message, contents, reader, wait, now)
    name = transaction.recipient_name(message)
    try:
        rendered = _begun(message) or _render(name, delivery, policy, message, contents, now)
    except Exception as error:  # whatever a template does must not stop the other messages
        return dead_letter(
            transaction, delivery, policy, message, f"{type(error).__name__}: {error}", now
        )
    if not transaction.hand_over(message, now):
        return Delivered(released=int(give_back(transaction, message)))
    if len(rendered.blocks) > 1:
        transaction.keep_posts(message, rendered)
    handed = move_message(
        message, MessageState.HANDED_OVER, handed_over_at=now, attempts=message.attempts + 1
    )
    return handed, Envelope(
        message.key,
        message.channel,
        message.address,
        message.language,
        rendered,
        _thread(contents),
        _headers(delivery, message),
    )


def _settle(
    transaction: DeliveryTransaction, message: Message, state: MessageState, because: str
) -> None:
    """Moves a claimed message to a state for a reason, if its fence still stands."""
    settled = move_message(message, state, reason=because, lease_until=None)
    transaction.save(settled, message.fence)


def _still_wanted(
    transaction: DeliveryTransaction,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
) -> Sequence[CarriedNudge]:
    """What of a message's nudges is still to be said; the others are dropped, each with why. They
    are read again where a deal or a nudge has changed since they were."""
    if not transaction.unchanged(contents):
        contents = transaction.carried([message]).get(message.id, ())
    dropped = [(c, dropped_because(c.nudge, c.deal, policy)) for c in contents]
    transaction.drop([(c.nudge, because) for c, because in dropped if because])
    return [c for c, because in dropped if not because]


def _thread(contents: Sequence[CarriedNudge]) -> str | None:
    """The thread a message belongs to: its deal's, if it is about one alone."""
    deals = {c.deal.key for c in contents}
    return deals.pop() if len(deals) == 1 else None


def _put_off(
    transaction: DeliveryTransaction,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    reader: Person | None,
    wait: Wait,
    now: datetime,
) -> Delivered:
    """Makes what a message carries wait for the next window, because its reader's is closed.

    A message that may have arrived, in whole or in part, keeps its key and its words. One whose
    reader stands in for somebody who cannot be reached stays theirs, because a new message would
    begin with the person who cannot be reached; if the stand-in is away, it is passed on.
    """
    stands_in = any(c.nudge.recipient.key != message.recipient for c in contents)
    begun = bool(message.unknowns) or message.posts is not None
    if stands_in and wait.away and not begun:
        return Delivered(
            put_off=int(
                transaction.pass_on(message, policy, tuple(delivery.channels), wait.because, now)
            )
        )
    if message.kind == "nudges" and not stands_in and not begun:
        return Delivered(
            put_off=int(
                transaction.wait_for_window(
                    message, wait.until_at, wait.because, now, decide_anew=wait.away
                )
            )
        )
    later = move_message(
        message,
        MessageState.QUEUED,
        not_before_at=wait.until_at,
        reason=wait.because,
        lease_until=None,
    )
    saved = transaction.save(later, message.fence)
    if (
        saved
        and message.window_on is not None
        and local_day(wait.until_at, policy.zone_of(reader)) > message.window_on
    ):
        transaction.note_delay(message)
    return Delivered(put_off=int(saved))


def _begun(message: Message) -> Rendered | None:
    """The posts that an earlier attempt began: with today's facts, the posts still missing would
    not fit those already out."""
    kept = message.posts
    if not kept:
        return None
    return Rendered(
        kept["subject"],
        kept["text"],
        blocks=tuple(tuple(post) for post in kept["posts"]),
        order=tuple(kept.get("order", ())),
    )


def _render(
    name: str,
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    now: datetime,
) -> Rendered:
    """Renders the message with today's facts, and with links if it is for a person."""
    links = delivery.links if message.person_id is not None else None
    less = {
        "less_url": links.less(message.person_id) if links and message.person_id is not None else ""
    }
    if message.kind != "nudges":
        return delivery.renderer.render(
            message.kind,
            {"recipient": name, **less, **(message.facts or {})},
            message.language,
            message.channel,
        )
    items = [
        facts | _answers(links, message, facts)
        for c in contents
        if (facts := _facts(c, policy, message, now))
    ]
    return delivery.renderer.render(
        "nudges", {**message_facts(name, items), **less}, message.language, message.channel
    )


def _answers(links: Links | None, message: Message, facts: Mapping[str, Any]) -> dict[str, Any]:
    """The address at which each offer of a nudge is taken."""
    if links is None or message.person_id is None:
        return {}
    return {
        "links": links.answers(
            message.person_id, facts["nudge"], [offer["id"] for offer in facts["offers"]]
        )
    }


def _headers(delivery: Delivery, message: Message) -> Mapping[str, str]:
    """The headers by which a mail program offers to hear less (RFC 2369, one click: RFC 8058)."""
    if delivery.links is None or message.person_id is None:
        return {}
    return {
        "List-Unsubscribe": f"<{delivery.links.less(message.person_id)}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _facts(
    carried: CarriedNudge, policy: Policy, message: Message, now: datetime
) -> dict[str, Any]:
    """The facts a template may use about one nudge."""
    nudge = replace(carried.nudge, delayed_from=carried.nudge.delayed_from or message.window_on)
    return facts_told(nudge, carried.deal, policy, now, message.language)
