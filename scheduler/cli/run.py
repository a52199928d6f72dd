"""`renewals run`: the daemon; `--once` does everything that can be done now and ends; `--dry-run` shows what that would be and changes nothing."""

from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from scheduler.cli.context import Here
from scheduler.cli.say import language, say, table, tell, text
from scheduler.core.errors import UserMustActError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from scheduler.inbound.slack.listener import SlackListener
    from scheduler.inbound.web.listener import Listener
    from scheduler.rounds import Rounds
    from scheduler.services.dry_run import Foreseen
    from scheduler.wiring import App


def run(
    here: Here,
    *,
    once: Annotated[
        bool, typer.Option("--once", help=text("いまできることをすべて行い、終了する", "do everything that can be done now, then end"))
    ] = False,
    dry_run: Annotated[
        bool,
        typer.Option("--dry-run", help=text("何も変えず何も送らず、何をするかだけを表示する", "change and send nothing, show what would be done")),
    ] = False,
) -> int:
    """Runs until SIGTERM or Ctrl-C; a second one ends at once. SIGHUP reads config.toml again."""
    if here.as_of is not None and not (once or dry_run):
        raise UserMustActError(
            "--as-of は --once か --dry-run と一緒に使ってください。常駐中の時刻は進みます。",
            "use --as-of with --once or --dry-run; a daemon's time goes on",
        )
    if dry_run:
        return _dry_run(here)
    with here.open(edits=True) as app:
        from scheduler import logs

        logs.set_up(app.config.machine.log)
        _say_ways(app)
        with app.sole_daemon():
            return _once(app) if once else _daemon(app)


def _say_ways(app: "App") -> None:
    """Says loudly when nothing leaves this program."""
    from scheduler.core.words import ChannelName

    if app.loopback_only:
        tell(
            "リハーサル用のデータベースです：送信はプレビューとこのマシン宛てだけです。",
            "a rehearsal's database: messages go to preview and this machine only",
        )
    if set(app.channels) == {ChannelName.PREVIEW}:
        tell(
            "注意：Slackもメールも未設定です(SLACK_BOT_TOKEN、SMTP_URL)。メッセージは送信されず、データベースに残ります(renewals messages)。",
            "NOTE: neither Slack nor e-mail is configured (SLACK_BOT_TOKEN, SMTP_URL): messages stay in the database, see `renewals messages`",
        )


def _once(app: "App") -> int:
    """Everything that can be done now."""
    from scheduler.clock import steady_seconds, synchronised
    from scheduler.clock_watch import ClockWatch
    from scheduler.rounds import Rounds

    if app.as_of is None:
        doubt = ClockWatch(app.clock, steady_seconds, app.keeping, synchronised).look()
        if doubt is not None:
            raise UserMustActError(doubt.ja, doubt.en)
    rounds = Rounds(app)
    while rounds.sweep(_never):
        pass
    while rounds.deliver(_never):
        pass
    while rounds.digests(_never):
        pass
    while rounds.deliver(_never):
        pass
    _show(rounds)
    return 0


def _never() -> bool:
    """Nobody asks to stop."""
    return False


def _show(rounds: "Rounds") -> None:
    """What it came to."""
    swept, formed, delivered = rounds.swept, rounds.formed, rounds.delivered
    say(
        f"判定 {swept.deals}件　移動 {swept.moves}　リマインド {swept.nudges}　取りやめ {swept.cancels}　更新 {swept.won}　失注 {swept.lost}",
        f"decided {swept.deals}: {swept.moves} moves, {swept.nudges} nudges, {swept.cancels} cancelled, {swept.won} won, {swept.lost} lost",
    )
    say(
        f"メッセージ 作成 {formed.messages}　送信 {delivered.sent}　再試行待ち {delivered.retried}　不明 {delivered.unknown}　"
        f"保留 {delivered.held}　不達 {delivered.dead}",
        f"messages: {formed.messages} made, {delivered.sent} sent, {delivered.retried} to be tried again, {delivered.unknown} unknown, "
        f"{delivered.held} held, {delivered.dead} undeliverable",
    )
    if swept.failures:
        tell(f"判定できなかった契約が{len(swept.failures)}件あります。", f"{len(swept.failures)} contracts could not be decided")


