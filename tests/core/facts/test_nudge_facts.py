"""What a nudge says, as facts: plain data, why now, which day counts, what stands first."""

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from scheduler.core.deal.contracts import Customer, Money
from scheduler.core.deal.deal import AUTO_RENEWAL, ENDED, Deal, Event, Won
from scheduler.core.facts.nudge_facts import (
    message_facts,
    money_at_risk,
    nudge_facts,
    plain,
    safe_url,
)
from scheduler.core.policy.milestones import Milestone
from scheduler.core.time.dates import Offset, Shift, Term
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Anchor, EventState, Health, Language, Paperwork
from scheduler.core.words.reasons import reason
from tests.cast import ANN, BOB, CHIKA, JP, T3M, at, contract, deal, milestone, policy

JA, EN = Language.JA, Language.EN
TODAY = date(2026, 12, 28)


def event(
    name: str = "renewal_3m", day_on: date = TODAY, anchor_on: date = date(2027, 3, 31), **more: Any
) -> Event:
    return Event(
        name,
        anchor_on,
        day_on,
        EventState.FIRED,
        more.pop("reason", reason("ended", ends_on=anchor_on)),
        at("2026-12-28"),
        **more,
    )


def facts(
    of: Deal | None = None, ms: Milestone | str = T3M, said: Event | None = None, **more: Any
) -> dict[str, Any]:
    return nudge_facts(
        of or deal(),
        ms,
        said or event(),
        policy(),
        more.get("today", TODAY),
        more.get("language", EN),
        JP,
    )


def test_the_facts_are_plain_data_with_the_same_keys_for_every_deal() -> None:
    much = deal(
        contract(notice=Term(2), auto_renew=True, url="https://example.com/1"),
        sales=CHIKA,
        paperwork=Paperwork.QUOTED,
        expected_on=TODAY,
    )
    little = deal(
        contract(None, starts_on=None, term=None, product=""),
        owner=None,
        manager=None,
        health=Health.UNKNOWN,
    )
    for of in (much, little):
        assert json.loads(json.dumps(facts(of))) == facts(of)
    assert facts(much).keys() == facts(little).keys() == facts(much, AUTO_RENEWAL).keys()


def test_who_what_and_how_much() -> None:
    said = facts(
        deal(
            contract(customer=Customer(1, "Aoba Trading"), product="Pro", number="A 1"),
            owner=ANN,
            manager=BOB,
            sales=CHIKA,
        )
    )
    assert (said["customer"], said["product"], said["amount"], said["currency"], said["per"]) == (
        "Aoba Trading",
        "Pro",
        3_600_000,
        "JPY",
        "/year",
    )
    assert (said["owner"], said["manager"], said["sales"]) == ("Ann Ito", "Bob Hill", "千佳 田中")
    assert said["command"] == "renewals answer 'A 1'"


@pytest.mark.parametrize(
    ("notice", "today", "working", "deadline"),
    [
        (Term(2), TODAY, "2027-01-29", "2027-01-29"),
        (Term(2), date(2027, 1, 30), "2027-01-29", "2027-01-31"),
        (Term(2), date(2027, 2, 1), "2027-01-29", None),
        (Term(3), TODAY, "2026-12-28", "2026-12-28"),
        (None, TODAY, None, None),
    ],
)
def test_the_deadline_is_the_last_working_day_while_that_lies_ahead(
    notice: Term | None, today: date, working: str | None, deadline: str | None
) -> None:
    said = facts(deal(contract(notice=notice)), today=today)
    assert (said["decide_by_working"], said["deadline_on"]) == (working, deadline)


@pytest.mark.parametrize(
    ("anchor", "offset", "shift", "day_on", "words"),
    [
        (
            Anchor.ENDS_ON,
            "-3 months",
            Shift.EARLIER,
            date(2026, 12, 28),
            (
                "満了3か月前(12/31は休業のため前倒し)",
                "3 months before the end (moved earlier, as 31 Dec is not a working day)",
            ),
        ),
        (
            Anchor.ENDS_ON,
            "-1 month",
            Shift.EARLIER,
            date(2027, 2, 28),
            ("満了1か月前", "1 month before the end"),
        ),
        (
            Anchor.ENDS_ON,
            "-3 months",
            Shift.LATER,
            date(2027, 1, 4),
            (
                "満了3か月前(12/31は休業のため後ろ倒し)",
                "3 months before the end (moved later, as 31 Dec is not a working day)",
            ),
        ),
        (
            Anchor.ENDS_ON,
            "-1 month",
            Shift.NONE,
            date(2027, 2, 26),
            (
                "満了1か月前(2/28は休業のため前倒し)",
                "1 month before the end (moved earlier, as 28 Feb is not a working day)",
            ),
        ),
        (
            Anchor.ENDS_ON,
            "-10 business days",
            Shift.NONE,
            date(2027, 3, 15),
            (
                "満了10営業日前(集中を避けるため前倒し)",
                "10 working days before the end (moved earlier, to spread the load)",
            ),
        ),
        (
            Anchor.DECIDE_BY,
            "-30 days",
            Shift.NONE,
            date(2027, 3, 1),
            ("更新判断期限30日前", "30 days before the decision deadline"),
        ),
        (
            Anchor.STARTS_ON,
            "+30 days",
            Shift.NONE,
            date(2027, 4, 30),
            ("契約開始30日後", "30 days after the start"),
        ),
        (
            Anchor.ENDS_ON,
            "0 days",
            Shift.NONE,
            date(2027, 3, 31),
            ("満了当日", "on the day of the end"),
        ),
    ],
)
def test_why_now(
    anchor: Anchor, offset: str, shift: Shift, day_on: date, words: tuple[str, str]
) -> None:
    rule = replace(
        milestone("m", "-3 months", anchor=anchor, shift=shift), offset=Offset.parse(offset)
    )
    said = event("m", day_on)
    assert (
        facts(ms=rule, said=said, language=JA)["why"],
        facts(ms=rule, said=said)["why"],
    ) == words


