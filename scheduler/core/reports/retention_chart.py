"""The chart of what was kept: gross and net by the month due, a panel for each currency."""

from collections.abc import Sequence
from fractions import Fraction

from scheduler.core.deal.formats import month_words
from scheduler.core.reports.pictures import Chart, Lines, Series, Tone
from scheduler.core.reports.retention import RetentionLine, by_month
from scheduler.core.words.labels import ByLanguage, Label


def retention_chart(due: Sequence[RetentionLine]) -> Chart:
    """Gross and net retention by month; a month in which nothing was decided is a gap."""
    currencies = sorted({line.cell.currency for line in due})
    panels = tuple(
        _panel(currency, [line for line in due if line.cell.currency == currency])
        for currency in currencies
    )
    return Chart(Label("Retention by the month due"), panels)


def _panel(currency: str, due: Sequence[RetentionLine]) -> Lines:
    """One currency."""
    months = by_month(due)
    return Lines(
        Label.verbatim(currency),
        tuple(ByLanguage(month_words, month.cell.month) for month in months),
        (
            Series(Label("Gross"), Tone.FIRST, tuple(_share(m.sums.gross) for m in months)),
            Series(Label("Net"), Tone.SECOND, tuple(_share(m.sums.net) for m in months)),
        ),
        percent=True,
    )


def _share(rate: Fraction | None) -> float | None:
    """A rate as it is drawn."""
    return None if rate is None else float(rate)
