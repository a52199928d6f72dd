"""The words that only the person who pressed sees, in their language: what was recorded, what was
refused and what to do instead."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.offers import OFFERS, Offer
from scheduler.core.answers.refusals import AnsweredError, AnswerRefusedError, ClosedError
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.answers.why import listed_reasons
from scheduler.core.deal.authority import authority, owner_instead
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import long_day, money, near_day
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.facts.nudge_facts import plain as one_line
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Language
from scheduler.core.words.mrkdwn import escaped
from scheduler.inbound.slack.payload import Asking
from scheduler.inbound.web import texts
from scheduler.services.answers.answering import Outcome, Recorded

Block = Mapping[str, Any]
Deals = Mapping[str, Deal | None]
"""What an answer is for: each nudge (or deal `#12`) with its deal; None where that is gone."""
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
_BUTTONS = 25
"""How many buttons Slack takes in a row."""


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


def who(deal: Deal) -> str:
    """The customer and the contract's number."""
    return escaped(f"{deal.contract.customer.name} {deal.contract.number}".strip())


def outcome(
    asking: Asking, said: Answer, offer: Offer, deals: Deals, outcomes: Mapping[str, Outcome]
) -> tuple[str, list[Block]]:
    """What became of an answer, for one contract or for several: in words, and with buttons to take
    it back."""
    done = {n: o for n, o in outcomes.items() if isinstance(o, Recorded)}
    why = {
        n: refused(o, asking.language) for n, o in outcomes.items() if not isinstance(o, Recorded)
    }
    text = (
        _of_several(asking, said, offer, deals, done, why)
        if len(deals) > 1
        else next(iter(why.values()), None)
        or "\n".join(_recorded(asking, said, offer, n, r) for n, r in done.items())
    )
    return text, _undo_buttons(done, asking.language, named=len(deals) > 1)


def _recorded(asking: Asking, said: Answer, offer: Offer, subject: str, done: Recorded) -> str:
    """What an answer did, why as far as that was said, what comes of it, and whose the deal is."""
    deal, policy, language = done.answered.deal, asking.policy, asking.language
    what, today = _said_words(said, offer, deal, policy, language), _today(asking, done.before)
    line = Label("✅ Recorded: {name}, {what}.", name=who(deal), what=what).of(language)
    lines = (line, _follows(done, said, today, language), passed_on(asking, subject, done.before))
    return "\n".join(filter(None, lines))


def _of_several(
    asking: Asking,
    said: Answer,
    offer: Offer,
    deals: Deals,
    done: Mapping[str, Recorded],
    why: Mapping[str, str],
) -> str:
    """What became of an answer to all of a customer's contracts, with why it was not taken."""
    language = asking.language
    before = next((r.before for r in done.values()), None)
    what = (
        _said_words(said, offer, before, asking.policy, language)
        if before
        else offer.label.of(language)
    )
    first = Label(
        "✅ Recorded “{what}” for {done} of {all_of}.",
        what=what,
        done=len(deals) - len(why),
        all_of=len(deals),
    ).of(language)
    named = (f"{who(deal)}: {no}" if (deal := deals[n]) else no for n, no in why.items())
    return "\n".join([first, *(f"• {line}" for line in named)])


def passed_on(asking: Asking, subject: str, deal: Deal) -> str:
    """What a former owner, or whoever was only told of the deal, is told of whose it is; empty for
    those in charge."""
    owner = owner_instead(authority(asking.person, deal, _today(asking, deal), subject), deal)
    return texts.said("passed_on", asking.language, owner=escaped(owner.name)) if owner else ""


def _today(asking: Asking, deal: Deal) -> date:
    """The day it is for the deal."""
    return today_of(deal, asking.policy, asking.now)


def _undo_buttons(done: Mapping[str, Recorded], language: Language, *, named: bool) -> list[Block]:
    """A row with a button for each answer, to take it back; no row where there is none."""
    buttons = []
    for subject, each in done.items():
        number, label = each.before.contract.number if named else "", _UNDO.of(language)
        text = plain(f"{label} ({number})" if number else label)
        undo = {"action_id": f"undo:{each.number}", "value": subject}
        buttons.append({"type": "button", **undo, "text": text})
    return [actions(*buttons[:_BUTTONS])] if buttons else []


def _said_words(said: Answer, offer: Offer, deal: Deal, policy: Policy, language: Language) -> str:
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
