"""The words that only the person who pressed sees, in their language: what was recorded, what was
refused and what to do instead."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.offers import OFFERS, Offer
from scheduler.core.answers.refusals import AnsweredError, AnswerRefusedError, ClosedError
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.answers.why import listed_reasons
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import long_day, money, near_day
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.facts.nudge_facts import plain as one_line
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.mrkdwn import escaped
from scheduler.services.answers.answering import Recorded

Block = Mapping[str, Any]
LONGEST = 2900

UNKNOWN = Label(
    "Your Slack account ({user}) is not registered. Ask an admin to enter this id as your “slack "
    "id” in the people file."
)
LEFT = Label("You are no longer active here, so you cannot answer. Please ask an admin.")
OUTSIDE = Label(
    "Nothing can be answered from a channel shared with another company, nor from another "
    "workspace. Use your direct messages with the app."
)
NOT_KEPT = Label(
    "This could not be recorded just now; nothing has changed. Please try again in a while."
)
CONTRACT_CHANGED = Label(
    "The contract has changed since this form was opened. Please close it and press again; nothing "
    "is recorded yet."
)
TOO_LATE = Label("It took too long to open the form. Please press again.")
_TAKEN_BACK = Label("Taken back")
_UNDO = OFFERS["undo"].label


def section(text: str) -> Block:
    """A paragraph."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": text[:LONGEST] or "—"}}


def plain(text: str, longest: int = 75) -> Block:
    """A label of Slack's, which is short."""
    return {
        "type": "plain_text",
        "text": text if len(text) <= longest else text[: longest - 1] + "…",
    }


def actions(*elements: Block) -> Block:
    """Things to press in a row."""
    return {"type": "actions", "elements": list(elements)}


def undo_button(subject: str, number: int, language: Language, name: str = "") -> Block:
    """Takes one answer back."""
    label = f"{_UNDO.of(language)} ({name})" if name else _UNDO.of(language)
    return {"type": "button", "action_id": f"undo:{number}", "value": subject, "text": plain(label)}


def who(deal: Deal) -> str:
    """The customer and the contract's number."""
    return escaped(f"{deal.contract.customer.name} {deal.contract.number}".strip())


def recorded(
    done: Recorded, said: Answer, offer: Offer, policy: Policy, today: date, language: Language
) -> str:
    """What an answer did, why as far as that was said, and what comes of it."""
    deal = done.answered.deal
    what, name = said_words(said, offer, deal, policy, language), who(deal)
    line = Label("✅ Recorded: {name}, {what}.", name=name, what=what).of(language)
    return f"{line}\n{follows}" if (follows := _follows(done, said, today, language)) else line


def said_words(said: Answer, offer: Offer, deal: Deal, policy: Policy, language: Language) -> str:
    """An answer as its button says it, with the health that was chosen and the reason that was
    given in its form."""
    what = offer.label
    if said.health is not None and offer.health is None:
        what = Label("{what}: {health}", what=what, health=said.health.label.as_title)
    named = said.lost.reason if said.lost is not None else said.health_reason
    if named:
        reason = listed_reasons(said.verb, deal, policy).get(named, Label.verbatim(named))
        what = Label("{what} ({reason})", what=what, reason=reason)
    return escaped(what.of(language))


def _follows(done: Recorded, said: Answer, today: date, language: Language) -> str:
    """What comes of an answer."""
    following, deal = done.answered.successor, done.answered.deal
    quiet = next((e.snoozed_until for e in done.answered.events if e.snoozed_until), None)
    if following is not None:
        end = long_day(following.ends_on, language) if following.ends_on else "—"
        return Label(
            "The next term runs until {end}, {amount}.", end=end, amount=money(following.amount)
        ).of(language)
    if done.answered.means is not None:
        return done.answered.means.of(language)
    if quiet is not None:
        day = near_day(quiet, today, language)
        return Label("You will not be reminded before {day}.", day=day).of(language)
    if Asked.EXPECTED_ON in VERBS[said.verb].asks and deal.expected_on is not None:
        day = near_day(deal.expected_on, today, language)
        return Label("You will be asked again on {day}.", day=day).of(language)
    return ""


def refused(error: AnswerRefusedError | MoveRefusedError, language: Language) -> str:
    """Why an answer cannot be given, and from where on Slack that can be changed."""
    said = escaped(one_line(error.label.alone(language), LONGEST))
    match error:
        case ClosedError(number=number):
            way = Label("{refused}: `/renewals {number}`")
        case AnsweredError(number=number):
            way = Label("{refused}\nTo change it, answer from `/renewals {number}`.")
        case _:
            return said
    return way.filled(refused=said, number=escaped(number)).of(language)


def taken_back(deal: Deal, language: Language) -> str:
    """An answer was taken back."""
    return Label("↩️ {taken_back}: {who}", taken_back=_TAKEN_BACK, who=who(deal)).of(language)


def of_several(done: int, refused: Sequence[str], what: str, language: Language) -> str:
    """What became of an answer, in words, to all of a customer's contracts."""
    all_of = done + len(refused)
    first = Label(
        "✅ Recorded “{what}” for {done} of {all_of}.", what=what, done=done, all_of=all_of
    ).of(language)
    return "\n".join([first, *(f"• {line}" for line in refused)])
