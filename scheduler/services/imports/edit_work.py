"""One edit by hand as work in a transaction: what it changes, how it is kept, and which one is the
last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from scheduler.core.deal.pipeline import Actor
from scheduler.core.facts.coming import Upcoming, upcoming
from scheduler.core.imports.edits import Edit
from scheduler.core.policy.policy import Policy
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ActorKind
from scheduler.ports import Begin
from scheduler.services.imports.choices import ImportChoices
from scheduler.services.imports.edit_store import EditTransaction, NewEdit
from scheduler.services.imports.edits import over
from scheduler.services.imports.import_report import ImportReport
from scheduler.services.imports.one_import import Import

AHEAD = 800
"""How many days a deal is lived ahead to say what an edit brings."""


@dataclass(slots=True)
class Edited:
    """What an edit does: the import under which it is kept (None: only looked at, or nothing
    changes), what changes, and what was and is to come."""

    contract: str
    customer: str
    report: ImportReport
    number: int | None = None
    before: tuple[Upcoming, ...] = ()
    after: tuple[Upcoming, ...] = ()
    notices: tuple[Label, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether anything changes."""
        return bool(self.report.moved_count or self.report.new)


class NothingError(Exception):
    """Nothing changes, so nothing is kept."""


@dataclass
class Work:
    """One edit under way."""

    transaction: EditTransaction
    policy: Policy
    now: datetime
    by: str
    edited: Edited
    number: int = 0
    customers: dict[str, int] = field(default_factory=dict)
    notices: list[Label] = field(default_factory=list)

    def begin(self, source: str, what: str) -> None:
        """The import's row."""
        self.number = self.transaction.begin_edit(source, what, self.by, self.now)

    def shared(self, source: str, present: frozenset[str], decided: Mapping[str, str]) -> Import:
        """The import as its rules need it."""
        actor = Actor(ActorKind.PERSON, self.by)
        return Import(
            self.transaction,
            source,
            self.by,
            present,
            self.policy,
            self.now,
            self.edited.report,
            actor,
            ImportChoices(decided),
            self.number,
        )

    def end(self, keep: bool) -> Edited:
        """Counts, and what comes now."""
        self.transaction.finish(self.number, self.edited.report.counts, self.now)
        deals = [
            d
            for d in self.transaction.touched(self.now)
            if d.contract.number == self.edited.contract
        ]
        self.edited.after = tuple(upcoming(deals, self.policy, self.now, AHEAD))
        self.edited.number = self.number if keep else None
        self.edited.notices = tuple(self.notices)
        return self.edited


def new_edit(row: tuple[str, int], name: str, was: str, now: str, before: Edit | None) -> NewEdit:
    """One field of a row (its table and id) that was set; it goes back to what the edit `before`
    found there."""
    return NewEdit(*row, name, now, before.was if before else was)


def keep_edits(
    transaction: EditTransaction, new: Sequence[NewEdit], before: Sequence[Edit], number: int
) -> None:
    """Writes the fields that were set under that import; earlier edits of the same fields end."""
    transaction.set_by_hand([e for e in new if e.value != e.was])
    transaction.change([over(e, number) for e in before])


def last_edit(editing: Begin[EditTransaction], wanted: str) -> int:
    """The newest edit of a contract that can be taken back. Raises UserMustActError where there is
    none."""
    with editing(keep=False) as transaction:
        found = transaction.called(wanted)
        if not found:
            raise unknown_contract(wanted)
        lines = transaction.lines(found)
        ids = {t.contract_id for line in lines.values() for t in line}
        number, undone = transaction.last_edit(ids), transaction.last_edit(ids, undone=True)
    if number is None and undone is not None:
        raise UserMustActError(
            (
                "the last edit of contract {wanted} (change {undone}) was already undone; "
                "`renewals show {wanted}` says how it stands"
            ),
            wanted=wanted,
            undone=undone,
        )
    if number is None:
        raise UserMustActError(
            (
                "nobody has edited contract {wanted}; an answer is taken back by `renewals "
                "answer {wanted} undo`"
            ),
            wanted=wanted,
        )
    return number


def unknown_contract(wanted: str) -> UserMustActError:
    """The refusal of an unknown contract number."""
    return UserMustActError(
        "there is no contract {wanted}; `renewals deals` lists all of them", wanted=wanted
    )
