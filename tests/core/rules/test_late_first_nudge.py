"""Which series first speak too late for a notice deadline, and what speaks in time instead.
(tests/services/policy/test_checking.py has what people read of it.)"""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.policy.milestones import Milestone
from scheduler.core.rules.late_first_nudge import late_first_nudges
from scheduler.core.time.dates import MonthEnd, Offset
from scheduler.core.words.lexicon import Anchor
from tests.cast import DEADLINE, contract, deal, milestone, policy

TODAY = date(2026, 6, 1)
NOTICED = contract(decide_by=date(2027, 1, 29))
ONE, TWO = milestone("one", "-1 month"), milestone("two", "-1 month")
SOON, LATER = (
    milestone(n, offset, series=n) for n, offset in (("a", "-6 months"), ("b", "-5 months"))
)


def late(of: Contract, *rules: Milestone) -> list[str]:
    """The late first milestones, their days, and who speaks in time."""
    found = late_first_nudges(deal(of), policy(*rules), TODAY)
    return [f"{f.milestone.id} {f.day_on} {f.told_by.id if f.told_by else '-'}" for f in found]


AFTER = milestone("after", "+1 day")
ON_IT = milestone("on", "0 days")
MONTHS = replace(ONE, offset=Offset(months=-1), month_end=MonthEnd.STICK)


@pytest.mark.parametrize(
    ("of", "rules", "told"),
    [
        (NOTICED, (ONE,), ["one 2027-02-28 -"]),
        (NOTICED, (ONE, TWO), ["one 2027-02-28 -"]),
        (NOTICED, (TWO, replace(ONE, series="other")), ["two 2027-02-28 -", "one 2027-02-28 -"]),
        (NOTICED, (replace(ONE, offset=Offset(days=-3)), TWO), ["two 2027-02-28 -"]),
        (NOTICED, (ONE, LATER, SOON), ["one 2027-02-28 a"]),
        (NOTICED, (ONE, DEADLINE, replace(DEADLINE, id="same")), ["one 2027-02-28 decide_by_30d"]),
        (NOTICED, (AFTER,), []),
        (NOTICED, (ON_IT,), ["on 2027-03-31 -"]),
        (NOTICED, (replace(ONE, tell=()),), []),
        (NOTICED, (replace(ONE, pipeline="other"),), []),
        (NOTICED, (milestone("in", "+1 year", anchor=Anchor.STARTS_ON),), []),
        (contract(date(2027, 4, 30), decide_by=date(2027, 1, 29)), (MONTHS,), ["one 2027-03-31 -"]),
        (contract(date(2027, 4, 30), decide_by=date(2027, 1, 29)), (ONE,), ["one 2027-03-30 -"]),
        (contract(None, decide_by=date(2027, 1, 29)), (replace(DEADLINE, offset=Offset(days=5)),),
         ["decide_by_30d 2027-02-03 -"]),
        (contract(None, decide_by=date(2027, 1, 29)), (ONE,), []),
    ],
)  # fmt: skip
def test_which_series_first_speak_too_late(
    of: Contract, rules: tuple[Milestone, ...], told: list[str]
) -> None:
    assert late(of, *rules) == told
