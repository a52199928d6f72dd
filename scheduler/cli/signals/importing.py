"""`renewals signals import`: what was measured comes in from a file; what came of it is told, and
what did not come in is written to a file beside it."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import CommandContext
from scheduler.cli.imports.bringing_in import coming_in, opened, progress_bar
from scheduler.cli.imports.import_options import (
    EncodingOption,
    MappingOption,
    ProfileOption,
    SheetOption,
    profiles_option,
)
from scheduler.cli.imports.importing import readable_encoding
from scheduler.cli.terminal.confirming import DryRun
from scheduler.cli.terminal.say import as_json, label, language, say, tell, text

if TYPE_CHECKING:
    from scheduler.core.policy.policy import Policy
    from scheduler.services.signals.importing import SignalReport

_SHOWN = 5


def _profiles() -> Iterator[tuple[str, str]]:
    """The kinds of files of signals, with the measures that each may have."""
    from scheduler.sources.kinds.signals import SIGNAL_KINDS

    for name, kind in SIGNAL_KINDS.items():
        columns = sorted(kind.measures) or kind.profile.required
        yield name, ", ".join(label(kind.profile.spelt(column)) for column in columns)


def load(
    here: CommandContext,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help=text("a CSV file or workbook of signals"))
    ],
    *,
    profile: ProfileOption = None,
    profiles: Annotated[bool, profiles_option(_profiles)] = False,
    mapping: MappingOption = None,
    source: Annotated[
        str | None,
        typer.Option(help=text("where the signals come from, if the file does not say")),
    ] = None,
    encoding: EncodingOption = None,
    sheet: SheetOption = None,
    dry_run: DryRun = False,
) -> None:
    """Brings signals in; exit code 0 also when some did not come in."""
    from scheduler.cli.imports.bringing_in import say_taking_back
    from scheduler.services.signals.importing import import_signals
    from scheduler.sources.files.opening import FileLayout
    from scheduler.sources.mappings.signals import read_signal_mapping
    from scheduler.sources.rejects import RejectsFile
    from scheduler.sources.signals import open_signals

    written = FileLayout(readable_encoding(encoding), sheet=sheet)
    columns = read_signal_mapping(mapping) if mapping else None
    rejected = RejectsFile(file, language())
    with opened(here, dry_run, new=False) as app, rejected, progress_bar() as progress:
        now = app.clock.now()
        signals = open_signals(
            file,
            app.policy,
            now,
            profile=profile,
            mapping=columns,
            source=source,
            written=written,
        )
        with coming_in(file, dry_run=dry_run):
            report = import_signals(
                app.signal_imports,
                signals,
                now,
                dry_run=dry_run,
                by_customer=app.policy.health is not None and app.policy.health.by_customer,
                on_reject=rejected,
                progress=progress,
                taking_back=say_taking_back,
            )
    if here.json:
        as_json(report)
    else:
        show_signals_report(report, followed=follows_signals(app.policy))
    if report.rejected:
        tell(
            "{count} value was not imported; it is listed with the reason in {path}",
            many="{count} values were not imported; they are listed with the reasons in {path}",
            count=report.rejected,
            path=rejected.path,
        )


def show_signals_report(report: "SignalReport", *, followed: bool) -> None:
    """The counts, and everything a person should look at. `followed`: health goes by signals."""
    kept = report.kept
    if report.dry_run:
        say("a dry run: nothing was kept; an import would have this result")
    else:
        say(
            "import {import_id}: {report_file}", import_id=report.import_id, report_file=report.file
        )
    say(
        "signals: {new} new, {corrected} corrected, {repeated} already known, {rejected} rejected",
        new=kept.new,
        corrected=kept.corrected,
        repeated=kept.repeated,
        rejected=report.rejected,
    )
    say("contracts with new measurements: {contracts}", contracts=report.contracts)
    if report.contracts and not report.dry_run:
        _say_what_follows(followed=followed)
    if kept.contradicted:
        lines = ", ".join(f"{first}/{last}" for first, last in kept.contradicted[:_SHOWN])
        tell(
            "measured twice in the file with different values, on lines {lines}; the larger "
            "value counts",
            lines=lines,
        )
    if kept.unknown_count:
        more = kept.unknown_count - len(kept.unknown)
        names = ", ".join(kept.unknown) + (" …" if more > 0 else "")
        tell(
            "{count} contract or customer is not known here, or its name fits several; its "
            "measurements are kept until they can be matched: {names}",
            many="{count} contracts or customers are not known here, or their names fit several; "
            "their measurements are kept until they can be matched: {names}",
            count=kept.unknown_count,
            names=names,
        )
    if report.ignored:
        listed = ", ".join(report.ignored)
        tell("columns that are not used: {listed}", context="import_report", listed=listed)
    if report.import_id is not None:
        tell("to take it back: renewals undo {import_id}", import_id=report.import_id)


def follows_signals(policy: "Policy") -> bool:
    """Whether any measure or rule makes health of signals."""
    return policy.health is not None and bool(policy.health.parts)


def _say_what_follows(*, followed: bool) -> None:
    """Says when health will change because of what came in, or why it does not."""
    if followed:
        tell("health is updated when the daemon looks next, or with `renewals run --once`")
    else:
        tell(
            "these signals do not affect health: config.toml has no [[health.measures]] or "
            "[[health.rules]] (docs/health.md)"
        )
