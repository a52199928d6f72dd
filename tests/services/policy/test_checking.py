"""What `renewals check` says of contracts and people. Ann's contracts are in sterling and yen; Bob
manages her; Dan has left."""

from dataclasses import replace
from datetime import date

import pytest

from scheduler.core.deal.contracts import Contract, Customer, Money
from scheduler.core.deal.deal import Deal
from scheduler.core.deal.people import Person
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.late_first_nudge import late_first_nudges
from scheduler.core.time.dates import Shift, Term
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.lexicon import Anchor, ChannelName
from scheduler.services.policy.alike import AlikeDeals, alone
from scheduler.services.policy.checking import (
    FindingKind,
    PolicyFinding,
    check_database,
    check_deals,
    check_people,
)
from tests.cast import (
    ANN,
    BOB,
    CHIKA,
    DAN,
    DEADLINE,
    EXISTING,
    T1M,
    T3M,
    contract,
    deal,
    milestone,
    policy,
)

TODAY = date(2026, 6, 1)
BOTH = (ChannelName.SLACK, ChannelName.EMAIL, ChannelName.PREVIEW)
THREE_MONTHS = contract(notice=Term(3))


def kinds(found: list[PolicyFinding]) -> list[FindingKind]:
    return [f.kind for f in found]


def checked(*deals: Deal, under: Policy | None = None) -> list[PolicyFinding]:
    return check_deals(map(alone, deals), under or policy(), BOTH, TODAY)


def test_a_nudge_three_months_before_is_too_late_for_three_months_notice() -> None:
    deals = [deal(replace(THREE_MONTHS, number=n)) for n in ("C-1", "C-2")]
    deals.append(deal(replace(THREE_MONTHS, number="C-3", amount=Money(1_000_050, "GBP"))))
    [found] = checked(*deals, under=policy(rates={"GBP": 190.0}))
    assert found.kind is FindingKind.LATE_NUDGE
    assert (found.contracts, found.money) == (3, (Money(1_000_050, "GBP"), Money(7_200_000, "JPY")))
    assert found.text.en == (
        '3 contracts (£10,000.50 + ¥7,200,000): "renewal_3m" (renewal_3m) comes with fewer than 5 '
        "working days to the notice deadline, or after it"
        " (for one: on Thu 31 Dec 2026, deadline Thu 31 Dec 2026); 3 of them get no earlier "
        "reminder: choose an earlier offset,"
        ' or add a milestone with anchor = "decide_by" (e.g. C-1, C-2, C-3)'
    )
    assert found.text.ja == (
        "契約3件(£10,000.50 + ¥7,200,000)：「renewal_3m」(renewal_3m)が届くとき、"
        "解約通知期限まで5営業日ありません"
        "(例：通知 2026/12/31(木)、期限 2026/12/31(木))。うち3件はそれより前に何も届きません。"
        'offsetを早めるか、anchor = "decide_by" の通知を足してください。'
        "例：C-1, C-2, C-3"
    )


def test_a_milestone_before_the_deadline_tells_them_in_time() -> None:
    [found] = checked(deal(THREE_MONTHS), under=policy(T3M, T1M, DEADLINE))
    assert "decide_by_30d tells all of them earlier" in found.text.en
    assert "すべて decide_by_30d が先に知らせます" in found.text.ja


def test_what_nothing_tells_in_time_comes_first() -> None:
    small, big = (Condition("segment", Operator.IN, (name,)) for name in ("smb", "enterprise"))
    early = milestone("early", "-6 months", series="early", where=(small,))
    told, untold = (
        milestone("told", "-1 month", where=(small,)),
        milestone("untold", "-1 month", series="big", where=(big,)),
    )
    smb = replace(THREE_MONTHS, customer=Customer(2, "Midori", "JP", "smb"))
    checks = checked(deal(smb), deal(smb), deal(THREE_MONTHS), under=policy(early, told, untold))
    found = [f for f in checks if f.kind is FindingKind.LATE_NUDGE]
    assert [f.text.en.partition(": ")[2][:8] for f in found] == ['"untold"', '"told" (']


