"""`renewals report passage`: how far deals come, with the definitions in words."""

import csv
import sys
from dataclasses import asdict
from enum import StrEnum
from typing import Annotated, Any

import typer

from scheduler.cli.context import Here
from scheduler.cli.say import as_json, label, say, strong, table, text
from scheduler.core.errors import UserMustActError
from scheduler.services.reports import Count, PassageReport, passage_report


class Format(StrEnum):
    """How a report is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def passage(
    here: Here,
    *,
    pipeline: Annotated[str | None, typer.Option(help=text("パイプラインのid(省略＝すべて)", "id of a pipeline (default: all)"))] = None,
    format: Annotated[Format, typer.Option(help=text("出力の形式", "how to write it"))] = Format.TABLE,
    explain: Annotated[bool, typer.Option("--explain", help=text("数字の定義も表示", "say what the numbers mean"))] = False,
) -> None:
    """How far deals come, stage by stage; observed and reconstructed history apart."""
    with here.open() as app:
        policy = app.policy
        if pipeline is not None and pipeline not in policy.pipelines:
            listed = ", ".join(policy.pipelines)
            raise UserMustActError(
                f"パイプライン「{pipeline}」はありません。使えるもの：{listed}", f"there is no pipeline {pipeline}; there are: {listed}"
            )
        wanted = [policy.pipelines[pipeline]] if pipeline else list(policy.pipelines.values())
        reports = [passage_report(app.reports, p) for p in wanted]
    if here.json or format is Format.JSON:
        as_json([_plain(r) for r in reports])
    elif format is Format.CSV:
        _csv(reports)
    else:
        for report in reports:
            show_passage(report)
        if explain:
            _explain()


def _plain(report: PassageReport) -> dict[str, Any]:
    """A report with ids and numbers only."""
    lines = [{"stage": line.stage.id, **{k: v for k, v in asdict(line).items() if k != "stage"}} for line in report.lines]
    return {"pipeline": report.pipeline.id, "deals": report.deals, "lines": lines, "lost_unknown": asdict(report.lost_unknown)}


def _csv(reports: list[PassageReport]) -> None:
    """A line per pipeline and stage."""
    writer = csv.writer(sys.stdout)
    names = ("ever_passed", "furthest_reached", "last_before_lost")
    writer.writerow(["pipeline", "stage", "now", *(f"{n}_{k}" for n in names for k in ("observed", "reconstructed"))])
    for report in reports:
        for line in report.lines:
            counts = [getattr(line, n) for n in names]
            writer.writerow([report.pipeline.id, line.stage.id, line.now, *(v for c in counts for v in (c.observed, c.reconstructed))])


def show_passage(report: PassageReport) -> None:
    """The report of one pipeline, on a terminal."""
    title = f"{label(report.pipeline.label)} ({report.deals})"
    if not report.deals:
        say(f"{strong(title)}：取引はまだありません。", f"{strong(title)}: no deals yet.")
        return
    say(strong(title), strong(title))
    headers = (
        text("ステージ", "Stage"),
        text("現在", "Now"),
        text("通過", "Ever passed"),
        text("最も進んだ先", "Furthest reached"),
        text("失注直前", "Last before lost"),
    )
    rows = [
        (label(line.stage.label), line.now or "", _count(line.ever_passed), _count(line.furthest_reached), _count(line.last_before_lost))
        for line in report.lines
    ]
    if report.lost_unknown != Count():
        rows.append((text("(進捗不明)", "(progress unknown)"), "", "", "", _count(report.lost_unknown)))
    table(headers, rows, right=(1, 2, 3, 4))


def _count(count: Count) -> str:
    """`12`, or `12 + 3r` with reconstructed history."""
    if count == Count():
        return ""
    return f"{count.observed} + {count.reconstructed}r" if count.reconstructed else str(count.observed)


def _explain() -> None:
    """What the numbers mean."""
    say()
    say(
        "現在：いまそのステージにある取引。通過：一度でもそのステージに入った取引。"
        "最も進んだ先：進行中のステージのうち最も先まで進んだところ(稼働中は順番どおりに数える)。\n"
        "失注直前：失注したときにいたステージ。「+ 3r」は取込で再構成した履歴(実際に観測したものとは別に数える)。取り消した移動は数えない。",
        "Now: deals in the stage today. Ever passed: deals that were ever in it. Furthest reached: deals whose furthest open stage it is,\n"
        "in the pipeline's order. Last before lost: lost deals that were in it when they were lost.\n"
        '"+ 3r" is history that an import reconstructed, counted apart from what this program saw happen. '
        " Undone moves count nowhere.",
    )
