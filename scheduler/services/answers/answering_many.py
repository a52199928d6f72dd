"""One answer for several contracts at once, and notes.

Always holds: all or nothing, in one transaction: if one contract cannot take the answer none does,
unless such contracts are to be skipped; answers that were recorded together are taken back
together, except on contracts that were answered again since.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from scheduler.core.answers.answer import Answer, Answered
from scheduler.core.answers.earlier import refuse_second_closing
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import AnswerRefusedError
from scheduler.core.answers.verbs import VERBS
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.imports.typed import note as typed_note
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.ports import Begin
from scheduler.services.answers.answering import (
    AnsweringTransaction,
    UndoableAct,
    the_deal,
)

_PREFIX = "batch"


class ManyTransaction(AnsweringTransaction, Protocol):
    """One open transaction on the deals of many contracts."""

    def of_batch(self, batch: str) -> Sequence[tuple[int, int]]:
        """The answers of one batch that still stand, newest first, as (answer, deal)."""

    def note(self, deal: Deal, text: str, by: Person | None, name: str, now: datetime) -> int:
        """Keeps a note with a deal; its number."""

    def last_note(self, deals: Collection[int]) -> tuple[int, str] | None:
        """The newest note of these deals that was not taken back: its number and text."""

    def forget_note(self, number: int, now: datetime) -> None:
        """Takes a note back."""


@dataclass(frozen=True, slots=True)
class BatchItem:
    """One contract of a batch: its deal and what the answer does, or why it cannot take it."""

    wanted: str
    deal: Deal | None = None
    answered: Answered | None = None
    refused: Label | None = None
    number: int | None = None


SaidOf = Callable[[Deal], Answer]


def look(
    answering: Begin[ManyTransaction],
    contracts: Sequence[str],
    said_of: SaidOf,
    policy: Policy,
    now: datetime,
    named: Collection[str] | None = None,
) -> list[BatchItem]:
    """What the answer would do to each contract; nothing is changed. `named`: those of them that
    somebody has written, where the others were found for them; None: all."""
    written = contracts if named is None else named
    with answering() as transaction:
        return [
            _each(transaction, wanted, said_of, policy, now, found=wanted not in written)
            for wanted in contracts
        ]


def _each(
    transaction: ManyTransaction,
    wanted: str,
    said_of: SaidOf,
    policy: Policy,
    now: datetime,
    *,
    found: bool = False,
) -> BatchItem:
    """Works out the answer for one contract. `found`: nobody has named it, so that its number alone
    does not say that its next term is meant."""
    deal: Deal | None = None
    try:
        terms = transaction.deals_of(wanted)
        deal = the_deal(terms, wanted, policy)
        said = said_of(deal)
        if found and VERBS[said.verb].ends_term:
            terms = transaction.deals_of(deal.contract.number)
        refuse_second_closing(deal, terms, said, policy, now)
        return BatchItem(wanted, deal, apply_answer(deal, said, policy, now))
    except (AnswerRefusedError, MoveRefusedError, UserMustActError) as error:
        return BatchItem(wanted, deal, refused=error.for_command)


def record_many(
    answering: Begin[ManyTransaction],
    contracts: Sequence[str],
    said_of: SaidOf,
    policy: Policy,
    now: datetime,
    batch: str,
    *,
    skip: bool,
) -> list[BatchItem]:
    """Records the answer for every contract, all under `batch`. Raises UserMustActError where one
    cannot take it, unless such are to be skipped."""
    done: list[BatchItem] = []
    with answering() as transaction:
        for wanted in contracts:
            each = _each(transaction, wanted, said_of, policy, now)
            if each.refused is not None and not skip:
                raise UserMustActError(
                    "{wanted}: {refused} Nothing was recorded (--skip leaves such contracts out).",
                    wanted=wanted,
                    refused=each.refused,
                )
            if each.deal is not None and each.answered is not None:
                said = replace(said_of(each.deal), request=f"{_PREFIX}:{batch}:{each.deal.id}")
                each = replace(each, number=transaction.record(each.deal, said, each.answered, now))
            done.append(each)
    return done


def undo_batch(
    answering: Begin[ManyTransaction], batch: str, name: str, now: datetime
) -> tuple[list[UndoableAct], list[str]]:
    """Takes back what was recorded together; returns the acts undone, and the contracts left alone
    because something came after. Raises UserMustActError."""
    undone: list[UndoableAct] = []
    left: list[str] = []
    with answering() as transaction:
        found = transaction.of_batch(f"{_PREFIX}:{batch}:")
        if not found:
            raise UserMustActError(
                "there are no answers with the number {batch} (any more)", batch=batch
            )
        for answer, deal in found:
            deals = transaction.deals_of(f"#{deal}")
            act = transaction.last_act(deals)
            if (
                act is None
                or act.answer_id != answer
                or act.undo_first is not None
                or act.successor_taken
            ):
                left += [d.contract.number for d in deals] or [f"#{deal}"]
                continue
            transaction.undo(act, name, now)
            undone.append(act)
    return undone, left


def add_note(
    answering: Begin[ManyTransaction],
    contract: str,
    text: str,
    policy: Policy,
    now: datetime,
    by: Person | None,
    name: str,
) -> tuple[Deal, int]:
    """Keeps a note with a contract, open or closed; the deal and the note's number. Raises
    UserMustActError, AnswerRefusedError."""
    plain = " ".join(typed_note(text).split())
    if not plain:
        raise UserMustActError("the note is empty")
    with answering() as transaction:
        deal = the_deal(transaction.deals_of(contract), contract, policy)
        return deal, transaction.note(deal, plain, by, name, now)


def undo_note(
    answering: Begin[ManyTransaction], contract: str, policy: Policy, now: datetime
) -> tuple[Deal, str]:
    """Takes the newest note of a contract back. Raises UserMustActError where there is none."""
    with answering() as transaction:
        deals = transaction.deals_of(contract)
        deal = the_deal(deals, contract, policy)
        found = transaction.last_note([d.id for d in deals])
        if found is None:
            raise UserMustActError("there is no note on contract {contract}", contract=contract)
        transaction.forget_note(found[0], now)
        return deal, found[1]
