"""Delivering e-mails and Slack messages one at a time, each with its commit, against bare loops
over the same libraries.

    python -m benchmarks.delivering [--json]

Ours is `deliver_batch` until nothing is left, on a SQLite file that waits for the disk: claim, look
whether anything changed, render, commit that it is handed over, send, record. Every message is for
another person and carries one nudge, in Japanese. Figures are speeds: more is better. The servers
are the tests' own, each in another process; server and client share one core. Housekeeping, which
is not measured, comes between two runs.

E-mails, goal at least 0.6 of the baseline's: the same rendering of facts computed before, an
`EmailMessage` with the text and the HTML, and `send_message` on one connection of smtplib. The
baseline reads and writes no database, inlines no styles, checks no header. Slack, goal at least
0.7: `chat_postMessage` of slack_sdk with texts and blocks rendered before, so the baseline does not
even render. Once with a server that answers after 10 ms, a fraction of what Slack takes, and once
with one that answers at once: there a bare post takes less than a millisecond, and rendering,
recording and waiting for the disk take more than that.
"""

import sys
import tempfile
from collections.abc import Callable, Mapping
from email.message import EmailMessage
from email.utils import formatdate
from itertools import count
from pathlib import Path
from smtplib import SMTP
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from slack_sdk import WebClient
from sqlalchemy import Engine, select

from benchmarks._filling import Book, fill, instant_of, shipped_policy
from benchmarks._servers import server
from benchmarks._timing import Goal, Work, at_least, compare, pinned
from scheduler.app.shipped import shipped_templates
from scheduler.channels.configured import ChannelSettings
from scheduler.channels.registry import make_channels
from scheduler.core.facts.nudge_facts import message_facts, nudge_facts
from scheduler.core.policy.policy import Policy
from scheduler.core.policy.relevance import event_of
from scheduler.core.words.lexicon import ChannelName, Language, NudgeState
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.storage.database.deals import NUDGES, load_deals
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.housekeeping import Housekeeping
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.system.clock import FixedClock
from tests.servers.slack import TOKEN

MESSAGES, REPEATS = 300, 6
ROUNDS = REPEATS + 2
FROM = "Renewals <renewals@example.com>"

Facts = Mapping[str, Any]


class Post:
    """A database whose deals become due round by round, and what it takes to tell the people about
    it on one channel."""

    def __init__(self, folder: Path, channel: ChannelName, url: str) -> None:
        self.engine: Engine = open_engine(f"sqlite:///{folder / channel.value}.db")
        self.policy: Policy = shipped_policy()
        self.renderer = TemplateRenderer(shipped_templates())
        self._channel = channel
        fill(self.engine, Book(MESSAGES * ROUNDS, ROUNDS, due=MESSAGES, reps=MESSAGES * ROUNDS))
        secrets = {"SMTP_URL": url} if channel is ChannelName.EMAIL else {"SLACK_BOT_TOKEN": TOKEN}
        self._channels = {
            channel: make_channels(ChannelSettings(slack_api_url=url, mail_from=FROM), secrets)[
                channel
            ]
        }
        self._rounds = count()

    def delivered(self) -> float:
        """Sends one round's messages; the seconds it took."""
        clock = FixedClock(instant_of(next(self._rounds)))
        sweep_all(transactions(self.engine, SweepQueries), self.policy, clock.at)
        while form_messages(
            transactions(self.engine, FormingQueries), self.policy, tuple(self._channels), clock.at
        ).total:
            pass
        delivery = Delivery(
            transactions(self.engine, DeliveryQueries),
            self._channels,
            self.renderer,
            clock,
            "benchmark",
        )
        began, sent = perf_counter(), 0
        while batch := deliver_batch(delivery, self.policy).sent:
            sent += batch
        seconds = perf_counter() - began
        Housekeeping(self.engine).tidy(clock.at)
        assert sent == MESSAGES, sent
        return seconds

    def facts(self) -> list[tuple[str, Facts]]:
        """For each nudge of the first round, whom it is for and what its message says."""
        now = instant_of(0)
        with self.engine.connect() as connection:
            ids = list(
                connection.scalars(
                    select(NUDGES.c.deal_id).where(
                        NUDGES.c.state == NudgeState.SENT.value, NUDGES.c.sent_at == now
                    )
                )
            )
            deals = load_deals(connection, ids)
        told: list[tuple[str, Facts]] = []
        for deal in deals:
            nudge = deal.nudges[-1]
            event, milestone, owner = (
                event_of(nudge, deal),
                self.policy.milestone(nudge.milestone),
                deal.owner,
            )
            assert event is not None
            assert milestone is not None
            assert owner is not None
            item = nudge_facts(deal, milestone, event, self.policy, now.date(), Language.JA)
            told.append((owner.email or "", message_facts(owner.name, [item])))
        assert len(told) == MESSAGES, len(told)
        return told


def bare_mails(post: Post, url: str) -> Work:
    """A loop with a template, the standard library's mail and one connection."""
    told, numbers = post.facts(), count()
    smtp = SMTP(*_host_and_port(url))

    def send() -> None:
        for address, facts in told:
            rendered = post.renderer.render("nudges", facts, Language.JA, ChannelName.EMAIL)
            mail = EmailMessage()
            mail["From"], mail["To"], mail["Subject"] = FROM, address, rendered.subject
            mail["Date"], mail["Message-ID"] = formatdate(), f"<{next(numbers)}@example.com>"
            mail.set_content(rendered.text)
            mail.add_alternative(rendered.html, subtype="html")
            smtp.send_message(mail)

    return send


def bare_posts(post: Post, url: str) -> Work:
    """A loop with slack_sdk and texts that are ready."""
    client = WebClient(TOKEN, base_url=url)
    ready = [
        (address, post.renderer.render("nudges", facts, Language.JA, ChannelName.SLACK))
        for address, facts in post.facts()
    ]

    def send() -> None:
        for number, (_, rendered) in enumerate(ready, 1):
            client.chat_postMessage(
                channel=f"U0REP{number}",
                text=rendered.subject,
                blocks=[dict(block) for block in rendered.blocks[0]],
            )

    return send


def _host_and_port(url: str) -> tuple[str, int]:
    """Where a server is."""
    parts = urlsplit(url)
    return parts.hostname or "", parts.port or 0


def measure(
    name: str,
    channel: ChannelName,
    bare: Callable[[Post, str], Work],
    goal: Goal,
    latency: float = 0.0,
) -> None:
    """Prints one line, and messages per second."""
    with (
        tempfile.TemporaryDirectory() as folder,
        server("smtp" if channel is ChannelName.EMAIL else "slack", latency) as url,
    ):
        post = Post(Path(folder), channel, url)
        post.delivered()
        figure = compare(name, post.delivered, bare(post, url), goal, REPEATS)
        print(
            (
                f"    {MESSAGES / figure.ours.median:.0f} a second, bare "
                f"{MESSAGES / figure.baseline.median:.0f}"
            ),
            file=sys.stderr,
        )


def main() -> None:
    """Prints three lines."""
    with pinned(0):
        measure("e-mails", ChannelName.EMAIL, bare_mails, at_least(0.6))
        measure(
            "Slack messages, answered after 10 ms",
            ChannelName.SLACK,
            bare_posts,
            at_least(0.7),
            0.01,
        )
        measure("Slack messages, answered at once", ChannelName.SLACK, bare_posts, at_least(0.7))


if __name__ == "__main__":
    main()
