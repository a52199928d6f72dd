"""Where an account keeps the ends of its contracts."""

from datetime import date

from scheduler.core.sync.ends import ends_in
from scheduler.core.sync.values import PropertyType
from tests.core.sync.sync_cast import TOKYO, record

TODAY = date(2026, 11, 27)
TYPES = {
    "contract_end": PropertyType.DATE,
    "closedate": PropertyType.DATETIME,
    "born": PropertyType.DATE,
    "amount": PropertyType.NUMBER,
    "unused": PropertyType.DATE,
}


def test_each_day_is_counted_with_three_values_and_the_likeliest_first() -> None:
    deals = [
        record(
            str(n),
            contract_end=f"2027-0{n}-28",
            closedate="2026-04-01T00:00:00Z",
            born="1961-02-03",
            amount="1",
        )
        for n in range(1, 6)
    ]
    deals.append(record("9", contract_end="soon"))
    counted = ends_in(iter(deals), "deals", TYPES, TOKYO, TODAY)
    assert [c.property for c in counted] == ["contract_end", "closedate", "born"]
    assert (counted[0].filled, counted[0].ahead, len(counted[0].samples)) == (5, 5, 3)
    assert counted[1].samples == [date(2026, 4, 1)]
    assert counted[2].strange == 5


def test_an_account_without_any_day_has_none() -> None:
    assert ends_in([record()], "deals", TYPES, TOKYO, TODAY) == []
