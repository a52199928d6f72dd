"""What can be pressed below a nudge on Slack: buttons for one nudge, a menu in a bundle, and one
menu for all of a customer's.

A button's action is `answer:<offer>` and its value the nudge's key; a menu's action is
`more:<nudge>` and its options' values are offers; with `all:<nudge>` one answers for every nudge of
that customer in the message. Whoever acts on them looks everything else up.

A template says where they stand with `{{ n.buttons }}` (one nudge) and `{{ group.all }}` (a
customer's) in paragraphs of their own.

Always holds: a nudge that is answered, or about which nothing can be said, has none; a template
that forgets them gets them at the end.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language

Block = Mapping[str, Any]
Item = Mapping[str, Any]

AS_BUTTONS = 5
_MOST_IN_OVERFLOW = 5
FOR_ALL = ("renew", "snooze", "seen")
"""What can be said about several renewals at once."""
_WORDS = {
    "more": Label("More answers"),
    "answer": Label("Answer"),
    "all": Label("Answer all {count}"),
    "record": Label("Open {site}"),
    "sure": Label("Take it back?"),
}
_RECORD = Label("the record", context="button")
_YES, _NO = Label("Take it back"), Label("Cancel")


def can_be_answered(item: Item) -> bool:
    """Whether anything can be pressed below this nudge."""
    return bool(item["nudge"] and item["offers"] and not item["settled"])


def placeholder_of(item: Item) -> str:
    """What stands in the text where a nudge's buttons go; empty where it has none."""
    return f"[[answer:{item['nudge']}]]" if can_be_answered(item) else ""


def placeholder_of_all(nudges: Sequence[Item]) -> str:
    """What stands in the text where a customer's menu goes; empty unless several of its contracts
    wait for an answer."""
    several = _open_contracts(nudges)
    return f"[[all:{several[0]['nudge']}]]" if len(several) > 1 and offers_for_all(several) else ""


def buttons_of(item: Item, language: Language, *, compact: bool) -> Block:
    """The block below one nudge. `compact` puts all answers into one menu."""
    offers = item["offers"]
    shown = () if compact and len(offers) > 1 else offers[:AS_BUTTONS]
    elements: list[Block] = [button(offer, item["nudge"], language) for offer in shown]
    elements += _menu(
        f"more:{item['nudge']}", offers[len(shown) :], language, "answer" if compact else "more"
    )
    if item["url"]:
        elements.append(_link(item, language))
    return {"type": "actions", "elements": elements}


def menu_of_all(nudges: Sequence[Item], language: Language) -> Block:
    """The block below a customer's nudges."""
    several = _open_contracts(nudges)
    placeholder = _WORDS["all"].of(language).format(count=len(several))
    menu = _select(f"all:{several[0]['nudge']}", offers_for_all(several), placeholder)
    return {"type": "actions", "elements": [menu]}


def offers_for_all(nudges: Sequence[Item]) -> list[Mapping[str, Any]]:
    """What can be said about all of them at once."""
    common = set(FOR_ALL).intersection(*({o["id"] for o in n["offers"]} for n in nudges))
    return [o for o in nudges[0]["offers"] if o["id"] in common]


def button(offer: Mapping[str, Any], subject: str, language: Language) -> Block:
    """One answer as a button. `subject` is what is answered: a nudge's key."""
    made: dict[str, Any] = {
        "type": "button",
        "action_id": f"answer:{offer['id']}",
        "value": subject,
        "text": _plain(offer["label"]),
    }
    if offer["style"]:
        made["style"] = offer["style"]
    if offer["id"] == "undo":
        yes, no = _YES.of(language), _NO.of(language)
        sure = _WORDS["sure"].of(language)
        made["confirm"] = {
            "title": _plain(offer["label"]),
            "text": _plain(sure),
            "confirm": _plain(yes),
            "deny": _plain(no),
        }
    return made


def labels_of(item: Item) -> str:
    """The answers as they are read where nothing can be pressed: `[Will renew] [In doubt]`."""
    return " ".join(f"[{offer['label']}]" for offer in item["offers"])


def _open_contracts(nudges: Sequence[Item]) -> list[Item]:
    """One nudge of each contract that waits for an answer."""
    return list({n["number"]: n for n in reversed(nudges) if can_be_answered(n)}.values())[::-1]


def _menu(
    action: str, offers: Sequence[Mapping[str, Any]], language: Language, word: str
) -> list[Block]:
    """The answers that are no buttons: three dots for a few, a menu for many; Slack's three dots
    take two to five."""
    if not offers:
        return []
    if word == "more" and 1 < len(offers) <= _MOST_IN_OVERFLOW:
        return [{"type": "overflow", "action_id": action, "options": [_option(o) for o in offers]}]
    return [_select(action, offers, _WORDS[word].of(language))]


def _select(action: str, offers: Sequence[Mapping[str, Any]], placeholder: str) -> Block:
    return {
        "type": "static_select",
        "action_id": action,
        "placeholder": _plain(placeholder),
        "options": [_option(o) for o in offers],
    }


def _option(offer: Mapping[str, Any]) -> Block:
    return {"text": _plain(offer["label"]), "value": offer["id"]}


def _link(item: Item, language: Language) -> Block:
    site = item["url_label"] or _RECORD.of(language)
    return {
        "type": "button",
        "action_id": "link",
        "url": item["url"],
        "text": _plain(_WORDS["record"].of(language).format(site=site)),
    }


def _plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}
