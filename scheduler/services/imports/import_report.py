"""The result of an import, as values; the command line and the web put it into words.

Always holds: counts are whole; lists hold the first `LISTED`, so that a report stays small whatever
the file.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING

from scheduler.core.imports.edits import Contradiction
from scheduler.core.imports.written_days import OrderElsewhere
from scheduler.core.time.dates import is_far
from scheduler.core.words.labels import Label

if TYPE_CHECKING:
    from scheduler.services.imports.preview import ImportPreview

_FEW = 2
LISTED = 20
"""How many things of each kind a report names."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of one kind of thing: how many there are, and the first few."""

    count: int = 0
    first: tuple[str, ...] = ()

    def plus(self, text: str) -> "Listed":
        """One more."""
        return Listed(self.count + 1, (*self.first, text) if self.count < LISTED else self.first)


@dataclass(frozen=True, slots=True)
class FieldMoved:
    """One field of one contract that changed, as texts; `word_change` of `core.facts.field_words`
    words it. `term`: which of several terms; `pipeline`: whose stages are meant."""

    contract: str
    customer: str
    field: str
    before: str
    after: str
    term: str = ""
    pipeline: str = ""


@dataclass(frozen=True, slots=True)
class MoveNotMade(FieldMoved):
    """A stage move that is not made. `because`: what the pipeline allows; None where the deal is in
    another pipeline."""

    because: Label | None = None


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """Something about one contract that a person has to decide: the fields with what the term has
    and what the file says (without any, `other` says what it is about).

    `same`: the other contract is in the same file, and may be the same one. `closed`: the term is
    closed, so nothing renews it before it is opened again.
    """

    contract: str
    customer: str
    fields: tuple[tuple[str, str, str], ...] = ()
    term: str = ""
    other: str = ""
    same: bool = False
    closed: bool = False

    def text(self) -> str:
        """The counts in one line, for machines and logs; the command line says them in the reader's
        language."""
        said = ", ".join(
            f"{name} {before or '—'} → {after or '—'}" for name, before, after in self.fields
        )
        return " ".join(
            part
            for part in (
                f"{self.contract} {self.customer}:",
                said,
                self.other,
                f"({self.term})" if self.term else "",
            )
            if part
        )


@dataclass(slots=True)
class ImportReport:
    """The result of an import. Lists hold the first 20; `counts` are whole.

    `several` are cells that name several people, with the one who is taken. `with_days` counts new
    contracts with a start and an end, `same_day` those whose end is the same day of a later month.
    `estimated` contracts have a computed end that needs confirming; `decisions` wait for a person
    (`on_extension = "ask"`, an end that moved on a closed deal); `returned` were closed because an
    earlier file lacked them, and are in this one; `refused` (and `not_made`, by their parts) are
    stage moves that the pipeline does not allow; `contradicted` are fields edited here for which
    the file has another value; `far_ends` are new ends so far ahead that the year may be mistyped;
    `mixed_taxes` is a column and two of its amounts that do not say the same about tax;
    `orders` are columns of dates whose order another one says.
    """

    import_id: int | None = None
    file: str = ""
    source: str = ""
    dry_run: bool = False
    first_load: bool = False
    new: int = 0
    updated: int = 0
    unchanged: int = 0
    rejected: int = 0
    skipped: int = 0
    renewed: int = 0
    adopted: int = 0
    moved_count: int = 0
    moved: list[FieldMoved] = field(default_factory=list)
    estimated: Listed = Listed()
    unscheduled: Listed = Listed()
    decisions: Listed = Listed()
    undecided: list[OpenDecision] = field(default_factory=list)
    corrected: Listed = Listed()
    taken_over: Listed = Listed()
    refused: Listed = Listed()
    not_made: list[MoveNotMade] = field(default_factory=list)
    unknown_owners: Listed = Listed()
    missing: Listed = Listed()
    returned: Listed = Listed()
    several: Listed = Listed()
    joined: Listed = Listed()
    joined_customers: Listed = Listed()
    contradictions: int = 0
    contradicted: list[Contradiction] = field(default_factory=list)
    closed: int = 0
    with_days: int = 0
    same_day: int = 0
    ignored_columns: tuple[str, ...] = ()
    amounts_in: tuple[str, int] | None = None
    mixed_taxes: tuple[str, str, str] | None = None
    orders: tuple[OrderElsewhere, ...] = ()
    far_ends: Listed = Listed()
    preview: "ImportPreview | None" = None

    def note(self, moved: FieldMoved) -> None:
        """Notes a field of a contract that changed."""
        self.moved_count += 1
        if len(self.moved) < LISTED:
            self.moved.append(moved)

    def look_at_end(self, number: str, customer: str, ends_on: date | None, today: date) -> None:
        """Lists a new end that is far ahead."""
        if ends_on is not None and is_far(ends_on, today):
            self.far_ends = self.far_ends.plus(f"{number} {customer} {ends_on}")

    def refuse(self, move: MoveNotMade) -> None:
        """Notes a stage move that is not made."""
        why = move.because.en if move.because else f"{move.before} → {move.after.rstrip('/')}"
        self.refused = self.refused.plus(f"{move.contract} {move.customer}: {why}")
        if len(self.not_made) < LISTED:
            self.not_made.append(move)

    def decide(self, decision: OpenDecision) -> None:
        """Something that a person has to decide."""
        self.decisions = self.decisions.plus(decision.text())
        if len(self.undecided) < LISTED:
            self.undecided.append(decision)

    def contradict(self, one: Contradiction) -> None:
        """Notes a field that was edited here and for which the file has another value."""
        self.contradictions += 1
        if len(self.contradicted) < LISTED:
            self.contradicted.append(one)

    @property
    def looks_exclusive(self) -> bool:
        """Whether every new contract ends on the day of the month on which it starts: the file may
        name the first day after (`exclusive`)."""
        return self.with_days == self.same_day >= _FEW

    @property
    def counts(self) -> dict[str, int]:
        """The numbers that the import's row keeps."""
        names = (
            "new",
            "updated",
            "unchanged",
            "rejected",
            "skipped",
            "renewed",
            "adopted",
            "closed",
        )
        return {name: getattr(self, name) for name in names}
