"""What is changed in HubSpot while a question stands on Slack or in a mail: the post and the page
behind the link say so, and whoever is in charge now is asked."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine, update

from scheduler.channels.email import EmailChannel, Sender
from scheduler.channels.slack import SlackChannel
from scheduler.channels.smtp_url import Server
from scheduler.core.answers.answer import Answer
from scheduler.core.words.lexicon import ChannelName, ForecastCall, Verb
from scheduler.inbound.links import ANSWER, SignedLinks
from scheduler.ports import Channel
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.answers.answering import answer
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.services.delivery.refresh import refresh_once
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.database.deals import PEOPLE
from scheduler.storage.database.transactions import transactions
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.delivery.refreshing import RefreshQueries
from tests.inbound.office import Site, Visited, office
from tests.render.shipped import SHIPPED
from tests.servers.hubspot.people import Person
from tests.servers.slack import TOKEN, SlackServer
from tests.servers.smtp import Mail, SmtpServer
from tests.services.sync.databases import ON_BOTH
from tests.services.sync.in_step import InStep, in_step

ANN, BOB = "U0ANN", "U0BOB"
ENDS, LATER = "2027-03-05", "2027-04-15"


@dataclass
class Told:
    """Both sides of a deal that Ann was asked about; `bob` takes it over."""

    both: InStep
    delivery: Delivery
    bob: Person
    record: int = 0

    def __post_init__(self) -> None:
        ann = self.both.people["ann"].owner_id
        self.record = self.both.deal(ends_on=ENDS, hubspot_owner_id=ann)
        bobs = self.bob.owner_id
        self.both.deal(ends_on="2030-03-31", hubspot_owner_id=bobs, customer="Beta")
        self.both.pull()
        with self.both.engine.begin() as connection:
            for email, number in (("ann@example.com", ANN), ("bob@example.com", BOB)):
                ways = {"email": email, "slack_id": number, "zone": "Asia/Tokyo"}
                mine = update(PEOPLE).where(PEOPLE.c.key == email)
                connection.execute(mine.values(language="en", **ways))
        self.both.sweep()
        self.both.here.time.passes(days=12)
        self.tell()

    def tell(self) -> None:
        """Sweeps, forms, sends what is due, and updates what was sent."""
        self.both.sweep()
        policy, channels = self.both.policy, tuple(self.delivery.channels)
        now = self.both.here.time.now()
        form_messages(transactions(self.both.engine, FormingQueries), policy, channels, now)
        deliver_batch(self.delivery, policy)
        refresh_once(transactions(self.both.engine, RefreshQueries), self.delivery, policy)

    def given_to_bob(self) -> None:
        """Somebody gives the deal to Bob in HubSpot; the next round takes it in."""
        self.both.people["ann"].gives(self.record, self.bob)
        self._taken_in()

    def moved(self) -> None:
        """Somebody moves the end there; the next round takes it in."""
        self.both.people["ann"].edits(self.record, {"ends_on": LATER})
        self._taken_in()

    def _taken_in(self) -> None:
        self.both.here.time.passes(minutes=1)
        self.both.pull()
        self.tell()
        self.both.here.time.passes(minutes=2)
        self.tell()


def _told(
    both: InStep, channels: Mapping[ChannelName, Channel], links: SignedLinks | None = None
) -> Told:
    """A deal about which Ann was told on a channel."""
    bob = both.here.server.person("bob@example.com", "Bob Hill")
    delivering, clock = transactions(both.engine, DeliveryQueries), both.here.time
    renderer = TemplateRenderer(SHIPPED, pressable=True)
    return Told(both, Delivery(delivering, channels, renderer, clock, "one", links=links), bob)


@pytest.fixture
def slack() -> Iterator[SlackServer]:
    with SlackServer() as server:
        yield server


@pytest.fixture
def posted(engine: Engine, slack: SlackServer) -> Iterator[Told]:
    channel = SlackChannel(TOKEN, slack.url)
    with in_step(engine) as both:
        yield _told(both, {ChannelName.SLACK: channel})
    channel.close()


def _shown(slack: SlackServer, person: str) -> str:
    """All that stands in somebody's conversation now."""
    return json.dumps([p.blocks for p in slack.posts if p.channel == person.replace("U", "D", 1)])


