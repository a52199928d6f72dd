"""A deal lived ahead on a virtual clock: when it is looked at, what goes out in its window, what is
dropped by then, and what follows."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from scheduler.core.deal.deal import Deal, Nudge
from scheduler.core.deal.pauses import UNTIL_RESUMED
from scheduler.core.deal.people import Absence
from scheduler.core.policy.policy import Policy
from scheduler.core.rules.decide import after, decide
from scheduler.core.rules.delivery_window import DeliveryWindows, Reached
from scheduler.core.rules.projection import Look, Reaches, live
from scheduler.core.time.dates import Term
from scheduler.core.words.lexicon import ChannelName, Language, NudgeState
from scheduler.core.words.reasons import word
from tests.cast import ANN, BOB, LONDON, OFTEN, T1M, T3M, at, contract, deal, policy

UNDER = policy()


def windows(under: Policy = UNDER) -> DeliveryWindows:
    """Everybody's hours."""
    return DeliveryWindows(under, (ChannelName.EMAIL,))


def clock(instant: datetime) -> str:
    return f"{instant.astimezone(ZoneInfo(LONDON)):%Y-%m-%d %H:%M}"


def shown(look: Look) -> str:
    """A look in a line: when, in which stage, what was sent and dropped since, what was decided."""
    said = look.decision
    out = [f"sent {s.nudge.milestone}+{s.nudge.step} {clock(s.reached.at)}" for s in look.sent]
    gone = [f"dropped {c.key[:4]}: {word(c.reason, Language.EN)}" for c in look.dropped]
    told = [f"{e.milestone}+{e.step} {e.state.value}" for e in said.events]
    won = ["won"] if said.won else []
    return ", ".join([f"{clock(look.at)} {look.deal.stage}", *out, *gone, *told, *won])


def lived(
    of: Deal,
    start: str = "2026-12-01",
    until: str = "2027-03-10",
    under: Policy = UNDER,
    reaches: Reaches | None = None,
) -> list[str]:
    """Every look in a line."""
    looks: Iterator[Look] = live(of, under, at(start), at(until), reaches or windows(under))
    return [shown(look) for look in looks]


def test_a_deal_is_looked_at_when_its_alarm_rings_and_its_nudges_go_out_in_their_window() -> None:
    assert lived(deal()) == [
        "2026-12-01 10:00 stable",
        "2026-12-31 00:00 stable, renewal_3m+0 fired",
        "2027-02-26 00:00 renewal_3m, sent renewal_3m+0 2026-12-31 09:00, renewal_1m+0 fired",
        "2027-03-10 10:00 renewal_1m, sent renewal_1m+0 2027-02-26 09:00",
    ]


@pytest.mark.parametrize(
    ("version", "alarm", "first"),
    [
        (0, None, "2026-12-01 10:00"),
        (0, "2026-12-20", "2026-12-01 10:00"),
        (1, "2026-12-20", "2026-12-20 10:00"),
        (1, "2026-11-20", "2026-12-01 10:00"),
        (1, None, "2026-12-31 00:00"),
        (1, "2026-12-31 00:00", "2026-12-31 00:00"),
    ],
)
def test_a_deal_of_another_policy_is_looked_at_at_once_and_others_when_their_alarm_rings(
    version: int, alarm: str | None, first: str
) -> None:
    of = deal(policy_version=version, wake_at=at(alarm) if alarm else None)
    looks = lived(of, until="2026-12-31 00:00")
    assert looks[0] == f"{first} stable"
    assert looks[-1] == "2026-12-31 00:00 stable", "at the last instant nothing is decided"


def told(of: Deal, day: str, under: Policy = UNDER) -> Deal:
    """The deal after this look; its nudges wait."""
    return after(of, decide(of, under, at(day)))


