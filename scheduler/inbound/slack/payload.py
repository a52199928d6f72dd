"""What was pressed, where and by whom, read from Slack's JSON, of which nothing is believed but its
shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

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
class Press:
    """One button or menu. `action` is the part of its id before the colon, `about` what is behind
    it, `value` what it carries or what was chosen."""

    action: str
    about: str
    value: str


def place_of(payload: Mapping[str, Any]) -> Place:
    """Where something was pressed."""
    user, channel, view = (_part(payload, name) for name in ("user", "channel", "view"))
    return Place(
        user=_text(user.get("id")),
        channel=_text(channel.get("id")) or _text(_part(payload, "container").get("channel_id")),
        trigger=_text(payload.get("trigger_id")),
        response_url=_text(payload.get("response_url")),
        user_team=_text(user.get("team_id")),
        team=_text(_part(payload, "team").get("id")),
        home=view.get("type") == "home",
    )


def place_of_command(payload: Mapping[str, Any]) -> Place:
    """Where `/renewals` was written."""
    names = ("user_id", "channel_id", "trigger_id", "response_url", "team_id")
    user, channel, trigger, response_url, team = (_text(payload.get(name)) for name in names)
    return Place(user, channel, trigger, response_url, team, "")


def press_of(payload: Mapping[str, Any]) -> Press | None:
    """What was pressed; None for a payload without an action."""
    actions = payload.get("actions")
    if not isinstance(actions, list) or not actions or not isinstance(actions[0], Mapping):
        return None
    action, _, about = _text(actions[0].get("action_id")).partition(":")
    chosen = _part(actions[0], "selected_option")
    return Press(action, about, _text(chosen.get("value")) or _text(actions[0].get("value")))


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
