"""The health of a deal follows what a person said, else the signals, and falls with a notice; a
fall inside the renewal window is told at once."""

from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.answers.answer import Answer
from scheduler.core.answers.effects import apply_answer
from scheduler.core.deal.deal import CALL_REVIEW, HEALTH_WORSE, NOTICE, Deal
from scheduler.core.health.policy import Band, Gauge, HealthPolicy, Measure
from scheduler.core.health.signals import Signal, series_of
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after, decide
from scheduler.core.rules.health import ahead, fingerprint, must_be_made
from scheduler.core.words.conditions import Condition, Operator
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import ForecastCall, Health, Language, Verb
from scheduler.core.words.reasons import word
from tests.cast import ANN, BOB, at, contract, deal, policy
from tests.core.life import Change, Life

LONDON = ZoneInfo("Europe/London")
SCORE = Measure(
    "score",
    Label("score"),
    Gauge("score", expires=timedelta(days=60)),
    (Band(10, 30), Band(45, 60), Band(90)),
)
MEASURED = HealthPolicy((SCORE,), pulse_after=None, pulse_months=())
UNDER = policy(health=MEASURED)
PEOPLE = {p.id: p for p in (ANN, BOB)}
U, S, R, C = Health.UNKNOWN, Health.STABLE, Health.AT_RISK, Health.CRITICAL


def signal(on: str, value: float) -> Signal:
    return Signal("score", value, at(f"{on} 09:00"), at(f"{on} 09:00"))


def measured(*signals: Signal, **more: object) -> Deal:
    """A deal that nobody has assessed, with its signals."""
    facts: dict[str, object] = {"stage": "stable", "people": PEOPLE, "manager": BOB, "health": U}
    return replace(deal(), signals=series_of(signals), **(facts | more))  # type: ignore[arg-type]


def comes(on: str, *signals: Signal) -> Change:
    """New signals: the health timeline must be made anew."""
    return at(f"{on} 09:00"), lambda was: replace(
        was, signals=series_of(signals), health_timeline=None
    )


def says(on: str, health: Health, under: Policy = UNDER, **more: object) -> Change:
    """Ann says how the customer does."""
    now = at(f"{on} 11:00")

    def change(was: Deal) -> Deal:
        said = Answer(Verb.HEALTH, ANN.name, by=ANN, health=health, **more)  # type: ignore[arg-type]
        return apply_answer(was, said, under, now).deal

    return now, change


def healths(of: Deal, until: str, *changes: Change, under: Policy = UNDER) -> list[str]:
    """The health at noon of every day on which it is another one, from 2026-10-01 on."""
    life, found = Life(of, under), list[str]()
    noon, waiting = at("2026-09-30 12:00"), sorted(changes, key=lambda c: c[0])
    while noon < at(f"{until} 12:00"):
        following = noon + timedelta(days=1)
        life.until(noon, following, [c for c in waiting if noon <= c[0] < following])
        noon = following
        if not found or found[-1][11:] != life.deal.health.value:
            found.append(f"{noon.astimezone(LONDON):%Y-%m-%d} {life.deal.health.value}")
    return found


def test_without_the_table_health_stays_what_people_say() -> None:
    of = measured(signal("2026-10-02", 10))
    assert decide(of, policy(), at("2026-10-03 09:00")).health is None


def test_an_active_deal_moves_to_the_stage_of_what_is_measured() -> None:
    decision = decide(measured(signal("2026-10-01", 20)), UNDER, at("2026-10-02 09:00"))
    assert decision.health is not None
    assert (decision.health.health, decision.health.score) == (C, 10)
    assert [m.to_stage for m in decision.moves] == ["critical"]
    assert decision.health_timeline is not None


def test_deciding_again_says_nothing_new() -> None:
    now = at("2026-10-02 09:00")
    of = measured(signal("2026-10-01", 20))
    first = decide(of, UNDER, now)
    again = decide(after(of, first), UNDER, now)
    assert not again.changes
    assert again.wake_at == first.wake_at == at("2026-11-30 08:00"), "when the signal expires"


def test_ageing_alone_leads_to_not_assessed() -> None:
    of = measured(signal("2026-10-01", 80))
    assert healths(of, "2026-12-05") == ["2026-10-01 stable", "2026-11-30 unknown"]