def test_what_waits_already_goes_out_and_what_lost_its_day_is_dropped() -> None:
    waits = told(deal(), "2026-12-31")
    (mine,) = waits.nudges
    lost = replace(mine, key="lost", anchor_on=date(2027, 1, 1))
    held = replace(mine, key="held", state=NudgeState.HELD)
    gone = replace(mine, key="gone", state=NudgeState.SENT)
    both = replace(waits, nudges=(mine, lost, held, gone), wake_at=at("2027-02-26"))
    looks = list(live(both, UNDER, at("2026-12-31 08:00"), at("2027-01-02"), windows()))
    assert [shown(look) for look in looks] == [
        "2026-12-31 08:00 renewal_3m",
        (
            "2027-01-02 10:00 renewal_3m, sent renewal_3m+0 2026-12-31 09:00, "
            "dropped lost: the day it was about, 2027-01-01, has changed"
        ),
    ]
    states = {n.key: n.state for n in looks[-1].deal.nudges}
    assert [states[key] for key in (mine.key, "lost", "held", "gone")] == [
        NudgeState.SENT,
        NudgeState.CANCELLED,
        NudgeState.HELD,
        NudgeState.SENT,
    ]
    assert looks[-1].deal.nudges[1].reason == looks[-1].dropped[0].reason
    later = list(live(both, UNDER, at("2026-12-31 08:00"), at("2027-02-27"), windows()))
    assert [len(look.dropped) for look in later] == [0, 1, 0]


def test_what_a_window_holds_never_goes_out() -> None:
    def never(nudge: Nudge, of: Deal, now: datetime) -> None:
        return None

    assert lived(deal(), until="2027-01-10", reaches=never)[-1] == "2027-01-10 10:00 renewal_3m"
    later = lived(deal(), reaches=never)
    assert later[-2:] == [
        "2027-02-26 00:00 renewal_3m, renewal_1m+0 fired",
        "2027-03-10 10:00 renewal_1m",
    ]
    weekly = deal(owner=None, manager=None, stage="renewal_1m")
    looks = list(live(weekly, UNDER, at("2027-04-01"), at("2027-04-16"), never))
    assert [e.step for e in looks[-1].deal.events if e.milestone == "ended"] == [0, 1, 2]


def test_what_holds_one_nudge_does_not_hold_the_next() -> None:
    both = policy(replace(T3M, tell=("owner", "manager")))
    open_hours = windows(both)

    def not_hers(nudge: Nudge, of: Deal, now: datetime) -> Reached | None:
        return None if nudge.recipient.person_id == ANN.id else open_hours(nudge, of, now)

    assert lived(deal(), until="2027-01-02", under=both, reaches=not_hers)[-1] == (
        "2027-01-02 10:00 renewal_3m, sent renewal_3m+0 2026-12-31 09:00"
    )


def test_what_goes_out_at_the_very_instant_of_a_look_has_gone_out() -> None:
    assert lived(deal(), until="2026-12-31 09:00")[-1] == (
        "2026-12-31 09:00 renewal_3m, sent renewal_3m+0 2026-12-31 09:00"
    )


def test_a_nudge_that_is_cancelled_before_its_window_is_not_sent() -> None:
    noon = at("2026-12-31 12:00")
    end = replace(deal().contract, ends_on=date(2027, 12, 31))
    moved = replace(told(deal(), "2026-12-31 08:00"), contract=end)
    looks = list(live(moved, UNDER, at("2026-12-31 08:30"), noon, windows()))
    assert [look.sent for look in looks] == [(), ()]
    assert [len(look.decision.cancels) for look in looks] == [1, 0]
    assert looks[-1].dropped == ()


def test_who_is_away_makes_the_deal_be_decided_again_when_their_window_opens() -> None:
    short = replace(ANN, absences=(Absence(date(2026, 12, 31), date(2027, 1, 4)),))
    looks = lived(deal(owner=short, people={1: short, 2: BOB}), until="2027-01-06")
    assert looks[-2:] == [
        "2026-12-31 00:00 stable, renewal_3m+0 fired",
        "2027-01-06 10:00 renewal_3m, sent renewal_3m+0 2027-01-05 09:00",
    ]
    twice = (
        Absence(date(2026, 12, 31), date(2027, 1, 4)),
        Absence(date(2027, 1, 5), date(2027, 1, 5)),
    )
    again = replace(short, absences=twice)
    both = policy(replace(T3M, tell=("owner", "manager")))
    away = deal(owner=again, people={1: again, 2: BOB})
    assert [line[:16] for line in lived(away, until="2027-01-07", under=both)[-2:]] == [
        "2027-01-05 09:00",
        "2027-01-07 10:00",
    ]
    assert lived(away, until="2027-01-07")[-2:] == [
        "2027-01-05 09:00 renewal_3m",
        "2027-01-07 10:00 renewal_3m, sent renewal_3m+0 2027-01-06 09:00",
    ]