@pytest.mark.parametrize(
    ("of", "late"),
    [
        (contract(notice=Term(1)), []),
        (contract(notice=Term(2)), []),
        (contract(notice=Term(3)), ["renewal_3m"]),
        (contract(notice=Term(6)), ["renewal_3m"]),
        (contract(), []),
        (contract(decide_by=date(2027, 1, 6)), ["renewal_3m"]),
        (contract(decide_by=date(2027, 1, 7)), []),
        (contract(notice=Term(3), decide_by=date(2026, 5, 31)), []),
        (contract(notice=Term(3), decide_by=date(2026, 6, 1)), ["renewal_3m"]),
        (contract(notice=Term(1), starts_on=date(2027, 1, 15)), ["renewal_1m"]),
    ],
    ids=[
        "1",
        "2",
        "3",
        "6",
        "none",
        "4 days left",
        "5 days left",
        "deadline over",
        "deadline today",
        "term shorter than 3 months",
    ],
)
def test_only_what_can_still_be_refused_and_is_told_with_less_than_a_week_left_is_late(
    of: Contract, late: list[str]
) -> None:
    assert [found.milestone.id for found in late_first_nudges(deal(of), policy(), TODAY)] == late


def test_a_milestone_that_tells_nobody_does_not_count_as_told() -> None:
    silent = replace(DEADLINE, tell=())
    [found] = late_first_nudges(deal(THREE_MONTHS), policy(T3M, T1M, silent), TODAY)
    assert found.told_by is None


SHORT = contract(starts_on=date(2027, 1, 1), term=Term(3), notice=Term(1))


def test_a_milestone_longer_than_every_term_is_told_and_one_that_fits_a_single_contract_is_not() -> (
    None
):
    half_a_year = milestone("half", "-6 months", series="half")
    [found] = checked(deal(SHORT), deal(replace(SHORT, number="C-2")), under=policy(half_a_year))
    assert (found.kind, found.must) == (FindingKind.LONGER_THAN_TERMS, False)
    assert found.text.en == (
        '2 contracts (¥7,200,000): "half" (half) is longer than the term of each of them, so '
        "it never comes; choose a shorter offset (e.g. C-1, C-2)"
    )
    assert found.text.ja == (
        "契約2件(¥7,200,000)：どの契約の期間も「half」(half)より短いため、届きません。"
        "offsetを短くしてください。例：C-1, C-2"
    )
    assert checked(deal(SHORT), deal(), under=policy(half_a_year)) == []
    assert checked(deal(), deal(SHORT), under=policy(half_a_year)) == []


@pytest.mark.parametrize("anchor", [Anchor.STARTS_ON, Anchor.EXPECTED_ON, Anchor.ANNIVERSARY])
def test_only_what_is_counted_back_from_the_end_can_be_too_long(anchor: Anchor) -> None:
    assert checked(deal(SHORT), under=policy(milestone("half", "-6 months", anchor=anchor))) == []


def test_a_condition_that_no_contract_meets_is_told_and_one_that_a_single_contract_meets_is_not() -> (
    None
):
    mistyped = milestone(
        "big", "-3 months", where=(Condition("segment", Operator.IN, ("enterprize",)),)
    )
    [found] = checked(deal(), deal(replace(SHORT, number="C-2")), under=policy(mistyped))
    assert (found.kind, found.contracts, found.must) == (FindingKind.MATCHES_NOTHING, 2, False)
    assert found.text.en.startswith(
        '2 contracts (¥7,200,000): none of them meets the condition (where) of "big" (big), so '
        "it never comes"
    )
    assert found.text.ja.startswith(
        "契約2件(¥7,200,000)：「big」(big)の条件(where)に合う契約がありません"
    )
    met = milestone("big", "-3 months", where=(Condition("segment", Operator.IN, ("enterprise",)),))
    assert (
        checked(
            deal(),
            deal(
                replace(
                    contract(), number="C-2", customer=replace(contract().customer, segment="smb")
                )
            ),
            under=policy(met),
        )
        == []
    )


def test_contracts_that_cannot_be_scheduled_are_listed() -> None:
    endless, evergreen = contract(None, number="C-7"), contract(None, number="C-8", evergreen=True)
    [found] = checked(deal(endless), deal(evergreen), deal())
    assert found.text.en == (
        "1 contract (¥3,600,000): no end date and not evergreen, so nothing can be scheduled; "
        "import the end date (e.g. C-7)"
    )


