"""One reader with 300 contracts, at a Slack that heeds its documented limits: an answer changes the
post that holds it, and no other often."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from scheduler.channels.preview import PreviewChannel
from scheduler.channels.slack import SlackChannel
from scheduler.core.answers.answer import Answer
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ChannelName, ForecastCall, Health, Verb
from scheduler.ports import Channel
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.answers.answering import answer
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.services.delivery.refresh import refresh_once
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.delivery.refreshing import RefreshQueries
from tests.cast import ANN, at
from tests.render.shipped import SHIPPED
from tests.servers.slack import TOKEN, Post, SlackServer
from tests.services.delivering import POLICY as USUAL
from tests.services.delivering import Hands
from tests.storage.builders import add_cast, add_contract

POLICY = replace(USUAL, attention=replace(USUAL.attention, flood_nudges=1000))
CONTRACTS = 300
SAID = {
    "007": Answer(Verb.FORECAST, ANN.name, call=ForecastCall.RENEW),
    "150": Answer(Verb.HEALTH, ANN.name, health=Health.CRITICAL),
    "299": Answer(Verb.WON, ANN.name, term=Term(24)),
}
"""One that leaves its place alone, one that makes it more urgent, one that moves its end."""
TIER_3, A_SECOND = 50, 60
"""chat.update is of tier 3, 50 and more a minute; chat.postMessage about one a second in a
conversation."""
STEP = timedelta(seconds=10)


class Updates(SlackServer):
    """Counts which post is updated how often."""

    def __init__(self, hands: Hands) -> None:
        super().__init__()
        self.updated: Counter[str] = Counter()
        self.clock = lambda: hands.at.timestamp()  # noqa: PLW0108  (the clock is moved by setting it anew)
        self.a_minute = {"chat.update": TIER_3, "chat.postMessage": A_SECOND}

    def _update(self, arguments: dict[str, Any]) -> dict[str, Any]:
        self.updated[arguments["ts"]] += 1
        return super()._update(arguments)


@pytest.fixture
def loaded(empty_sqlite_url: str) -> Engine:
    """Ann's 300 contracts, three months before their ends."""
    engine = open_engine(empty_sqlite_url)
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(CONTRACTS):
            add_contract(connection, f"C-{n:03}", owner_id=ann, customer=f"Customer {n:03}")
    return engine


def test_three_answers_show_within_two_minutes_and_change_only_the_posts_that_hold_them(
    loaded: Engine,
) -> None:
    hands = Hands()
    with Updates(hands) as slack:
        channels: dict[ChannelName, Channel] = {
            ChannelName.SLACK: SlackChannel(TOKEN, slack.url),
            ChannelName.PREVIEW: PreviewChannel(),
        }
        delivery = Delivery(
            transactions(loaded, DeliveryQueries),
            channels,
            TemplateRenderer(SHIPPED, pressable=True),
            hands,
            "worker",
        )
        sweep_all(transactions(loaded, SweepQueries), POLICY, hands.at)
        form_messages(transactions(loaded, FormingQueries), POLICY, tuple(channels), hands.at)
        for _ in range(60):
            deliver_batch(delivery, POLICY)
            hands.at += STEP
        posts = len(slack.posts)
        assert posts > 1, "what one post cannot hold goes on in its thread"
        everything = "".join(str(p.blocks) for p in slack.posts)
        assert all(f"Customer {n:03}" in everything for n in range(CONTRACTS)), (
            "each contract stands somewhere"
        )
        asked_at = hands.at
        before = {p.ts: p.blocks for p in slack.posts}
        for number, said in SAID.items():
            assert answer(
                transactions(loaded, AnswerQueries), f"C-{number}", said, POLICY, hands.at
            )
            refresh_once(transactions(loaded, RefreshQueries), delivery, POLICY)
            hands.at += STEP
        while hands.at - asked_at <= timedelta(minutes=2):
            refresh_once(transactions(loaded, RefreshQueries), delivery, POLICY)
            hands.at += STEP
    holding = [p for p in slack.posts if any(f"Customer {n}" in str(p.blocks) for n in SAID)]
    assert all(p.blocks != before[p.ts] for p in holding), "each answer shows"
    assert "✅" in _of(slack.posts, "007")
    assert "✅" in _of(slack.posts, "299")
    assert set(slack.updated) <= {p.ts for p in holding} | {slack.posts[0].ts}, (
        "what nobody answered stays as it is"
    )
    assert max(slack.updated.values()) <= 2
    assert (len(slack.posts), slack.limited <= 1) == (posts, True), (
        "nothing is posted anew, and a limit is waited for"
    )
    loaded.dispose()


def _of(posts: Sequence[Post], number: str) -> str:
    """What stands from a customer's name to the next one's; empty where it does not stand."""
    _, _, rest = "".join(str(p.blocks) for p in posts).partition(f"Customer {number}")
    return rest.partition("Customer ")[0]
