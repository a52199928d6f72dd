"""`renewals answer CONTRACT VERB`: what people say about a renewal, from the command line; the same
answers that Slack and mail will give.

Always holds: on a terminal what is missing is asked for, prefilled where there is something to
prefill; elsewhere the options that would say it are named and nothing is changed. Every answer says
what it did, what comes next and how to take it back.
"""

from scheduler.cli.answers.answer_many import answer_many, undo_many
from scheduler.cli.answers.answer_one import answer_one
from scheduler.cli.answers.answer_options import (
    NAMES,
    AnswerOptions,
    BatchOptions,
    ContractArgument,
    ValueArgument,
    VerbArgument,
    listed,
)
from scheduler.cli.answers.typed_answer import TypedAnswer, refuse_value, verb_of
from scheduler.cli.context import CommandContext
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Verb


def answer(
    here: CommandContext,
    contract: ContractArgument,
    verb: VerbArgument = None,
    value: ValueArgument = None,
    *,
    options: AnswerOptions,
    several: BatchOptions,
) -> None:
    """Records an answer, or takes the last one back."""
    if several.given:
        contract, verb, value = "", contract, verb if value is None else _too_much(value)
    if verb is None:
        raise UserMustActError("say what to record: {verbs}", verbs=listed(NAMES))
    said_verb = verb_of(verb)
    refuse_value(said_verb, value, "VALUE")
    typed = TypedAnswer(said_verb, value, options)
    if several.given:
        _many(here, typed, several)
    elif several.dry_run or several.skip:
        raise UserMustActError("--dry-run and --skip go with --contracts or --where")
    else:
        answer_one(here, contract, typed)


def _many(here: CommandContext, typed: TypedAnswer, several: BatchOptions) -> None:
    """Gives the same answer to several contracts, or takes a batch back."""
    if typed.verb is Verb.UNDO:
        undo_many(here, several.batch, typed.options.by)
    elif several.batch is not None:
        raise UserMustActError("--batch is only for undo")
    else:
        answer_many(here, typed, several)


def _too_much(value: str) -> str:
    """A third word where no contract is named. Raises UserMustActError."""
    raise UserMustActError(
        (
            "give either a contract number or --contracts, --where or --batch, not both (remove: "
            "{value})"
        ),
        value=value,
    )
