"""What a large import left when its process died: taken back, or finished if all of it was written
or somebody was undoing it (`storage.imports.parts`).

Always holds: the import of a live process is left alone; an interrupted settlement goes on where it
stopped.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

from scheduler.core.words.labels import Label

LISTED = 20


@dataclass(frozen=True, slots=True)
class UnfinishedImport:
    """An import of which only parts are there. `alive`: its process is still running."""

    import_id: int
    file: str
    alive: bool


@dataclass(frozen=True, slots=True)
class Settlement:
    """The progress of a settlement so far. `kept`: all of it was written, and stays; `left` are the
    contracts that were changed since and stay as they are (the first 20; `left_count` is whole)."""

    done: bool = False
    kept: bool = False
    import_id: int = 0
    file: str = ""
    left_count: int = 0
    left: tuple[str, ...] = ()
    undone: bool = False

    def after(self, before: "Settlement") -> "Settlement":
        """Both together."""
        names = tuple(dict.fromkeys((*before.left, *self.left)))[:LISTED]
        return replace(self, left_count=before.left_count + self.left_count, left=names)

    @property
    def label(self) -> Label:
        """The words that tell people what was done."""
        if self.kept:
            return Label(
                "note: import {import_id} ({file}) was interrupted after everything was written; "
                "it is finished now",
                import_id=self.import_id,
                file=self.file,
            )
        if self.undone:
            return Label(
                "note: undoing import {import_id} ({file}) was interrupted; it is undone now",
                import_id=self.import_id,
                file=self.file,
            )
        left = Label(
            "; {left_count} were changed since and stay as they are: {names}",
            left_count=self.left_count,
            names=", ".join(self.left),
        )
        return Label(
            (
                "note: import {import_id} ({file}) was interrupted; what had been imported was "
                "taken back{left}"
            ),
            import_id=self.import_id,
            file=self.file,
            left=left if self.left_count else "",
        )


class UnfinishedStore(Protocol):
    """The storage as settling an unfinished import needs it."""

    def left(self) -> UnfinishedImport | None:
        """The import of which only parts are there, if any."""

    def settle_some(self, now: datetime) -> Settlement | None:
        """Settles in one short transaction; None if there is nothing to settle, or somebody else is
        at it."""


def settle(store: UnfinishedStore, now: datetime) -> Settlement | None:
    """Settles what a dead process left; None where there is nothing, or it is alive."""
    left = store.left()
    if left is None or left.alive:
        return None
    before = Settlement()
    while (some := store.settle_some(now)) is not None:
        before = some.after(before)
        if some.done:
            return before
    return None
