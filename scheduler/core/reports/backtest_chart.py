"""The curve of the back-test: the shares of the lost and of the kept that were flagged, as the end
came nearer."""

from collections.abc import Sequence
from fractions import Fraction

from scheduler.core.health.backtest import FLAGS, Backtest, BacktestLine, FlaggedGroup
from scheduler.core.reports.pictures import Chart, Lines, Series, Tone
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health


def backtest_chart(found: Backtest) -> Chart:
    """A panel for each state; a day with too few to tell is a gap."""
    panels = tuple(_panel([one for one in found.curve if one.flag is flag]) for flag in FLAGS)
    return Chart(
        Label("Health before the end of terms"),
        panels,
        Label("Days before the end; a gap where there are too few to tell."),
    )


def _panel(lines: Sequence[BacktestLine]) -> Lines:
    """One state."""
    return Lines(
        _title(lines[0].flag),
        tuple(str(line.days) for line in lines),
        (
            Series(
                Label("Lost", context="retention"),
                Tone.BAD,
                tuple(_share(x, x.lost) for x in lines),
            ),
            Series(Label("Kept"), Tone.GOOD, tuple(_share(x, x.kept) for x in lines)),
        ),
        percent=True,
    )


def _share(line: BacktestLine, group: FlaggedGroup) -> float | None:
    """A share as it is drawn."""
    rate: Fraction | None = group.rate if line.enough else None
    return None if rate is None else float(rate)


def _title(flag: Health) -> Label:
    """What counts as flagged: this state or a worse one."""
    if flag is Health.CRITICAL:
        return Label("Flagged critical")
    return Label("Flagged at risk or critical")
