"""What the charts of losses and of answers show, before anybody draws it."""

from datetime import UTC, datetime, timedelta

from scheduler.core.deal.deal import LostReason
from scheduler.core.reports.answers import AskedQuestion, answers_report
from scheduler.core.reports.answers_chart import answers_chart
from scheduler.core.reports.losses import LossCell, LossLine
from scheduler.core.reports.lost_chart import lost_chart
from scheduler.core.reports.pictures import Bars, Chart, Tone
from scheduler.core.words.labels import Label
from scheduler.core.words.lexicon import Health
from tests.cast import EXISTING

NOW = datetime(2027, 1, 4, 9, tzinfo=UTC)
REASONS = {"existing": (LostReason("budget", Label("Budget")),)}


def bars(chart: Chart) -> list[Bars]:
    """Its panels, which are all of bars."""
    return [panel for panel in chart.panels if isinstance(panel, Bars)]


def lost(reason: str, late: Health, deals: int) -> LossLine:
    return LossLine(LossCell("stable", reason, Health.STABLE, late, None, "GBP"), deals, 100, 0)


def test_losses_are_drawn_by_reason_and_health_30_days_before_the_most_first() -> None:
    lines = [
        lost("budget", Health.UNKNOWN, 2),
        lost("gone", Health.CRITICAL, 1),
        lost("budget", Health.CRITICAL, 3),
        lost("", Health.STABLE, 4),
    ]
    chart = lost_chart([(EXISTING, lines), (EXISTING, [])], REASONS)
    (panel,) = bars(chart)
    assert [str(place) for place in panel.places] == ["Budget", "(no reason)", "gone"]
    assert [(one.tone, one.values) for one in panel.series] == [
        (Tone.GOOD, (0, 4, 0)),
        (Tone.BAD, (3, 0, 1)),
        (Tone.UNKNOWN, (2, 0, 0)),
    ]


def test_answered_and_unanswered_questions_are_stacked_by_milestone_and_by_person() -> None:
    questions = [
        AskedQuestion("t3m", "Ann", NOW, NOW + timedelta(hours=2), "Bob"),
        AskedQuestion("t3m", "Ann", NOW, None, ""),
        AskedQuestion("t1m", "", NOW, None, ""),
    ]
    of_milestones, of_people = bars(answers_chart(answers_report(questions), str.upper))
    assert of_milestones.places == ("T3M", "T1M")
    assert [one.values for one in of_milestones.series] == [(1, 0), (1, 1)]
    assert [str(place) for place in of_people.places] == ["Ann", "(nobody)"], (
        "Bob was asked nothing"
    )


def test_more_lines_than_there_is_room_for_are_told() -> None:
    asked = [AskedQuestion(f"m{n:02}", "Ann", NOW, None, "") for n in range(21)]
    full = answers_chart(answers_report(asked[:20]), str)
    cut = answers_chart(answers_report(asked), str)
    assert (len(bars(cut)[0].places), full.note) == (20, "")
    assert "20" in str(cut.note)


def test_of_nothing_nothing_is_drawn() -> None:
    assert answers_chart(answers_report([]), str).is_empty
    assert lost_chart([(EXISTING, [])], REASONS).is_empty
