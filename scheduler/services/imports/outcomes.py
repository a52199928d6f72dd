"""How a deal was won and why it was lost, as a file says it."""

from collections.abc import Iterable

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost, Won
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.imports.names import meant
from scheduler.core.imports.records import ContractRecord
from scheduler.core.policy.policy import LostReason, Policy
from scheduler.services.imports.store import Correction, StoredTerm

OTHER = "other"
"""The reason where a file names none that the policy has."""


def loss_said(note: str, reasons: Iterable[LostReason]) -> Lost:
    """The loss of a deal whose file says `note` of it: the reason of its pipeline that is called
    so, by its id or its name in any language, compared as names of files are; else OTHER, with the
    note."""
    named = meant(note, {reason.id: reason.label for reason in reasons})
    return Lost(named) if named else Lost(OTHER, note=note)


def loss_words(lost: Lost | None) -> str:
    """A loss in the report of an import: its reason's id, with the note of one that is not listed.

    >>> loss_words(Lost("budget")), loss_words(Lost("other", note="too dear")), loss_words(None)
    ('budget', 'other (too dear)', '')
    """
    if lost is None:
        return ""
    return f"{lost.reason} ({lost.note})" if lost.note else lost.reason


def signed(record: ContractRecord) -> Won | None:
    """What a past renewal was signed for; None where the file does not say. Its length and end are
    as agreed for later terms."""
    if record.signed_amount is None:
        return None
    return Won(Money(record.signed_amount, record.currency), None, None)


def corrected(old: StoredTerm, record: ContractRecord, policy: Policy) -> Correction | None:
    """What a row says otherwise of how a closed deal ended; None for nothing. An empty cell says
    nothing, and words that are no reason of the policy do not replace one that is."""
    pipeline = policy.pipelines.get(old.pipeline)
    stage = pipeline.find(old.stage) if pipeline is not None else None
    kind = stage.kind if stage is not None else None
    if kind is StageKind.WON:
        won = signed(record) if old.successor_id is None else None
        same = won is None or (old.won is not None and old.won.amount == won.amount)
        return None if same else Correction(old, won=won)
    if kind is not StageKind.LOST or not record.note.strip():
        return None
    lost = loss_said(record.note, policy.lost_reasons.get(old.pipeline, ()))
    listed = old.lost is not None and old.lost.reason != OTHER
    unlisted = lost.reason == OTHER and bool(lost.note)
    return None if lost == old.lost or (listed and unlisted) else Correction(old, lost=lost)