def test_a_renewal_that_is_won_by_itself_is_followed_by_the_next_term() -> None:
    renews = deal(contract(date(2027, 3, 31), notice=Term(2), auto_renew=True))
    looks = list(live(renews, UNDER, at("2027-02-01"), at("2028-02-20"), windows()))
    assert [shown(look) for look in looks if look.deal.key == renews.key] == [
        "2027-02-01 10:00 stable, renewal_3m+0 fired",
        "2027-02-03 00:00 renewal_3m, sent renewal_3m+0 2027-02-01 10:00, auto_renewal+0 fired, won",
        "2028-02-20 10:00 won, sent auto_renewal+0 2027-02-03 09:00",
    ]
    follows = [look.deal for look in looks if look.deal.key != renews.key]
    assert follows[0].arrived_at == follows[0].stage_entered_at == at("2027-02-03 00:00")
    assert [shown(look) for look in looks if look.deal.key != renews.key] == [
        "2027-02-03 00:00 stable",
        "2027-12-31 00:00 stable, renewal_3m+0 fired",
        "2028-02-03 00:00 renewal_3m, sent renewal_3m+0 2027-12-31 09:00, auto_renewal+0 fired, won",
        "2028-02-20 10:00 won, sent auto_renewal+0 2028-02-03 09:00",
        "2028-02-03 00:00 stable",
        "2028-02-20 10:00 stable",
    ]


def test_of_what_is_said_every_week_after_the_end_only_the_last_is_kept() -> None:
    alone = deal(owner=None, manager=None, stage="renewal_1m", policy_version=1)
    alone = replace(alone, wake_at=at("2027-04-01"))
    under = policy(replace(T3M, moves_to=None), T1M)
    looks = list(live(alone, under, at("2027-04-01"), at("2027-04-16"), windows(under)))
    events = [{(e.milestone, e.step) for e in look.deal.events} for look in looks]
    others = {("renewal_3m", 0), ("renewal_1m", 0)}
    assert events == [set(), *({*others, ("ended", step)} for step in range(3))]
    assert [[n.step for n in look.deal.nudges] for look in looks] == [[], [0], [1], [2]]


def test_a_reminder_replaces_what_did_not_go_out() -> None:
    under = policy(attention=OFTEN)
    away = replace(ANN, absences=(Absence(date(2026, 12, 31), date(2027, 1, 6)),))
    looks = lived(
        deal(owner=away, people={1: away, 2: BOB}),
        until="2027-01-07",
        under=replace(under, attention=replace(OFTEN, absence_days=9)),
    )
    assert looks[-2:] == [
        "2027-01-05 00:00 renewal_3m, renewal_3m+1 fired",
        "2027-01-07 10:00 renewal_3m, sent renewal_3m+1 2027-01-07 09:00",
    ]


@pytest.mark.parametrize(
    ("version", "until", "looks"),
    [
        (1, "2026-12-15", ["2026-12-31 00:00"]),
        (0, "2026-12-15", ["2026-12-15 10:00", "2026-12-31 00:00"]),
        (1, "2027-01-15", ["2027-01-15 10:00"]),
        (0, "2026-11-15", ["2026-12-01 10:00", "2026-12-31 00:00"]),
        (0, None, []),
    ],
)
def test_what_is_paused_is_not_looked_at_before_its_pause_is_over(
    version: int, until: str | None, looks: list[str]
) -> None:
    of = deal(
        policy_version=version,
        wake_at=at("2026-12-31 00:00"),
        paused_until=at(until) if until else UNTIL_RESUMED,
    )
    *decided, _ = live(of, UNDER, at("2026-12-01"), at("2027-02-01"), windows())
    assert [clock(look.at) for look in decided] == looks


def test_what_waits_when_a_deal_is_paused_goes_out_when_its_pause_is_over() -> None:
    start, until = at("2027-01-04"), at("2027-02-01")
    asked = after(deal(), decide(deal(), UNDER, at("2026-12-31")))
    resumed = replace(asked, policy_version=0, paused_until=at("2027-01-15 08:00"))
    (_, end) = live(resumed, UNDER, start, until, windows())
    assert [clock(s.reached.at) for s in end.sent] == ["2027-01-15 09:00"]
    (end,) = live(replace(asked, paused_until=UNTIL_RESUMED), UNDER, start, until, windows())
    assert end.sent == ()
