"""`renewals contract close` and `reopen`: a contract ends as an answer ends it, and is opened again
by taking back what closed it."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scheduler.cli.answers.answer_one import main_reason
from scheduler.cli.context import CommandContext
from scheduler.cli.deals.life import not_found
from scheduler.cli.deals.listing import one_of
from scheduler.cli.terminal.confirming import Consent
from scheduler.cli.terminal.say import as_json, label, put, say, tell, text
from scheduler.cli.terminal.who import who
from scheduler.cli.terminal.words import amount_word, stage_word
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Verb

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.answers.answer import Answered
    from scheduler.core.deal.deal import Deal
    from scheduler.services.answers.reopening import Reopened


def close_contract(
    here: CommandContext,
    contract: str,
    why: dict[str, Any],
    outcome: str,
    consent: Consent,
) -> None:
    """Closes a contract as lost (or won, on the same terms)."""
    from scheduler.core.answers.answer import Answer
    from scheduler.core.answers.why import reason_meant
    from scheduler.core.deal.deal import Lost
    from scheduler.services.answers.answering import answer, foreseen, the_deal

    outcome = one_of(outcome, ["lost", "won"], Label("outcome")) or outcome
    with here.open(edits=True, makes=False) as app:
        person, name = who(app, consent.by, here.env)
        lives = app.listings.lives(contract)
        if not lives:
            raise not_found(app, contract)
        deal = the_deal([life.deal for life in lives], contract, app.policy)
        reason, second = (
            reason_meant(why[name], Verb.LOST, deal, app.policy) for name in ("reason", "second")
        )
        lost = Lost(reason, second, why["avoidable"], why["note"]) if reason else None
        said = Answer(Verb(outcome), name, person, lost=lost, note=why["note"], confirmed=True)
        if said.verb is Verb.LOST and lost is None:
            said = replace(said, lost=main_reason(said, deal, app))
        seen = foreseen(app.answering, contract, said, app.policy, app.clock.now())
        if not here.json:
            _show(deal, seen, app)
        elif consent.dry_run or not consent.yes:
            as_json(_values(deal, seen, None, name))
        if not consent.agreed(asks=not here.json):
            return
        recorded = answer(app.answering, contract, said, app.policy, app.clock.now())
    number = deal.contract.number
    if here.json:
        as_json(_values(deal, recorded.answered, recorded.number, name))
    elif said.verb is Verb.WON:
        say("contract {number} is renewed", number=number)
        tell("to take it back: renewals answer {number} undo", number=number)
    else:
        say("contract {number} is closed", number=number)
        tell("to take it back: renewals contract reopen {number}", number=number)


def _values(deal: "Deal", answered: "Answered", number: int | None, by: str) -> dict[str, object]:
    """For machines; without a number nothing was recorded."""
    return {
        "answer": number,
        "done": number is not None,
        "contract": deal.contract.number,
        "deal": deal.id,
        "stage": answered.deal.stage,
        "by": by,
        "questions": len(answered.events),
        "reminders": len(answered.cancels),
    }


def _show(deal: "Deal", seen: "Answered", app: "App") -> None:
    """Shows what closing does."""
    contract, pipeline = deal.contract, app.policy.pipelines.get(deal.pipeline)
    say(
        "{name} {contract_number}, {amount}",
        name=contract.customer.name,
        contract_number=contract.number,
        amount=amount_word(contract.amount),
    )
    for move in seen.moves:
        line = f"  {stage_word(deal.stage, pipeline)} → {stage_word(move.to_stage, pipeline)}"
        put(line)
    if seen.events:
        say("  questions that this answers: {events}", events=len(seen.events))
    if seen.cancels:
        say("  reminders that will not be sent: {cancels}", cancels=len(seen.cancels))


def reopen_contract(here: CommandContext, contract: str, consent: Consent) -> None:
    """Opens a closed contract again."""
    from scheduler.services.answers.reopening import reopen_contract as reopened

    with here.open(edits=True, makes=False) as app:
        _, name = who(app, consent.by, here.env)
        seen = reopened(
            app.answering, app.editing, contract, app.policy, app.clock.now(), by=name, keep=False
        )
        if not here.json:
            _show_reopened(seen, app)
        elif consent.dry_run or not consent.yes:
            as_json(_reopened_values(seen, done=False))
        if not consent.agreed(asks=not here.json):
            return
        done = reopened(
            app.answering, app.editing, contract, app.policy, app.clock.now(), by=name, keep=True
        )
    if here.json:
        as_json(_reopened_values(done, done=True))
    else:
        say("contract {contract} is open again", contract=done.contract)
        if done.number is not None:
            tell("to take it back: renewals undo {done_number}", done_number=done.number)


def _reopened_values(reopened: "Reopened", *, done: bool) -> dict[str, object]:
    """For machines."""
    undone = reopened.act.what if reopened.act else None
    return {
        "done": done,
        "contract": reopened.contract,
        "stage": reopened.stage,
        "undone": undone,
        "change": reopened.number,
    }


def _show_reopened(seen: "Reopened", app: "App") -> None:
    """Shows what reopening does."""
    stage = stage_word(seen.stage, app.policy.pipelines.get(seen.pipeline))
    say(
        "{customer} {contract} goes back to {stage}",
        customer=seen.customer,
        contract=seen.contract,
        stage=stage,
    )
    if seen.act is not None:
        from scheduler.core.answers.verbs import VERBS

        what = (
            label(VERBS[Verb(seen.act.what)].label)
            if seen.act.what in set(Verb)
            else text("automatic renewal")
        )
        say("  taken back: {what}, said by {name}", what=what, name=seen.act.name)
