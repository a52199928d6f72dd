"""The chart of what was kept: gross and net by the month due, a panel for each currency."""

from collections.abc import Sequence
from datetime import date
from fractions import Fraction

from scheduler.core.deal.formats import month_words
from scheduler.core.reports.pictures import Chart, Lines, Series, Tone
from scheduler.core.reports.retention import RetentionLine, RetentionSums, by_month
from scheduler.core.reports.scales import months_between
from scheduler.core.words.labels import ByLanguage, Label


def retention_chart(due: Sequence[RetentionLine]) -> Chart:
    """Gross and net retention by month; a month in which nothing was decided is a gap."""
    currencies = sorted({line.cell.currency for line in due})
    found = [line.cell.month for line in due]
    months = months_between(min(found), max(found)) if found else []
    panels = tuple(
        _panel(currency, months, [line for line in due if line.cell.currency == currency])
        for currency in currencies
    )
    return Chart(Label("Retention by the month due"), panels)


def _panel(currency: str, months: Sequence[date], due: Sequence[RetentionLine]) -> Lines:
    """One currency."""
    sums = {line.cell.month: line.sums for line in by_month(due)}
    every = [sums.get(month, RetentionSums()) for month in months]
    return Lines(
        Label.verbatim(currency),
        tuple(ByLanguage(month_words, month) for month in months),
        (
            Series(Label("Gross"), Tone.FIRST, tuple(_share(of.gross) for of in every)),
            Series(Label("Net"), Tone.SECOND, tuple(_share(of.net) for of in every)),
        ),
        percent=True,
    )


def _share(rate: Fraction | None) -> float | None:
    """A rate as it is drawn."""
    return None if rate is None else float(rate)
