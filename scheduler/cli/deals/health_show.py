"""`renewals health show [CONTRACT]`: how one customer does and why, or how many customers are in
each state."""

import csv
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.terminal.formats import Format, Formatted, format_of
from scheduler.cli.terminal.say import as_json, facts, put, say, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import amounts_word, health_word
from scheduler.core.facts.field_words import reason_label
from scheduler.core.words.escaping import escape_formula
from scheduler.core.words.labels import COMMA, Joined, Label

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.services.deals.deal_story import DealStory
    from scheduler.services.deals.health_summary import HealthCount, HealthSummary

_COLUMNS = (
    "contract",
    "customer",
    "health",
    "score",
    "known_at",
    "said",
    "said_until",
    "old",
    "said_reason",
)
_COUNTS = ("health", "deals", "said", "old", "never_asked", "reasons")


def show(
    here: CommandContext,
    contract: Annotated[
        str | None,
        typer.Argument(
            metavar="CONTRACT",
            help=text("contract number, the customer's name, or '#deal' (left out: the counts)"),
        ),
    ] = None,
    *,
    format: Formatted = None,
) -> None:
    """Says how a customer does, or counts them."""
    how = format_of(here, format)
    if contract is None:
        _all(here, how)
    else:
        _one(here, contract, how)


def _one(here: CommandContext, contract: str, how: Format) -> None:
    """The open terms of one contract; where none is open, those that were."""
    from scheduler.cli.deals.health_rows import health_rows
    from scheduler.cli.deals.life import lives_of, title
    from scheduler.services.deals.why import story

    with here.open() as app:
        lives, policy, now = lives_of(app, contract), app.policy, app.clock.now()
    told = [(story(life, policy, now), life.deal.contract) for life in lives]
    told = [(of, its) for of, its in told if of.is_open] or told
    if how is Format.JSON:
        as_json([{"contract": of.contract, "health": of.health} for of, _ in told])
    elif how is Format.CSV:
        _csv(_COLUMNS, [_row(of) for of, _ in told])
    else:
        for number, (of, its) in enumerate(told):
            if number:
                say()
            put(title(of, its))
            facts(list(health_rows(of, policy)))


def _row(of: "DealStory") -> tuple[object, ...]:
    """The row of one term for a spreadsheet."""
    known = of.health
    return (
        of.contract,
        of.customer,
        known.health.value,
        "" if known.score is None else f"{known.score:g}",
        known.known_at.isoformat() if known.known_at else "",
        known.said.state.value if known.said else "",
        known.said_until.isoformat() if known.said_until else "",
        int(known.old),
        known.said.reason if known.said else "",
    )


def _all(here: CommandContext, how: Format) -> None:
    """Shows how many customers are in each state."""
    from scheduler.services.deals.health_summary import health_summary

    with here.open() as app:
        policy, now = app.policy, app.clock.now()
        with app.plans.snapshot() as snapshot:
            book = health_summary(snapshot.deals(closed=False), policy, now)
    if how is Format.JSON:
        as_json(book)
    elif how is Format.CSV:
        _csv(_COUNTS, [_counted(of) for of in book.counts])
    else:
        _table(book, policy)


def _counted(of: "HealthCount") -> tuple[object, ...]:
    """The row of one state for a spreadsheet."""
    reasons = " ".join(f"{reason}={count}" for reason, count in of.reasons)
    return (of.health.value, of.deals, of.said, of.old, of.never_asked, reasons)


def _table(book: "HealthSummary", policy: "Policy") -> None:
    """For people."""
    table(
        (
            text("Health"),
            Column(text("Deals", context="listing"), right=True),
            Column(text("Money"), right=True),
            Column(text("A person's word"), right=True),
            Column(text("Old"), right=True),
            Column(text("Never asked"), right=True),
        ),
        [
            (
                health_word(c.health.value, policy),
                c.deals,
                amounts_word(c.money, c.without) if c.deals else "",
                c.said or "",
                c.old or "",
                c.never_asked or "",
            )
            for c in book.counts
        ],
    )
    for count in book.counts:
        if count.reasons:
            named = (
                Label("{who} {number}", who=reason_label(reason, policy), number=number)
                for reason, number in count.reasons
            )
            health = health_word(count.health.value, policy)
            say("{health}, because: {reasons}", health=health, reasons=Joined(named, COMMA))
    if book.never_asked:
        nobody = text("(nobody)")
        owners = [
            Label("{who} {number}", who=who or nobody, number=number)
            for who, number in book.never_asked
        ]
        say(
            "Deals whose health was never asked about, by owner: {owners}",
            owners=Joined(owners, COMMA),
        )
    if policy.health is None:
        say(
            "config.toml has no [health]: health is only what people say on their own, and "
            "nobody is asked. To have people asked, add [health] (docs/health.md)."
        )


def _csv(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """For spreadsheets."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([escape_formula(str(cell)) for cell in row] for row in rows)
