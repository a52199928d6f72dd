"""`renewals health backtest`: how well health predicted which ended terms were lost."""

from collections.abc import Callable, Iterator
from dataclasses import asdict
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.reports.frame import Figure, Sheetful, hand_over, requested
from scheduler.cli.reports.words import major_of
from scheduler.cli.terminal.say import label, put, say, strong, table, text
from scheduler.cli.terminal.spreadsheets import Value
from scheduler.cli.terminal.tables import Column
from scheduler.cli.terminal.words import amounts_word, health_word
from scheduler.core.deal.contracts import Money
from scheduler.core.health.backtest import (
    LEADS,
    LEAST,
    Backtest,
    BacktestLine,
    FlaggedGroup,
    PolicyTrial,
    TrialKind,
)
from scheduler.core.health.intervals import wilson
from scheduler.core.reports.asked import months_of
from scheduler.core.reports.backtest_chart import backtest_chart
from scheduler.core.reports.backtest_words import BY_ID, COLUMNS, NOTES
from scheduler.core.reports.shares import decimal, percent
from scheduler.core.words.lexicon import Health
from scheduler.services.reports.backtest import BacktestReport, backtest_report

if TYPE_CHECKING:
    from scheduler.app.wiring import App
    from scheduler.core.policy.policy import Policy

_BEFORE = 59
"""How many months before the present one are looked at where nobody says."""
_Line = BacktestLine


def backtested(
    here: CommandContext,
    *,
    config: Annotated[
        Path | None,
        typer.Option(
            "--config",
            metavar="FILE",
            help=text("use the health policy in this file (default: the one in force)"),
        ),
    ] = None,
) -> None:
    """Reports how many of the lost were flagged 90 and 30 days before their end, and how many of
    the kept: the policy as it is, each measure alone, and the policy without it."""
    with here.open() as app:
        request = requested(here, app, lambda day: months_of(day, _BEFORE, 0))
        judged = _judged(app, config)
        report = backtest_report(app.backtest, app.policy, judged, request.scope, request.known)
    found = report.found
    sheet = Sheetful(
        text("Back-test"),
        _figures(judged),
        found.lines,
        _plain(report),
        lambda: _show(report, judged),
        COLUMNS,
        NOTES,
        chart=lambda: backtest_chart(found),
    )
    hand_over(here, sheet, request)


def _judged(app: "App", config: Path | None) -> "Policy":
    """The policy in force, or another file's."""
    from scheduler.app.policy_edits.planned import read_edit

    return app.policy if config is None else read_edit(app, config).policy


def _figures(judged: "Policy") -> list[Figure[_Line]]:
    """The columns of files."""
    return [
        Figure(BY_ID["days"], lambda line: line.days),
        Figure(
            BY_ID["judged"],
            lambda line: line.trial.kind.value,
            lambda line: _trial_word(line.trial, _names(judged)),
        ),
        Figure(
            BY_ID["part"],
            lambda line: line.trial.part or None,
            lambda line: _names(judged)[line.trial.part] if line.trial.part else None,
        ),
        Figure(
            BY_ID["flag"],
            lambda line: line.flag.value,
            lambda line: health_word(line.flag.value, judged),
        ),
        Figure(BY_ID["currency"], lambda line: line.currency or None),
        *_counts("lost", lambda line: line.lost),
        *_counts("kept", lambda line: line.kept),
        *_amounts("lost", lambda line: line.lost),
        *_amounts("kept", lambda line: line.kept),
        Figure(BY_ID["adds"], lambda line: _signed(line.gain.by) if line.gain else None),
    ]


def _counts(of: str, group: Callable[[_Line], FlaggedGroup]) -> Iterator[Figure[_Line]]:
    """The columns for how many of the lost or of the kept."""
    yield Figure(BY_ID[of], lambda line: group(line).count)
    yield Figure(BY_ID[f"{of}_assessed"], lambda line: group(line).assessed)
    yield Figure(BY_ID[f"{of}_flagged"], lambda line: group(line).flagged)
    yield Figure(
        BY_ID[f"{of}_rate"], lambda line: decimal(group(line).rate) if line.enough else None
    )


def _amounts(of: str, group: Callable[[_Line], FlaggedGroup]) -> Iterator[Figure[_Line]]:
    """The columns for their amounts, in whole units of one currency."""

    def amount(line: _Line, minor: int) -> Value:
        return major_of(minor, line.currency) if line.currency else None

    yield Figure(BY_ID[f"{of}_amount"], lambda line: amount(line, group(line).minor))
    yield Figure(
        BY_ID[f"{of}_flagged_amount"], lambda line: amount(line, group(line).flagged_minor)
    )


def _signed(share: Fraction) -> Decimal:
    """A share that may be negative, for machines, with four decimals."""
    return Decimal(round(share * 10_000)).scaleb(-4)


def _plain(report: BacktestReport) -> dict[str, Any]:
    """The back-test in JSON: money in minor units, shares with four decimals."""
    found = report.found
    return {
        "least": LEAST,
        "lines": [_plain_line(line) for line in found.lines],
        "curve": [_plain_line(line) for line in found.curve],
        "left_out": {
            "merged": report.merged,
            "without_end": report.endless,
            "by_days": {str(days): out._asdict() for days, out in found.left_out.items()},
        },
        "known_only_later": found.only_later,
        "added_nothing": list(found.added_nothing),
    }


def _plain_line(line: _Line) -> dict[str, Any]:
    """One line in JSON; shares are null where there are too few to tell."""
    return {
        "days": line.days,
        "judged": line.trial.kind.value,
        "part": line.trial.part or None,
        "flag": line.flag.value,
        "currency": line.currency or None,
        "enough": line.enough,
        "tells": line.tells,
        "lost": _plain_group(line, line.lost),
        "kept": _plain_group(line, line.kept),
        "adds": (
            {"by": _signed(line.gain.by), "beyond_chance": line.gain.certain} if line.gain else None
        ),
    }


