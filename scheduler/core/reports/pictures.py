"""What a chart shows, before anybody draws it: panels of bars, lines or a heat map, with the words
on them as labels.

Always holds: a value that nobody knows is None and never drawn as zero; money in a panel is of one
currency, in whole units; how a series looks follows from its tone alone, so that the same thing
looks the same in every chart.
"""

from dataclasses import dataclass
from enum import StrEnum

from scheduler.core.words.labels import ByLanguage, Joined, Label
from scheduler.core.words.lexicon import Health

Words = str | Label | Joined | ByLanguage
"""What stands on a chart: a name as it is, or words in the reader's language."""


class Tone(StrEnum):
    """What a series means to the eye: how good a thing is, or just which of several."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    UNKNOWN = "unknown"
    FIRST = "first"
    SECOND = "second"
    THIRD = "third"
    FOURTH = "fourth"


TONES = {
    Health.STABLE: Tone.GOOD,
    Health.AT_RISK: Tone.CAUTION,
    Health.CRITICAL: Tone.BAD,
    Health.UNKNOWN: Tone.UNKNOWN,
}
"""How each health looks; the order is that of stacks, the best at the bottom."""


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values, one for each place of its panel's axis."""

    name: Words
    tone: Tone
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars over `places`: stacked on each other, or side by side. `across`: they lie, and the first
    place stands at the top. `money`: values are whole units of a currency, which `unit` names."""

    unit: Words
    places: tuple[Words, ...]
    series: tuple[Series, ...]
    stacked: bool = True
    across: bool = False
    money: bool = False


@dataclass(frozen=True, slots=True)
class Lines:
    """Lines over `places`. `percent`: values are shares, 1.0 for everything."""

    unit: Words
    places: tuple[Words, ...]
    series: tuple[Series, ...]
    money: bool = False
    percent: bool = False


@dataclass(frozen=True, slots=True)
class HeatMap:
    """How much there is in each field: `values` has a line for each of `rows`, with a number for
    each of `places`."""

    unit: Words
    rows: tuple[Words, ...]
    places: tuple[Words, ...]
    values: tuple[tuple[int, ...], ...]


Panel = Bars | Lines | HeatMap


@dataclass(frozen=True, slots=True)
class Chart:
    """One picture: its title, the panels below each other, and what is to be known about them."""

    title: Words
    panels: tuple[Panel, ...]
    note: Words = ""

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not any(panel.places for panel in self.panels)
