"""`renewals signals add`: what a person knows of a contract or a customer, as signals."""

from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.signals.importing import follows_signals, show_signals_report
from scheduler.cli.terminal.confirming import DryRun
from scheduler.cli.terminal.say import as_json, text
from scheduler.core.words.errors import UserMustActError
from scheduler.core.words.labels import ByLanguage

if TYPE_CHECKING:
    from datetime import datetime

    from scheduler.app.wiring import App
    from scheduler.core.imports.signals import SignalLine

ENTERED_BY_HAND = "manual"
"""Where signals come from that somebody entered, unless they say."""


def add_signals(
    here: CommandContext,
    words: Annotated[
        list[str],
        typer.Argument(
            metavar="[CONTRACT] NAME=VALUE…",
            help=text("the contract (or --customer), and what was measured, e.g. logins=42"),
        ),
    ],
    *,
    customer: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=text("a customer instead of a contract")),
    ] = None,
    at: Annotated[
        str | None,
        typer.Option(metavar="TIME", help=text("when it was measured (default: now)")),
    ] = None,
    source: Annotated[
        str | None,
        typer.Option(metavar="NAME", help=text("where it comes from (default: manual)")),
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Enters signals. Another value for the same name, time and source is a correction."""
    from scheduler.services.signals.importing import EnteredSignals, import_signals

    with here.open(edits=not dry_run) as app:
        now, by = app.clock.now(), source or ENTERED_BY_HAND
        lines = _lines(app, words, customer, at, by, now)
        entered = EnteredSignals(lines, by, " ".join(words))
        report = import_signals(
            app.signal_imports,
            entered,
            now,
            dry_run=dry_run,
            by_customer=app.policy.health is not None and app.policy.health.by_customer,
        )
    if here.json:
        as_json(report)
    else:
        show_signals_report(report, followed=follows_signals(app.policy))


def _lines(
    app: "App",
    words: list[str],
    customer: str | None,
    at: str | None,
    source: str,
    now: "datetime",
) -> "list[SignalLine]":
    """Reads what was typed as a file's lines are read. Raises UserMustActError."""
    from zoneinfo import ZoneInfo

    from scheduler.core.imports.signals import SignalLine
    from scheduler.core.imports.texts import FieldError
    from scheduler.core.words.lexicon import SignalSubject
    from scheduler.sources.signal_rows import subject_of, typed_at, typed_signal

    *whom, first = [w for w in words if "=" not in w] or [""]
    pairs = [w for w in words if "=" in w]
    if whom or not pairs or bool(first) == bool(customer):
        raise UserMustActError(
            "write a contract or --customer NAME, then what was measured as NAME=VALUE, e.g. "
            "renewals signals add C-1 logins=42"
        )
    kind = SignalSubject.CUSTOMER if customer else SignalSubject.CONTRACT
    typed = customer or first
    try:
        subject = subject_of(kind, typed)
        typed = at or ""
        instant = typed_at(at, ZoneInfo(app.policy.zone), now) if at else now
        lines = []
        for number, pair in enumerate(pairs, 1):
            typed = pair
            lines.append(SignalLine(number, *subject, *typed_signal(pair), instant, source))
    except FieldError as error:
        said = ByLanguage(error.problem.shown)
        raise UserMustActError("{typed}: {said}", typed=typed, said=said) from None
    return lines
