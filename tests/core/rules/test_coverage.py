"""To which contracts a milestone can come at all, and which contracts hear nothing before their
end."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Contract
from scheduler.core.deal.pipeline import StageKind
from scheduler.core.policy.milestones import Milestone
from scheduler.core.rules.coverage import Coverage
from scheduler.core.time.dates import Offset, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor
from tests.cast import DEADLINE, EXISTING, T1M, T3M, WELCOME, contract, deal, milestone, policy

TODAY = date(2026, 12, 15)
ONE_TERM = replace(
    EXISTING,
    stages=tuple(s for s in EXISTING.stages if s.kind not in (StageKind.ACTIVE, StageKind.RENEWAL)),
)
"""A pipeline that no renewal follows."""
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


@pytest.mark.parametrize(
    ("kinds", "short", "next_term"),
    [
        ((StageKind.ACTIVE, StageKind.RENEWAL), True, True),
        ((StageKind.ACTIVE,), True, True),
        ((StageKind.RENEWAL,), True, True),
        ((), False, False),
    ],
)
def test_only_a_pipeline_that_renews_has_an_end_to_tell_of_and_a_term_after_it(
    kinds: tuple[StageKind, ...], *, short: bool, next_term: bool
) -> None:
    kept = (*kinds, StageKind.ONBOARDING, StageKind.WON, StageKind.LOST)
    renewing = replace(EXISTING, stages=tuple(s for s in EXISTING.stages if s.kind in kept))
    rules = policy(replace(T3M, moves_to=None), pipeline=renewing)
    of = replace(deal(MONTHLY), stage=renewing.stages[0].id)
    assert Coverage(rules, TODAY).too_short(of) is short
    yearly = replace(of, contract=replace(MONTHLY, renewal_term=Term(12)))
    assert [yes for _, yes in Coverage(rules, TODAY).reached(yearly)] == [next_term]


@pytest.mark.parametrize("offset", ["0 days", "-1 day"])
def test_a_milestone_on_the_last_day_itself_is_told_in_time(offset: str) -> None:
    last = milestone("last", offset)
    assert not Coverage(policy(last), TODAY).too_short(deal(MONTHLY))
    assert Coverage(policy(replace(last, offset=Offset.parse("+1 day"))), TODAY).too_short(
        deal(MONTHLY)
    )


def test_peaks_that_are_levelled_make_no_contract_too_short() -> None:
    spread = milestone("spread", "-14 days", spread=20)
    starting = replace(MONTHLY, starts_on=date(2026, 12, 15))
    assert not Coverage(policy(spread), TODAY).too_short(deal(starting))
    reached = Coverage(policy(spread), date(2026, 12, 17)).reached(deal(starting))
    assert [yes for _, yes in reached] == [True]


@pytest.mark.parametrize(
    ("today", "comes"), [(date(2026, 12, 31), True), (date(2027, 1, 1), False)]
)
def test_a_day_that_is_today_is_still_ahead(today: date, *, comes: bool) -> None:
    once = replace(MONTHLY, term=None, ends_on=date(2027, 3, 31), starts_on=date(2026, 12, 1))
    rule = replace(WELCOME, in_stages=())
    reached = Coverage(policy(rule, pipeline=ONE_TERM), today).reached(
        deal(once, stage="onboarding")
    )
    assert [yes for _, yes in reached] == [comes]


def test_a_rhythm_goes_on_where_a_contract_has_no_end() -> None:
    forever = contract(None, evergreen=True, term=None, starts_on=date(2020, 12, 14))
    reviews = milestone("review", "0 days", anchor=Anchor.STARTS_ON, every=Term(3))
    assert [yes for _, yes in Coverage(policy(reviews), TODAY).reached(deal(forever))] == [True]


@pytest.mark.parametrize(
    ("here", "wanted", "comes"),
    [
        ("onboarding", "critical", True),
        ("critical", "at_risk", True),
        ("renewal_3m", "critical", False),
        ("renewal_3m", "renewal_1m", True),
        ("renewal_1m", "renewal_1m", True),
        ("renewal_1m", "renewal_3m", False),
        ("renewal_1m", "lost", True),
        ("stable", "no such stage", False),
    ],
)
def test_a_stage_is_entered_again_only_among_the_healths(
    here: str, wanted: str, *, comes: bool
) -> None:
    rule = milestone("stuck", "5 days", anchor=Anchor.STAGE_ENTERED_ON, in_stages=(wanted,))
    once = replace(YEARLY, ends_on=None, evergreen=True)
    reached = Coverage(policy(rule), TODAY).reached(deal(once, stage=here))
    assert [yes for _, yes in reached] == [comes]
