"""An answer to one contract: completed on a terminal, recorded, and told what it did; or the last
one taken back."""

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from scheduler.cli.context import CommandContext
from scheduler.cli.deals.life import AHEAD_DAYS, not_found
from scheduler.cli.terminal.asking import asked, chosen
from scheduler.cli.terminal.reading import amount_of, day_of, term_of
from scheduler.cli.terminal.say import as_json, label, language, say, text
from scheduler.cli.terminal.who import who
from scheduler.cli.terminal.words import (
    amount_word,
    health_word,
    length_word,
    said_word,
    stage_word,
)
from scheduler.core.answers.verbs import VERBS, Asked
from scheduler.core.answers.why import listed_reasons
from scheduler.core.deal.formats import long_day
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Health, Verb, Word

if TYPE_CHECKING:
    from collections.abc import Mapping

    from scheduler.app.wiring import App
    from scheduler.core.answers.answer import Answer
    from scheduler.core.deal.deal import Deal, Lost
    from scheduler.core.policy.policy import Policy
    from scheduler.services.answers.answering import Recorded, UndoableAct

from scheduler.cli.answers.typed_answer import TypedAnswer

W = TypeVar("W", bound=Word)


def answer_one(here: CommandContext, contract: str, typed: TypedAnswer) -> None:
    """Records what was typed, or takes the last answer back."""
    from scheduler.services.answers.answering import the_deal

    with here.open(edits=True, makes=False) as app:
        person, name = who(app, typed.options.by, here.env)
        lives = app.listings.lives(contract)
        if not lives:
            raise not_found(app, contract)
        if typed.verb is Verb.UNDO:
            _undo(here, app, contract, name)
            return
        deal = the_deal([life.deal for life in lives], contract, app.policy)
        said = typed.read(deal, name, person, app.policy)
        _record(here, app, contract, _complete(said, deal, app, yes=typed.options.yes))


def _complete(said: "Answer", deal: "Deal", app: "App", *, yes: bool) -> "Answer":
    """The answer with what was still to be said, asked for on a terminal. Raises UserMustActError
    where nobody can be asked."""
    stage = app.policy.pipeline(deal.pipeline).find(deal.stage)
    if stage is not None and not stage.is_open:
        return said
    rule = VERBS[said.verb]
    if rule.value is not None and getattr(said, rule.value.field) is None:
        kind, field, question = rule.value
        return replace(said, **{field: _choice(kind, _words(kind, app.policy), text(question))})
    if Asked.REASON in rule.required and said.lost is None:
        return replace(said, lost=main_reason(said, deal, app))
    return _agreed(said, deal, app) if said.verb is Verb.WON and not yes else said


def _words(kind: type[Word], policy: "Policy") -> "Mapping[Any, str]":
    """The names of a kind's words; a health is named as the policy names its stage."""
    if kind is Health:
        return {h: health_word(h.value, policy) for h in Health}
    return {word: label(word.label) for word in kind}


def _choice(kind: type[W], names: "Mapping[W, str]", question: str) -> W:
    """Lets somebody choose one of the words on a terminal."""
    found = chosen(
        question,
        {w.value: names[w] for w in kind},
        text("say which: {kind}", kind=", ".join(kind)),
    )
    return kind(found)


def main_reason(said: "Answer", deal: "Deal", app: "App") -> "Lost":
    """Lets somebody choose the main reason on a terminal."""
    from scheduler.core.deal.deal import Lost

    listed = listed_reasons(said.verb, deal, app.policy)
    reasons = {id: label(name) for id, name in listed.items()}
    missing = text("say why with --reason:")
    return Lost(chosen(text("Main reason"), reasons, missing), note=said.note)


def _agreed(said: "Answer", deal: "Deal", app: "App") -> "Answer":
    """Completes what was agreed: the options first; on a terminal the rest is asked for, prefilled
    from the contract and the calendar."""
    from scheduler.core.answers.renewed_terms import renewed_term
    from scheduler.core.deal.deal import Won
    from scheduler.core.deal.successor import renewal_length
    from scheduler.core.time.dates import term_between

    if said.amount is not None and (said.term or said.ends_on):
        return said
    contract = deal.contract
    if not sys.stdin.isatty():
        raise UserMustActError(
            "say what was agreed: --amount 3600000 --term '12 months' (or --ends 2028-03-31); "
            "for the same terms as before: --yes"
        )
    currency = contract.amount.currency
    due = amount_word(contract.amount)
    amount = (
        said.amount
        if said.amount is not None
        else asked(text("Renewed amount"), due, lambda t: amount_of(t, currency))
    )
    said = replace(said, amount=amount)
    if said.term is None and said.ends_on is None:
        said = replace(
            said,
            term=asked(text("Renewed term"), length_word(renewal_length(contract)), term_of),
        )
    if said.ends_on is None:
        following = renewed_term(
            deal, Won(contract.amount, said.term, None), app.policy, app.clock.now(), said.starts_on
        )
        ends_on = asked(text("Renewed end"), str(following.ends_on or ""), day_of)
        if ends_on is not None and ends_on != following.ends_on and ends_on > following.starts_on:
            said = replace(said, term=term_between(following.starts_on, ends_on))
        said = replace(said, ends_on=ends_on)
    return said


