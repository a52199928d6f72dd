"""`renewals report answers`: how fast questions are answered, by whom, and which nobody answers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from scheduler.cli.context import CommandContext
from scheduler.cli.reports.frame import Figure, Sheetful, hand_over, requested
from scheduler.cli.terminal.say import heading, label, put, say, strong, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import milestone_word
from scheduler.core.reports.answers import BY_ID, COLUMNS, NOTES, AnswersLine, AnswersReport
from scheduler.core.reports.answers_chart import answers_chart
from scheduler.core.reports.asked import months_of
from scheduler.core.reports.spread import hours
from scheduler.services.reports.answers import answers_of

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

_BEFORE = 2
"""How many months before the present one are shown where nobody says."""
_DAY = 24


@dataclass(frozen=True, slots=True)
class NamedAnswers:
    """A line with what it is about: `milestone` or `person`."""

    kind: str
    of: AnswersLine


def answers(here: CommandContext) -> None:
    """How fast questions are answered, by whom, and which milestones nobody ever answers."""
    with here.open() as app:
        request = requested(here, app, lambda day: months_of(day, _BEFORE, 0))
        policy = app.policy
        found = answers_of(app.asked_questions, policy, request.scope, request.known)
    rows = [NamedAnswers("milestone", line) for line in found.milestones]
    rows += [NamedAnswers("person", line) for line in found.people]
    plain = {
        "milestones": [_plain(line) for line in found.milestones],
        "people": [_plain(line) for line in found.people],
        "total": _plain(found.whole),
        "never_answered": found.never,
    }
    sheet = Sheetful(
        text("Answers"),
        _figures(policy),
        rows,
        plain,
        lambda: _show(found, policy),
        COLUMNS,
        NOTES,
        chart=lambda: answers_chart(found, lambda name: milestone_word(name, policy)),
    )
    hand_over(here, sheet, request)


def _figures(policy: "Policy") -> list[Figure[NamedAnswers]]:
    """The columns of files; spans are in whole hours."""
    return [
        Figure(
            BY_ID["kind"],
            lambda line: line.kind,
            lambda line: text("milestone") if line.kind == "milestone" else text("person"),
        ),
        Figure(
            BY_ID["name"],
            lambda line: line.of.name or None,
            lambda line: (
                milestone_word(line.of.name, policy)
                if line.kind == "milestone"
                else line.of.name or None
            ),
        ),
        Figure(BY_ID["asked"], lambda line: line.of.asked),
        Figure(BY_ID["answered"], lambda line: line.of.answered),
        Figure(BY_ID["waiting"], lambda line: line.of.waiting),
        Figure(BY_ID["answers"], lambda line: line.of.by_them.count),
        Figure(BY_ID["median"], lambda line: hours(line.of.by_them.median)),
        Figure(BY_ID["nine_in_ten"], lambda line: hours(line.of.by_them.nine)),
    ]


def _plain(line: AnswersLine) -> dict[str, Any]:
    """One line in JSON."""
    return {
        "name": line.name or None,
        "asked": line.asked,
        "answered": line.answered,
        "answers": line.by_them.count,
        "median_hours": hours(line.by_them.median),
        "nine_in_ten_hours": hours(line.by_them.nine),
    }


def _show(found: AnswersReport, policy: "Policy") -> None:
    """The report on a terminal."""
    if not found.whole.asked:
        say("Nobody was asked anything in this period.")
        return
    put(strong(text("By milestone")))
    names = [milestone_word(line.name, policy) for line in found.milestones]
    _table(names, [*found.milestones, found.whole])
    heading("By person")
    _table([line.name or text("(nobody)") for line in found.people], found.people)
    if found.never:
        say()
        never = text(", ").join(milestone_word(name, policy) for name in found.never)
        say("Never answered: {names}", names=never)


def _table(names: Sequence[str], lines: Sequence[AnswersLine]) -> None:
    """Lines with their names; a line more than names is the total."""
    columns: list[Column | str] = [
        Column(label(BY_ID["name"].name), least=12),
        *(
            Column(label(BY_ID[id_].name), right=True)
            for id_ in ("asked", "answered", "waiting", "answers", "median", "nine_in_ten")
        ),
    ]
    rows = [
        [
            name,
            line.asked or "",
            line.answered or "",
            line.waiting or "",
            line.by_them.count or "",
            span_word(line.by_them.median),
            span_word(line.by_them.nine),
        ]
        for name, line in zip([*names, text("Total")], lines, strict=False)
    ]
    table(columns, rows)


def span_word(span: timedelta | None) -> str:
    """A span in hours up to two days, then in days with one decimal; empty for none."""
    if span is None:
        return ""
    whole = hours(span) or 0
    if whole < 2 * _DAY:
        return text("{hours} h", hours=whole)
    return text("{days:.1f} d", days=span / timedelta(days=1))
