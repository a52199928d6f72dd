"""`renewals answer CONTRACT VERB`: what people say about a renewal, from the command line; the same
answers that Slack and mail will give.

Always holds: on a terminal what is missing is asked for, prefilled where there is something to
prefill; elsewhere the options that would say it are named and nothing is changed. Every answer says
what it did, what comes next and how to take it back.
"""

from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.confirming import DryRun
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import Verb

if TYPE_CHECKING:
    pass

from scheduler.cli.answers.answer_many import BatchSelection, answer_many, undo_many
from scheduler.cli.answers.answer_one import answer_one
from scheduler.cli.answers.answer_options import (
    AmountOption,
    AvoidableOption,
    BatchOption,
    ByOption,
    ContractArgument,
    ContractsOption,
    EndsOption,
    ExpectedOption,
    HealthOption,
    NoteOption,
    OnOption,
    ReasonOption,
    RenewalTermOption,
    SecondOption,
    SkipOption,
    StartsOption,
    TermOption,
    UntilOption,
    ValueArgument,
    VerbArgument,
    WhereOption,
    YesOption,
)
from scheduler.cli.answers.typed_answer import NAMES, TypedAnswer, listed, refuse_value, verb_of


def answer(
    here: CommandContext,
    contract: ContractArgument,
    verb: VerbArgument = None,
    value: ValueArgument = None,
    *,
    until: UntilOption = None,
    expected: ExpectedOption = None,
    health: HealthOption = None,
    amount: AmountOption = None,
    term: TermOption = None,
    renewal_term: RenewalTermOption = None,
    starts: StartsOption = None,
    ends: EndsOption = None,
    reason: ReasonOption = None,
    second: SecondOption = None,
    avoidable: AvoidableOption = None,
    on: OnOption = None,
    note: NoteOption = "",
    by: ByOption = None,
    yes: YesOption = False,
    contracts: ContractsOption = None,
    where: WhereOption = None,
    skip: SkipOption = False,
    dry_run: DryRun = False,
    batch: BatchOption = None,
) -> None:
    """Records an answer, or takes the last one back."""
    many = contracts is not None or bool(where) or batch is not None
    if many:
        contract, verb, value = "", contract, verb if value is None else _too_much(value)
    if verb is None:
        raise UserMustActError("say what: {verbs}", verbs=listed(NAMES))
    said_verb = verb_of(verb)
    refuse_value(said_verb, value, "VALUE")
    typed = TypedAnswer(
        verb=said_verb,
        until=until,
        value=value,
        expected=expected,
        health=health,
        amount=amount,
        term=term,
        renewal_term=renewal_term,
        starts=starts,
        ends=ends,
        reason=reason,
        second=second,
        avoidable=avoidable,
        on=on,
        note=note,
        yes=yes,
    )
    if many:
        _many(
            here,
            typed,
            BatchSelection(contracts, tuple(where or ()), skip, yes, dry_run),
            batch,
            by,
        )
    elif dry_run or skip:
        raise UserMustActError("--dry-run and --skip go with --contracts or --where")
    else:
        answer_one(here, contract, typed, by)


def _many(
    here: CommandContext,
    typed: TypedAnswer,
    many: BatchSelection,
    batch: str | None,
    by: str | None,
) -> None:
    """Gives the same answer to several contracts, or takes a batch back."""
    if typed.verb is Verb.UNDO:
        undo_many(here, batch, by)
    elif batch is not None:
        raise UserMustActError("--batch is only for undo")
    else:
        answer_many(here, typed.read, many, by)


def _too_much(value: str) -> str:
    """A third word where no contract is named. Raises UserMustActError."""
    raise UserMustActError(
        ("with --contracts, --where or --batch no contract is named (too much: {value})"),
        value=value,
    )
