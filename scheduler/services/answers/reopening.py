"""Opening a closed contract again: what closed it is taken back, an answer by undoing it, a file's
closing by an edit.

Always holds: a contract never has two open deals; a contract that was closed by a renewal is opened
only by taking the renewal back.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scheduler.core.deal.pipeline import Actor, Passage
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.lexicon import ActorKind
from scheduler.core.words.reasons import reason
from scheduler.ports import Begin
from scheduler.services.answers.answering import AnsweringTransaction, UndoableAct, undo
from scheduler.services.imports.edit_store import EditTransaction
from scheduler.services.imports.edit_work import unknown_contract
from scheduler.services.imports.store import RowChange, StoredTerm

_CLOSING = ("lost", "won", "auto_renewal", "notice")


@dataclass(frozen=True, slots=True)
class Reopened:
    """A contract that is open again, in a stage: by the answer (`act`) that was taken back, or by
    an edit under a number."""

    contract: str
    customer: str
    stage: str
    pipeline: str
    act: UndoableAct | None = None
    number: int | None = None


def reopen_contract(
    answers: Begin[AnsweringTransaction],
    edits: Begin[EditTransaction],
    wanted: str,
    policy: Policy,
    now: datetime,
    *,
    by: str,
    keep: bool,
) -> Reopened:
    """Opens a contract again. `keep` False only looks. Raises UserMustActError,
    AnswerRefusedError."""
    with edits(keep=False) as transaction:
        closed = _closed(transaction.called(wanted), wanted)
    with answers() as answering:
        act = answering.last_act(
            [d for d in answering.deals_of(f"#{closed.deal_id}") if d.won or d.lost]
        )
    if act is not None and act.what in _CLOSING and (act.deal.won or act.deal.lost):
        stage = str(act.before["fields"].get("stage", closed.stage))
        if keep:
            undo(answers, f"#{closed.deal_id}", by, now)
        return Reopened(closed.record.number, closed.record.customer, stage, closed.pipeline, act)
    with edits(keep=keep) as transaction:
        stage, number = _opened(transaction, closed, policy, now, by)
    return Reopened(
        closed.record.number,
        closed.record.customer,
        stage,
        closed.pipeline,
        number=number if keep else None,
    )


def _closed(found: Sequence[StoredTerm], wanted: str) -> StoredTerm:
    """The newest term, which is closed. Raises UserMustActError where there is none, or it is
    open."""
    if not found:
        raise unknown_contract(wanted)
    still = next((t for t in found if not t.closed), None)
    if still is None:
        return found[0]
    number = still.record.number
    if still.follows:
        raise UserMustActError(
            (
                "contract {number} was renewed and is open; to take the renewal back: renewals "
                "answer {number} undo"
            ),
            number=number,
        )
    raise UserMustActError("contract {number} is open already", number=number)


def _opened(
    transaction: EditTransaction, closed: StoredTerm, policy: Policy, now: datetime, by: str
) -> tuple[str, int]:
    """Opens a deal that a file has closed; returns the stage it was in before, and the import under
    which the change is kept. Raises UserMustActError."""
    number, pipeline = closed.record.number, policy.pipeline(closed.pipeline)
    way = transaction.way(closed.deal_id)
    before = next((p.from_stage for p in reversed(way) if p.to_stage == closed.stage), None)
    stage = pipeline.find(before) if before else None
    if stage is None or not stage.is_open:
        raise UserMustActError(
            (
                "contract {number} was closed when it came in, so there is nothing to go back "
                "to; enter it under a new number: renewals contract add"
            ),
            number=number,
        )
    made = transaction.begin_edit(closed.source, f"contract reopen {number}", by, now)
    was = transaction.closing(closed.deal_id)
    transaction.change([RowChange("deals", closed.deal_id, was, dict.fromkeys(was))])
    transaction.move(
        [
            (
                closed,
                Passage(
                    closed.stage,
                    stage.id,
                    now,
                    reason("undone", by=by),
                    Actor(ActorKind.PERSON, by),
                ),
            )
        ],
        now,
    )
    transaction.finish(made, {"updated": 1}, now)
    return stage.id, made
