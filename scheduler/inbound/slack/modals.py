"""The forms: the fields of scheduler.inbound.web.forms as a modal of Slack's.

Always holds: a field's block is called like the field, so that what is wrong with it is shown
beside it; what the form is about is in its metadata, which the person cannot see but could forge:
it is judged like anything else they send.
"""

from collections.abc import Mapping
from typing import Any

from scheduler.core.answers.verbs import Asked
from scheduler.core.deal.formats import long_day, money
from scheduler.core.imports.typed import LONGEST_NOTE
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack.payload import About
from scheduler.inbound.slack.replies import Block, plain, section, who
from scheduler.inbound.web.forms import Form, Typed

ANSWER = "answer"
_TITLE = 24
_HINT = 2000
_SUBMIT, _CANCEL = Label("Answer"), Label("Cancel")
_CHOOSE = Label("Choose")
_ALL = Label("This answers for all {count} contracts of this customer.")


def answer_modal(
    form: Form,
    about: About,
    count: int = 1,
    typed: Typed | None = None,
    errors: Mapping[Asked, Label] | None = None,
    notice: str = "",
) -> Block:
    """The form of one offer; `count` contracts are answered for. `typed` and `errors` show it
    again, with what has to be confirmed; `notice` is what to know before anything is filled in."""
    language, contract = form.language, form.deal.contract
    lines = [f"*{who(form.deal)}*", f"{escaped(contract.product)} {money(contract.amount)}".strip()]
    lines += [long_day(contract.ends_on, language)] if contract.ends_on else []
    intro = _ALL.of(language).format(count=count) if about.for_all else " | ".join(lines)
    fields = (_input(field, language) for field in form.fields(typed, errors))
    blocks = [section(intro), *([section(notice)] if notice else []), *fields]
    return modal(ANSWER, form.offer.label, _SUBMIT, blocks, about, language)


def modal(
    callback: str,
    title: Label,
    submit: Label,
    blocks: list[Block],
    about: About,
    language: Language,
) -> Block:
    """A form of Slack's; `callback` names it when it is sent."""
    return {
        "type": "modal",
        "callback_id": callback,
        "private_metadata": about.metadata,
        "title": plain(title.of(language), _TITLE),
        "submit": plain(submit.of(language), _TITLE),
        "close": plain(_CANCEL.of(language), _TITLE),
        "blocks": blocks,
    }


def _input(field: Mapping[str, Any], language: Language) -> Block:
    """One field."""
    block = {
        "type": "input",
        "block_id": field["name"],
        "optional": not field["required"],
        "label": plain(field["label"]),
        "element": _element(field, language),
    }
    hint = field["error"] or field["hint"]
    return block | ({"hint": plain(hint, _HINT)} if hint else {})


def _element(field: Mapping[str, Any], language: Language) -> Block:
    """What a field is filled in with."""
    value = field["value"]
    if field["kind"] == "choice":
        options = [{"text": plain(o["label"]), "value": o["value"]} for o in field["options"]]
        chosen = next((o for o in options if o["value"] == value), None)
        menu: dict[str, Any] = {
            "type": "static_select",
            "action_id": "value",
            "placeholder": plain(_CHOOSE.of(language)),
            "options": options,
        }
        return menu | ({"initial_option": chosen} if chosen else {})
    if field["kind"] == "date":
        return datepicker(value)
    longest = (
        {"max_length": LONGEST_NOTE, "multiline": True}
        if field["kind"] == "note"
        else {"max_length": 40}
    )
    return {"type": "plain_text_input", "action_id": "value", **longest} | (
        {"initial_value": value} if value else {}
    )


def datepicker(day: str) -> Block:
    """A field for a day, prefilled with one unless that is empty."""
    return {"type": "datepicker", "action_id": "value"} | ({"initial_date": day} if day else {})
