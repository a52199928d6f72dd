"""What a delivery asks of its transaction, and the nudges that messages carry."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.people import Person
from scheduler.core.messages.states import Message, Shown
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Rendered
from scheduler.services.delivery.channel_pauses import PausingTransaction


@dataclass(frozen=True, slots=True)
class CarriedNudge:
    """One nudge of a message with its deal as it is now."""

    nudge: Nudge
    deal: Deal


class CarriedLook(Protocol):
    """A look at what messages carry, and for whom."""

    def carried(self, messages: Sequence[Message]) -> Mapping[int, Sequence[CarriedNudge]]:
        """The deals and nudges that each message carries, as they are now."""

    def recipient_name(self, message: Message) -> str:
        """The name its recipient is addressed by; empty for a bare address."""


class DeliveryTransaction(CarriedLook, PausingTransaction, Protocol):
    """One open transaction on messages and nudges."""

    def claim(
        self,
        now: datetime,
        lease_until: datetime,
        worker: str,
        limit: int,
        channels: Collection[ChannelName],
    ) -> Sequence[Message]:
        """Up to `limit` queued messages whose time has come and whose channel is neither limited
        nor paused, now claimed; only one on a paused channel that is to be probed."""

    def readers(self, messages: Sequence[Message]) -> Mapping[int, Person]:
        """The people the messages are for, by number, with their absences."""

    def wait_for_window(
        self,
        message: Message,
        until_at: datetime,
        because: str,
        now: datetime,
        *,
        decide_anew: bool,
    ) -> bool:
        """Makes what the message carries wait until then for a new message, and cancels this one,
        if its fence stands. `decide_anew`: the deals' alarms ring, because somebody else may be the
        recipient by now."""

    def unchanged(self, carried: Sequence[CarriedNudge]) -> bool:
        """Whether deals and nudges are still as they were read."""

    def hand_over(self, message: Message, now: datetime) -> bool:
        """Writes `handed_over_at` if the fence stands, the lease has not run out and nobody limited
        or paused the channel meanwhile."""

    def save(self, message: Message, fence: int) -> bool:
        """Writes a message's state if the fence stands; nudges that it carries follow a final
        state."""

    def keep_text(self, message: Message, rendered: Rendered, shown: Shown | None) -> None:
        """Keeps what was sent, as people see it, and what its posts show."""

    def keep_posts(self, message: Message, rendered: Rendered | None) -> None:
        """Keeps the text of a message of several posts as it goes out, so that it is finished as it
        began; None if nothing of it went out."""

    def drop(self, nudges: Sequence[tuple[Nudge, str]]) -> None:
        """Cancels nudges, each with its reason."""

    def note_delay(self, message: Message) -> None:
        """Notes that what the message carries goes out on a later day than that of its window."""

    def reroute(
        self,
        message: Message,
        policy: Policy,
        configured: Collection[ChannelName],
        because: str,
        now: datetime,
    ) -> bool:
        """Gives a dead message's nudges their recipient's next way out, or the fallback; False
        where there is none and they are dead too."""

    def pass_on(
        self,
        message: Message,
        policy: Policy,
        configured: Collection[ChannelName],
        because: str,
        now: datetime,
    ) -> bool:
        """Like `reroute`, for a message whose reader got it instead of somebody else and is now
        away; False if its fence does not stand."""

    def other_way(
        self, message: Message, configured: Collection[ChannelName], because: str, now: datetime
    ) -> bool:
        """Sends what a message of unknown outcome carried by its reader's other way; False if the
        reader has none."""

    def limit(self, scope: str, until_at: datetime, because: str) -> None:
        """Keeps everybody from using `scope` before `until_at`."""

    def expired(self, now: datetime, limit: int) -> Sequence[Message]:
        """Claimed or handed-over messages whose lease has run out, locked. Those not handed over
        get a higher fence: their worker is too late."""

    def stranded(
        self, now: datetime, since: datetime, limit: int, channels: Collection[ChannelName]
    ) -> Sequence[Message]:
        """Messages due since `since` on channels other than these, now claimed: no machine seems to
        have their channel any more."""

    def unsettled(
        self, now: datetime, given_up: datetime, limit: int, channels: Collection[ChannelName]
    ) -> Sequence[Message]:
        """Unknown messages that are due to be looked up, on channels that work; on channels that
        are not ours, those handed over before `given_up`. They are hidden from others for a
        while."""
