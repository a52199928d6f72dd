"""What is paused: everything, a pipeline, or a contract with all its terms, whatever their numbers.

Always holds: a paused deal is not swept, so nothing about it is asked or sent, but its days go on.
After the pause it is decided as after a stop: only the latest question is asked, never a pile.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum

from scheduler.core.deal.deal import Deal
from scheduler.core.words.labels import ByLanguage, Label
from scheduler.core.words.languages import Language
from scheduler.core.words.reasons import word


class Scope(StrEnum):
    """How much is paused."""

    EVERYTHING = "everything"
    PIPELINE = "pipeline"
    CONTRACT = "contract"


SCOPES = {
    Scope.EVERYTHING: Label("everything"),
    Scope.PIPELINE: Label("pipeline"),
    Scope.CONTRACT: Label("contract", context="pauses"),
}


@dataclass(frozen=True, slots=True)
class Pause:
    """One pause. `name`: the pipeline's id or the contract's number; `until_at`: when it ends by
    itself, None until somebody resumes; `because` is somebody's own words or a stored reason;
    `numbers`: those of the contract's other terms, which may have come in under another one."""

    scope: Scope
    name: str
    since_at: datetime
    until_at: datetime | None = None
    because: str = ""
    by: str = ""
    numbers: tuple[str, ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """What it covers, by any name it goes by."""
        return frozenset({self.name, *self.numbers})

    def covers(self, deal: Deal) -> bool:
        """Whether it pauses this deal."""
        return self.covers_term(deal.pipeline, deal.contract.number)

    def covers_term(self, pipeline: str, contract: str) -> bool:
        """Whether it pauses a contract's terms in a pipeline."""
        match self.scope:
            case Scope.EVERYTHING:
                return True
            case Scope.PIPELINE:
                return pipeline == self.name
        return contract in self.names

    def told(self, language: Language) -> "Pause":
        """This pause with its reason written out, for machines that show it to somebody."""
        return replace(self, because=word(self.because, language))

    @property
    def why(self) -> Label:
        """Its reason, in words."""
        return Label.verbatim(ByLanguage(word, self.because))

    @property
    def what(self) -> Label:
        """What is paused, in words.

        >>> Pause(Scope.PIPELINE, "existing", datetime(2027, 1, 5)).what.en
        'pipeline existing'
        """
        words = SCOPES[self.scope]
        return Label("{scope} {name}", scope=words, name=self.name) if self.name else words


UNTIL_RESUMED = datetime.max.replace(tzinfo=UTC)
"""The end of a pause that has none of its own."""


class PausedUntil:
    """Until when deals are paused, found without a look at every pause."""

    def __init__(self, pauses: Iterable[Pause]) -> None:
        self._ends: dict[tuple[Scope, str], datetime] = {}
        for pause in pauses:
            end = pause.until_at or UNTIL_RESUMED
            for name in pause.names:
                of = (pause.scope, name)
                self._ends[of] = max(end, self._ends.get(of, end))

    def of(self, pipeline: str, contract: str) -> datetime | None:
        """The end of the longest pause that covers a contract's terms in a pipeline, which may be
        over; None if none does.

        >>> weeks = Pause(Scope.CONTRACT, "C-1", datetime(2027, 1, 5), datetime(2027, 2, 1))
        >>> PausedUntil([weeks]).of("existing", "C-1")
        datetime.datetime(2027, 2, 1, 0, 0)
        """
        if not self._ends:
            return None
        named = ((Scope.EVERYTHING, ""), (Scope.PIPELINE, pipeline), (Scope.CONTRACT, contract))
        return max((self._ends[of] for of in named if of in self._ends), default=None)


def next_look(wake_at: datetime | None, paused_until: datetime | None) -> datetime | None:
    """When a deal with this alarm is looked at, in spite of its pause; None: not before somebody
    resumes it, or never."""
    if wake_at is None or paused_until == UNTIL_RESUMED:
        return None
    return wake_at if paused_until is None else max(wake_at, paused_until)


def everything(pauses: Iterable[Pause]) -> bool:
    """Whether everything is paused."""
    return any(pause.scope is Scope.EVERYTHING for pause in pauses)


def pause_of(deal: Deal, pauses: Iterable[Pause]) -> Pause | None:
    """What pauses a deal, if anything."""
    return next((pause for pause in pauses if pause.covers(deal)), None)