def _daemon(app: "App") -> int:
    """Until told to stop."""
    from scheduler.clock import steady_seconds, synchronised
    from scheduler.clock_watch import ClockWatch
    from scheduler.daemon import Daemon, Job
    from scheduler.rounds import Rounds
    from scheduler.systemd import Notifier

    rounds, machine = Rounds(app), app.config.machine
    jobs: tuple[Job, ...] = (
        Job("sweep", machine.sweep_seconds, rounds.sweep),
        Job("deliver", machine.deliver_seconds, rounds.deliver),
        Job("digests", DIGEST_SECONDS, rounds.digests),
        Job("alarms", ALARM_SECONDS, rounds.raise_alarms, trusts_clock=False),
        Job("housekeeping", HOUSEKEEPING_SECONDS, rounds.keep_house, trusts_clock=False),
    )
    watch = ClockWatch(app.clock, steady_seconds, app.keeping, synchronised)
    status = f"policy {app.policy.version}, channels: {', '.join(sorted(app.channels))}"
    with app.listener() if machine.listen else nullcontext() as listener, _listening_to_slack(app, rounds) as slack:
        if listener is not None:
            jobs = (*jobs, Job("listener", LISTENER_SECONDS, partial(_look_after, listener), trusts_clock=False))
            status = f"{status}, pages on port {listener.port}"
        if slack is not None:
            jobs = (*jobs, Job("slack", LISTENER_SECONDS, partial(_pick_up, slack), trusts_clock=False))
            status = f"{status}, listening to Slack"
        return Daemon(jobs, watch, Notifier(app.env), rounds.reload, rounds.doubted).run(status)


def _look_after(listener: "Listener", stop: Callable[[], bool]) -> bool:
    """Keeps the pages served."""
    from scheduler.logs import log

    if listener.look_after():
        log().error("the pages' listener had stopped; it was started again")
    return False


def _listening_to_slack(app: "App", rounds: "Rounds") -> "AbstractContextManager[SlackListener | None]":
    """Slack's buttons, where the app's token is set; in a rehearsal only a Slack on this machine."""
    from scheduler.core.words import ChannelName

    if not app.env.get("SLACK_APP_TOKEN"):
        return nullcontext()
    if app.loopback_only and ChannelName.SLACK in app.channels and not app.channels[ChannelName.SLACK].is_loopback():
        return nullcontext()
    return app.slack_listener(rounds.envelope_failed, rounds.refresh)


def _pick_up(slack: "SlackListener", stop: Callable[[], bool]) -> bool:
    """What a crash or a failure left behind of what came from Slack."""
    slack.pick_up()
    return False


LISTENER_SECONDS = 5.0
HOUSEKEEPING_SECONDS, ALARM_SECONDS, DIGEST_SECONDS = 3600.0, 2.0, 60.0


def _dry_run(here: Here) -> int:
    """What `run --once` would do, computed in a transaction that is rolled back."""
    from scheduler.services.dry_run import foresee

    with here.open() as app:
        foreseen = foresee(app.sweeps, app.policy, app.clock.now())
    say(f"いま実行した場合(何も保存・送信していません)：{len(foreseen)}件の取引", f"if run now (nothing was kept or sent): {len(foreseen)} deals")
    table(
        [text("契約", "contract"), text("顧客", "customer"), text("すること", "what"), text("理由", "because")],
        [row for one in foreseen for row in _rows(one)],
    )
    return 0


def _rows(one: "Foreseen") -> list[list[object]]:
    """The lines of one deal."""
    from scheduler.core.reasons import word

    deal, decision = one.deal, one.decision
    first = [deal.contract.number, deal.contract.customer.name]
    rows: list[list[object]] = [[*first, f"{m.from_stage} → {m.to_stage}", word(m.because, language())] for m in decision.moves]
    for nudge in decision.nudges:
        name = one.names.get(nudge.recipient.key, nudge.recipient.key)
        rows.append([*first, text(f"{name} へ：{nudge.milestone}", f"tell {name}: {nudge.milestone}"), word(nudge.because, language())])
    rows += [[*first, text("取りやめ", "cancel"), word(c.reason, language())] for c in decision.cancels]
    if one.failed:
        rows.append([*first, text("判定できません", "cannot be decided"), one.failed])
    return rows
