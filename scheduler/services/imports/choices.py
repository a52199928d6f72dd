"""What a person decides about a file of contracts: the options of `renewals import`, and what an
import asks its watcher."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from scheduler.core.imports.by_hand import EditRule
from scheduler.core.imports.names import number_key
from scheduler.core.imports.texts import Reject


class Send(StrEnum):
    """What a source's first load sends: nothing, the latest milestone per deal, or one digest per
    person of what was held back."""

    NONE = "none"
    LATEST = "latest"
    DIGEST = "digest"


class MissingContracts(StrEnum):
    """How open contracts that are missing from the next file are treated: closed as lost, kept
    without a word, or listed."""

    CLOSE = "close"
    KEEP = "keep"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """How what an earlier import left open is decided, and what the file may do.

    `dates`: what the new dates of a contract number mean (`renewed`, `moved`); `renews`: which new
    number is the renewal of which old one; `edits`: whether the file or the edit counts where
    somebody edited a field here (for all contracts, "", or by number), else the policy says;
    `gone`: what becomes of open contracts that the file no longer mentions; `erase`: whether a
    column that had values may be empty now; `send`: what a first load sends.

    Numbers (and people's names in `edits`) are kept as they are compared, whatever was typed.
    """

    dates: Mapping[str, str] = field(default_factory=dict)
    renews: Mapping[str, str] = field(default_factory=dict)
    edits: Mapping[str, EditRule] = field(default_factory=dict)
    gone: MissingContracts = MissingContracts.ASK
    erase: bool = False
    send: Send = Send.NONE

    def __post_init__(self) -> None:
        """Makes what was typed comparable."""
        for name in ("dates", "edits"):
            typed = getattr(self, name)
            object.__setattr__(self, name, {number_key(n): said for n, said in typed.items()})
        renews = {number_key(new): number_key(old) for new, old in self.renews.items()}
        object.__setattr__(self, "renews", renews)


NOTHING_CHOSEN = ImportChoices()


@dataclass(frozen=True, slots=True)
class ImportListener:
    """Who hears how an import goes on: of every row that does not come in, of the rows done and
    their total (None: unknown), and before what came in is taken back."""

    rejected: Callable[[Reject], None] = lambda reject: None
    progressed: Callable[[int, int | None], None] = lambda done, total: None
    taking_back: Callable[[], None] = lambda: None


NOBODY_LISTENS = ImportListener()