def test_what_a_person_says_stands_above_the_signals_until_its_end() -> None:
    of = measured(signal("2026-10-01", 80))
    assert healths(of, "2026-11-20", says("2026-10-05", C, until=date(2026, 10, 20))) == [
        "2026-10-01 stable",
        "2026-10-05 critical",
        "2026-10-21 stable",
    ]


@pytest.mark.parametrize(
    ("lasts", "end"), [(timedelta(days=30), "2026-11-04"), (timedelta(days=10), "2026-10-15")]
)
def test_without_an_end_of_its_own_it_stands_as_long_as_the_policy_says(
    lasts: timedelta, end: str
) -> None:
    under = policy(health=replace(MEASURED, override_for=lasts))
    found = healths(
        measured(signal("2026-10-01", 80)), "2026-11-20", says("2026-10-05", C), under=under
    )
    assert found[-1] == f"{end} stable"


def test_with_nothing_measured_a_persons_word_is_kept_however_old() -> None:
    assert healths(measured(), "2027-03-01", says("2026-10-05", R)) == [
        "2026-10-01 unknown",
        "2026-10-05 at_risk",
    ]


def test_unknown_gives_it_back_to_the_signals() -> None:
    of = measured(signal("2026-10-01", 80))
    assert healths(of, "2026-10-20", says("2026-10-05", C), says("2026-10-10", U)) == [
        "2026-10-01 stable",
        "2026-10-05 critical",
        "2026-10-10 stable",
    ]


def test_a_notice_makes_it_critical_and_its_withdrawal_gives_it_back() -> None:
    noticed = at("2026-10-05 10:00"), lambda was: replace(was, notice_on=date(2026, 10, 5))
    withdrawn = at("2026-10-10 10:00"), lambda was: replace(was, notice_on=None)
    of = measured(signal("2026-10-01", 80))
    expected = ["2026-10-01 stable", "2026-10-05 critical", "2026-10-10 stable"]
    assert healths(of, "2026-10-20", noticed, withdrawn) == expected
    nobody = healths(measured(), "2026-10-20", noticed, withdrawn)
    assert nobody[-1] == "2026-10-10 unknown"


def test_a_word_after_the_notice_stands() -> None:
    noticed = at("2026-10-05 10:00"), lambda was: replace(was, notice_on=date(2026, 10, 5))
    found = healths(
        measured(signal("2026-10-01", 80)), "2026-10-20", noticed, says("2026-10-07", R)
    )
    assert found[-1] == "2026-10-07 at_risk"


def _fell(stage: str, first: float, then: float) -> list[str]:
    """Who is told what when the score changes."""
    of = measured(signal("2026-12-01", first), stage=stage)
    life = Life(of, UNDER).until(at("2026-12-02 00:00"), at("2026-12-04 00:00"))
    known = series_of((signal("2026-12-01", first), signal("2026-12-04", then)))
    life.deal = replace(life.deal, signals=known, health_timeline=None)
    life.until(at("2026-12-04 09:00"), at("2026-12-05 00:00"))
    return [
        f"{n.recipient.key} {n.urgency.value}" for n in life.nudges if n.milestone == HEALTH_WORSE
    ]


def test_a_fall_inside_the_renewal_window_is_told_at_once() -> None:
    assert _fell("renewal_3m", 80, 50) == [f"person:{ANN.id} pressing"]


def test_of_a_critical_customer_the_manager_hears_too() -> None:
    assert _fell("renewal_3m", 80, 20) == [f"person:{ANN.id} pressing", f"person:{BOB.id} pressing"]


@pytest.mark.parametrize(
    ("stage", "first", "then"),
    [("stable", 80, 20), ("renewal_3m", 50, 80)],
    ids=["outside the window", "for the better"],
)
def test_nobody_is_told(stage: str, first: float, then: float) -> None:
    assert _fell(stage, first, then) == []


def test_a_fall_that_is_a_notice_is_told_by_the_notice_alone() -> None:
    of = measured(signal("2026-12-01", 80), stage="renewal_3m")
    noticed = at("2026-12-04 10:00"), lambda was: replace(was, notice_on=date(2026, 12, 4))
    life = Life(of, UNDER).until(at("2026-12-02 00:00"), at("2026-12-05 00:00"), [noticed])
    assert life.deal.health is C
    assert {n.milestone for n in life.nudges} & {HEALTH_WORSE, NOTICE} == {NOTICE}


