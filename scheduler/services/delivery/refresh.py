"""Refresh: posted messages say what became of what they told, in every copy (DESIGN §5: an answer
stops everything in all copies).

One message after the other
    1  take one transaction: a posted message that is to be refreshed is hidden from other workers
       for a while
    2  render with today's facts: all nudges that went out with the message, also those that are
       settled, each in the place that showed it first
    3  update  no transaction open: only posts that say something else now
    4  note what each post shows now, so that the next time goes on from there; done, unless
       somebody answered meanwhile: then it is refreshed again

Always holds: repeating a round is harmless, so a crash anywhere leaves a message that is taken
again; a limited or unknown outcome is tried again later; what can never be updated is let go with
its reason. A round ends after `ROUND_SECONDS`: refreshing never delays sending for long, and
nothing is asked of a channel that is limited or paused.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from time import monotonic
from typing import Any, Protocol

from scheduler.core.facts.nudge_facts import message_facts, nudge_facts, plain
from scheduler.core.messages.posts import fingerprint_of, in_place
from scheduler.core.messages.states import Message, Shown
from scheduler.core.policy.milestone_days import zone_of
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.relevance import event_of
from scheduler.core.rules.succession import passed_on_to
from scheduler.core.words.lexicon import ChannelName, Language, NudgeState
from scheduler.core.words.reasons import reason, word
from scheduler.ports import Begin, Changed, Envelope, NotSent, Outcome, Rendered, Sent
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.delivery_store import CarriedLook, CarriedNudge

TAKEN = timedelta(minutes=2)
"""How long a message that is being refreshed is hidden from others."""
AGAIN = timedelta(minutes=1)
"""When an update that may not have arrived is repeated."""
ROUND_SECONDS = 20.0
"""How long one round goes on; what is left is for the next one."""
_LEAST_SECONDS = 2.0


class RefreshTransaction(CarriedLook, Protocol):
    """One open transaction on posted messages."""

    def take(
        self,
        now: datetime,
        until: datetime,
        limit: int,
        channels: Collection[ChannelName],
        besides: Collection[int] = (),
    ) -> Sequence[Message]:
        """Posted messages that are to be refreshed, except those with these numbers, hidden from
        others until `until`."""

    def note(
        self,
        message: Message,
        taken_until: datetime,
        again_at: datetime | None,
        because: str,
        shown: Shown | None,
    ) -> None:
        """Notes what its posts show now, and when it is to be tried again (None: never), unless it
        was marked again since it was taken."""

    def limit_changes(self, channel: ChannelName, until_at: datetime, because: str) -> None:
        """Keeps everybody from changing posts of this channel before then; sending goes on."""


@dataclass(frozen=True, slots=True)
class Refreshed:
    """The result of a round: posts updated, to be tried again, let go."""

    updated: int = 0
    again: int = 0
    let_go: int = 0

    def __add__(self, other: "Refreshed") -> "Refreshed":
        return Refreshed(
            self.updated + other.updated, self.again + other.again, self.let_go + other.let_go
        )

    @property
    def total(self) -> int:
        """Posts that were looked at."""
        return self.updated + self.again + self.let_go


def refresh_once(
    refreshing: Begin[RefreshTransaction], delivery: Delivery, policy: Policy, limit: int = 10
) -> Refreshed:
    """Runs one round: each message once, up to `limit`, for `ROUND_SECONDS` or until the channel
    limits us."""
    total, ends_at = Refreshed(), monotonic() + ROUND_SECONDS
    seen: set[int] = set()
    for _ in range(limit):
        left = ends_at - monotonic()
        if left < _LEAST_SECONDS:
            return total
        one, limited = _refresh_next(
            refreshing, delivery, policy, seen, min(left, delivery.send_seconds)
        )
        total += one
        if limited or not one.total:
            return total
    return total


def _refresh_next(
    refreshing: Begin[RefreshTransaction],
    delivery: Delivery,
    policy: Policy,
    seen: set[int],
    seconds: float,
) -> tuple[Refreshed, bool]:
    """Refreshes one message that was not `seen` yet, if there is one; also returns whether its
    channel limits us."""
    now = delivery.clock.now()
    until = now + TAKEN
    with refreshing() as transaction:
        messages = transaction.take(now, until, 1, _usable(delivery), seen)
        contents = transaction.carried(messages)
        names = {m.id: transaction.recipient_name(m) for m in messages}
    for message in messages:
        seen.add(message.id)
        changed = _update(
            delivery, policy, message, contents.get(message.id, ()), names[message.id], seconds, now
        )
        return _note(refreshing, message, until, changed, now)
    return Refreshed(), False


def _usable(delivery: Delivery) -> tuple[ChannelName, ...]:
    """Channels that work, as far as is known, and that this process may use."""
    paused = {name for name, condition in delivery.known.items() if condition.paused}
    return tuple(
        n
        for n, c in delivery.channels.items()
        if n not in paused and (not delivery.loopback_only or c.is_loopback())
    )


def _note(
    refreshing: Begin[RefreshTransaction],
    message: Message,
    until: datetime,
    changed: Changed,
    now: datetime,
) -> tuple[Refreshed, bool]:
    """Notes how far the message has come."""
    outcome = changed.outcome
    again_at, done = _again_at(outcome, now), isinstance(outcome, Sent)
    because = "" if isinstance(outcome, Sent) else outcome.because
    limited = isinstance(outcome, NotSent) and outcome.retry_after is not None
    with refreshing() as transaction:
        transaction.note(message, until, again_at, because, changed.shown)
        if limited and again_at is not None:
            transaction.limit_changes(message.channel, again_at, because)
    return Refreshed(
        int(done), int(again_at is not None), int(again_at is None and not done)
    ), limited


def _update(
    delivery: Delivery,
    policy: Policy,
    message: Message,
    contents: Sequence[CarriedNudge],
    name: str,
    seconds: float,
    now: datetime,
) -> Changed:
    """Renders one message again and changes its posts."""
    told = [c for c in contents if _was_told(c, message)]
    items = [
        facts for c in told or contents if (facts := facts_now(c, policy, message.language, now))
    ]
    if not items:
        return Changed(NotSent("nothing of it is known any more", permanent=True))
    try:
        facts = message_facts(name, _as_first_shown(items, message.shown))
        rendered = _laid_out(
            delivery.renderer.render("nudges", facts, message.language, message.channel),
            message.shown,
        )
    except Exception as error:  # whatever a template does must not stop the other messages
        return Changed(NotSent(f"{type(error).__name__}: {error}", permanent=True))
    envelope = Envelope(message.key, message.channel, message.address, message.language, rendered)
    return delivery.channels[message.channel].update(
        envelope, message.receipt or "", seconds, message.shown
    )


def _as_first_shown(items: Sequence[dict[str, Any]], shown: Shown | None) -> list[dict[str, Any]]:
    """The nudges, ranked as the message first told them, whatever answers have done to their risk;
    as they are if that order is not known."""
    ranks = {mark: -float(rank) for rank, mark in enumerate(shown.order)} if shown else {}
    return (
        [
            item | {"risk": ranks.get(fingerprint_of(item["nudge"]), -float(len(ranks)))}
            for item in items
        ]
        if ranks
        else list(items)
    )


def _laid_out(rendered: Rendered, shown: Shown | None) -> Rendered:
    """Everything in the post that showed it first, so that an answer changes no other post."""
    return (
        replace(rendered, blocks=in_place(rendered.blocks, shown.pieces))
        if shown and rendered.blocks
        else rendered
    )


def _was_told(carried: CarriedNudge, message: Message) -> bool:
    """Whether the nudge went out with the message, even if an answer cancelled it while the message
    was on its way."""
    event = event_of(carried.nudge, carried.deal)
    answered_at = event.answered_at if event else None
    on_its_way = (
        answered_at is not None
        and message.handed_over_at is not None
        and answered_at >= message.handed_over_at
    )
    return carried.nudge.state in (NudgeState.SENT, NudgeState.IN_DOUBT) or (
        carried.nudge.state is NudgeState.CANCELLED and on_its_way
    )


def facts_now(
    carried: CarriedNudge, policy: Policy, language: Language, now: datetime
) -> dict[str, Any]:
    """The facts that can be given now about a nudge that was told; one whose day is gone, or whose
    question is another owner's now, says so and asks nothing."""
    nudge, deal = carried.nudge, carried.deal
    key = (nudge.milestone, nudge.anchor_on, nudge.step)
    event = event_of(nudge, deal)
    gone = None if event else next((e for e in reversed(deal.events) if e.key == key), None)
    about = event or gone
    if about is None:
        return {}
    milestone = policy.milestone(nudge.milestone) or nudge.milestone
    today = now.astimezone(zone_of(deal, policy)).date()
    facts = nudge_facts(deal, milestone, about, policy, today, language, nudge=nudge)
    if gone is not None:
        return _quiet(facts, gone.reason, language)
    taker = None if facts["settled"] else passed_on_to(nudge, deal, policy, today)
    return facts if taker is None else _quiet(facts, reason("passed_on", to=taker.name), language)


def _quiet(facts: dict[str, Any], because: str, language: Language) -> dict[str, Any]:
    """The facts of a nudge that asks nothing any more, and why (a stored reason)."""
    why = plain(word(because, language))
    return facts | {"settled": True, "offers": [], "answered": why, "quiet_until": None}


def _again_at(outcome: Outcome, now: datetime) -> datetime | None:
    """When to try again; None if it is done, or if trying again would not help."""
    if isinstance(outcome, Sent) or (isinstance(outcome, NotSent) and outcome.permanent):
        return None
    wait = outcome.retry_after if isinstance(outcome, NotSent) else None
    return now + (timedelta(seconds=wait) if wait is not None else AGAIN)
