"""`renewals run --dry-run`: what `run --once` would do, and nothing changed."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from scheduler.cli.context import CommandContext
from scheduler.cli.delivery.restored import waits
from scheduler.cli.delivery.run_once import FAILED
from scheduler.cli.terminal.say import say, table, text
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import (
    because,
    day_word,
    milestone_word,
    recipient_word,
    stage_word,
    when,
)

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.services.deals.dry_run import DryRunDeal


def dry_run(here: CommandContext) -> int:
    """Shows what `run --once` would do, computed in a transaction that is rolled back."""
    from scheduler.services.deals.dry_run import foresee

    with here.open() as app:
        if waits(app):
            return 0
        now, policy = app.clock.now(), app.policy
        foreseen = foresee(app.sweeping, policy, now)
        waiting = app.listings.due(now)
        next_at = app.listings.next_at(now)
    if foreseen:
        say(
            "If run now, this would be done for {count} deal (nothing was kept or sent):",
            many="If run now, this would be done for {count} deals (nothing was kept or sent):",
            count=len(foreseen),
        )
        columns = (
            Column(text("Customer"), least=12),
            Column(text("Contract"), least=8),
            text("What", context="run"),
            Column(text("Reaches them"), spare=1),
            Column(text("Because"), wraps=True),
        )
        table(columns, [row for one in foreseen for row in _rows(one, policy)])
    else:
        say("If run now, no deal would move and nobody would be told anything new.")
    if waiting:
        say(
            (
                "Nudges that are waiting already and would be sent now or in their readers' "
                "working hours: {waiting}"
            ),
            waiting=waiting,
        )
    if not foreseen and not waiting and next_at is not None:
        at = when(next_at, policy)
        say("The next thing is due at {at} ({zone}).", at=at, zone=policy.zone)
    return FAILED if any(one.failed for one in foreseen) else 0


def _rows(one: "DryRunDeal", policy: "Policy") -> Iterator[tuple[object, ...]]:
    """The lines of one deal."""
    deal, decision = one.deal, one.decision
    who = (deal.contract.customer.name, deal.contract.number)
    pipeline = policy.pipelines.get(deal.pipeline)
    for m in decision.moves:
        yield (
            *who,
            f"{stage_word(m.from_stage, pipeline)} → {stage_word(m.to_stage, pipeline)}",
            "",
            because(m.because, policy),
        )
    for nudge in decision.nudges:
        name = recipient_word(one.names.get(nudge.recipient.key, nudge.recipient.key))
        what = milestone_word(nudge.milestone, policy)
        until = one.held_until.get(nudge.recipient.key)
        reaches = when(until, policy) if until else text("at once")
        yield (
            *who,
            text("tell {name}: {what}", name=name, what=what),
            reaches,
            because(nudge.because, policy),
        )
    for cancel in decision.cancels:
        yield (
            *who,
            text("cancel a nudge"),
            "",
            because(cancel.reason, policy),
        )
    if decision.successor:
        yield (
            *who,
            text("open the next term"),
            "",
            day_word(decision.successor.starts_on),
        )
    if one.failed:
        yield *who, text("cannot be decided"), "", one.failed
