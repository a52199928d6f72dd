"""To which contracts a milestone can come at all, and which contracts hear nothing before their
end."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.policy.milestones import Milestone
from scheduler.core.rules.coverage import Coverage
from scheduler.core.time.dates import Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor
from tests.cast import DEADLINE, T1M, T3M, WELCOME, contract, deal, milestone, policy

TODAY = date(2026, 12, 15)
MONTHLY = contract(date(2026, 12, 31), starts_on=date(2026, 12, 1), term=Term(1))
YEARLY = contract()


@pytest.mark.parametrize(
    ("rule", "of", "stage", "comes"),
    [
        (T3M, YEARLY, "stable", True),
        (T3M, MONTHLY, "stable", False),
        (T1M, MONTHLY, "stable", False),
        (T3M, replace(MONTHLY, renewal_term=Term(12)), "stable", True),
        (DEADLINE, YEARLY, "stable", False),
        (DEADLINE, contract(notice=Term(2)), "stable", True),
        (WELCOME, contract(starts_on=date(2026, 12, 1)), "onboarding", True),
        (WELCOME, contract(starts_on=date(2026, 12, 1)), "stable", False),
        (milestone("yearly", "0 days", anchor=Anchor.ANNIVERSARY), YEARLY, "stable", True),
        (milestone("promised", "0 days", anchor=Anchor.EXPECTED_ON), YEARLY, "stable", True),
        (
            milestone("stuck", "5 days", anchor=Anchor.STAGE_ENTERED_ON, in_stages=("renewal_3m",)),
            YEARLY,
            "stable",
            True,
        ),
        (
            milestone("stuck", "5 days", anchor=Anchor.STAGE_ENTERED_ON, in_stages=("onboarding",)),
            YEARLY,
            "renewal_3m",
            False,
        ),
        (
            milestone("goodbye", "5 days", anchor=Anchor.STAGE_ENTERED_ON, in_stages=("lost",)),
            YEARLY,
            "renewal_3m",
            True,
        ),
        (
            replace(T3M, where=(Condition("segment", Operator.IN, ("smb",)),)),
            YEARLY,
            "stable",
            False,
        ),
        (
            replace(T3M, where=(Condition("health", Operator.IN, ("critical",)),)),
            YEARLY,
            "stable",
            True,
        ),
    ],
)
def test_a_milestone_can_come_in_this_term_or_the_next(
    rule: Milestone, of: Contract, stage: str, *, comes: bool
) -> None:
    reached = Coverage(policy(rule), TODAY).reached(deal(of, stage=stage))
    assert [yes for _, yes in reached] == [comes]


@pytest.mark.parametrize(
    ("of", "short"),
    [
        (MONTHLY, True),
        (YEARLY, False),
        (replace(MONTHLY, starts_on=date(2026, 11, 30)), False),
        (contract(None, evergreen=True, term=None), False),
    ],
)
def test_contracts_too_short_for_any_reminder_of_their_end(of: Contract, *, short: bool) -> None:
    assert Coverage(policy(T3M, T1M), TODAY).too_short(deal(of)) is short


def test_a_short_milestone_of_ones_own_mends_it() -> None:
    short = milestone("short", "-10 days", series="short")
    assert not Coverage(policy(T3M, T1M, short), TODAY).too_short(deal(MONTHLY))
    assert Coverage(policy(T3M, T1M, replace(short, tell=())), TODAY).too_short(deal(MONTHLY))
