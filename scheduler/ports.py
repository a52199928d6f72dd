"""The few protocols that services and adapters share. What a service asks of a transaction stands
beside that service.

Always holds: a Channel never raises for an expected failure and never retries by itself; it returns
an outcome, and the rows decide.
"""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.core.messages.states import Shown
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ChannelName, Language

T_co = TypeVar("T_co", covariant=True)


class Begin(Protocol[T_co]):
    """Begins a transaction and gives what can be asked of it: `with sweeping() as transaction:`."""

    def __call__(self, *, keep: bool = True) -> AbstractContextManager[T_co]:
        """It commits at the end of the block and rolls back on any error; unless `keep`, it is
        rolled back in any case."""


class StoreUnavailableError(LabelledError):
    """The database cannot be used as it is; `label` says why and what to do.
    `passing`: it passes by itself."""

    def __init__(self, said: str | Label, /, *, passing: bool = False, **facts: Any) -> None:
        super().__init__(said, **facts)
        self.passing = passing
        self.exit_code = 1 if passing else 2


class Clock(Protocol):
    """Tells the current time. Read once per step and passed down."""

    def now(self) -> datetime:
        """The current instant, aware, in UTC."""


class Stopwatch(Protocol):
    """Measures how long something takes, and waits. It never goes back, and is independent of the
    time of day."""

    def seconds(self) -> float:
        """Seconds since some moment."""

    def wait(self, seconds: float) -> None:
        """Returns after so many seconds; raises where the program is to end before."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A PNG that a mail's page shows as `cid:NAME`."""

    name: str
    png: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message as it will be seen. `blocks` is Slack Block Kit, one list per post (what exceeds a
    post's limits continues in its thread).

    `fallback_because` says why the shipped template stood in for the user's, empty where it did
    not. `order`: the nudges' keys, as they are told. `pictures`: those that `html` shows.
    """

    subject: str
    text: str
    html: str = ""
    blocks: tuple[tuple[Mapping[str, Any], ...], ...] = ()
    fallback_because: str = ""
    order: tuple[str, ...] = ()
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready to be handed to a channel. `key` is the message's stable uuid; `thread` an
    RFC 5322 id that its mails refer to."""

    key: str
    channel: ChannelName
    address: str
    language: Language
    rendered: Rendered
    thread: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """The other side accepted it. `receipt` finds it again (Slack `channel/ts`, the mail's
    Message-ID); `shown` where it can be changed later."""

    receipt: str
    shown: Shown | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class NotSent:
    """The other side certainly has not taken it. `permanent`: retrying cannot succeed.

    `fault_scope`: whether that is this message's, its recipient's, or the whole channel's, and then
    of which `fault_kind` (`scheduler.core.messages.faults`). `retry_after` in seconds where the
    other side said so; `scope` names what the limit covers (`slack:T1:chat.postMessage`), all
    workers heed it. `begun`: some posts of the message were already made; the next attempt must
    continue with the very same posts.
    """

    because: str
    permanent: bool = False
    retry_after: float | None = None
    scope: str | None = None
    begun: bool = False
    fault_scope: FaultScope = FaultScope.MESSAGE
    fault_kind: FaultKind | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody can say whether it was taken: the connection broke after the last byte and before the
    answer."""

    because: str


Outcome = Sent | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Changed:
    """How much of a copy has been updated: all of it if `outcome` is Sent, else as far as `shown`
    says, from where the next attempt continues."""

    outcome: Outcome
    shown: Shown | None = None


class Channel(Protocol):
    """Something messages are sent by. `name` is stored in rows."""

    name: ChannelName

    def send(self, envelope: Envelope, deadline_seconds: float) -> Outcome:
        """Hands the message over; returns within the deadline."""

    def look_up(self, envelope: Envelope, since: datetime) -> Outcome:
        """Whether an earlier `send` of this key arrived: Sent, NotSent (certainly not), Unknown
        (this channel cannot tell)."""

    def update(
        self, envelope: Envelope, receipt: str, deadline_seconds: float, shown: Shown | None = None
    ) -> Changed:
        """Makes the copy that `receipt` finds, and that shows `shown`, say what the envelope says
        now; repeating it is harmless. Sent where copies cannot be changed."""

    def address_problem(self, address: str) -> str:
        """What keeps messages from that address, as far as can be asked without sending one; empty
        where nothing is known to."""

    def check(self) -> Sequence[str]:
        """What is wrong with its configuration or connection, in sentences that say what to do;
        empty when it works."""

    def is_loopback(self) -> bool:
        """Whether it reaches nobody but this machine: the only channels a rehearsal may use."""

    def close(self) -> None:
        """Lets go of connections."""


class DirectoryError(Exception):
    """Slack does not tell; `code` is its word for why, `wait` how many seconds to wait where it
    limits us."""

    def __init__(self, code: str, because: str, wait: float | None) -> None:
        super().__init__(because)
        self.code = code
        self.wait = wait


class Renderer(Protocol):
    """Turns facts into words, in one language for one channel."""

    def render(
        self, kind: str, facts: Mapping[str, Any], language: Language, channel: ChannelName
    ) -> Rendered:
        """The message of `kind` (`nudges`, `digest`, `alert`). A user's template that fails falls
        back to the shipped one, with the reason."""


class Links(Protocol):
    """Signs the addresses under which people answer from a mail. One names one person, one nudge
    and one answer, and expires."""

    def answers(self, person_id: int, nudge: str, offers: Iterable[str]) -> Mapping[str, str]:
        """Where `person_id` answers `nudge`, by the offer's id."""

    def less(self, person_id: int) -> str:
        """Where `person_id` chooses how often to hear."""