def test_what_is_known_for_the_first_time_is_told_to_nobody() -> None:
    of = measured(signal("2026-12-01", 20), stage="renewal_3m")
    decision = decide(of, UNDER, at("2026-12-02 09:00"))
    assert decision.health is not None
    assert not decision.events


def test_an_edited_policy_makes_every_outlook_anew() -> None:
    of = measured(signal("2026-10-01", 50))
    now = at("2026-10-02 09:00")
    known = after(of, decide(of, UNDER, now))
    strict = replace(MEASURED, measures=(replace(SCORE, bands=(Band(0, 60), Band(90))),))
    changed = decide(known, policy(health=strict), now)
    assert changed.health is not None
    assert changed.health.health is C
    assert known.health_timeline is not None
    assert must_be_made(known.health_timeline.fingerprint, strict)
    assert not must_be_made(known.health_timeline.fingerprint, MEASURED)
    assert fingerprint(strict) != fingerprint(MEASURED)


def test_a_measure_may_be_for_some_deals_and_some_stages_only() -> None:
    only = replace(
        SCORE,
        in_stages=("renewal_3m",),
        where=(Condition("segment", Operator.IN, ("enterprise",)),),
    )
    under = policy(health=replace(MEASURED, measures=(only,)))
    customer = replace(contract().customer, segment="enterprise")
    now = at("2026-12-02 09:00")
    for stage, segment, expected in (
        ("renewal_3m", "enterprise", C),
        ("stable", "enterprise", None),
        ("renewal_3m", "smb", None),
    ):
        of = measured(signal("2026-12-01", 20), stage=stage)
        of = replace(of, contract=replace(of.contract, customer=replace(customer, segment=segment)))
        said = decide(of, under, now).health
        assert (said.health if said else None) is expected, (stage, segment)


def test_a_forecast_that_what_is_measured_contradicts_goes_to_the_manager_with_the_reason() -> None:
    called = measured(
        signal("2026-10-01", 80), call=ForecastCall.RENEW, called_on=date(2026, 10, 5)
    )
    life = Life(called, UNDER)
    life.until(at("2026-10-05 12:00"), at("2026-10-20 12:00"), [comes("2026-10-12", LOW)])
    (told,) = [n for n in life.nudges if n.milestone == CALL_REVIEW]
    assert told.recipient.key == f"person:{BOB.id}"
    (event,) = [e for e in life.events if e.milestone == CALL_REVIEW]
    said = word(event.reason, Language.EN)
    assert said.startswith("the forecast is “will renew”, but the health is “critical” (score 5")


LOW = signal("2026-10-12", 5)


def assessed(*signals: Signal) -> Deal:
    """A deal with its health on 2 October, by these signals."""
    of = measured(*signals)
    return after(of, decide(of, UNDER, at("2026-10-02 12:00")))


WELL = assessed(signal("2026-10-01", 80))
SAID = replace(says("2026-10-05", C, until=date(2026, 10, 20))[1](WELL), health=C)
FADES = "2026-11-30 08:00 unknown None too little is known: the signals are too old"
BACK = "2026-10-20 23:00 stable 90.0 score 80 on 2026-10-01"


@pytest.mark.parametrize(
    ("of", "now", "under", "steps"),
    [
        (WELL, "2026-10-02", UNDER, [FADES]),
        (WELL, "2026-11-30 07:59", UNDER, [FADES]),
        (WELL, "2026-11-30 08:00", UNDER, []),
        (WELL, "2026-10-02", policy(), []),
        (SAID, "2026-10-05", UNDER, [BACK, "2026-11-30 08:00 critical None "]),
        (SAID, "2026-10-20 23:59", UNDER, [BACK, "2026-11-30 08:00 critical None "]),
        (replace(SAID, health=S), "2026-10-21", UNDER, ["2026-11-30 08:00 critical None "]),
        (replace(WELL, health=C, notice_on=date(2026, 10, 3)), "2026-10-05", UNDER, []),
        (measured(), "2026-10-05", UNDER, []),
        (replace(SAID, health_timeline=None), "2026-10-05", UNDER, []),
    ],
)
def test_what_time_alone_will_make_of_it(
    of: Deal, now: str, under: Policy, steps: list[str]
) -> None:
    assert [
        f"{s.at:%Y-%m-%d %H:%M} {s.state.value} {s.score} {word(s.because, Language.EN)}"
        for s in ahead(of, under, at(now))
    ] == steps
