"""The pages served by the real listener over a real database, and a browser made of the standard
library to visit them.

with office(engine) as site:
    page = site.get(site.link("renew"))
    site.post(page.path, page.fields | {"note": "…"})
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import urlencode, urljoin, urlsplit

from sqlalchemy import Engine, select
from starlette.routing import Route

from scheduler.app.shipped import shipped_pages, shipped_templates
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName
from scheduler.inbound.links import SignedLinks
from scheduler.inbound.web.app import make_app
from scheduler.inbound.web.listener import Listener
from scheduler.inbound.web.pages import AnswerPages
from scheduler.render.pages import PageTemplates
from scheduler.services.deals.sweep import sweep_all
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.answers.calendar_feed import FeedRows
from scheduler.storage.answers.linked import LinkedRows
from scheduler.storage.database.schema import upgrade
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from tests.cast import CHIKA, DAN, at, policy
from tests.services.delivering import Hands
from tests.storage.builders import T, add_cast, add_contract, add_person

POLICY = policy()
SECONDS = 20


@dataclass(frozen=True)
class Visited:
    """A page as it came: where, with which status and headers, and what stands on it."""

    path: str
    status: int
    headers: HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        """The whole text."""
        return self.body.decode()

    @property
    def parsed(self) -> "PageParser":
        """The parts of the page."""
        parser = PageParser()
        parser.feed(self.text)
        return parser

    @property
    def fields(self) -> dict[str, str]:
        """What a browser would post from the page's first form."""
        return dict(self.parsed.fields)

    @property
    def says(self) -> str:
        """What a person reads, on one line."""
        return " ".join(" ".join(self.parsed.words).split())