def test_owners_who_left_are_missing_or_cannot_be_reached_are_counted() -> None:
    gone, mute = replace(DAN, active=False), replace(DAN, email=None, slack_id=None)
    found = checked(deal(owner=None), deal(owner=gone), deal(owner=mute), deal(owner=ANN))
    assert kinds(found) == [
        FindingKind.NO_OWNER,
        FindingKind.OWNER_INACTIVE,
        FindingKind.OWNER_UNREACHABLE,
    ]
    assert [f.contracts for f in found] == [1, 1, 1]


def test_a_nudge_that_only_its_shift_makes_late_says_so() -> None:
    """Three months before the end is a Saturday a week before the deadline; moved to Monday, four
    working days are left."""
    of = contract(date(2027, 4, 16), decide_by=date(2027, 1, 22))
    [late] = late_first_nudges(deal(of), policy(replace(T3M, shift=Shift.LATER)), TODAY)
    assert (late.day_on, late.by_shift) == (date(2027, 1, 18), True)
    [found] = checked(deal(of), under=policy(replace(T3M, shift=Shift.LATER)))
    assert ' 1 of them only because of shift = "later";' in found.text.en
    assert 'うち1件は shift = "later" で後ろにずれるためです。' in found.text.ja
    [plain] = late_first_nudges(deal(THREE_MONTHS), policy(), TODAY)
    assert not plain.by_shift


@pytest.mark.parametrize(
    ("owner", "channels", "kind"),
    [
        (None, (ChannelName.SLACK, ChannelName.PREVIEW), FindingKind.NO_ROUTE),
        (
            replace(ANN, active=False),
            (ChannelName.SLACK, ChannelName.PREVIEW),
            FindingKind.NO_ROUTE,
        ),
        (
            replace(ANN, slack_id=None),
            (ChannelName.SLACK, ChannelName.PREVIEW),
            FindingKind.NO_ROUTE,
        ),
        (None, (ChannelName.EMAIL, ChannelName.PREVIEW), FindingKind.NO_OWNER),
        (None, (ChannelName.PREVIEW,), FindingKind.NO_OWNER),
    ],
    ids=["nobody", "gone", "mute", "the fallback is reached", "nothing is sent at all"],
)
def test_a_contract_that_neither_its_owner_nor_the_fallback_hears_of_has_no_route(
    owner: Person | None, channels: tuple[ChannelName, ...], kind: FindingKind
) -> None:
    [found] = check_deals([alone(deal(owner=owner))], policy(), channels, TODAY)
    assert (found.kind, found.must, found.contracts) == (kind, kind is FindingKind.NO_ROUTE, 1)


AUTOMATIC = contract(auto_renew=True)


@pytest.mark.parametrize(
    ("of", "kinds_found"),
    [
        (AUTOMATIC, [FindingKind.NO_DEADLINE]),
        (replace(AUTOMATIC, decide_by=date(2027, 3, 31)), []),
        (contract(None, auto_renew=True, evergreen=True), []),
        (contract(decide_by=date(2026, 3, 31)), [FindingKind.DEADLINE_BEFORE_START]),
        (contract(decide_by=date(2026, 4, 1)), []),
        (contract(date(2072, 3, 31), term=Term(552)), [FindingKind.FAR_END]),
        (contract(TODAY.replace(year=TODAY.year + 10), term=Term(129)), []),
        (contract(amount=Money(900, "CHF")), [FindingKind.NO_RATE]),
        (contract(amount=Money(0, "CHF")), []),
        (contract(amount=Money(None, "CHF")), [FindingKind.NO_AMOUNT]),
    ],
    ids=[
        "no deadline",
        "a deadline",
        "evergreen",
        "before the start",
        "on the first day",
        "a mistyped year",
        "ten years",
        "no rate",
        "no money",
        "no amount",
    ],
)
def test_contracts_that_are_followed_but_perhaps_not_as_meant(
    of: Contract, kinds_found: list[FindingKind]
) -> None:
    found = checked(deal(of), under=policy(rates={"GBP": 190.0}))
    assert kinds(found) == kinds_found
    known = () if of.amount.minor is None else (of.amount,)
    assert all(f.contracts == 1 and f.money == known and not f.must for f in found)


