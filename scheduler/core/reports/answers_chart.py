"""The chart of questions and answers: how many were answered, by milestone and by person."""

from collections.abc import Callable, Sequence

from scheduler.core.reports.answers import AnswersLine, AnswersReport
from scheduler.core.reports.pictures import Bars, Chart, Series, Tone, Words
from scheduler.core.words.labels import Label

_DRAWN = 20
"""Lines that a panel has room for."""


def answers_chart(found: AnswersReport, milestone: Callable[[str], Words]) -> Chart:
    """Questions that were answered and that nobody has answered, of the milestones and of the
    people with the most; `milestone` says what one is called."""
    asked = [line for line in found.people if line.asked]
    panels = [
        _panel(Label("Questions by milestone"), found.milestones, milestone),
        _panel(Label("Questions about the contracts of each person"), asked, _person),
    ]
    left = max(len(found.milestones), len(asked)) > _DRAWN
    note = Label("Only the {count} with the most questions are drawn in each chart.", count=_DRAWN)
    return Chart(
        Label("Questions and answers"),
        tuple(panel for panel in panels if panel.places),
        note if left else "",
    )


def _person(name: str) -> Words:
    """What a person is called; contracts without an owner are nobody's."""
    return name or Label("(nobody)")


def _panel(unit: Label, lines: Sequence[AnswersLine], called: Callable[[str], Words]) -> Bars:
    """One line for each of the first."""
    some = lines[:_DRAWN]
    answered = tuple(line.answered for line in some)
    waiting = tuple(line.waiting for line in some)
    return Bars(
        unit,
        tuple(called(line.name) for line in some),
        (
            Series(Label("Answered"), Tone.FIRST, answered),
            Series(Label("Without an answer"), Tone.UNKNOWN, waiting),
        ),
        across=True,
    )