class PageParser(HTMLParser):
    """Reads forms, links and words as a browser does."""

    def __init__(self) -> None:
        super().__init__()
        self.fields: list[tuple[str, str]] = []
        self.actions: list[str] = []
        self.links: dict[str, str] = {}
        self.words: list[str] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self._select = self._textarea = self._href = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes what can be posted or followed."""
        given = {name: value or "" for name, value in attrs}
        self._open.append(tag)
        self.scripts += [name for name in given if name.startswith("on")] + (
            [tag] if tag == "script" else []
        )
        if tag == "form":
            self.actions.append(given.get("action", ""))
        elif (
            tag == "input"
            and len(self.actions) == 1
            and (given.get("type") != "radio" or "checked" in given)
        ):
            self.fields.append((given["name"], given.get("value", "")))
        elif tag == "select":
            self._select = given["name"]
            self.fields.append((self._select, ""))
        elif tag == "option" and "selected" in given:
            self.fields.append((self._select, given["value"]))
        elif tag == "textarea":
            self._textarea = given["name"]
            self.fields.append((self._textarea, ""))
        elif tag == "a":
            self._href = given.get("href", "")

    def handle_endtag(self, tag: str) -> None:
        """Leaves what was open."""
        while self._open and self._open.pop() != tag:
            pass
        if tag == "textarea":
            self._textarea = ""

    def handle_data(self, data: str) -> None:
        """Words between tags."""
        if self._textarea:
            self.fields.append((self._textarea, data.removeprefix("\n")))
        if "style" not in self._open:
            self.words.append(data)
        if self._open and self._open[-1] == "a":
            self.links[data.strip()] = self._href


@dataclass
class Site:
    """The pages and how to get at them. `hands` is the clock."""

    engine: Engine
    links: SignedLinks
    pages: AnswerPages
    port: int
    hands: Hands
    failures: list[tuple[str, Exception]] = field(default_factory=list)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Visited:
        """One request on a connection of its own."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.request(method, path, body, {"Accept-Language": "en", **(headers or {})})
            answer = connection.getresponse()
            return Visited(path, answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Visited:
        """A page."""
        return self.request(
            "GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()}
        )

    def post(self, path: str, fields: Mapping[str, str]) -> Visited:
        """Posts a form."""
        return self.request(
            "POST",
            path,
            urlencode(fields).encode(),
            {"Content-Type": "application/x-www-form-urlencoded"},
        )

    def answer(self, offer: str, person: int = 1, number: str = "C-1", **typed: str) -> Visited:
        """Opens a link, changes what is typed, and presses the button."""
        page = self.get(self.link(offer, person, number))
        return self.post(page.path, page.fields | typed)

    def undo(self, page: Visited) -> Visited:
        """Presses the page's last button, which takes back."""
        return self.post(urljoin(page.path, page.parsed.actions[-1]), {})

    def nudge(self, number: str = "C-1", person: int = 1) -> str:
        """The key of the newest nudge about a contract, the person's own if there is one."""
        query = (
            select(T["nudges"].c.key)
            .join(T["deals"], T["deals"].c.id == T["nudges"].c.deal_id)
            .join(T["contracts"], T["contracts"].c.id == T["deals"].c.contract_id)
            .where(T["contracts"].c.number == number)
            .order_by((T["nudges"].c.person_id == person).desc(), T["nudges"].c.id.desc())
        )
        with self.engine.begin() as connection:
            return str(connection.scalars(query).first())

    def link(self, offer: str, person: int = 1, number: str = "C-1") -> str:
        """The path of a link as it stands in a mail."""
        return urlsplit(self.links.answers(person, self.nudge(number, person), [offer])[offer]).path

    def rows(self, table: str) -> list[dict[str, object]]:
        """Every row of a table."""
        with self.engine.begin() as connection:
            return [
                dict(row)
                for row in connection.execute(select(T[table]).order_by(T[table].c.id)).mappings()
            ]

    def everything(self) -> dict[str, list[dict[str, object]]]:
        """All that a request could change."""
        return {
            table: self.rows(table)
            for table in ("deals", "events", "nudges", "answers", "messages", "people", "passages")
        }

    def later(self, **more: float) -> None:
        """Time passes."""
        self.hands.at += timedelta(**more)

    def the_deal(self, number: int = 1) -> dict[str, object]:
        """One row of `deals`."""
        return self.rows("deals")[number - 1]


ANN_ID, BOB_ID, CHIKA_ID, DAN_ID = 2, 1, 3, 4


def stage(engine: Engine, sweep_at: str = "2027-01-04", policy: Policy = POLICY) -> None:
    """Ann's C-1 and Chika's C-2, told three months before their ends; Bob manages both, Dan is in
    another team."""
    upgrade(engine, at("2026-04-01"))
    with engine.begin() as connection:
        ann, bob = add_cast(connection)
        chika = add_person(
            connection,
            CHIKA.name,
            email=CHIKA.email,
            zone=CHIKA.zone,
            calendar="jp",
            language="ja",
            manager_id=bob,
        )
        add_person(connection, DAN.name, email=DAN.email, language="en")
        add_contract(
            connection,
            owner_id=ann,
            decide_by=date(2027, 1, 31),
            notice="2 months",
            auto_renew=True,
        )
        add_contract(connection, "C-2", owner_id=chika, customer="青葉商事")
        assert (ann, bob, chika) == (ANN_ID, BOB_ID, CHIKA_ID)
    sweep_all(transactions(engine, SweepQueries), policy, at(sweep_at))


@contextmanager
def office(
    engine: Engine,
    reading: Engine,
    policy: Policy = POLICY,
    base_url: str = "https://renewals.example.com",
    ready: Callable[[], bool] = lambda: True,
    watching: Sequence[Route] = (),
) -> Iterator[Site]:
    """The pages, served."""
    hands = Hands()
    store = LinkedRows(engine, reading)
    links = SignedLinks(base_url, ("secret",), hands)
    templates = PageTemplates(shipped_templates(), shipped_pages())
    pages = AnswerPages(
        store,
        FeedRows(engine, reading),
        transactions(engine, AnswerQueries),
        lambda: policy,
        links,
        hands,
        templates,
        (ChannelName.SLACK, ChannelName.EMAIL),
    )
    failures: list[tuple[str, Exception]] = []
    with Listener(
        make_app(pages, lambda page, error: failures.append((page, error)), ready, watching),
        "127.0.0.1:0",
    ) as listener:
        yield Site(engine, links, pages, listener.port, hands, failures)
    assert failures == []