@pytest.mark.parametrize("field", ["health", "paperwork"])
def test_a_condition_that_may_come_true_by_itself_is_no_mistake(field: str) -> None:
    one = milestone(
        "alarm",
        "-6 months",
        series="alarm",
        where=(Condition(field, Operator.IN, ("critical", "ordered")),),
    )
    assert checked(deal(), under=policy(one)) == []


def test_a_long_list_is_cut_short_but_counted_in_full() -> None:
    [found] = checked(*(deal(contract(number=f"C-{n}"), owner=None) for n in range(1, 1002)))
    assert found.text.en.startswith("1,001 contracts (¥3,603,600,000): no owner")
    assert found.text.en.endswith("(e.g. C-1, C-2, C-3, C-4, C-5, …)")


def test_a_deal_in_a_pipeline_that_is_gone_must_be_mended() -> None:
    [found] = checked(deal(), under=policy(pipeline=replace(EXISTING, id="other")))
    assert (found.kind, found.must) == (FindingKind.NO_PIPELINE, True)


def test_people_whom_nothing_reaches_are_named_and_those_who_left_are_not() -> None:
    slack_only = replace(CHIKA, email=None)
    gone = replace(DAN, active=False, email=None, slack_id=None)
    [found] = check_people([ANN, slack_only, gone], policy(), (ChannelName.EMAIL,))
    assert found.text.en.startswith("no configured channel reaches 千佳 田中; ")


def test_a_calendar_that_the_policy_lacks_is_named_with_its_people() -> None:
    [found] = check_people(
        [replace(ANN, calendar="uk"), replace(BOB, calendar="uk")], policy(), BOTH
    )
    assert found.text.en == (
        'config.toml has no calendar "uk" (Ann Ito, Bob Hill): the pipeline\'s is used; add '
        "[calendars.uk]"
    )


class Office:
    """A database of one deal of Dan's, who has left."""

    def alike(self, _reads: object, _owner: object) -> list[AlikeDeals]:
        return [alone(deal(owner=replace(DAN, active=False)))]

    def people(self) -> list[Person]:
        return [replace(ANN, calendar="uk")]


def test_contracts_too_short_for_a_reminder_are_named_with_their_money_and_every_milestone_is_counted() -> (
    None
):
    class Store(Office):
        def alike(self, _reads: object, _owner: object) -> list[AlikeDeals]:
            short = contract(
                date(2026, 7, 31),
                starts_on=date(2026, 7, 1),
                term=Term(1),
                number="MON-1",
                amount=Money(10_050, "EUR"),
            )
            return [
                alone(deal(replace(short, customer=Customer(9, "Monthly")))),
                alone(deal(contract(number="YR-1"))),
            ]

        def people(self) -> list[Person]:
            return []

    never = milestone(
        "spring",
        "5 days",
        anchor=Anchor.STAGE_ENTERED_ON,
        series="spring",
        in_stages=("onboarding",),
    )
    found = {f.kind: f for f in check_database(Store(), policy(T3M, T1M, never), BOTH, TODAY)}
    assert found[FindingKind.TOO_SHORT].text.en.startswith(
        "1 contract (€100.50): the term is too short for every milestone before the end"
    )
    assert found[FindingKind.TOO_SHORT].text.en.endswith(": MON-1 Monthly (€100.50)")
    assert found[FindingKind.TOO_SHORT].text.ja.endswith("：MON-1 Monthly (€100.50)")
    assert (
        '"spring" (spring) never applies to any of the 2 contracts'
        in found[FindingKind.NEVER_COMES].text.en
    )
    assert (
        "renewal_3m (renewal_3m) 1 of 2; renewal_1m (renewal_1m) 1 of 2; spring (spring) 0 of 2"
        in found[FindingKind.REACH].text.en
    )


def test_deals_and_people_of_a_database_are_looked_at_together() -> None:
    assert kinds(check_database(Office(), policy(), BOTH, TODAY)) == [
        FindingKind.OWNER_INACTIVE,
        FindingKind.PERSON_CALENDAR,
        FindingKind.REACH,
    ]
