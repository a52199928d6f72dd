"""Everything between a button on Slack and the database: a real workspace on loopback, a real
socket, the listener, and people who press."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Semaphore
from typing import Any

from sqlalchemy import Engine, select

from scheduler.channels.slack import SlackChannel
from scheduler.channels.slack.web import StayingClient
from scheduler.channels.slack.workspace import SlackWorkspace
from scheduler.core.policy.policy import Policy
from scheduler.core.words.lexicon import ChannelName
from scheduler.inbound.slack.actions import (
    BLOCK_ACTIONS,
    COMMANDS,
    EVENTS,
    INTERACTIVE,
    VIEW_SUBMISSION,
    Actions,
)
from scheduler.inbound.slack.listener import SlackListener
from scheduler.render.renderer import TemplateRenderer
from scheduler.services.answers.inbox import Failed
from scheduler.services.deals.sweep import sweep_all
from scheduler.services.delivery.deliver import deliver_batch
from scheduler.services.delivery.delivery import Delivery
from scheduler.services.delivery.form import form_messages
from scheduler.services.delivery.refresh import refresh_once
from scheduler.storage.answers.answering import AnswerQueries
from scheduler.storage.answers.inbox import InboxQueries
from scheduler.storage.answers.worklist import WorklistRows
from scheduler.storage.database.transactions import transactions
from scheduler.storage.deals.sweeping import SweepQueries
from scheduler.storage.delivery.delivering import DeliveryQueries
from scheduler.storage.delivery.forming import FormingQueries
from scheduler.storage.delivery.refreshing import RefreshQueries
from scheduler.storage.people.absences import Absences
from tests.cast import at, policy
from tests.render.shipped import SHIPPED
from tests.servers.slack import APP_TOKEN, TEAM, TOKEN, SlackServer, Whisper, direct
from tests.servers.slack_socket import PATIENCE, Acknowledged, SlackSocket
from tests.storage.builders import T

ANN, BOB, CHIKA, DAN, EVE, STRANGER = "U0ANN", "U0BOB", "U0CHIKA", "U0DAN", "U0EVE", "U0WHO"
POLICY = policy()
PING_SECONDS, RETRY_SECONDS = 0.2, 0.05


@dataclass
class Hands:
    """A clock that a test moves."""

    at: datetime = field(default_factory=lambda: at("2027-01-05"))

    def now(self) -> datetime:
        """The time the test says it is."""
        return self.at


class Reception:
    """The listener at work. `said` is what it logged, `failed` the envelopes that failed."""

    def __init__(self, engine: Engine, slack: SlackServer, socket: SlackSocket) -> None:
        slack.socket_url = socket.url
        self.engine, self.slack, self.socket = engine, slack, socket
        self.policy: Policy = POLICY
        self.hands = Hands()
        self.said: list[tuple[str, dict[str, Any]]] = []
        self.failed: list[Failed] = []
        self.acted, self.heard = Semaphore(0), Semaphore(0)
        self._clicks = 0
        self.listener = self.hire()

    def hire(self) -> SlackListener:
        """Another listener on the same database, as after a restart or on another machine."""
        renderer = TemplateRenderer(SHIPPED, pressable=True)
        store, answers = (
            WorklistRows(self.engine, self.engine),
            transactions(self.engine, AnswerQueries),
        )
        workspace = SlackWorkspace(TOKEN, self.slack.url)
        actions = Actions(
            store,
            answers,
            transactions(self.engine, Absences),
            workspace,
            lambda: renderer,
            lambda: self.policy,
        )
        return SlackListener(
            APP_TOKEN,
            StayingClient(None, self.slack.url),
            transactions(self.engine, InboxQueries),
            actions,
            self.hands,
            tell=self._note,
            on_failed=self.failed.append,
            on_acted=self.acted.release,
            ping_seconds=PING_SECONDS,
            retry_seconds=RETRY_SECONDS,
        )

    def _note(self, event: str, **facts: Any) -> None:
        """Notes what the listener logs."""
        self.said.append((event, facts))
        self.heard.release()

    def open(self) -> None:
        """Connects, and waits until Slack has greeted."""
        self.listener.start()
        self.socket.wait_for_connection()

    def _delivery(self) -> Delivery:
        channel = SlackChannel(TOKEN, self.slack.url)
        return Delivery(
            transactions(self.engine, DeliveryQueries),
            {ChannelName.SLACK: channel},
            TemplateRenderer(SHIPPED, pressable=True),
            self.hands,
            "worker",
        )

    def tell_everybody(self) -> None:
        """Sweeps, forms and sends what is due."""
        sweep_all(transactions(self.engine, SweepQueries), self.policy, self.hands.now())
        form_messages(
            transactions(self.engine, FormingQueries),
            self.policy,
            (ChannelName.SLACK,),
            self.hands.now(),
        )
        deliver_batch(self._delivery(), self.policy)

    def refresh(self) -> int:
        """Updates the posts that are to be; how many."""
        return refresh_once(
            transactions(self.engine, RefreshQueries), self._delivery(), self.policy
        ).updated

    def later(self, **more: float) -> None:
        """Time passes."""
        self.hands.at += timedelta(**more)

    def wait_until_acted(self, envelopes: int | None = None) -> None:
        """Until the listener has dealt with one more envelope, or with so many in all: it says so
        once for those it dealt with together."""
        while True:
            assert self.acted.acquire(timeout=PATIENCE), "nothing was acted on"
            if (
                envelopes is None
                or len([outcome for (outcome,) in self.rows("envelopes", "outcome") if outcome])
                >= envelopes
            ):
                return

    def act(
        self, kind: str, payload: Mapping[str, Any], envelope_id: str = "", *, cut: bool = False
    ) -> Acknowledged:
        """Sends an envelope, waits for its acknowledgement and until it was dealt with."""
        acknowledged = self.socket.send(kind, payload, envelope_id, cut=cut)
        self.wait_until_acted()
        return acknowledged

    def elements(self) -> Iterator[Mapping[str, Any]]:
        """Everything that can be pressed in the conversation's posts."""
        for post in self.slack.posts:
            yield from pressable(post.blocks)

    def press(
        self,
        user: str,
        offer: str,
        element: Mapping[str, Any] | None = None,
        envelope_id: str = "",
        **more: Any,
    ) -> Acknowledged:
        """Presses an answer in what was posted, or a certain button."""
        return self.act(INTERACTIVE, self.click(user, offer, element, **more), envelope_id)

    def click(
        self, user: str, offer: str, element: Mapping[str, Any] | None = None, **more: Any
    ) -> dict[str, Any]:
        """The payload of pressing an answer."""
        found = element or next(
            e
            for e in self.elements()
            if offer in offered(e) and not e["action_id"].startswith("all:")
        )
        self._clicks += 1
        action = {
            "action_id": found["action_id"],
            "type": found["type"],
            "action_ts": f"{self._clicks}.0",
        }
        action |= (
            {"value": found["value"]}
            if found["type"] == "button"
            else {"selected_option": {"value": offer}}
        )
        place = {"channel": {"id": direct(user)}, "response_url": self.slack.response_url(user)}
        payload = {
            "type": BLOCK_ACTIONS,
            "user": {"id": user, "team_id": more.pop("user_team", TEAM)},
        }
        payload |= {
            "team": {"id": TEAM},
            "token": "secret",
            "trigger_id": "t",
            "message": {"text": "the whole message"},
        }
        return payload | place | {"actions": [action]} | more

    def send_form(
        self, user: str, envelope_id: str = "", view: Mapping[str, Any] | None = None, **typed: str
    ) -> Acknowledged:
        """Sends the form that was opened last: as it was prefilled, but for what was typed."""
        return self.act(INTERACTIVE, self.filled(user, view, **typed), envelope_id)

    def filled(
        self, user: str, view: Mapping[str, Any] | None = None, **typed: str
    ) -> dict[str, Any]:
        """The payload of sending a form."""
        modal = view or self.slack.modals[-1]
        values = {
            b["block_id"]: {"value": _entry(b["element"], typed.get(b["block_id"]))}
            for b in modal["blocks"]
            if b["type"] == "input"
        }
        sent = {k: modal[k] for k in ("id", "callback_id", "private_metadata")} | {
            "type": "modal",
            "state": {"values": values},
        }
        return {
            "type": VIEW_SUBMISSION,
            "user": {"id": user, "team_id": TEAM},
            "team": {"id": TEAM},
            "view": sent,
        }

    def command(self, user: str, text: str = "", **more: Any) -> Whisper:
        """Writes `/renewals …`; what is said to the person."""
        payload = {
            "command": "/renewals",
            "text": text,
            "user_id": user,
            "team_id": TEAM,
            "channel_id": direct(user),
            "trigger_id": "t",
        }
        self.act(COMMANDS, payload | {"response_url": self.slack.response_url(user)} | more)
        return self.slack.whispers[-1]

    def open_home(self, user: str) -> Mapping[str, Any]:
        """Opens the App Home; what is shown."""
        event = {"type": "app_home_opened", "user": user, "tab": "home"}
        self.act(
            EVENTS, {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": event}
        )
        return self.slack.homes[user]

    def press_at_home(self, user: str, action: str, chosen: str = "") -> Mapping[str, Any]:
        """Presses something in the App Home; what is shown then."""
        elements = list(pressable(self.slack.homes[user]["blocks"]))
        found = next(
            e
            for e in elements
            if e["action_id"] == action
            or (chosen and chosen in offered(e) and e["action_id"].startswith(action))
        )
        payload = self.click(user, chosen, found, view={"type": "home", "id": "VH"}) | {
            "channel": None,
            "response_url": "",
        }
        self.act(INTERACTIVE, payload)
        return self.slack.homes[user]

    def whisper(self) -> str:
        """What was last said to one person only."""
        return shown(self.slack.whispers[-1].blocks)

    def answers(self) -> list[tuple[Any, ...]]:
        """(verb, who, from where, undone) of each answer, in order."""
        columns = [T["answers"].c[n] for n in ("verb", "actor", "via", "undone_at")]
        with self.engine.begin() as connection:
            rows = connection.execute(select(*columns).order_by(T["answers"].c.id)).all()
        return [(r.verb, r.actor, r.via, r.undone_at is not None) for r in rows]

    def rows(self, table: str, *names: str) -> list[tuple[Any, ...]]:
        """Columns of a table, in the order of its rows."""
        with self.engine.begin() as connection:
            return [
                tuple(r)
                for r in connection.execute(
                    select(*(T[table].c[n] for n in names)).order_by(T[table].c.id)
                ).all()
            ]


def pressable(blocks: Any) -> Iterator[Mapping[str, Any]]:
    """The buttons and menus of blocks."""
    for block in blocks:
        yield from block["elements"] if block["type"] == "actions" else ()
        if "accessory" in block:
            yield block["accessory"]


def offered(element: Mapping[str, Any]) -> list[str]:
    """The answers an element gives."""
    return (
        [o["value"] for o in element["options"]]
        if "options" in element
        else [element["action_id"].removeprefix("answer:")]
    )


def shown(blocks: Any) -> str:
    """All that can be read in blocks."""
    return json.dumps(list(blocks), ensure_ascii=False)


def _entry(element: Mapping[str, Any], typed: str | None) -> dict[str, Any]:
    """One field of a form's state, as Slack sends it."""
    kind = element["type"]
    if kind == "static_select":
        value = (
            typed if typed is not None else (element.get("initial_option") or {}).get("value", "")
        )
        return {"type": kind, "selected_option": {"value": value} if value else None}
    names = {
        "datepicker": ("selected_date", "initial_date"),
        "users_select": ("selected_user", ""),
        "plain_text_input": ("value", "initial_value"),
    }
    name, initial = names[kind]
    value = typed if typed is not None else element.get(initial, "")
    return {"type": kind, name: value or None}
