"""The outside watcher hears of completed rounds only, and of a channel that nobody here can be told
of."""

from dataclasses import dataclass, field

from scheduler.core.machine.liveness import JobVitals, Vitals
from scheduler.core.messages.circuit_breaker import FIRST_PROBE
from scheduler.core.messages.faults import FaultKind, FaultScope
from scheduler.core.words.lexicon import ChannelName
from scheduler.ports import NotSent
from scheduler.services.audit.heartbeat import PATIENCE_SECONDS, Heartbeat, WatcherNews
from scheduler.storage.audit.liveness import LivenessRows
from tests.services.delivering import Post


@dataclass
class Outside:
    """A watcher that notes what it hears; `problem` keeps it from hearing."""

    heard: list[bool] = field(default_factory=list)
    problem: str = ""

    def ping(self, *, fail: bool) -> str:
        self.heard.append(fail)
        return self.problem


@dataclass
class Jobs:
    """How many steps each job has completed, as a test says."""

    sweep: int = 0
    deliver: int = 0
    seconds: float = 0.0
    held: bool = False

    def waits(self) -> bool:
        return self.held

    def vitals(self) -> Vitals:
        done = {"sweep": self.sweep, "deliver": self.deliver, "digests": 0}
        return Vitals(0.0, tuple(JobVitals(name, 30.0, 0.0, 0, n) for name, n in done.items()))

    def steady(self) -> float:
        return self.seconds


def test_only_completed_rounds_are_told() -> None:
    rounds, outside = Jobs(), Outside()
    heartbeat = Heartbeat(rounds.vitals, tuple, rounds.waits, outside, rounds.steady)
    rounds.sweep = 1
    assert (heartbeat.beat(), outside.heard) == (None, [])
    rounds.deliver = 1
    assert (heartbeat.beat(), outside.heard) == (None, [False])
    rounds.sweep = 5
    assert (heartbeat.beat(), outside.heard) == (None, [False]), "nothing was delivered since"
    rounds.deliver = 2
    assert (heartbeat.beat(), outside.heard) == (None, [False, False])


def test_that_no_ping_goes_out_is_said_once_when_it_lasts_and_that_it_does_again() -> None:
    rounds, outside = Jobs(), Outside()
    heartbeat = Heartbeat(rounds.vitals, tuple, rounds.waits, outside, rounds.steady)
    rounds.seconds = 30 + PATIENCE_SECONDS
    assert heartbeat.beat() is None
    rounds.seconds += 0.1
    assert (heartbeat.beat(), heartbeat.beat(), outside.heard) == (
        WatcherNews(silent=True),
        None,
        [],
    )
    rounds.sweep = rounds.deliver = 1
    assert (heartbeat.beat(), outside.heard) == (WatcherNews(), [False])


def test_a_copy_that_was_put_back_tells_nobody_that_all_is_well_until_it_is_let_go() -> None:
    rounds, outside = Jobs(held=True), Outside()
    heartbeat, said = Heartbeat(rounds.vitals, tuple, rounds.waits, outside, rounds.steady), []
    for n in (1, 2):
        rounds.sweep = rounds.deliver = n
        said.append(heartbeat.beat())
    assert (said, outside.heard) == ([WatcherNews(held=True), None], [])
    rounds.held = False
    assert (heartbeat.beat(), outside.heard) == (None, []), (
        "the rounds that were held back are not completed ones"
    )
    rounds.sweep = rounds.deliver = 3
    assert (heartbeat.beat(), outside.heard) == (WatcherNews(), [False])


def test_no_jobs_are_no_completed_rounds() -> None:
    outside = Outside()
    heartbeat = Heartbeat(lambda: Vitals(0.0), tuple, bool, outside, lambda: 0.0)
    assert (heartbeat.beat(), outside.heard) == (None, [])


def test_a_ping_that_does_not_arrive_is_said_once_and_that_it_does_again_once() -> None:
    rounds, outside = Jobs(), Outside(problem="watch.example answers 503")
    heartbeat, said = Heartbeat(rounds.vitals, tuple, rounds.waits, outside, rounds.steady), []
    for n in range(1, 7):
        rounds.sweep = rounds.deliver = n
        outside.problem = "" if n > 3 else "watch.example answers 503"
        said.append(heartbeat.beat())
    assert said == [WatcherNews("watch.example answers 503"), None, None, WatcherNews(), None, None]


def test_a_broken_channel_nobody_here_can_be_told_of_is_told_outside_until_it_works(
    post: Post,
) -> None:
    """The admins read mail only, and mail is what does not work."""
    post.email.answers = [
        NotSent("535 bad credentials", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.ACCESS)
    ]
    rows = LivenessRows(post.engine, post.hands, {})
    rounds, outside = Jobs(), Outside()

    def unreported_failures() -> list[ChannelName]:
        return rows.unreported_failures(post.policy.admins, tuple(post.channels), post.hands.now())

    heartbeat = Heartbeat(rounds.vitals, unreported_failures, rounds.waits, outside, rounds.steady)

    def beat() -> WatcherNews | None:
        rounds.sweep, rounds.deliver = rounds.sweep + 1, rounds.deliver + 1
        return heartbeat.beat()

    assert beat() is None
    with post.worker.delivering() as transaction:
        transaction.alert(
            "k",
            {"title": "t", "text": "x", "todo": ""},
            post.policy,
            tuple(post.channels),
            post.hands.now(),
        )
    post.deliver()
    assert (beat(), beat()) == (WatcherNews(failing=(ChannelName.EMAIL,)), None)
    post.email.answers = []
    post.later(seconds=FIRST_PROBE[FaultKind.ACCESS].total_seconds())
    post.deliver()
    assert (beat(), outside.heard) == (WatcherNews(), [False, True, True, False])


def test_a_broken_channel_the_admins_hear_of_by_another_is_not_told_outside(post: Post) -> None:
    post.form()
    post.slack.answers = [
        NotSent("token_revoked", fault_scope=FaultScope.CHANNEL, fault_kind=FaultKind.ACCESS)
    ]
    post.deliver()
    rows = LivenessRows(post.engine, post.hands, {})
    assert (
        rows.unreported_failures(post.policy.admins, tuple(post.channels), post.hands.now()) == []
    )


def test_what_becomes_of_messages_is_counted_by_channel(post: Post) -> None:
    post.form()
    post.slack.answers = [
        NotSent("a moment", retry_after=1.0),
        NotSent("invalid_blocks", permanent=True),
    ]
    first = post.deliver()
    post.later(seconds=1)
    assert (first + post.deliver()).outcomes == (
        (ChannelName.SLACK, "retried"),
        (ChannelName.SLACK, "dead"),
    )
    assert set(post.deliver().outcomes) == {(ChannelName.EMAIL, "sent")}
