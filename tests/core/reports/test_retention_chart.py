"""What the chart of retention shows."""

from datetime import date

from scheduler.core.reports.pictures import Lines
from scheduler.core.reports.retention import Cell, RetentionLine, RetentionSums
from scheduler.core.reports.retention_chart import retention_chart


def line(currency: str, month: int, base: int, kept: int) -> RetentionLine:
    return RetentionLine(
        Cell(currency, date(2027, month, 1), ""), RetentionSums(base=base, kept=kept)
    )


def test_a_month_in_which_nothing_was_due_is_a_gap_and_every_currency_has_the_same_months() -> None:
    chart = retention_chart([line("GBP", 1, 10, 9), line("GBP", 3, 10, 10), line("JPY", 2, 4, 2)])
    pounds, yen = chart.panels
    assert isinstance(pounds, Lines)
    assert isinstance(yen, Lines)
    assert len(pounds.places) == 3
    assert next(one.values for one in pounds.series) == (0.9, None, 1.0)
    assert next(one.values for one in yen.series) == (None, 0.5, None)


def test_without_a_renewal_there_is_nothing_to_draw() -> None:
    assert retention_chart([]).is_empty
