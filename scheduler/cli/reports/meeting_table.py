"""The page for the weekly meeting on a terminal."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from scheduler.cli.reports.meeting_words import (
    group_word,
    health_of,
    left_out_word,
    step_word,
    sums_of,
    totals_word,
    who_said_what,
)
from scheduler.cli.terminal.say import heading, label, language, put, say, strong, table, tell, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import amount_word
from scheduler.core.deal.formats import long_day, month_words, near_day
from scheduler.core.reports.meeting import DueLine, Meeting, MeetingGroup, MeetingLine
from scheduler.core.words.lexicon import Health

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy

Days = tuple[date, date, date]
"""The first and the last day of the period, and today."""


def show_page(found: Meeting, policy: "Policy", days: Days, most: int) -> None:
    """The page on a terminal."""
    if found.lines:
        _show_lines(found, policy, days, most)
    else:
        say("No open renewal of this period matches.")
    if left_out := left_out_word(found):
        say()
        put(left_out)


def _show_lines(found: Meeting, policy: "Policy", days: Days, most: int) -> None:
    """The months, then the contracts by group."""
    first, last, today = days
    said = {"first": long_day(first, language()), "last": long_day(last, language())}
    put(strong(text("Renewals that end from {first} to {last}", **said)))
    put(totals_word(found))
    say()
    show_due(found.due)
    for group in MeetingGroup:
        lines = found.in_group(group)
        if lines:
            heading(group_word(group, len(lines)))
            table(_columns(), [_row(line, policy, today) for line in lines[:most]])
            if len(lines) > most:
                tell("{number} more (--limit shows more)", number=len(lines) - most)


def show_due(due: Sequence[DueLine]) -> None:
    """Shows what is due by month and health."""
    columns: list[Column | str] = [
        text("Month"),
        Column(text("Contracts", context="count"), right=True),
        Column(text("Amount"), right=True),
        *(Column(label(h.label.as_title), right=True, stays=True) for h in Health),
    ]
    months = list(dict.fromkeys(line.month for line in due))
    rows = [
        _due_row(month_words(month, language()), [x for x in due if x.month == month])
        for month in months
    ]
    table(columns, [*rows, *([_due_row(text("Total"), due)] if len(rows) > 1 else [])])


def _due_row(name: str, lines: Sequence[DueLine]) -> list[object]:
    """The row of one month."""
    of = {health: sum(x.contracts for x in lines if x.health is health) for health in Health}
    return [name, sum(of.values()), sums_of(lines), *(of[health] or "" for health in Health)]


def _columns() -> tuple[Column, ...]:
    """The headings of the contracts."""
    return (
        Column(text("Customer"), least=12),
        Column(text("Contract"), least=8),
        Column(text("Amount"), right=True),
        Column(text("Ends")),
        Column(text("Decide by"), spare=2),
        Column(text("Health"), least=8),
        Column(text("Forecast"), spare=3),
        Column(text("Last word"), spare=4, wraps=True),
        Column(text("Next step"), wraps=True),
        Column(text("Owner"), least=8, spare=5),
    )


def _row(line: MeetingLine, policy: "Policy", today: date) -> tuple[str, ...]:
    """The cells of one contract."""
    of = line.of
    return (
        of.customer,
        of.contract,
        amount_word(of.amount),
        near_day(of.ends_on, today, language()) + (text(" (est.)") if of.estimated else ""),
        near_day(of.decide_by, today, language()) if of.decide_by else "",
        health_of(of, policy),
        label(of.call.label.as_title) if of.call else "",
        who_said_what(of, policy, today),
        step_word(line, policy, today),
        of.owner or text("(nobody)"),
    )
