"""The funnel and the losses, against small cases counted by hand."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from scheduler.core.deal.contracts import Money
from scheduler.core.deal.deal import Lost
from scheduler.core.reports.funnel import FunnelLine, StageEntry, funnel, funnel_chart
from scheduler.core.reports.losses import LossLine, LostDeal, by_reason, health_before, losses
from scheduler.core.words.lexicon import Health
from tests.cast import EXISTING

DAY_0 = datetime(2026, 4, 1, tzinfo=UTC)
TOKYO = ZoneInfo("Asia/Tokyo")


def on(day: int | None) -> datetime | None:
    return None if day is None else DAY_0 + timedelta(days=day)


def way(*stages: tuple[str, int | None], observed: bool = True) -> list[StageEntry]:
    return [StageEntry(stage, on(day), observed) for stage, day in stages]


def lines(*histories: list[StageEntry]) -> dict[str, FunnelLine]:
    return {line.stage.id: line for line in funnel(EXISTING, histories).lines}


def test_ever_reached_and_in_order_are_two_things() -> None:
    found = lines(
        way(("onboarding", 0), ("at_risk", 30), ("renewal_3m", 270), ("won", 300)),
        way(("stable", 0), ("renewal_3m", 270), ("renewal_1m", 330), ("won", 340)),
        way(("onboarding", 0), ("stable", 30), ("renewal_3m", 270), ("renewal_1m", 330), ("won", 340)),
    )  # fmt: skip
    counted = {stage: (line.reached[0], line.strict) for stage, line in found.items()}
    assert counted == {
        "onboarding": (2, 2),
        "stable": (2, 1),
        "at_risk": (1, 1),
        "critical": (0, 0),
        "renewal_3m": (3, 2),
        "renewal_1m": (2, 1),
        "won": (3, 1),
        "lost": (0, 0),
    }


def test_first_entries_re_entries_and_skipped_steps() -> None:
    found = lines(
        way(("onboarding", 0), ("stable", 1), ("at_risk", 2), ("stable", 3), ("stable", 4)),
        way(("renewal_1m", 0)),
    )
    assert {s: line.first for s, line in found.items() if line.first} == {
        "onboarding": 1,
        "renewal_1m": 1,
    }
    assert {s: line.again for s, line in found.items() if line.again} == {"stable": 2}
    assert {s: line.skipped for s, line in found.items() if line.skipped} == {
        "onboarding": 1,
        "stable": 1,
        "renewal_3m": 1,
    }


def test_a_stay_counts_when_it_is_over_and_both_its_instants_are_known() -> None:
    found = lines(
        way(("onboarding", 0), ("stable", 10), ("renewal_3m", 40)),
        way(("onboarding", 0), ("stable", 20)),
        way(("onboarding", None), ("stable", 20)),
        way(("onboarding", 0), ("stable", 90), observed=False),
    )
    onboarding = found["onboarding"]
    assert (onboarding.stayed.count, onboarding.stayed.median) == (2, timedelta(days=10))
    assert (onboarding.stayed.nine, onboarding.reached) == (timedelta(days=20), (3, 1))
    assert onboarding.stayed_reconstructed.median == timedelta(days=90)
    assert found["renewal_3m"].stayed.count == 0


def test_a_stage_seen_once_is_observed_though_an_import_has_it_too() -> None:
    seen = [StageEntry("stable", on(0), False), StageEntry("stable", on(1), True)]
    assert lines(seen)["stable"].reached == (1, 0)


def test_a_stage_that_the_pipeline_no_longer_has_is_left_out() -> None:
    assert lines(way(("gone", 0), ("stable", 1)))["stable"].first == 1


def test_the_chart_has_a_panel_for_each_pipeline_with_deals() -> None:
    found = [funnel(EXISTING, [way(("stable", 0))]), funnel(EXISTING, [])]
    chart = funnel_chart(found)
    assert len(chart.panels) == 1
    assert chart.panels[0].series[0].values[1] == 1  # type: ignore[union-attr]


ENDS = date(2027, 3, 31)
LOST = LostDeal(
    ("onboarding", "stable", "renewal_3m", "lost"),
    ((datetime(2026, 5, 1, tzinfo=UTC), Health.STABLE), (datetime(2027, 2, 1, tzinfo=UTC), Health.CRITICAL)),
    ENDS, Money(100, "JPY"), Lost("budget", None, True),
)  # fmt: skip


def test_losses_are_by_furthest_stage_reason_health_before_and_avoidability() -> None:
    nothing = LostDeal(("lost",), (), None, Money(None, "JPY"), None)
    first, last = losses(EXISTING, [LOST, nothing, LOST], TOKYO)
    assert (first.deals, first.minor, first.without) == (2, 200, 0)
    assert (first.cell.stage, first.cell.reason) == ("renewal_3m", "budget")
    assert (first.cell.early, first.cell.late) == (Health.STABLE, Health.CRITICAL)
    assert first.cell.avoidable is True
    assert (last.cell.stage, last.cell.reason, last.cell.avoidable) == ("", "", None)
    assert (last.cell.early, last.without) == (Health.UNKNOWN, 1)
    assert by_reason([first, last]) == [("budget", 2), ("", 1)]
    assert isinstance(first, LossLine)


def test_the_health_of_a_day_is_what_was_said_by_its_end_in_the_zone() -> None:
    at = datetime(2026, 12, 31, 14, 59, tzinfo=UTC)  # 23:59 in Tokyo, 90 days before the end
    early = LostDeal((), ((at, Health.AT_RISK),), ENDS, Money(1, "JPY"), None)
    late = LostDeal((), ((at + timedelta(minutes=1), Health.AT_RISK),), ENDS, Money(1, "JPY"), None)
    assert health_before(early, 90, TOKYO) is Health.AT_RISK
    assert health_before(late, 90, TOKYO) is Health.UNKNOWN
    assert health_before(late, 89, TOKYO) is Health.AT_RISK
