"""The parts a delivery works with, and what came of its steps."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from scheduler.core.messages.circuit_breaker import ChannelBreaker
from scheduler.core.messages.states import Message
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import Begin, Channel, Clock, Links, Outcome, Rendered, Renderer
from scheduler.services.delivery.channel_pauses import ChannelNews
from scheduler.services.delivery.delivery_store import DeliveryTransaction

OUTCOMES = ("sent", "retried", "dead", "unknown", "held", "cancelled", "put_off")
"""What may become of a message in a step."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The result of a batch. `undeliverable_alerts`: what the admins should be told and none of
    them can be; `news` of channels; `outcomes`: the same counts one by one, each with its
    channel."""

    sent: int = 0
    retried: int = 0
    dead: int = 0
    unknown: int = 0
    held: int = 0
    cancelled: int = 0
    put_off: int = 0
    released: int = 0
    undeliverable_alerts: tuple[str, ...] = ()
    news: tuple[ChannelNews, ...] = ()
    outcomes: tuple[tuple[ChannelName, str], ...] = field(default=(), compare=False)

    def by(self, channel: ChannelName) -> "Delivered":
        """The result of one message on that channel."""
        return replace(
            self, outcomes=tuple((channel, name) for name in OUTCOMES if getattr(self, name))
        )

    def __add__(self, other: "Delivered") -> "Delivered":
        return Delivered(*(getattr(self, f) + getattr(other, f) for f in self.__dataclass_fields__))

    @property
    def total(self) -> int:
        """Messages that were dealt with."""
        return sum(getattr(self, name) for name in OUTCOMES)


@dataclass(frozen=True, slots=True)
class Delivery:
    """The parts a delivery works with. `lease` must be longer than `send_seconds`; `loopback_only`
    for rehearsals; `links` where pages are served.

    `unrecorded` is what was sent while the database could not be written to; it is known only here.
    `unsent` is what was claimed and certainly not sent when the database failed.
    `known` is the condition of the channels.
    """

    delivering: Begin[DeliveryTransaction]
    channels: Mapping[ChannelName, Channel]
    renderer: Renderer
    clock: Clock
    worker: str
    lease: timedelta = timedelta(seconds=120)
    send_seconds: float = 30.0
    batch: int = 20
    loopback_only: bool = False
    links: Links | None = None
    unrecorded: "list[UnrecordedMessage]" = field(default_factory=list)
    unsent: list[Message] = field(default_factory=list)
    known: dict[ChannelName, ChannelBreaker] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        """Whether there is something that only this process knows."""
        return bool(self.unrecorded or self.unsent)

    def clear(self) -> None:
        """Forgets what was open: it is recorded, or left to `recover`."""
        self.unrecorded.clear()
        self.unsent.clear()


@dataclass(frozen=True, slots=True)
class UnrecordedMessage:
    """A message that was sent, not yet recorded."""

    message: Message
    rendered: Rendered
    outcome: Outcome