def test_a_deal_given_away_there_asks_its_new_owner_and_the_old_one_no_more(
    posted: Told, slack: SlackServer
) -> None:
    assert "answer:renew" in _shown(slack, ANN)
    posted.given_to_bob()
    assert "answer:" not in _shown(slack, ANN)
    assert "passed on to bob@example.com" in _shown(slack, ANN)
    assert "answer:renew" in _shown(slack, BOB)
    assert "inherited with the deal" in _shown(slack, BOB)


@ON_BOTH
def test_an_end_moved_there_is_what_the_post_says_and_it_asks_no_more(
    posted: Told, slack: SlackServer
) -> None:
    posted.moved()
    assert "answer:" not in _shown(slack, ANN)
    assert "Ends Thu 15 Apr 2027" in _shown(slack, ANN)
    assert "the day it counts from moved from 2027-03-05 to 2027-04-15" in _shown(slack, ANN)


def test_a_question_that_was_answered_says_so_also_under_its_next_owner(
    posted: Told, slack: SlackServer
) -> None:
    answering = transactions(posted.both.engine, AnswerQueries)
    said, now = Answer(Verb.FORECAST, "Ann", call=ForecastCall.RENEW), posted.both.here.time.now()
    answer(answering, str(posted.record), said, posted.both.policy, now)
    posted.given_to_bob()
    assert "answer:renew" not in _shown(slack, ANN)
    assert "passed on" not in _shown(slack, ANN)
    assert _shown(slack, BOB) == "[]"


@dataclass
class Mailed:
    """A deal about which Ann was told in a mail with links, and the pages behind them."""

    told: Told
    site: Site
    links: SignedLinks
    smtp: SmtpServer

    def path(self, mail: Mail, offer: str = "renew") -> str:
        """Where an answer's link in a mail leads."""
        body = mail.parsed.get_body(("plain",))
        assert body is not None
        text = str(body.get_content())
        paths = (urlsplit(url).path for url in re.findall(r"https://\S+/a/\S+", text))
        return next(str(p) for p in paths if self._offer(p) == offer)

    def _offer(self, path: str) -> str:
        return str(self.links.read(ANSWER, path.rpartition("/")[2]).what)

    def page(self, mail: int = 0) -> Visited:
        """The page behind a mail's link."""
        self.site.hands.at = self.told.both.here.time.now()
        return self.site.get(self.path(self.smtp.mails[mail]))

    def answers(self) -> list[object]:
        """What was answered."""
        return [row["verb"] for row in self.site.rows("answers")]


@pytest.fixture
def mailed(engine: Engine) -> Iterator[Mailed]:
    with SmtpServer() as smtp:
        mail = EmailChannel(Server.parse(smtp.url), Sender.parse("Renewals <r@example.com>"))
        with (
            in_step(engine) as both,
            office(engine, both.reading, both.policy) as site,
        ):
            links = SignedLinks("https://renewals.example.com", ("secret",), both.here.time)
            yield Mailed(_told(both, {ChannelName.EMAIL: mail}, links), site, links, smtp)
        mail.close()


def test_the_link_in_a_mail_says_whose_the_deal_is_now(mailed: Mailed) -> None:
    mailed.told.given_to_bob()
    assert "This deal is bob@example.com's now" in mailed.page().says
    to_bob = mailed.page(1)
    assert "This deal is" not in to_bob.says
    assert mailed.smtp.mails[1].recipients == ("bob@example.com",)


@ON_BOTH
def test_an_answer_typed_before_the_deal_was_given_away_is_not_taken_silently(
    mailed: Mailed,
) -> None:
    before = mailed.page()
    mailed.told.given_to_bob()
    again = mailed.site.post(before.path, before.fields)
    assert (again.status, mailed.answers()) == (409, [])
    assert "This deal is bob@example.com's now" in again.says
    assert mailed.site.post(again.path, again.fields).status == 200
    assert mailed.answers() == ["call"]


def test_the_link_in_a_mail_about_a_day_that_moved_says_so_and_takes_nothing(
    mailed: Mailed,
) -> None:
    before = mailed.page()
    mailed.told.moved()
    for page in (mailed.page(), mailed.site.post(before.path, before.fields)):
        assert (page.status, mailed.answers()) == (410, [])
        assert "A date of the contract has changed" in page.says
