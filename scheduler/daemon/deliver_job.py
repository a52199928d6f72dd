"""Delivering: messages formed, what a crash left behind, one batch on its way, posts kept up to
date."""

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING

from scheduler.core.words.lexicon import ChannelName
from scheduler.daemon.hold import DaemonHold
from scheduler.daemon.shared_delivery import SharedDelivery, Stop
from scheduler.ports import StoreUnavailableError
from scheduler.services.delivery.channel_pauses import ChannelNews
from scheduler.services.delivery.deliver import catch_up, deliver_batch
from scheduler.services.delivery.delivery import Delivered
from scheduler.services.delivery.form import Formed, form_messages
from scheduler.services.delivery.recover import Recovered, recover_once
from scheduler.services.delivery.refresh import refresh_once
from scheduler.system.logs import log

if TYPE_CHECKING:
    from scheduler.app.wiring import App

LAST_PAUSES = (1, 2, 4, 8, 15)
"""For how many seconds a daemon that ends waits, time after time, for a database that is to be told
what was sent: half a minute, for whoever stopped it waits too."""
FORM_BATCH = 25
"""Recipients dealt with in one transaction: short enough for a person who answers to wait for."""


class DeliverJob:
    """Delivers for one App; `formed`, `delivered`, `recovered` and `outcomes` add up what all steps
    came to."""

    def __init__(self, app: "App", shared: SharedDelivery, hold: DaemonHold) -> None:
        self._app, self._shared, self._hold = app, shared, hold
        self.was_at_rest = False
        """Whether there was nothing to form or send in any step yet."""
        self.outcomes = Counter[tuple[ChannelName, str]]()
        self.formed, self.delivered, self.recovered = Formed(), Delivered(), Recovered()

    @property
    def open(self) -> bool:
        """Whether this process alone knows of something that the database must be told."""
        return self._shared.now().open

    def step(self, stop: Stop) -> bool:
        """Messages for those whose window is open, what a crash left behind, and one batch on its
        way; whether there may be more."""
        if self._hold.look():
            return False
        delivery, policy = self._shared.now(), self._app.policy
        formed = form_messages(
            self._app.forming, policy, tuple(delivery.channels), delivery.clock.now(), FORM_BATCH
        )
        recovered = recover_once(delivery, policy, stop)
        delivered = deliver_batch(delivery, policy, stop)
        self.was_at_rest = self.was_at_rest or not (formed.total or delivered.total)
        self.formed, self.delivered, self.recovered = (
            self.formed + formed,
            self.delivered + delivered,
            _added(self.recovered, recovered),
        )
        self.outcomes.update(delivered.outcomes)
        refreshed = self.refresh()
        if delivered.sent or delivered.unknown:
            self._app.note_generation()
        if delivered.total or recovered.total:
            facts = {
                **_numbers(delivered),
                **{f"recovered_{name}": n for name, n in _numbers(recovered).items()},
            }
            log().info(
                "delivered", messages=formed.messages, **{name: n for name, n in facts.items() if n}
            )
        for what in delivered.undeliverable_alerts:
            log().error("nobody can be told", what=what)
        for news in delivered.news:
            _say_channel(news)
        return bool(formed.total or recovered.total or delivered.total or refreshed)

    def end(self, wait: Callable[[float, str], object]) -> None:
        """On a stop: tells the database what this process alone knows, or nobody would know of
        those messages whether they arrived. `wait`s for a database that is away, but not for
        ever."""
        for pause in (*LAST_PAUSES, 0):
            try:
                self.delivered += catch_up(self._shared.now(), self._app.policy)
            except StoreUnavailableError as error:
                if not (error.passing and pause):
                    log().error("what was sent could not be recorded", because=str(error))
                    return
                log().error("waiting to record what was sent", because=str(error))
                wait(pause, str(error))
            else:
                return

    def refresh(self) -> int:
        """Posted messages that are to show what became of them; how many were dealt with."""
        if self._hold.look():
            return 0
        refreshed = refresh_once(self._app.refreshing, self._shared.now(), self._app.policy)
        if refreshed.total:
            log().info(
                "posts updated",
                updated=refreshed.updated,
                again=refreshed.again,
                let_go=refreshed.let_go,
            )
        return refreshed.total


def _say_channel(news: ChannelNews) -> None:
    """Logs that a channel does not work, why, and whether anybody was told; or that it works
    again."""
    facts = {"channel": news.channel.value, "because": news.because, "waiting": news.waiting}
    if not news.paused:
        log().warning("channel works again", **facts)
    elif news.heard is None:
        log().warning("channel paused", **facts, again_at=news.again_at)
    else:
        log().error(
            "channel does not work", **facts, again_at=news.again_at, admins_told=news.heard
        )


def _numbers(counts: Delivered | Recovered) -> dict[str, int]:
    """The counts by name."""
    return {
        name: n
        for name in counts.__dataclass_fields__
        if isinstance(n := getattr(counts, name), int)
    }


def _added(one: Recovered, other: Recovered) -> Recovered:
    """Two counts together."""
    return Recovered(*(getattr(one, f) + getattr(other, f) for f in one.__dataclass_fields__))
