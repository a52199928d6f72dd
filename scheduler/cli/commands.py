"""The commands there are: one line each. The module that does the work is imported only when its
command is given.

A command is a function whose first parameter is `here: Here`; its other parameters are typer's
(Annotated[..., typer.Option(...)]) or dataclasses of such fields, with help texts made by
`text("…")`: the language is known before the module is imported. It returns None or an exit code.
Each command also gets `--dir` and `--lang`, with `json=True` `--json`, with `sheets=True` `--csv`
and `--xlsx`, with `reads_clock=True` `--as-of`, with `report=True` what all reports are asked with
(`scheduler.cli.reports.options`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scheduler.core.words.labels import Label

START, DAILY, OPERATE = (
    Label("Start"),
    Label("Every day"),
    Label("Operate"),
)


@dataclass(frozen=True, slots=True)
class Command:
    """One command: its name (one word to three), where its function is (`module:function`), what it
    does, in which group the help lists it.

    `examples` stand below its help, without the program's name. `makes_folder` says what `--dir` is
    where the folder need not be there yet.
    """

    name: str
    function: str
    help: Label
    group: Label = DAILY
    json: bool = False
    sheets: bool = False
    reads_clock: bool = False
    report: bool = False
    examples: tuple[str, ...] = ()
    makes_folder: Label | None = None


COMMANDS: tuple[Command, ...] = (
    Command(
        "init",
        "scheduler.cli.init:init",
        Label("prepare a working folder (config.toml …)"),
        START,
        examples=("init cs --lang en --zone Europe/London --currency GBP",),
    ),
    Command(
        "demo",
        "scheduler.cli.demo.demo:demo",
        Label("a believable year, run in seconds"),
        START,
        makes_folder=Label("where to make it (default: ./renewals-demo)"),
    ),
    Command(
        "import",
        "scheduler.cli.imports.importing:load",
        Label("bring in contracts or people from a file"),
        START,
        json=True,
        reads_clock=True,
    ),
    Command(
        "import catch-up",
        "scheduler.cli.imports.catch_up:catch_up",
        Label("see what a first load held back, and have it sent"),
        START,
        json=True,
        reads_clock=True,
    ),
    Command(
        "import undo",
        "scheduler.cli.imports.undoing:take_back",
        Label("undo an import"),
        START,
        json=True,
        reads_clock=True,
    ),
    Command(
        "undo",
        "scheduler.cli.imports.undoing:take_back",
        Label("take an import or a change back, by its number"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "deals",
        "scheduler.cli.deals.listing:deals",
        Label("list the deals"),
        json=True,
        sheets=True,
        reads_clock=True,
        examples=(
            "deals --owner ann --ends-before 2027-04-01",
            "deals --stage critical",
            "deals --closed --customer aoba --json",
            "deals --xlsx deals.xlsx",
        ),
    ),
    Command(
        "show",
        "scheduler.cli.deals.show:show",
        Label("one contract with its history"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "why",
        "scheduler.cli.deals.why:why",
        Label("why each milestone lies on its day, and what became of it"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "upcoming",
        "scheduler.cli.deals.listing:upcoming",
        Label("what will be told, and when"),
        json=True,
        sheets=True,
        reads_clock=True,
    ),
    Command(
        "nudges",
        "scheduler.cli.deals.listing:nudges",
        Label("list the nudges"),
        json=True,
        sheets=True,
        reads_clock=True,
    ),
    Command(
        "messages",
        "scheduler.cli.deals.listing:messages",
        Label("list and read the messages"),
        json=True,
        sheets=True,
        reads_clock=True,
    ),
    Command(
        "people",
        "scheduler.cli.deals.listing:people",
        Label("list the people"),
        json=True,
        sheets=True,
        reads_clock=True,
    ),
    Command(
        "people feed",
        "scheduler.cli.people.feed:feed",
        Label("the secret address of somebody's calendar"),
        json=True,
    ),
    Command(
        "people slack-ids",
        "scheduler.cli.people.slack_ids:slack_ids",
        Label("find everybody's Slack id by e-mail"),
        json=True,
        examples=("people slack-ids --dry-run", "people slack-ids"),
    ),
    Command(
        "answer",
        "scheduler.cli.answers.answer:answer",
        Label("answer a nudge"),
        json=True,
        reads_clock=True,
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
        "scheduler.cli.answers.note:note",
        Label("keep a note with a contract"),
        json=True,
        reads_clock=True,
        examples=("note C-1 'the new buyer is Ms Sato'", "note C-1 --undo"),
    ),
    Command(
        "people add",
        "scheduler.cli.people.people_edit:add",
        Label("a new colleague"),
        json=True,
        reads_clock=True,
        examples=(
            (
                "people add 'Ann Ito' --email ann@acme.co.jp --manager bob --zone Europe/London "
                "--language en"
            ),
        ),
    ),
    Command(
        "people edit",
        "scheduler.cli.people.people_edit:edit",
        Label("change what is known of a colleague"),
        json=True,
        reads_clock=True,
        examples=(
            "people edit ann --email ann.ito@acme.co.jp",
            "people edit ann --hours 09:00-17:30 --manager none --yes",
        ),
    ),
    Command(
        "people merge",
        "scheduler.cli.people.people_edit:merge",
        Label("two entries are one colleague"),
        json=True,
        reads_clock=True,
        examples=("people merge ann@old.co.jp ann@acme.co.jp",),
    ),
    Command(
        "people deactivate",
        "scheduler.cli.people.people_edit:deactivate",
        Label("somebody has left"),
        json=True,
        reads_clock=True,
        examples=("people deactivate ann --to bob",),
    ),
    Command(
        "reassign",
        "scheduler.cli.people.people_edit:reassign",
        Label("open contracts go to another colleague"),
        json=True,
        reads_clock=True,
        examples=(
            "reassign --from ann --to bob",
            "reassign --from ann --to bob --where segment=enterprise --where 'ends_on<2027-07-01'",
        ),
    ),
    Command(
        "signals import",
        "scheduler.cli.signals.importing:load",
        Label("bring in what was measured: logins, tickets, scores …"),
        json=True,
        reads_clock=True,
        examples=(
            "signals import usage.csv --dry-run",
            "signals import --profiles",
            "signals import tickets.xlsx --map tickets.toml",
        ),
    ),
    Command(
        "signals add",
        "scheduler.cli.signals.adding:add_signals",
        Label("enter what was measured of a contract or a customer"),
        json=True,
        reads_clock=True,
        examples=(
            "signals add C-1 logins=42 --at 2026-11-20",
            "signals add --customer 'Aoba Trading' champion_left=yes --source call",
        ),
    ),
    Command(
        "signals list",
        "scheduler.cli.signals.listing:list_all",
        Label("list what was measured"),
        json=True,
        reads_clock=True,
        examples=("signals list --contract C-1", "signals list --unmatched --format csv"),
    ),
    Command(
        "health show",
        "scheduler.cli.deals.health_show:show",
        Label("how one customer does and why, or how many customers are in each state"),
        json=True,
        reads_clock=True,
        examples=("health show", "health show C-1", "health show --format csv"),
    ),
    Command(
        "contract add",
        "scheduler.cli.deals.contract:add",
        Label("enter one contract"),
        json=True,
        reads_clock=True,
        examples=(
            (
                "contract add C-9 --customer 'Aoba Trading' --starts 2027-04-01 --term '12 months' "
                "--amount 3600000 --owner ann"
            ),
        ),
    ),
    Command(
        "contract edit",
        "scheduler.cli.deals.contract:edit",
        Label("change dates, amount, owner … of one contract"),
        json=True,
        reads_clock=True,
        examples=(
            "contract edit C-1 --ends 2027-06-30",
            "contract edit C-1 --owner bob --yes",
            "contract edit C-1 --amount none --confirm",
        ),
    ),
    Command(
        "contract close",
        "scheduler.cli.deals.contract:close",
        Label("close a contract"),
        json=True,
        reads_clock=True,
        examples=("contract close C-1 --reason budget --note '…'",),
    ),
    Command(
        "contract reopen",
        "scheduler.cli.deals.contract:reopen",
        Label("open a closed contract again"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "contract undo",
        "scheduler.cli.deals.contract:undo",
        Label("take the last edit back"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "absence add",
        "scheduler.cli.people.absence:add",
        Label("somebody will be away"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "absence list",
        "scheduler.cli.people.absence:show",
        Label("who is away, and when"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "absence cancel",
        "scheduler.cli.people.absence:cancel",
        Label("take an absence back"),
        json=True,
        reads_clock=True,
    ),
    Command(
        "report renewals",
        "scheduler.cli.reports.meeting:renewals",
        Label("the page for the weekly meeting: what is due, what is to be talked about"),
        json=True,
        sheets=True,
        reads_clock=True,
        report=True,
        examples=(
            "report renewals --team emea",
            "report renewals --until 2027-06-30 --html renewals.html --by team",
            "report renewals --chart due.png",
        ),
    ),
    Command(
        "report forecast",
        "scheduler.cli.reports.forecast:forecast",
        Label("what renews in the months ahead, how much is safe, what changed in a week"),
        json=True,
        sheets=True,
        reads_clock=True,
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
        "scheduler.cli.reports.retention:retention",
        Label("what was kept of what was due: gross, net, customers"),
        json=True,
        sheets=True,
        reads_clock=True,
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
        "scheduler.cli.reports.load:load",
        Label("what comes for each person, week by week"),
        json=True,
        sheets=True,
        reads_clock=True,
        report=True,
        examples=("report load --team emea", "report load --chart load.png"),
    ),
    Command(
        "report answers",
        "scheduler.cli.reports.answers:answers",
        Label("how fast questions are answered, by whom, and which nobody answers"),
        json=True,
        sheets=True,
        reads_clock=True,
        report=True,
        examples=("report answers --explain", "report answers --from 2026-10-01 --format csv"),
    ),
    Command(
        "report funnel",
        "scheduler.cli.reports.funnel:funnel",
        Label("how far deals come, in what order, and how long they stay in each stage"),
        json=True,
        sheets=True,
        reads_clock=True,
        report=True,
        examples=("report funnel --explain", "report funnel --chart funnel.svg"),
    ),
    Command(
        "report lost",
        "scheduler.cli.reports.lost:lost",
        Label("what was lost: how far it had come, why, avoidable or not"),
        json=True,
        sheets=True,
        reads_clock=True,
        report=True,
        examples=("report lost --from 2026-04-01", "report lost --segment smb --xlsx lost.xlsx"),
    ),
    Command(
        "health backtest",
        "scheduler.cli.health.backtest:backtested",
        Label("how many of the lost health had flagged in time, and how many false alarms"),
        json=True,
        sheets=True,
        reads_clock=True,
        report=True,
        examples=(
            "health backtest --explain",
            "health backtest --config draft.toml --format csv > draft.csv",
            "health backtest --chart backtest.svg",
        ),
    ),
    Command(
        "report passage",
        "scheduler.cli.reports.passage:passage",
        Label("how far the deals come"),
        json=True,
        sheets=True,
        reads_clock=True,
        examples=(
            "report passage --explain",
            "report passage --pipeline new_business --format csv > passage.csv",
        ),
    ),
    Command(
        "report balance",
        "scheduler.cli.audit.balance:report",
        Label("the proof that nothing was lost"),
        json=True,
        sheets=True,
        reads_clock=True,
        examples=(
            "report balance --explain",
            "report balance --from 2027-01-01 --format csv > balance.csv",
        ),
    ),
    Command(
        "report delivery",
        "scheduler.cli.delivery.delivery:report",
        Label("how many nudges reached a person in time, and why others did not"),
        json=True,
        sheets=True,
        reads_clock=True,
        examples=("report delivery --explain", "report delivery --months 3 --json"),
    ),
    Command(
        "run",
        "scheduler.cli.delivery.run:run",
        Label("the daemon"),
        OPERATE,
        reads_clock=True,
        examples=("run", "run --dry-run", "run --once"),
    ),
    Command(
        "ready",
        "scheduler.cli.audit.ready:ready",
        Label("whether the daemon does its work, for health checks"),
        OPERATE,
        json=True,
        reads_clock=True,
    ),
    Command(
        "check",
        "scheduler.cli.policy.check:check",
        Label("look for mistakes everywhere"),
        OPERATE,
        json=True,
    ),
    Command(
        "doctor",
        "scheduler.cli.audit.doctor:doctor",
        Label("everything that can be wrong with this installation, in one page"),
        OPERATE,
        json=True,
        examples=("doctor", "doctor --live"),
    ),
    Command(
        "release",
        "scheduler.cli.delivery.release:release",
        Label("let go what is held back"),
        OPERATE,
        json=True,
        reads_clock=True,
    ),
    Command(
        "pause",
        "scheduler.cli.delivery.pause:pause",
        Label("quiet about everything, a pipeline or a contract"),
        OPERATE,
        json=True,
        reads_clock=True,
        examples=(
            "pause",
            "pause contract C-1 --until 2027-02-01 --because '…'",
            "pause pipeline existing --dry-run",
            "pause everything",
        ),
    ),
    Command(
        "resume",
        "scheduler.cli.delivery.pause:resume",
        Label("end a pause"),
        OPERATE,
        json=True,
        reads_clock=True,
        examples=("resume contract C-1", "resume everything"),
    ),
    Command(
        "retry",
        "scheduler.cli.delivery.retry:retry",
        Label("send again what could reach nobody"),
        OPERATE,
        json=True,
        reads_clock=True,
        examples=("retry --dry-run", "retry 17", "retry --person ann@example.com"),
    ),
    Command(
        "plan",
        "scheduler.cli.policy.plan:plan",
        Label("see what an edit would do, before it does it"),
        OPERATE,
        json=True,
        reads_clock=True,
        examples=(
            "plan",
            "plan --config draft.toml --until 2027-03-31",
            "plan --backfill --json > plan.json",
        ),
    ),
    Command(
        "simulate",
        "scheduler.cli.policy.simulate:simulated",
        Label("live any span, past or future, on a virtual clock"),
        OPERATE,
        json=True,
        reads_clock=True,
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
        "scheduler.cli.policy.stories:stories",
        Label("live stories under the configuration, and see whether they hold"),
        OPERATE,
        json=True,
        examples=("test", "test stories/nobody_answers.toml --config draft.toml", "test --json"),
    ),
    Command(
        "apply",
        "scheduler.cli.policy.plan:apply",
        Label("put a plan in force"),
        OPERATE,
        json=True,
        reads_clock=True,
    ),
    Command(
        "sync hubspot",
        "scheduler.cli.sync.hubspot:hubspot",
        Label("connect a HubSpot account and keep in step with it"),
        OPERATE,
        json=True,
        reads_clock=True,
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
        "scheduler.cli.sync.rounds:status",
        Label("how far HubSpot and the deals here are in step"),
        OPERATE,
        json=True,
        reads_clock=True,
    ),
    Command(
        "config rollback",
        "scheduler.cli.policy.plan:rollback",
        Label("go back to what an earlier version said"),
        OPERATE,
        json=True,
        reads_clock=True,
    ),
    Command(
        "config history",
        "scheduler.cli.policy.config_versions:history",
        Label("every version of the policy"),
        OPERATE,
        json=True,
    ),
    Command(
        "config diff",
        "scheduler.cli.policy.config_versions:diff",
        Label("what differs between versions, or from config.toml"),
        OPERATE,
        json=True,
        examples=("config diff", "config diff 3", "config diff 3 5"),
    ),
    Command(
        "config show",
        "scheduler.cli.policy.config_show:show",
        Label("every setting that is in effect"),
        OPERATE,
        json=True,
        examples=("config show", "config show --origin | grep attention"),
    ),
    Command(
        "config export",
        "scheduler.cli.policy.config_export:export",
        Label("a version of the policy as a config.toml again"),
        OPERATE,
        examples=("config export 1 > old.toml", "config export 1 --to version-1"),
    ),
    Command(
        "config schema",
        "scheduler.cli.policy.config:schema",
        Label("the JSON Schema of config.toml"),
        OPERATE,
    ),
    Command(
        "backup",
        "scheduler.cli.audit.backup:backup",
        Label("copy the database, also while the daemon runs"),
        OPERATE,
        json=True,
        examples=("backup /backup/renewals-$(date +%F).db",),
    ),
    Command(
        "restore",
        "scheduler.cli.audit.restore:restore",
        Label("put a copy back; nothing is sent until `release --since`"),
        OPERATE,
        json=True,
        reads_clock=True,
        examples=(
            "restore data/backups/renewals-2027-01-05.db",
            "release --since 2027-01-05T10:02",
        ),
    ),
    Command(
        "clock accept",
        "scheduler.cli.audit.clock:accept",
        Label("confirm the time after a clock jump"),
        OPERATE,
    ),
)


def find(words: Sequence[str]) -> Command | None:
    """The command that the first words name: the most words that are one."""
    by_name = {command.name: command for command in COMMANDS}
    named = (by_name.get(" ".join(words[:n])) for n in (3, 2, 1))
    return next((command for command in named if command), None)


def begun_by(word: str) -> tuple[Command, ...]:
    """The two-word commands that begin with `word`."""
    return tuple(command for command in COMMANDS if command.name.startswith(f"{word} "))