def _record(here: CommandContext, app: "App", contract: str, said: "Answer") -> None:
    """Writes the answer and says what it did."""
    from scheduler.services.answers.answering import answer as record

    recorded = record(app.answering, contract, said, app.policy, app.clock.now())
    if here.json:
        as_json(_values(recorded, said))
    else:
        _told(recorded, app, said)


def _values(recorded: "Recorded", said: "Answer") -> dict[str, object]:
    """The recorded answer, for machines."""
    before, answered = recorded.before, recorded.answered
    return {
        "answer": recorded.number,
        "contract": before.contract.number,
        "deal": before.id,
        "verb": said.verb,
        "by": said.name,
        "stage": answered.deal.stage,
        "cancelled_nudges": len(answered.cancels),
        "next_term": answered.successor,
    }


def _told(recorded: "Recorded", app: "App", said: "Answer") -> None:
    """Says what the answer did, what comes next and how to take it back."""
    from scheduler.core.answers.answer import details_of

    deal, contract = recorded.answered.deal, recorded.before.contract
    what = said_word(said.verb.value, details_of(said), app.policy, deal)
    say(
        "Recorded for {name} {contract_number}: {what}",
        name=contract.customer.name,
        contract_number=contract.number,
        what=what,
    )
    pipeline = app.policy.pipelines.get(deal.pipeline)
    for move in recorded.answered.moves:
        stage = stage_word(move.to_stage, pipeline)
        say("Stage: {stage}", stage=stage)
    following = recorded.answered.successor
    if following is not None:
        end = long_day(following.ends_on, language()) if following.ends_on else "—"
        say(
            "The next term: {day} to {end}, {amount}",
            day=long_day(following.starts_on, language()),
            end=end,
            amount=amount_word(following.amount) or text("no amount known"),
        )
        if following.renewal_term is not None and following.renewal_term != following.term:
            length = length_word(following.renewal_term)
            say("After that it renews for {length} at a time", length=length)
    if recorded.answered.means is not None:
        say(recorded.answered.means)
    if following is None and deal.lost is None:
        _next(app, deal)
    say("To take it back: renewals answer {contract_number} undo", contract_number=contract.number)


def _next(app: "App", deal: "Deal") -> None:
    """Says what comes next for this deal."""
    from scheduler.core.facts.coming import upcoming

    present = next((life.deal for life in app.listings.lives(f"#{deal.id}")), deal)
    ahead = upcoming([present], app.policy, app.clock.now(), AHEAD_DAYS)
    if ahead:
        day = long_day(ahead[0].on, language())
        say("Next: {day}, {what}", day=day, what=label(ahead[0].what))


def _undo(here: CommandContext, app: "App", contract: str, name: str) -> None:
    """Takes the last answer back."""
    from scheduler.services.answers.answering import undo

    act = undo(app.answering, contract, name, app.clock.now())
    if here.json:
        as_json(
            {
                "undone": act.what,
                "contract": act.deal.contract.number,
                "deal": act.deal.id,
                "said_by": act.name,
                "said_at": act.at,
            }
        )
    else:
        _taken_back(act, app)


def _taken_back(act: "UndoableAct", app: "App") -> None:
    """Says what was taken back, and where that leaves the deal."""
    contract = act.deal.contract
    what = said_word(act.what, act.details, app.policy, act.deal)
    say(
        "Taken back for {name} {contract_number}: {what}, said by {act_name}",
        name=contract.customer.name,
        contract_number=contract.number,
        what=what,
        act_name=act.name,
    )
    back_in = act.before["fields"].get("stage")
    if back_in:
        stage = stage_word(back_in, app.policy.pipelines.get(act.deal.pipeline))
        say("Stage: {stage}", stage=stage)
    if act.before.get("successor") is not None:
        say("The next term is void.")
