"""Answering: applies, records and undoes what people say about a deal, each in one transaction.

One step
    1. lock the deal;
    2. apply the answer (pure);
    3. write the deal's fields, the passage, the events touched, the cancelled nudges, the successor
       and the answer with what undo needs;
    4. set the alarm to now.
An answer to a deal that changed meanwhile is applied to the deal as it is now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal, Protocol

from scheduler.core.answers.answer import Answer, Answered
from scheduler.core.answers.earlier import KeptAnswer, refuse_replacing, refuse_second_closing
from scheduler.core.answers.effects import apply_answer
from scheduler.core.answers.refusals import (
    AnswerRefusedError,
    GoneError,
    NotAllowedError,
    TakenBackError,
    UndoneError,
    refused,
)
from scheduler.core.deal.authority import may_answer
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.formats import which_deal
from scheduler.core.deal.people import Person
from scheduler.core.deal.pipeline import MoveRefusedError
from scheduler.core.policy.milestone_days import today_of
from scheduler.core.policy.policy import Policy
from scheduler.core.words.labels import COMMA, Joined
from scheduler.ports import Begin


@dataclass(frozen=True, slots=True)
class UndoableAct:
    """The last thing that can be undone on a contract: an answer with its particulars, or the
    policy's own closing (`answer_id` None).

    `undo_first` is the deal of a later term that builds on it.
    """

    deal: Deal
    answer_id: int | None
    what: str
    name: str
    at: datetime
    before: dict[str, Any]
    successor_taken: bool = False
    undo_first: int | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


class AnsweringTransaction(Protocol):
    """One open transaction on the deals of one contract."""

    def deals_of(self, contract: str) -> Sequence[Deal]:
        """The deals of a contract number (any case) or of a deal's number `#12`, newest term first,
        locked; without voided ones."""

    def deal_of_nudge(self, key: str) -> Deal | None:
        """The deal a nudge is about, locked; None for an unknown nudge or a voided deal."""

    def is_known(self, request: str) -> bool:
        """Whether the answer of this request is already recorded, even if it was taken back."""

    def is_taken_back(self, request: str) -> bool:
        """Whether what this request recorded was taken back."""

    def said_since(self, deal: Deal, at: datetime) -> Sequence[KeptAnswer]:
        """What was said of the deal after an instant and still stands, the latest first."""

    def record(self, before: Deal, said: Answer, answered: Answered, now: datetime) -> int:
        """Writes what an answer changed and returns its number."""

    def last_act(self, deals: Sequence[Deal]) -> UndoableAct | None:
        """The newest answer that was not undone, or the policy's closing if that is newer."""

    def undo(self, act: UndoableAct, name: str, now: datetime) -> None:
        """Puts back what `act` changed and voids the term it opened."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was done: the deal before and after, and the answer's number."""

    before: Deal
    answered: Answered
    number: int


Outcome = Recorded | AnswerRefusedError | MoveRefusedError
"""What became of an answer: what was done, or why nothing was."""


def answer(
    answering: Begin[AnsweringTransaction],
    contract: str,
    said: Answer,
    policy: Policy,
    now: datetime,
) -> Recorded:
    """Applies one answer to the open deal of `contract`. Raises AnswerRefusedError,
    MoveRefusedError; nothing is changed then."""
    with answering() as transaction:
        deal, answered = judged(transaction, contract, said, policy, now)
        return Recorded(deal, answered, transaction.record(deal, said, answered, now))


def foreseen(
    answering: Begin[AnsweringTransaction],
    contract: str,
    said: Answer,
    policy: Policy,
    now: datetime,
) -> Answered:
    """What `answer` would change; nothing is. Raises as `answer` does."""
    with answering() as transaction:
        return judged(transaction, contract, said, policy, now)[1]


def judged(
    transaction: AnsweringTransaction, contract: str, said: Answer, policy: Policy, now: datetime
) -> tuple[Deal, Answered]:
    """The open deal of `contract`, and what the answer changes of it. Raises AnswerRefusedError,
    MoveRefusedError."""
    deals = transaction.deals_of(contract)
    deal = the_deal(deals, contract, policy)
    refuse_second_closing(deal, deals, said, policy, now)
    return deal, apply_answer(deal, said, policy, now)


