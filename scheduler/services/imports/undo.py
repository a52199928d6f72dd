"""Undoing an import: what it created goes, what it changed comes back, in one transaction; many
signals in parts, so that nobody who answers waits for it.

The rules
    Refused, with the list, when people have answered on a deal it created, or a later import
    changed something it created: undo those first. A row that was changed since by somebody else
    keeps its new values and is listed. What the program opened by itself after a created contract
    goes with it. Messages already sent stay on record; unsent ones are cancelled. Undoing twice
    says that it is already done. An edit by hand is looked at first: the same work, rolled back.
Always holds: after an undo, the next import of that source is its first load again if no other
import of it is left.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scheduler.core.imports.by_hand import EDITS
from scheduler.core.words.errors import LabelledError
from scheduler.core.words.labels import Label
from scheduler.ports import Begin
from scheduler.services.imports.import_report import FieldMoved

LISTED = 20


class UndoRefusedError(LabelledError):
    """The import cannot be undone; `label` says why and what to do. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class ImportMade:
    """An import as its row keeps it."""

    import_id: int
    file: str
    source: str
    kind: str
    state: str


@dataclass(frozen=True, slots=True)
class Undone:
    """The result of an undo: rows removed and put back, and what was left because it changed since
    (the first 20; `left_count` is whole).

    `done` False: only looked at. For an edit by hand, `moved` has each field that comes back, and
    `gone` the contracts that go.
    """

    made: ImportMade
    contracts: int = 0
    customers: int = 0
    people: int = 0
    restored: int = 0
    left_count: int = 0
    left: tuple[str, ...] = ()
    cancelled_messages: int = 0
    done: bool = True
    gone: tuple[str, ...] = ()
    moved: tuple[FieldMoved, ...] = ()
    signals: int = 0


class UndoTransaction(Protocol):
    """One open transaction that undoes."""

    def made(self, import_id: int) -> ImportMade | None:
        """The import, locked."""

    def answered(self, import_id: int) -> Sequence[str]:
        """Contracts it created (or that follow those) on which somebody has answered."""

    def changed_by(self, import_id: int) -> Sequence[int]:
        """Later imports, not undone, that changed something it created or continued a contract of
        it."""

    def remove(self, import_id: int, now: datetime) -> tuple[int, int, int, int]:
        """Removes what it created: (contracts, customers, people, unsent messages cancelled)."""

    def restore(self, import_id: int, now: datetime) -> tuple[int, Sequence[str]]:
        """Puts back what it changed; returns how many rows, and what was left because it changed
        since."""

    def made_contracts(self, import_id: int) -> Sequence[str]:
        """The numbers of the contracts it created, without further terms of others."""

    def came_back(self) -> Sequence[FieldMoved]:
        """Each field that `restore` put back, with the value it had and the one it has again."""

    def void_signals(self, import_id: int, now: datetime) -> tuple[int, Sequence[int]]:
        """Takes back the signals it brought; returns how many, and the contracts with an open deal
        (by id) that they concern."""

    def wake_contracts(self, contracts: Sequence[int], now: datetime) -> None:
        """Has the open deals of these contracts decided anew now."""

    def has_many_signals(self, import_id: int) -> bool:
        """Whether it brought signals alone, so many that others would wait while all are taken
        back."""

    def close(self, import_id: int, now: datetime) -> None:
        """Marks the import undone."""


class UndoneInParts(Protocol):
    """Undoes imports of many signals, in many short transactions."""

    def take_back(self, import_id: int, now: datetime) -> int | None:
        """Takes back what an import said; returns how many signals, or None where that cannot be
        done in parts, or not any more. Raises ImportUnderWayError, and ImportLeftError where it is
        interrupted: the next start goes on with it."""


def was_by_hand(undoing: Begin[UndoTransaction], import_id: int) -> bool:
    """Whether somebody did it by hand (an edit), rather than a file."""
    with undoing(keep=False) as transaction:
        made = transaction.made(import_id)
    return made is not None and made.kind == EDITS


def called(made: ImportMade) -> Label:
    """The name people use for it: a change by hand, or the import of a file; both are numbered in
    one series."""
    number = made.import_id
    return (
        Label("change {number}", number=number)
        if made.kind == EDITS
        else Label("import {number}", number=number)
    )


def undo_import(
    undoing: Begin[UndoTransaction],
    import_id: int,
    now: datetime,
    *,
    keep: bool = True,
    parts: UndoneInParts | None = None,
) -> Undone:
    """Undoes one import, many signals in `parts`; `keep` False only looks. Raises UndoRefusedError;
    nothing is changed then."""
    if keep and parts is not None:
        with undoing(keep=False) as transaction:
            made = _possible(transaction, import_id)
            large = transaction.has_many_signals(import_id)
        if large and (taken_back := parts.take_back(import_id, now)) is not None:
            return Undone(made, signals=taken_back)
    with undoing(keep=keep) as transaction:
        made = _possible(transaction, import_id)
        by_hand = made.kind == EDITS
        gone = tuple(transaction.made_contracts(import_id)) if by_hand else ()
        contracts, customers, people, messages = transaction.remove(import_id, now)
        restored, left = transaction.restore(import_id, now)
        moved = tuple(transaction.came_back()) if by_hand else ()
        signals, concerned = transaction.void_signals(import_id, now)
        transaction.wake_contracts(concerned, now)
        transaction.close(import_id, now)
        return Undone(
            made,
            contracts,
            customers,
            people,
            restored,
            len(left),
            tuple(left[:LISTED]),
            messages,
            keep,
            gone,
            moved,
            signals,
        )


def _possible(transaction: UndoTransaction, import_id: int) -> ImportMade:
    """The import, if it can be undone."""
    made = transaction.made(import_id)
    if made is None:
        raise UndoRefusedError("there is no import or change {import_id}", import_id=import_id)
    name = called(made)
    if made.state == "undone":
        raise UndoRefusedError(
            "{name} ({made_file}) is already undone", name=name, made_file=made.file
        )
    later = transaction.changed_by(import_id)
    if later:
        numbers = ", ".join(str(n) for n in later)
        raise UndoRefusedError(
            (
                "later ones ({numbers}) changed contracts of {name}; undo those first: "
                "renewals undo {later}"
            ),
            numbers=numbers,
            name=name,
            later=later[-1],
        )
    answered = transaction.answered(import_id)
    if answered:
        listed = ", ".join(answered[:LISTED]) + (" …" if len(answered) > LISTED else "")
        raise UndoRefusedError(
            (
                "{answered} contracts of {name} have been answered on since; undo those "
                "answers first: {listed}"
            ),
            answered=len(answered),
            name=name,
            listed=listed,
        )
    return made