def _plain_group(line: _Line, group: FlaggedGroup) -> dict[str, Any]:
    """The lost or the kept of one line."""
    low, high = wilson(group.flagged, group.assessed)
    return asdict(group) | {
        "rate": decimal(group.rate) if line.enough else None,
        "interval": [round(low, 4), round(high, 4)] if line.enough else None,
    }


def _show(report: BacktestReport, policy: "Policy") -> None:
    """Shows what people read."""
    found = report.found
    names = _names(policy)
    if not any(line.lost.count or line.kept.count for line in found.lines):
        say("No term ended in this period that could be judged.")
    for days in LEADS:
        lines = [line for line in found.lines if line.days == days]
        _show_day(found, days, lines, policy)
        say()
    if found.added_nothing:
        say(
            "Made no difference beyond chance: {parts}. The policy does just as well without any "
            "one of them.",
            parts=text(", ").join(names[part] for part in found.added_nothing),
        )
    if found.only_later:
        say(
            "Terms with measurements that became known only afterwards: {count}. In files with "
            "past values, add a column `received` that says when each value became known.",
            count=found.only_later,
        )
    say(
        "Not judged: {merged} whose customer closed down or merged, {endless} without an end.",
        merged=report.merged,
        endless=report.endless,
    )


def _names(policy: "Policy") -> dict[str, str]:
    """Measures and rules by their ids."""
    return {part.id: label(part.label) for part in policy.health.parts} if policy.health else {}


def _show_day(found: Backtest, days: int, lines: list[_Line], policy: "Policy") -> None:
    """Shows one number of days before the end: the policy at every threshold, each measure at
    "at risk" or worse."""
    whole, out = found.of(days, PolicyTrial(TrialKind.WHOLE)), found.left_out[days]
    put(strong(text("{days} days before the end", days=days)))
    say(
        "{lost} lost, {kept} kept; left out: {decided} already decided by then, {unbegun} not "
        "begun yet",
        lost=whole.lost.count,
        kept=whole.kept.count,
        decided=out.decided,
        unbegun=out.unbegun,
    )
    shown = [
        line
        for line in lines
        if not line.currency and (line.trial.kind is TrialKind.WHOLE or line.flag is Health.AT_RISK)
    ]
    columns: list[Column | str] = [
        label(BY_ID["judged"].name),
        label(BY_ID["flag"].name),
        *(Column(label(BY_ID[id_].name), right=True) for id_ in _SHOWN),
    ]
    table(columns, [_row(line, lines, policy) for line in shown])
    _say_verdict(whole)


_SHOWN = (
    "lost_flagged",
    "lost_rate",
    "kept_flagged",
    "kept_rate",
    "lost_flagged_amount",
    "kept_flagged_amount",
    "adds",
)


def _say_verdict(whole: _Line) -> None:
    """Says whether the policy tells the lost from the kept."""
    if whole.tells is None:
        say(
            "Too few to tell: at least {least} lost and {least} kept terms must have been "
            "assessed.",
            least=LEAST,
        )
    elif whole.tells:
        say("The policy flags lost terms more often than kept ones, beyond chance.")
    else:
        say("The policy does not tell lost terms from kept ones: the difference may be chance.")


def _row(line: _Line, lines: list[_Line], policy: "Policy") -> list[object]:
    """One line of the table; `lines` holds the same by currency."""
    alike = [
        other
        for other in lines
        if other.currency and (other.trial, other.flag) == (line.trial, line.flag)
    ]
    return [
        _trial_word(line.trial, _names(policy)),
        health_word(line.flag.value, policy),
        _of_word(line.lost),
        _share_word(line, line.lost),
        _of_word(line.kept),
        _share_word(line, line.kept),
        _money_word([Money(x.lost.flagged_minor, x.currency) for x in alike]),
        _money_word([Money(x.kept.flagged_minor, x.currency) for x in alike]),
        _gain_word(line),
    ]


def _trial_word(trial: PolicyTrial, names: dict[str, str]) -> str:
    """The name of what is judged."""
    if trial.kind is TrialKind.WHOLE:
        return text("policy")
    if trial.kind is TrialKind.ALONE:
        return text("{part} alone", part=names[trial.part])
    return text("without {part}", part=names[trial.part])


def _of_word(group: FlaggedGroup) -> str:
    """How many of the assessed were flagged, and how many were not assessed."""
    unknown = group.count - group.assessed
    if unknown:
        return text(
            "{flagged} of {assessed} ({unknown} not assessed)",
            flagged=group.flagged,
            assessed=group.assessed,
            unknown=unknown,
        )
    return text("{flagged} of {assessed}", flagged=group.flagged, assessed=group.assessed)


def _share_word(line: _Line, group: FlaggedGroup) -> str:
    """The share with its interval."""
    if not line.enough:
        return text("too few to tell")
    low, high = wilson(group.flagged, group.assessed)
    return f"{percent(group.rate)} ({low:.0%}–{high:.0%})"


def _money_word(amounts: list[Money]) -> str:
    """Sums by currency; nothing where there is none."""
    return amounts_word([money for money in amounts if money.minor])


def _gain_word(line: _Line) -> str:
    """How much the part that is left out adds."""
    if line.trial.kind is not TrialKind.WITHOUT:
        return ""
    if line.gain is None:
        return text("too few to tell")
    by = f"{float(line.gain.by) * 100:+.1f}"
    return by if line.gain.certain else text("{by} (chance)", by=by)
