"""How fast questions are answered, by whom, and which nobody ever answers.

Always holds: a question is one milestone's day of one deal, counted from the instant at which it
was decided to ask it; its reminders are part of it; an answer to the deal answers all its open
questions.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from scheduler.core.reports.definition import Definition, by_id
from scheduler.core.reports.spread import Spread, spread
from scheduler.core.words.labels import Label


class AskedQuestion(NamedTuple):
    """A question that was asked: about whose contract (empty: nobody's), and when and by whom it
    was answered."""

    milestone: str
    owner: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str

    @property
    def took(self) -> timedelta | None:
        """How long the answer took."""
        return None if self.answered_at is None else self.answered_at - self.asked_at


@dataclass(frozen=True, slots=True)
class AnswersLine:
    """The questions of one milestone, or about one person's contracts: how many were asked and how
    many of them were answered; `by_them`: how long the answers took (of a person, their own)."""

    name: str
    asked: int
    answered: int
    by_them: Spread

    @property
    def waiting(self) -> int:
        """How many were never answered."""
        return self.asked - self.answered


@dataclass(frozen=True, slots=True)
class AnswersReport:
    """The lines by milestone and by person, those with the most questions first, and all
    together."""

    milestones: tuple[AnswersLine, ...]
    people: tuple[AnswersLine, ...]
    whole: AnswersLine

    @property
    def never(self) -> tuple[str, ...]:
        """The milestones that were asked and never answered."""
        return tuple(line.name for line in self.milestones if not line.answered)


def answers_report(questions: Iterable[AskedQuestion]) -> AnswersReport:
    """The report of these questions."""
    several = list(questions)
    return AnswersReport(
        _lines(several, lambda q: q.milestone, lambda q: q.milestone),
        _lines(several, lambda q: q.owner, lambda q: q.answered_by),
        _line("", several, [took for q in several if (took := q.took) is not None]),
    )


def _lines(
    several: Sequence[AskedQuestion],
    of: Callable[[AskedQuestion], str],
    answering: Callable[[AskedQuestion], str],
) -> tuple[AnswersLine, ...]:
    """Lines by what `of` says; how long it took is counted by what `answering` says."""
    asked: dict[str, list[AskedQuestion]] = defaultdict(list)
    took: dict[str, list[timedelta]] = defaultdict(list)
    for question in several:
        asked[of(question)].append(question)
        if (span := question.took) is not None:
            took[answering(question)].append(span)
    names = dict.fromkeys((*asked, *took))
    lines = [_line(name, asked.get(name, []), took.get(name, [])) for name in names]
    return tuple(sorted(lines, key=lambda line: (-line.asked, -line.by_them.count, line.name)))


def _line(name: str, asked: Sequence[AskedQuestion], took: Sequence[timedelta]) -> AnswersLine:
    """One line."""
    answered = sum(question.answered_at is not None for question in asked)
    return AnswersLine(name, len(asked), answered, spread(took))


COLUMNS = (
    Definition(
        "kind",
        Label("By", context="answers"),
        Label("whether the line is about a milestone or a person"),
    ),
    Definition("name", Label("Name"), Label("the milestone, or the person")),
    Definition(
        "asked",
        Label("Asked"),
        Label("questions first asked in the period; for a person, those about their contracts"),
    ),
    Definition(
        "answered", Label("Answered"), Label("of those, the ones that somebody has answered")
    ),
    Definition(
        "waiting", Label("Without an answer"), Label("of those, the ones that nobody has answered")
    ),
    Definition(
        "answers",
        Label("Answers"),
        Label(
            "answers to questions of the period; for a person, the ones that they gave themselves"
        ),
    ),
    Definition(
        "median",
        Label("Median"),
        Label("half of these answers came within this time after the question"),
    ),
    Definition(
        "nine_in_ten", Label("Nine in ten"), Label("nine in ten of them came within this time")
    ),
)
BY_ID = by_id(COLUMNS)
NOTES = (
    Label(
        "A snooze or “seen” does not count as an answer. Reminders belong to their question; an "
        "answer about a contract answers all its open questions."
    ),
)
