"""Where words go: to the person who acts and to nobody else, in the conversation or on the App Home
from which they act.

Always holds: an answer that was recorded stays recorded, also where Slack cannot tell them so.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from scheduler.inbound.slack import replies
from scheduler.inbound.slack.home import AppHome, Publisher
from scheduler.inbound.slack.payload import Asking, Place
from scheduler.inbound.slack.replies import Block
from scheduler.ports import Renderer
from scheduler.services.answers.worklist import WorklistStore


class Workspace(Publisher, Protocol):
    """What Slack is asked. Nothing here raises for what Slack refuses."""

    def respond(self, url: str, body: Mapping[str, Any]) -> str:
        """Says something under a response address; empty if it was taken."""

    def is_outside(self, channel: str) -> bool:
        """Whether another company reads this conversation."""

    def team(self) -> str:
        """The workspace's id; empty while it cannot be learned."""


class Screen:
    """Shows one person what became of what they did; each method says so in a few words."""

    def __init__(
        self, store: WorklistStore, workspace: Workspace, renderer: Callable[[], Renderer]
    ) -> None:
        self._store = store
        self._workspace = workspace
        self._home = AppHome(store, workspace, renderer)

    def say(self, asking: Asking, text: str, *blocks: Block) -> str:
        """Tells the person, and only them, where they pressed."""
        if asking.place.home:
            return self.home(asking, text, *blocks)
        return self.tell(asking.place, text, [replies.section(text), *blocks])

    def tell(self, place: Place, text: str, blocks: Sequence[Block]) -> str:
        """A message that only the person sees; where the app is not in the conversation, by the
        response address."""
        body = {"text": text[: replies.LONGEST], "blocks": list(blocks)}
        code = (
            self._workspace.call(
                "chat.postEphemeral", body | {"channel": place.channel, "user": place.user}
            )
            if place.channel
            else "no_channel"
        )
        if code and place.response_url:
            code = self._workspace.respond(
                place.response_url, body | {"response_type": "ephemeral", "replace_original": False}
            )
        return f"told: {code}" if code else "told"

    def turn_away(self, place: Place, text: str) -> str:
        """Tells somebody who may not act here why, and nothing about any customer."""
        if place.home:
            code = self._home.show_only(place.user, [replies.section(text)])
            return f"turned away: {code or 'told'}"
        self.tell(place, text, [replies.section(text)])
        return "turned away"

    def home(self, asking: Asking, text: str = "", *blocks: Block) -> str:
        """The person's App Home as it is now."""
        person = self._store.person(asking.person.id) or asking.person
        notice = [replies.section(text), *blocks, {"type": "divider"}] if text else []
        code = self._home.publish(
            person, asking.place.user, asking.policy, asking.language, asking.now, notice
        )
        return f"home: {code or 'shown'}"

    def open_form(self, asking: Asking, modal: Block) -> str:
        """Opens a form; Slack allows it for three seconds."""
        code = self._workspace.call(
            "views.open", {"trigger_id": asking.place.trigger, "view": modal}
        )
        if code:
            self.say(asking, replies.TOO_LATE.of(asking.language))
            return f"no form: {code}"
        return "a form was opened"
