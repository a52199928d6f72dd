"""What the chart of the forecast shows."""

from collections import Counter
from datetime import date

from scheduler.core.reports.forecast import OVERDUE, ForecastMonth, ForecastPlace, Likelihood
from scheduler.core.reports.forecast_chart import forecast_chart
from scheduler.core.reports.pictures import Bars
from scheduler.core.words.labels import Label


def month(currency: str, day: date, lost: int = 0, **minor: int) -> ForecastMonth:
    opened = Counter({Likelihood(name): amount for name, amount in minor.items()})
    due = sum(opened.values()) + lost
    return ForecastMonth(ForecastPlace(currency, day), due=due, lost=lost, open=opened, expected=50)


def test_a_currency_has_what_is_due_in_parts_and_what_is_expected() -> None:
    chart = forecast_chart(
        [
            month("GBP", OVERDUE, commit=300_00),
            month("GBP", date(2027, 3, 1), commit=200_00, at_risk=100_00, lost=700_00),
            month("JPY", date(2027, 3, 1), likely=9_000),
        ]
    )
    stack, expected, yen, _ = chart.panels
    assert isinstance(stack, Bars)
    assert isinstance(expected, Bars)
    assert isinstance(yen, Bars)
    assert [one.values for one in stack.series] == [(300.0, 200.0), (0.0, 100.0), (0.0, 700.0)]
    assert [one.values for one in expected.series] == [(0.5, 0.5)]
    assert [one.values for one in yen.series] == [(0.0, 9000.0)]
    assert stack.places[0] == Label("Overdue")
    assert len(stack.places) == 2


def test_every_currency_has_every_month_between_the_first_and_the_last() -> None:
    chart = forecast_chart(
        [month("GBP", date(2027, 1, 1), commit=100), month("JPY", date(2027, 3, 1), likely=9)]
    )
    pounds, expected, yen, _ = chart.panels
    assert isinstance(pounds, Bars)
    assert isinstance(yen, Bars)
    assert pounds.places == expected.places == yen.places
    assert [one.values for one in pounds.series] == [(1.0, 0.0, 0.0)]
    assert [one.values for one in yen.series] == [(0.0, 0.0, 9.0)]


def test_a_forecast_of_nothing_draws_nothing() -> None:
    assert forecast_chart([]).is_empty
