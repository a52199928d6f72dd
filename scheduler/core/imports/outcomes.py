"""How a deal was won or why it was lost, as a file says it, and what a file may correct of it.

Always holds: an empty cell says nothing; what a renewal was signed for is left alone once the next
term has begun; words that are no reason of the policy never replace one that is.
"""

from collections.abc import Iterable

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost, LostReason, Won
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.imports.names import meant
from scheduler.core.imports.records import ContractRecord

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


def corrected(
    was: Won | Lost | None,
    kind: StageKind | None,
    record: ContractRecord,
    reasons: Iterable[LostReason],
    *,
    renewed: bool,
) -> Won | Lost | None:
    """The outcome that a row puts in place of `was`, that of a deal closed in a stage of this
    `kind`; None where it changes nothing. `renewed`: the next term has begun."""
    if kind is StageKind.WON and not renewed:
        won = signed(record)
        known = was.amount if isinstance(was, Won) else None
        return None if won is None or won.amount == known else won
    if kind is not StageKind.LOST or not record.note.strip():
        return None
    lost = loss_said(record.note, reasons)
    listed = isinstance(was, Lost) and was.reason != OTHER
    unlisted = lost.reason == OTHER and bool(lost.note)
    return None if lost == was or (listed and unlisted) else lost
