"""The commands there are: one line each. The module that does the work is imported only when its
command is given.

A command is a function whose first parameter is `here: Here`; its other parameters are typer's
(Annotated[..., typer.Option(...)]) or dataclasses of such fields, with help texts made by
`text("…")`: the language is known before the module is imported. It returns None or an exit code.
Each command also gets `--dir` and `--lang`, unless it says otherwise `--json` and (`reads_clock`)
`--as-of`, with `sheets=True` `--csv` and `--xlsx`, with `report=True` these and what all reports
are asked with (`scheduler.cli.reports.options`).
"""

from dataclasses import dataclass

from scheduler.core.words.labels import Label


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name (one word to three), where its function is (`module:function` below
    `scheduler.cli`), what it does.

    `json`, `sheets`, `reads_clock`, `report`: which options it gets besides its own. `examples`
    stand below its help, without the program's name. `makes_folder` says what `--dir` is
    where the folder need not be there yet.
    """

    name: str
    function: str
    help: Label
    json: bool = True
    reads_clock: bool = True
    sheets: bool = False
    report: bool = False
    examples: tuple[str, ...] = ()
    makes_folder: Label | None = None


_START = (
    Command(
        "init",
        "init:init",
        Label("prepare a working folder (config.toml …)"),
        json=False,
        reads_clock=False,
        examples=("init cs --lang en --zone Europe/London --currency GBP",),
    ),
    Command(
        "demo",
        "demo.demo:demo",
        Label("a realistic year of renewals, run in seconds"),
        json=False,
        reads_clock=False,
        makes_folder=Label("where to create it (default: ./renewals-demo)"),
    ),
    Command("import", "imports.importing:load", Label("bring in contracts or people from a file")),
    Command(
        "import catch-up",
        "imports.catch_up:catch_up",
        Label("see what a first import held back, and send it"),
    ),
    Command("import undo", "imports.undoing:take_back", Label("undo an import")),
)
_DAILY = (
    Command(
        "undo", "imports.undoing:take_back", Label("take an import or a change back, by its number")
    ),
    Command(
        "deals",
        "deals.listing:deals",
        Label("list the deals"),
        sheets=True,
        examples=(
            "deals --owner ann --ends-before 2027-04-01",
            "deals --stage critical",
            "deals --closed --customer aoba --json",
            "deals --xlsx deals.xlsx",
        ),
    ),
    Command("show", "deals.show:show", Label("one contract with its history")),
    Command(
        "why", "deals.why:why", Label("why each milestone falls on its day, and what came of it")
    ),
    Command(
        "upcoming", "deals.listing:upcoming", Label("who will be told what, and when"), sheets=True
    ),
    Command("nudges", "deals.listing:nudges", Label("list the nudges"), sheets=True),
    Command("messages", "deals.listing:messages", Label("list and read the messages"), sheets=True),
    Command("people", "deals.listing:people", Label("list the people"), sheets=True),
    Command(
        "people feed",
        "people.feed:feed",
        Label("the secret address of somebody's calendar"),
        reads_clock=False,
    ),
    Command(
        "people slack-ids",
        "people.slack_ids:slack_ids",
        Label("find everybody's Slack id by e-mail"),
        reads_clock=False,
        examples=("people slack-ids --dry-run", "people slack-ids"),
    ),
    Command(
        "answer",
        "answers.answer:answer",
        Label("answer a nudge"),
        examples=(
            "answer C-1 call renew --expected 2027-02-28",
            "answer C-1 paperwork in_approval",
            "answer C-1 snooze --until 2027-01-15",
            "answer C-1 won --amount 3600000 --term '12 months'",
            "answer C-1 lost --reason budget --note '…'",
            "answer C-1 undo",
            "answer --where segment=smb --where 'ends_on<2027-04-01' call renew",
            "answer --contracts list.csv lost --reason project_end --skip",
            "answer undo --batch 1a2b3c4d",
        ),
    ),
    Command(
        "note",
        "answers.note:note",
        Label("keep a note with a contract"),
        examples=("note C-1 'the new buyer is Ms Sato'", "note C-1 --undo"),
    ),
    Command(
        "people add",
        "people.people_edit:add",
        Label("a new colleague"),
        examples=(
            (
                "people add 'Ann Ito' --email ann@acme.co.jp --manager bob --zone Europe/London "
                "--language en"
            ),
        ),
    ),
    Command(
        "people edit",
        "people.people_edit:edit",
        Label("change a colleague's details"),
        examples=(
            "people edit ann --email ann.ito@acme.co.jp",
            "people edit ann --hours 09:00-17:30 --manager none --yes",
        ),
    ),
    Command(
        "people merge",
        "people.people_edit:merge",
        Label("two entries are one colleague"),
        examples=("people merge ann@old.co.jp ann@acme.co.jp",),
    ),
    Command(
        "people deactivate",
        "people.people_edit:deactivate",
        Label("somebody has left"),
        examples=("people deactivate ann --to bob",),
    ),
    Command(
        "reassign",
        "people.people_edit:reassign",
        Label("open contracts go to another colleague"),
        examples=(
            "reassign --from ann --to bob",
            "reassign --from ann --to bob --where segment=enterprise --where 'ends_on<2027-07-01'",
        ),
    ),
    Command(
        "signals import",
        "signals.importing:load",
        Label("import what was measured: logins, tickets, scores …"),
        examples=(
            "signals import usage.csv --dry-run",
            "signals import --profiles",
            "signals import tickets.xlsx --map tickets.toml",
        ),
    ),
    Command(
        "signals add",
        "signals.adding:add_signals",
        Label("enter a measurement of a contract or a customer"),
        examples=(
            "signals add C-1 logins=42 --at 2026-11-20",
            "signals add --customer 'Aoba Trading' champion_left=yes --source call",
        ),
    ),
    Command(
        "signals list",
        "signals.listing:list_all",
        Label("list what was measured"),
        examples=("signals list --contract C-1", "signals list --unmatched --format csv"),
    ),
    Command(
        "health show",
        "deals.health_show:show",
        Label("how one customer is doing and why, or how many customers are in each state"),
        examples=("health show", "health show C-1", "health show --format csv"),
    ),
    Command(
        "contract add",
        "deals.contract:add",
        Label("enter one contract"),
        examples=(
            (
                "contract add C-9 --customer 'Aoba Trading' --starts 2027-04-01 --term '12 "
                "months' --amount 3600000 --owner ann"
            ),
        ),
    ),
    Command(
        "contract edit",
        "deals.contract:edit",
        Label("change dates, amount, owner … of one contract"),
        examples=(
            "contract edit C-1 --ends 2027-06-30",
            "contract edit C-1 --owner bob --yes",
            "contract edit C-1 --amount none --confirm",
        ),
    ),
    Command(
        "contract close",
        "deals.contract:close",
        Label("close a contract"),
        examples=("contract close C-1 --reason budget --note '…'",),
    ),
    Command("contract reopen", "deals.contract:reopen", Label("open a closed contract again")),
    Command("contract undo", "deals.contract:undo", Label("take the last edit back")),
    Command("absence add", "people.absence:add", Label("somebody will be away")),
    Command("absence list", "people.absence:show", Label("who is away, and when")),
    Command("absence cancel", "people.absence:cancel", Label("take an absence back")),
    Command(
        "report renewals",
        "reports.meeting:renewals",
        Label("the page for the weekly meeting: what is due and what needs discussing"),
        report=True,
        examples=(
            "report renewals --team emea",
            "report renewals --until 2027-06-30 --html renewals.html --by team",
            "report renewals --chart due.png",
        ),
    ),
    Command(
        "report forecast",
        "reports.forecast:forecast",
        Label("what renews in the months ahead, how much is safe, what changed in a week"),
        report=True,
        examples=(
            "report forecast --explain",
            "report forecast --owner ann --until 2027-06-30",
            "report forecast --format csv > forecast.csv",
            "report forecast --changes --xlsx changes.xlsx",
        ),
    ),
    Command(
        "report retention",
        "reports.retention:retention",
        Label("how much of what was due was kept: gross, net, customers"),
        report=True,
        examples=(
            "report retention --explain",
            "report retention --segment smb --from 2026-04-01 --until 2027-03-31",
            "report retention --as-known-on 2027-01-31 --format csv > january.csv",
            "report retention --by signed --xlsx signed.xlsx",
        ),
    ),
    Command(
        "report load",
        "reports.load:load",
        Label("each person's upcoming workload, week by week"),
        report=True,
        examples=("report load --team emea", "report load --chart load.png"),
    ),
    Command(
        "report answers",
        "reports.answers:answers",
        Label("how fast questions are answered, by whom, and which nobody answers"),
        report=True,
        examples=("report answers --explain", "report answers --from 2026-10-01 --format csv"),
    ),
    Command(
        "report funnel",
        "reports.funnel:funnel",
        Label("how far deals get, in what order, and how long they stay in each stage"),
        report=True,
        examples=("report funnel --explain", "report funnel --chart funnel.svg"),
    ),
    Command(
        "report lost",
        "reports.lost:lost",
        Label("what was lost: how far it had got, why, and whether it was avoidable"),
        report=True,
        examples=("report lost --from 2026-04-01", "report lost --segment smb --xlsx lost.xlsx"),
    ),
    Command(
        "health backtest",
        "health.backtest:backtested",
        Label("back-test of health: losses flagged in time, and false alarms"),
        report=True,
        examples=(
            "health backtest --explain",
            "health backtest --config draft.toml --format csv > draft.csv",
            "health backtest --chart backtest.svg",
        ),
    ),
    Command(
        "report passage",
        "reports.passage:passage",
        Label("how far the deals get"),
        sheets=True,
        examples=(
            "report passage --explain",
            "report passage --pipeline new_business --format csv > passage.csv",
        ),
    ),
    Command(
        "report balance",
        "audit.balance:report",
        Label("the daily proof that nothing was lost"),
        sheets=True,
        examples=(
            "report balance --explain",
            "report balance --from 2027-01-01 --format csv > balance.csv",
        ),
    ),
    Command(
        "report delivery",
        "delivery.delivery:report",
        Label("how many nudges reached people in time, and why others did not"),
        sheets=True,
        examples=("report delivery --explain", "report delivery --months 3 --json"),
    ),
)
_OPERATE = (
    Command(
        "run",
        "delivery.run:run",
        Label("the daemon"),
        json=False,
        examples=("run", "run --dry-run", "run --once"),
    ),
    Command(
        "ready", "audit.ready:ready", Label("whether the daemon does its work, for health checks")
    ),
    Command(
        "check",
        "policy.check:check",
        Label("check the configuration, people, addresses and contracts for mistakes"),
        reads_clock=False,
    ),
    Command(
        "doctor",
        "audit.doctor:doctor",
        Label("everything that can be wrong with this installation, on one page"),
        reads_clock=False,
        examples=("doctor", "doctor --live"),
    ),
    Command("release", "delivery.release:release", Label("release what is held back")),
    Command(
        "pause",
        "delivery.pause:pause",
        Label("stop telling people about everything, a pipeline or a contract"),
        examples=(
            "pause",
            "pause contract C-1 --until 2027-02-01 --because '…'",
            "pause pipeline existing --dry-run",
            "pause everything",
        ),
    ),
    Command(
        "resume",
        "delivery.pause:resume",
        Label("end a pause"),
        examples=("resume contract C-1", "resume everything"),
    ),
    Command(
        "retry",
        "delivery.retry:retry",
        Label("resend what reached nobody"),
        examples=("retry --dry-run", "retry 17", "retry --person ann@example.com"),
    ),
    Command(
        "plan",
        "policy.plan:plan",
        Label("see what an edit would do, before it does it"),
        examples=(
            "plan",
            "plan --config draft.toml --until 2027-03-31",
            "plan --backfill --json > plan.json",
        ),
    ),
    Command(
        "simulate",
        "policy.simulate:simulated",
        Label("simulate any period, past or future, without sending anything"),
        examples=(
            "simulate --from 2027-01-01 --to 2027-12-31",
            (
                "simulate --from 2027-01-01 --to 2027-12-31 --config draft.toml --format csv > "
                "draft.csv"
            ),
        ),
    ),
    Command(
        "test",
        "policy.stories:stories",
        Label("play your stories through the configuration and check their outcome"),
        reads_clock=False,
        examples=("test", "test stories/nobody_answers.toml --config draft.toml", "test --json"),
    ),
    Command("apply", "policy.plan:apply", Label("put a plan in force")),
    Command(
        "sync hubspot",
        "sync.hubspot:hubspot",
        Label("connect a HubSpot account and keep in step with it"),
        examples=(
            "sync hubspot --init --dry-run",
            "sync hubspot --init",
            "sync hubspot --create --pipelines --dry-run",
            "sync hubspot --dry-run",
            "sync hubspot --remove --dry-run",
            "sync hubspot",
            "sync hubspot --repair --dry-run",
        ),
    ),
    Command(
        "sync hubspot status",
        "sync.rounds:status",
        Label("whether HubSpot and the deals here are in step"),
    ),
    Command(
        "config rollback", "policy.plan:rollback", Label("go back to what an earlier version said")
    ),
    Command(
        "config history",
        "policy.config_versions:history",
        Label("every version of the policy"),
        reads_clock=False,
    ),
    Command(
        "config diff",
        "policy.config_versions:diff",
        Label("what differs between versions, or from config.toml"),
        reads_clock=False,
        examples=("config diff", "config diff 3", "config diff 3 5"),
    ),
    Command(
        "config show",
        "policy.config_show:show",
        Label("every setting that is in effect"),
        reads_clock=False,
        examples=("config show", "config show --origin | grep attention"),
    ),
    Command(
        "config export",
        "policy.config_export:export",
        Label("a version of the policy as a config.toml again"),
        json=False,
        reads_clock=False,
        examples=("config export 1 > old.toml", "config export 1 --to version-1"),
    ),
    Command(
        "config schema",
        "policy.config:schema",
        Label("the JSON Schema of config.toml"),
        json=False,
        reads_clock=False,
    ),
    Command(
        "backup",
        "audit.backup:backup",
        Label("copy the database, also while the daemon runs"),
        reads_clock=False,
        examples=("backup /backup/renewals-$(date +%F).db",),
    ),
    Command(
        "restore",
        "audit.restore:restore",
        Label("restore a copy; nothing is sent until `release --since`"),
        examples=(
            "restore data/backups/renewals-2027-01-05.db",
            "release --since 2027-01-05T10:02",
        ),
    ),
    Command(
        "clock accept",
        "audit.clock:accept",
        Label("confirm the time after a clock jump"),
        json=False,
        reads_clock=False,
    ),
)
GROUPS: dict[Label, tuple[Command, ...]] = {
    Label("Start"): _START,
    Label("Every day"): _DAILY,
    Label("Operate"): _OPERATE,
}
"""All commands, as the help lists them."""
COMMANDS = tuple(command for commands in GROUPS.values() for command in commands)