def answer_nudge(
    answering: Begin[AnsweringTransaction],
    key: str,
    said: Answer,
    policy: Policy,
    now: datetime,
    read_at: datetime | None = None,
    *,
    once: bool = False,
) -> Recorded | None:
    """Applies an answer that somebody gave on a nudge; None when this very request was taken before
    (a second click, a repeated envelope).

    `read_at` and `once` as in `refused`. Raises AnswerRefusedError (also for a person the deal does
    not concern, where somebody was first, and where this very request was taken back),
    MoveRefusedError; nothing is changed then.
    """
    with answering() as transaction:
        deal = transaction.deal_of_nudge(key)
        if said.request is not None and transaction.is_known(said.request):
            if transaction.is_taken_back(said.request):
                raise TakenBackError
            return None
        if deal is None:
            raise GoneError
        if said.by is None:
            raise NotAllowedError
        refusal = refused(deal, key, said.by, said.verb, policy, now, read_at, once=once)
        if refusal is not None:
            raise refusal
        if read_at is not None:
            refuse_replacing(deal, said, transaction.said_since(deal, read_at), policy, now)
        answered = apply_answer(deal, said, policy, now)
        return Recorded(deal, answered, transaction.record(deal, said, answered, now))


def answer_each(
    answering: Begin[AnsweringTransaction],
    said: Answer,
    requests: Mapping[str, str],
    policy: Policy,
    now: datetime,
    read_at: datetime | None = None,
) -> dict[str, Outcome]:
    """Applies one answer to several nudges, each by the request that stands with its key and in a
    transaction of its own; what became of each, without those that were taken before."""
    outcomes: dict[str, Outcome] = {}
    for key, request in requests.items():
        mine = replace(said, request=request)
        try:
            recorded = answer_nudge(answering, key, mine, policy, now, read_at, once=True)
        except (AnswerRefusedError, MoveRefusedError) as refusal:
            outcomes[key] = refusal
        else:
            outcomes |= {key: recorded} if recorded else {}
    return outcomes


def undo_answer(
    answering: Begin[AnsweringTransaction],
    key: str,
    number: int | Literal["last"] | None,
    by: Person,
    policy: Policy,
    now: datetime,
) -> UndoableAct:
    """Undoes one answer (None: the policy's own closing; `last`: whichever of them it is) of the
    deal a nudge is about, if nothing came after it.

    Raises AnswerRefusedError: it was undone before, something came after it, the next term has a
    life of its own, the deal is not theirs.
    """
    with answering() as transaction:
        deal = transaction.deal_of_nudge(key)
        if deal is None:
            raise GoneError
        if not may_answer(by, deal, today_of(deal, policy, now), key):
            raise NotAllowedError
        act = transaction.last_act([deal])
        if act is None or number not in ("last", act.answer_id):
            raise UndoneError
        _refuse_undo(act)
        transaction.undo(act, by.name, now)
        return act


def undo(
    answering: Begin[AnsweringTransaction], contract: str, name: str, now: datetime
) -> UndoableAct:
    """Undoes the last answer on `contract`, or its automatic renewal. Raises AnswerRefusedError."""
    with answering() as transaction:
        deals = transaction.deals_of(contract)
        if not deals:
            raise _unknown(contract)
        act = transaction.last_act(deals)
        if act is None:
            raise AnswerRefusedError(
                "there is no answer to undo on contract {contract}", contract=contract
            )
        _refuse_undo(act)
        transaction.undo(act, name, now)
        return act


def _refuse_undo(act: UndoableAct) -> None:
    """Refuses to undo an act while the term it opened has a life of its own, or later terms build
    on it: a contract never has two open deals."""
    if act.undo_first is not None:
        number = act.deal.contract.number
        raise AnswerRefusedError(
            "later terms of contract {number} depend on this one, so it cannot be undone; undo "
            "the newest first",
            to_type=f"renewals answer '#{act.undo_first}' undo",
            number=number,
        )
    if act.successor_taken:
        raise AnswerRefusedError(
            "the next term already has its own answers, import or HubSpot deal, so this cannot "
            "be undone; undo those first, or close that term"
        )


def the_deal(deals: Sequence[Deal], contract: str, policy: Policy) -> Deal:
    """The one deal that is meant: the open one; the newest if all are closed. Raises
    AnswerRefusedError where there is none, or more than one."""
    if not deals:
        raise _unknown(contract)
    open_deals = [
        d for d in deals if (s := policy.pipeline(d.pipeline).find(d.stage)) is None or s.is_open
    ]
    if len(open_deals) > 1:
        names = Joined(
            (which_deal(d.id, d.contract.customer.name, d.contract.ends_on) for d in open_deals),
            COMMA,
        )
        raise AnswerRefusedError(
            "several open deals have the number {contract}; name one: {names}",
            contract=contract,
            names=names,
        )
    return open_deals[0] if open_deals else deals[0]


def _unknown(contract: str) -> AnswerRefusedError:
    """There is no such contract."""
    return AnswerRefusedError(
        "there is no contract {contract}; `renewals deals` lists all of them", contract=contract
    )