def test_with_automatic_renewal_the_deadline_is_one_for_a_notice() -> None:
    rule = milestone("d", "-30 days", anchor=Anchor.DECIDE_BY)
    said = facts(
        deal(contract(auto_renew=True, notice=Term(2))),
        rule,
        event("d", date(2027, 1, 1), date(2027, 1, 31)),
        language=JA,
    )
    assert said["why"] == "解約通知期限30日前"


def test_what_follows_up_gives_the_event_s_reason() -> None:
    again = event(step=1, reason=reason("snooze_over", until="2027-01-08"))
    assert facts(said=again)["why"] == "asked again as requested: snoozed until Fri 8 Jan"
    assert (
        facts(ms=ENDED, said=event(ENDED), language=JA)["why"] == "3/31(水)に満了、更新の回答なし"
    )


def test_system_milestones_have_labels_and_the_renewed_term() -> None:
    won = deal(won=Won(Money(4_000_000, "JPY"), Term(12), date(2028, 3, 31)))
    said = facts(won, AUTO_RENEWAL, event(AUTO_RENEWAL), language=JA)
    assert (said["label"], said["asks"], said["renewed_until"], said["renewed_amount"]) == (
        "自動更新済み",
        False,
        "2028-03-31",
        4_000_000,
    )
    assert facts(ms=ENDED, said=event(ENDED))["asks"]


def test_a_configured_ask_and_template_come_along() -> None:
    said = facts(
        ms=replace(
            T3M, ask=Label.given({"ja": "席数は？", "en": "How many seats?"}), template="vip"
        )
    )
    assert (said["ask"], said["template"], said["milestone"]) == (
        "How many seats?",
        "vip",
        "renewal_3m",
    )


def test_the_health_is_called_as_its_stage_is() -> None:
    assert facts(deal(health=Health.AT_RISK))["health_label"] == "At risk"
    assert facts(deal(health=Health.UNKNOWN), language=JA)["health_label"] == "未評価"


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "ftp://x/y",
        "https://a b",
        "https://a|b",
        "https://a>b",
        "//host",
        "",
        "https:///x",
        "http://[::1",
    ],
)
def test_only_real_links_come_through(url: str) -> None:
    assert safe_url(url) is None
    assert facts(deal(contract(url=url)))["url"] is None


def test_texts_from_outside_are_one_plain_line() -> None:
    wild = deal(contract(customer=Customer(1, "A\u202eoba\r\nBcc: x\x00\u2028\ud800" + "あ" * 300)))
    name = facts(wild)["customer"]
    assert name.startswith("A oba Bcc: x あ")
    assert len(name) == 200
    assert name.endswith("…")
    assert plain(" \n ") == ""


def test_the_money_at_risk_grows_with_amount_risk_and_nearness_in_one_currency() -> None:
    rates = policy(base_currency="JPY", rates={"USD": 150.0})
    calm, worried = (
        money_at_risk(deal(health=h), rates, TODAY) for h in (Health.STABLE, Health.CRITICAL)
    )
    assert worried == pytest.approx(5 * calm, rel=1e-3)
    dollars = deal(contract(amount=Money(2_400_000, "USD")))
    assert money_at_risk(dollars, rates, TODAY) == pytest.approx(calm, rel=1e-3)
    assert money_at_risk(deal(), rates, date(2027, 3, 1)) > calm
    assert money_at_risk(deal(), rates, date(2027, 5, 1)) == 3_600_000 * 0.2
    assert money_at_risk(deal(contract(None)), rates, TODAY) < calm


def test_the_nearer_of_deadline_and_end_counts() -> None:
    with_notice = deal(contract(notice=Term(2)))
    assert money_at_risk(with_notice, policy(), TODAY) > money_at_risk(deal(), policy(), TODAY)


def test_the_most_urgent_comes_first_and_equals_keep_their_order() -> None:
    items = [
        facts() | {"risk": risk, "number": number}
        for risk, number in ((1.0, "B"), (2.0, "C"), (1.0, "A"))
    ]
    message = message_facts("Ann", items, "https://renewals.example.com")
    assert [i["number"] for i in message["items"]] == ["C", "A", "B"]
    assert (message["recipient"], message["count"], message["base_url"]) == (
        "Ann",
        3,
        "https://renewals.example.com",
    )
