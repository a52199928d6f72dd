"""What comes for each person, week by week; how fast questions are answered."""

from datetime import UTC, date, datetime, timedelta

from scheduler.core.reports.answers import AskedQuestion, answers_report
from scheduler.core.reports.load import ComingDay, LoadKind, load_chart, load_of
from scheduler.core.reports.spread import spread
from scheduler.core.words.labels import in_words
from scheduler.core.words.lexicon import Language

FIRST, LAST = date(2027, 1, 6), date(2027, 1, 20)
PEOPLE: dict[int | None, tuple[str, str | None]] = {
    1: ("Ann", "emea"),
    2: ("Bob", None),
    None: ("", None),
}
DAYS = (
    ComingDay(1, LoadKind.RENEWAL, date(2027, 1, 3), 9),
    ComingDay(1, LoadKind.RENEWAL, date(2027, 1, 4), 1),
    ComingDay(1, LoadKind.NUDGE, date(2027, 1, 10), 2),
    ComingDay(1, LoadKind.DEADLINE, date(2027, 1, 24), 1),
    ComingDay(1, LoadKind.DEADLINE, date(2027, 1, 25), 9),
    ComingDay(2, LoadKind.NUDGE, date(2027, 1, 11), 7),
    ComingDay(None, LoadKind.NUDGE, date(2027, 1, 11), 1),
    ComingDay(3, LoadKind.NUDGE, date(2027, 1, 11), 99),
)


def test_weeks_begin_on_monday_and_the_busiest_stand_first() -> None:
    found = load_of(DAYS, PEOPLE, FIRST, LAST)
    assert [f"{monday:%m-%d}" for monday in found.mondays] == ["01-04", "01-11", "01-18"]
    assert [(weeks[0].person, [week.all for week in weeks]) for weeks in found.people] == [
        ("Bob", [0, 7, 0]),
        ("Ann", [3, 0, 1]),
        ("", [0, 1, 0]),
    ]
    ann = found.people[1]
    assert (ann[0].renewals, ann[0].nudges, ann[2].deadlines) == (1, 2, 1)
    assert found.total == (3, 8, 1)


def test_the_heat_map_has_a_line_for_each_of_the_busiest_and_counts_the_others() -> None:
    people: dict[int | None, tuple[str, str | None]] = {n: (f"P{n:02d}", None) for n in range(30)}
    days = [ComingDay(n, LoadKind.NUDGE, FIRST, n + 1) for n in range(30)]
    chart = load_chart(load_of(days, people, FIRST, LAST), FIRST)
    (panel,) = chart.panels
    assert (panel.rows[0], panel.values[0], len(panel.rows)) == ("P29", (30, 0, 0), 25)  # type: ignore[union-attr]
    assert str(chart.note) == "5 more people"
    assert [in_words(place, Language.EN) for place in panel.places] == ["4 Jan", "11 Jan", "18 Jan"]
    nobody = load_chart(load_of(DAYS, PEOPLE, FIRST, LAST), FIRST).panels[0]
    assert [str(row) for row in nobody.rows] == ["Bob", "Ann", "(nobody)"]  # type: ignore[union-attr]
    assert load_chart(load_of([], {}, FIRST, LAST), FIRST).is_empty


def test_a_spread_is_by_nearest_rank() -> None:
    days = [timedelta(days=n) for n in range(1, 11)]
    assert (spread(days).median, spread(days).nine) == (days[4], days[8])
    assert spread(days[:1]) == spread([timedelta(days=1)])
    assert spread(list(reversed(days))) == spread(days)


ASKED = datetime(2027, 1, 4, tzinfo=UTC)


def question(milestone: str, owner: str, days: int | None = None, by: str = "") -> AskedQuestion:
    answered = None if days is None else ASKED + timedelta(days=days)
    return AskedQuestion(milestone, owner, ASKED, answered, by)


def test_questions_count_with_the_owner_and_answers_with_whoever_gave_them() -> None:
    found = answers_report(
        [
            question("renewal_3m", "Ann", 1, "Ann"),
            question("renewal_3m", "Ann", 3, "Bob"),
            question("renewal_3m", "Bob"),
            question("onboarding", "Ann"),
        ]
    )
    people = {line.name: (line.asked, line.answered, line.by_them.count) for line in found.people}
    assert people == {"Ann": (3, 2, 1), "Bob": (1, 0, 1)}
    assert found.people[1].by_them.median == timedelta(days=3)
    milestones = {line.name: (line.asked, line.answered, line.waiting) for line in found.milestones}
    assert milestones == {"renewal_3m": (3, 2, 1), "onboarding": (1, 0, 1)}
    assert found.never == ("onboarding",)
    assert (found.whole.asked, found.whole.answered) == (4, 2)


def test_somebody_who_only_answers_for_others_has_a_line_too() -> None:
    found = answers_report([question("renewal_3m", "Ann", 1, "Bob")])
    assert [(line.name, line.asked, line.by_them.count) for line in found.people] == [
        ("Ann", 1, 0),
        ("Bob", 0, 1),
    ]
