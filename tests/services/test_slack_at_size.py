"""One reader with 300 contracts, at a Slack that heeds its documented limits: a long thread is brought up to date post by post, and no post often."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from scheduler.channels.preview import PreviewChannel
from scheduler.channels.slack import SlackChannel
from scheduler.core.answers import Answer
from scheduler.core.words import Call, ChannelName, Verb
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.answering import answer
from scheduler.services.deliver import Delivery, deliver_batch
from scheduler.services.form import form_messages
from scheduler.services.refresh import refresh_once
from scheduler.services.sweep import sweep_all
from scheduler.storage.answering import AnsweringRows
from scheduler.storage.delivering import DeliveryRows
from scheduler.storage.engine import open_engine
from scheduler.storage.forming import FormingRows
from scheduler.storage.refreshing import RefreshRows
from scheduler.storage.schema import upgrade
from scheduler.storage.sweeping import SweepRows
from tests.cast import ANN, at
from tests.render.shipped import SHIPPED
from tests.servers.slack import TOKEN, SlackServer
from tests.services.delivering import POLICY as USUAL
from tests.services.delivering import Hands
from tests.storage.builders import add_cast, add_contract

POLICY = replace(USUAL, attention=replace(USUAL.attention, flood_nudges=1000))
CONTRACTS, ANSWERED = 300, ("007", "150", "299")
TIER_3, A_SECOND = 50, 60
"""chat.update is of tier 3, 50 and more a minute; chat.postMessage about one a second in a conversation."""
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
def loaded(sqlite_url: str) -> Engine:
    """Ann's 300 contracts, three months before their ends."""
    engine = open_engine(sqlite_url)
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, _ = add_cast(connection)
        for n in range(CONTRACTS):
            add_contract(connection, f"C-{n:03}", owner_id=ann, customer=f"Customer {n:03}")
    return engine


def test_three_answers_show_within_two_minutes_and_no_post_is_updated_more_than_twice(loaded: Engine) -> None:
    hands = Hands()
    with Updates(hands) as slack:
        channels = {ChannelName.SLACK: SlackChannel(TOKEN, slack.url), ChannelName.PREVIEW: PreviewChannel()}
        delivery = Delivery(DeliveryRows(loaded), channels, TemplateRenderer(SHIPPED, pressable=True), hands, "worker")
        sweep_all(SweepRows(loaded), POLICY, hands.at)
        form_messages(FormingRows(loaded), POLICY, tuple(channels), hands.at)
        for _ in range(60):
            deliver_batch(delivery, POLICY)
            hands.at += STEP
        posts = len(slack.posts)
        assert posts > 1, "what one post cannot hold goes on in its thread"
        everything = "".join(str(p.blocks) for p in slack.posts)
        assert all(f"Customer {n:03}" in everything for n in range(CONTRACTS)), "each contract stands somewhere"
        asked_at, before = hands.at, slack.calls.count("chat.update")
        for number in ANSWERED:
            answer(AnsweringRows(loaded), f"C-{number}", Answer(Verb.CALL, ANN.name, call=Call.RENEW), POLICY, hands.at)
            refresh_once(RefreshRows(loaded), delivery, POLICY)
            hands.at += STEP
        while refresh_once(RefreshRows(loaded), delivery, POLICY).total:
            hands.at += STEP
        assert hands.at - asked_at <= timedelta(minutes=2)
    showing = [n for n in ANSWERED for p in slack.posts if ANN.name in _of(p.blocks, f"Customer {n}")]
    assert showing == list(ANSWERED)
    assert max(slack.updated.values()) <= 2
    assert (slack.calls.count("chat.update") - before, len(slack.posts), slack.limited) == (sum(slack.updated.values()), posts, 0)
    loaded.dispose()


def _of(blocks: tuple[dict[str, Any], ...], customer: str) -> str:
    """What stands from a customer's name to the next one's; empty where it does not stand."""
    _, _, rest = str(blocks).partition(customer)
    return rest.partition("Customer ")[0]
