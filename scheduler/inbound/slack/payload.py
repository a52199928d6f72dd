"""What was pressed or sent, where and by whom, read from Slack's JSON, of which nothing is believed
but its shape."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from typing import Any

from scheduler.core.deal.people import Person
from scheduler.core.policy.policy import Policy
from scheduler.core.time.dates import local_day
from scheduler.core.words.lexicon import Language
from scheduler.inbound.web.forms import Typed


@dataclass(frozen=True, slots=True)
class Place:
    """Who acts, and where an answer to them goes. `user_team` is their own workspace, `team` the
    app's as the envelope has it."""

    user: str
    channel: str = ""
    trigger: str = ""
    response_url: str = ""
    user_team: str = ""
    team: str = ""
    home: bool = False


@dataclass(frozen=True, slots=True)
class Asking:
    """Who asks, from where, in which language, under which policy, and when."""

    person: Person
    place: Place
    policy: Policy
    language: Language
    now: datetime

    @property
    def today(self) -> date:
        """The day it is for the person."""
        return local_day(self.now, self.policy.zone_of(self.person))


@dataclass(frozen=True, slots=True)
class Press:
    """One button or menu: what it does (`action`), to which nudge (or deal `#12`), and what it
    carries or what was chosen. `for_all`: of the customer's contracts that were told together."""

    action: str
    subject: str
    choice: str
    for_all: bool = False


@dataclass(frozen=True, slots=True)
class About:
    """What a form is about: the nudge (or deal `#12`) and the offer, whether for all of the
    customer's, where the reply goes, and when and on which terms of the contract it was opened."""

    subject: str = ""
    offer: str = ""
    for_all: bool = False
    channel: str = ""
    home: bool = False
    read_at: str = ""
    basis: str = ""

    @property
    def shown_at(self) -> datetime:
        """When the form was opened. Raises ValueError."""
        return datetime.fromisoformat(self.read_at)

    @property
    def metadata(self) -> str:
        """As it is kept in the form itself, until that is sent."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Submission:
    """A form that was sent: which one, what it is about (None: we did not write that), and what
    stands in its fields."""

    form: str
    id: str
    about: About | None
    typed: Typed


def place_of(payload: Mapping[str, Any]) -> Place:
    """Where something was pressed; a form itself stands nowhere, so where it was opened."""
    user, channel, view = (_part(payload, name) for name in ("user", "channel", "view"))
    pressed = Place(
        user=_text(user.get("id")),
        channel=_text(channel.get("id")) or _text(_part(payload, "container").get("channel_id")),
        trigger=_text(payload.get("trigger_id")),
        response_url=_text(payload.get("response_url")),
        user_team=_text(user.get("team_id")),
        team=_text(_part(payload, "team").get("id")),
        home=view.get("type") == "home",
    )
    about = _about(view.get("private_metadata"))
    if about is None:
        return pressed
    return replace(pressed, channel=about.channel, home=about.home, response_url="")


def place_of_command(payload: Mapping[str, Any]) -> Place:
    """Where `/renewals` was written."""
    names = ("user_id", "channel_id", "trigger_id", "response_url", "team_id")
    user, channel, trigger, response_url, team = (_text(payload.get(name)) for name in names)
    return Place(user, channel, trigger, response_url, team, "")


def press_of(payload: Mapping[str, Any]) -> Press | None:
    """What was pressed; None for a payload without an action.

    An id is `ACTION:OFFER` on a button that carries its nudge, and `ACTION:NUDGE` on a menu of
    offers: `more` answers that nudge, `all` whatever was told with it.
    """
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        return None
    action, _, behind = _text(actions[0].get("action_id")).partition(":")
    chosen = _part(actions[0], "selected_option")
    carried = _text(chosen.get("value")) or _text(actions[0].get("value"))
    if action in ("more", "all"):
        return Press("answer", behind, carried, for_all=action == "all")
    if action in ("answer", "undo"):
        return Press(action, carried, behind)
    return Press(action, "", carried)


def submission_of(payload: Mapping[str, Any]) -> Submission:
    """The form that was sent."""
    view = _part(payload, "view")
    about = _about(view.get("private_metadata"))
    return Submission(_text(view.get("callback_id")), str(view.get("id")), about, typed_in(view))


def _about(metadata: object) -> About | None:
    """What a form's private metadata says."""
    try:
        found = json.loads(metadata) if isinstance(metadata, str) else None
    except ValueError:
        return None
    if not isinstance(found, dict) or not set(found) <= set(About.__slots__):
        return None
    return About(**found)


def typed_in(view: Mapping[str, Any]) -> Typed:
    """What stands in a modal's fields, by block."""
    typed = {}
    for block, actions in _part(_part(view, "state"), "values").items():
        for element in actions.values() if isinstance(actions, Mapping) else ():
            typed[block] = _typed(element)
    return typed


def _typed(element: Mapping[str, Any]) -> str:
    """One field's text."""
    plain = next(
        (element[n] for n in ("value", "selected_date", "selected_user") if element.get(n)), None
    )
    return _text(plain) or _text(_part(element, "selected_option").get("value"))


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An inner object, empty where there is none."""
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""
