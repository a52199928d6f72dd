"""A delivery on a real database with channels whose outcomes a test chooses, for tests of
`deliver`, `form` and `recover`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, select

from scheduler.channels.preview import PreviewChannel
from scheduler.core.messages.states import Message, Shown
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName, Language
from scheduler.ports import (
    Begin,
    Changed,
    Channel,
    Envelope,
    NotSent,
    Outcome,
    Rendered,
    Renderer,
    Sent,
)
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivered, Delivery
from scheduler.services.delivery.form import Formed, form_messages
from scheduler.services.delivery.recover import Recovered, recover_once
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from tests.cast import at, policy
from tests.storage.builders import T

POLICY = policy()


@dataclass
class Hands:
    """A clock that a test moves."""

    at: datetime = field(default_factory=lambda: at("2027-01-05"))

    def now(self) -> datetime:
        """The time the test says it is."""
        return self.at


@dataclass
class Line:
    """A channel that remembers what it was given and answers as told; the last answer goes on for
    ever."""

    name: ChannelName
    answers: list[Outcome | Callable[[Envelope], Outcome]] = field(default_factory=list)
    found: Outcome = field(default_factory=lambda: NotSent("not there"))
    sent: list[Envelope] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    updated: list[tuple[str, Envelope]] = field(default_factory=list)
    changes: list[Outcome] = field(default_factory=list)
    while_updating: Callable[[Envelope], Outcome] | None = None
    seconds: list[float] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    checks: int = 0
    while_checking: Callable[[], object] = bool

    def send(self, envelope: Envelope, deadline_seconds: float) -> Outcome:
        """The next answer; Sent when none is left."""
        self.sent.append(envelope)
        self.seconds.append(deadline_seconds)
        answer = (
            (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
            if self.answers
            else Sent("ok")
        )
        return answer(envelope) if callable(answer) else answer

    def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
        """What the test says is there."""
        self.asked.append(envelope.key)
        return self.found

    def update(
        self, envelope: Envelope, receipt: str, deadline_seconds: float, shown: Shown | None = None
    ) -> Changed:
        """The next change's outcome; Sent when none is left."""
        self.updated.append((receipt, envelope))
        if self.while_updating is not None:
            return Changed(self.while_updating(envelope))
        return Changed(self.changes.pop(0) if self.changes else Sent(receipt))

    def address_problem(self, address: str) -> str:
        """Nothing is known to be wrong."""
        return ""

    def check(self) -> Sequence[str]:
        """What the test says is wrong."""
        self.checks += 1
        self.while_checking()
        return self.problems

    def is_loopback(self) -> bool:
        """Preview only."""
        return self.name is ChannelName.PREVIEW

    def close(self) -> None:
        """Nothing open."""


class PlainRenderer:
    """Words enough to tell messages apart."""

    def render(
        self, kind: str, facts: Mapping[str, Any], language: Language, channel: ChannelName
    ) -> Rendered:
        """The milestones, one after the other; of other kinds the title."""
        return Rendered(
            kind,
            ", ".join(f"{i['milestone']} {i['number']}" for i in facts.get("items", ()))
            or str(facts.get("title", "")),
        )


@dataclass(frozen=True)
class BrokenRenderer(PlainRenderer):
    """Fails with some kinds of messages."""

    kinds: Collection[str] = ("nudges",)

    def render(
        self, kind: str, facts: Mapping[str, Any], language: Language, channel: ChannelName
    ) -> Rendered:
        """What PlainRenderer says, unless the kind is broken."""
        if kind in self.kinds:
            raise RuntimeError("the template is broken")
        return super().render(kind, facts, language, channel)


class PostsRenderer(PlainRenderer):
    """Every nudge is a post of its own."""

    def render(
        self, kind: str, facts: Mapping[str, Any], language: Language, channel: ChannelName
    ) -> Rendered:
        """One block a post."""
        posts = tuple(
            ({"type": "section", "text": {"type": "mrkdwn", "text": i["number"]}},)
            for i in facts.get("items", ())
        )
        return replace(super().render(kind, facts, language, channel), blocks=posts)


def refuses(*addresses: str, because: str = "gone") -> Callable[[Envelope], Outcome]:
    """An answer that is no for ever to these addresses."""
    return lambda envelope: (
        NotSent(because, permanent=True) if envelope.address in addresses else Sent("ok")
    )


@dataclass
class Post:
    """Everything between a deal that is due and the outside."""

    engine: Engine
    slack: Line = field(default_factory=lambda: Line(ChannelName.SLACK))
    email: Line = field(default_factory=lambda: Line(ChannelName.EMAIL))
    hands: Hands = field(default_factory=Hands)
    renderer: Renderer = field(default_factory=PlainRenderer)
    policy: Policy = POLICY

    def __post_init__(self) -> None:
        self.channels: dict[ChannelName, Channel] = {
            ChannelName.SLACK: self.slack,
            ChannelName.EMAIL: self.email,
            ChannelName.PREVIEW: PreviewChannel(),
        }
        self.worker = self.another_worker()

    def another_worker(self, delivering: Begin[DeliveryQueries] | None = None) -> Delivery:
        """A process that delivers, from its start."""
        return Delivery(
            delivering or transactions(self.engine, DeliveryQueries),
            self.channels,
            self.renderer,
            self.hands,
            "worker",
        )

    @property
    def delivery(self) -> Delivery:
        """The parts as a process has them that lives on."""
        return self.worker

    def sweep(self) -> None:
        """Decides what is due."""
        sweep_all(transactions(self.engine, SweepQueries), self.policy, self.hands.now())

    def form(self) -> Formed:
        """Makes messages of what waits."""
        return form_messages(
            transactions(self.engine, FormingQueries),
            self.policy,
            tuple(self.channels),
            self.hands.now(),
        )

    def deliver(self, stop: Callable[[], bool] = lambda: False) -> Delivered:
        """Sends a batch."""
        return deliver_batch(self.worker, self.policy, stop)

    def recover(self) -> Recovered:
        """Settles what is left behind."""
        return recover_once(self.worker, self.policy)

    def claim(self, worker: str = "other", limit: int = 10) -> list[Message]:
        """What another process claims, and then nothing more is heard of it."""
        with self.worker.delivering() as transaction:
            until = self.hands.now() + self.worker.lease
            return list(
                transaction.claim(self.hands.now(), until, worker, limit, tuple(self.channels))
            )

    def later(self, **more: float) -> None:
        """Time passes."""
        self.hands.at += timedelta(**more)

    def column(self, table: str, *names: str) -> list[Any]:
        """A column of a table, or several, in the order of the rows."""
        columns = [T[table].c[name] for name in names]
        with self.engine.begin() as connection:
            rows = connection.execute(select(*columns).order_by(T[table].c.id)).all()
        return [r[0] if len(names) == 1 else tuple(r) for r in rows]
