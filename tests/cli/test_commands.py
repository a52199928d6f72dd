"""What holds for every command in COMMANDS: help in both languages, JSON and nothing else where it
says so, one clear message where nothing is."""

import json
from contextlib import nullcontext
from pathlib import Path

import pytest

from scheduler.app.shipped import shipped_stories
from scheduler.cli.commands import COMMANDS, Command
from scheduler.cli.main import main
from tests.cli.office import LOADED, Office, of_no_machine
from tests.servers.slack import TOKEN, SlackServer

ARGUMENTS: dict[str, tuple[str, ...]] = {
    "import": ("{folder}/contracts.csv",),
    "import undo": ("2",),
    "undo": ("2",),
    "show": ("C-1",),
    "why": ("C-1",),
    "people feed": ("ann@example.com", "--off"),
    "answer": ("C-2", "seen"),
    "note": ("C-2", "they went quiet"),
    "people add": ("Dan Fox", "--email", "dan@example.com", "--yes"),
    "people edit": ("ann", "--zone", "Asia/Tokyo", "--yes"),
    "people merge": ("ann", "chika", "--yes"),
    "people deactivate": ("ann", "--to", "chika", "--yes"),
    "reassign": ("--from", "ann", "--to", "chika", "--yes"),
    "signals import": ("{folder}/signals.csv",),
    "signals add": ("C-1", "logins=42"),
    "contract add": ("N-1", "--customer", "New Ltd", "--ends", "2028-03-31", "--yes"),
    "contract edit": ("C-2", "--product", "Lite", "--yes"),
    "contract close": ("C-2", "--reason", "budget", "--yes"),
    "contract reopen": ("C-2", "--yes"),
    "contract undo": ("C-2", "--yes"),
    "absence add": ("ann", "2027-02-01", "2027-02-05"),
    "absence cancel": ("1",),
    "run": ("--once",),
    "simulate": ("--from", "2027-01-05", "--to", "2027-03-31"),
    "apply": ("12345678",),
    "backup": ("{folder}/copy.db",),
    "restore": ("{folder}/copy.db",),
    "pause": ("contract", "C-2"),
    "resume": ("contract", "C-2"),
    "config rollback": ("1", "--yes"),
    "test": ("{folder}/stories/lost.toml",),
    "health backtest": ("--config", "{folder}/draft.toml"),
}
"""What each command needs besides its name."""

MEASURES = """
[[health.measures]]
id = "logins"
label = "logins"
signal = "logins"
bands = [{ below = 10, points = 0 }, { points = 100 }]
"""

BEFORE: dict[str, tuple[str, ...]] = {
    "absence cancel": ("absence", "add", "bob", "2027-02-01", "2027-02-05"),
    "contract reopen": ("contract", "close", "C-2", "--reason", "budget", "--yes"),
    "contract undo": ("contract", "edit", "C-2", "--product", "Lite", "--yes"),
}
"""What must have been said before a command can do anything."""

ASKS_SLACK = ("people slack-ids",)
ASKS_HUBSPOT = ("sync hubspot", "sync hubspot status")
"""What these print for machines is read in tests/cli/sync, beside an account."""
NEEDS_NO_FOLDER = ("init", "demo", "config schema")
NEEDS_NO_DATABASE = (
    *("import", "run", "check", "config show", "test", "restore", "doctor"),
    *("contract add", "people add", "sync hubspot", "signals import", "signals add"),
)
"""Commands that make it, or do what they can without it."""
CHANGES_SOMETHING = (
    *(
        "import",
        "import undo",
        "undo",
        "answer",
        "absence add",
        "absence cancel",
        "check",
        "apply",
        "config rollback",
        "backup",
        "restore",
        "pause",
        "resume",
        "doctor",
    ),
    *("signals import", "signals add"),
    *("note", "people add", "people edit", "people merge", "people deactivate", "reassign"),
    *("contract add", "contract edit", "contract close", "contract reopen", "contract undo"),
)
"""Commands whose second run says something else; and `check`, whose JSON holds sentences."""
EVERY = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.name)
IN_A_FOLDER = pytest.mark.parametrize(
    "command",
    [c for c in COMMANDS if c.name not in NEEDS_NO_FOLDER],
    ids=lambda command: command.name,
)


def words(command: Command, folder: Path) -> list[str]:
    """The command as it can be typed."""
    return [
        *command.name.split(),
        *(word.format(folder=folder) for word in ARGUMENTS.get(command.name, ())),
    ]


def ready(office: Office, command: Command) -> list[str]:
    """The command as it can be typed once all that it needs is there."""
    if command.name in BEFORE:
        office.said(*BEFORE[command.name])
    typed = words(command, office.folder)
    if command.name == "ready":
        office.change(
            "UPDATE meta SET value = '2027-01-05T12:00:00+00:00' WHERE key = 'last_sweep_at'"
        )
    if command.name == "signals import":
        (office.folder / "signals.csv").write_text(
            "contract,name,value,time\nC-1,logins,4,2026-12-28\n", "utf-8"
        )
    if command.name == "health backtest":
        (office.folder / "draft.toml").write_text(
            (office.folder / "config.toml").read_text("utf-8") + MEASURES, "utf-8"
        )
    if command.name == "restore":
        office.said("backup", f"{office.folder}/copy.db", as_of=None)
    if command.name == "test":
        (office.folder / "stories").mkdir()
        (office.folder / "stories" / "lost.toml").write_text(
            shipped_stories("en")["lost.toml"], "utf-8"
        )
    if command.name not in ("plan", "apply", "config rollback"):
        return typed
    config = office.folder / "config.toml"
    config.write_text(
        config.read_text("utf-8").replace("resend_after_move = 14", "resend_after_move = 21"),
        "utf-8",
    )
    plan = str(json.loads(office.said("plan", "--json"))["plan"])
    if command.name == "config rollback":
        office.said("apply", plan)
    return ["apply", plan] if command.name == "apply" else typed


@EVERY
def test_its_help_is_in_the_readers_language(
    command: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = {}
    for lang in ("en", "ja"):
        assert main([*command.name.split(), "--help", "--lang", lang]) == 0
        said = capsys.readouterr()
        assert said.err == ""
        shown[lang] = said.out
    assert shown["en"].startswith(f"Usage: renewals {command.name}")
    assert shown["ja"].startswith(f"使い方: renewals {command.name}")
    for lang, help_text in (("en", command.help.en), ("ja", command.help.ja)):
        assert f"\n  {help_text}\n" in shown[lang]
        assert ("--json" in shown[lang], "--as-of" in shown[lang]) == (
            command.json,
            command.reads_clock,
        )
        assert "--dir" in shown[lang]
        for example in command.examples:
            assert f"  renewals {example}\n" in shown[lang] + "\n"
    assert "Show this message" not in shown["ja"]
    assert shown["en"].isascii() or set(shown["en"]) - set("…—") <= {chr(n) for n in range(128)}, (
        "no Japanese in the English help"
    )


@pytest.mark.parametrize(
    "command",
    [c for c in COMMANDS if c.json and c.name not in ASKS_HUBSPOT],
    ids=lambda command: command.name,
)
def test_with_json_it_prints_json_and_nothing_else(
    office: Office, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    said, typed = {}, ready(office, command)
    with SlackServer() if command.name in ASKS_SLACK else nullcontext() as slack:
        if slack is not None:
            monkeypatch.setenv("SLACK_BOT_TOKEN", TOKEN)
            monkeypatch.setenv("SLACK_API_URL", slack.url)
        for lang in ("en", "ja"):
            code, out, _ = office.run(
                *typed, "--json", lang=lang, as_of="2027-01-05" if command.reads_clock else None
            )
            if code == 0:
                said[lang] = json.loads(out)
    assert isinstance(said["en"], dict | list)
    if command.name not in CHANGES_SOMETHING:
        assert said["ja"] == said["en"], "what machines read does not depend on the language"


@IN_A_FOLDER
def test_without_a_folder_it_says_in_one_line_how_to_make_one(
    command: Command,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    of_no_machine(monkeypatch)
    nowhere = tmp_path / "nowhere"
    for lang, said in (
        (
            "en",
            (
                f"there is no folder {nowhere}; name the working folder with --dir, or make one: "
                f"renewals init {nowhere}"
            ),
        ),
        (
            "ja",
            (
                f"フォルダー {nowhere} がありません。--dir で作業フォルダーを指定するか、renewals "
                f"init {nowhere} で作ってください。"
            ),
        ),
    ):
        to_do = (
            1 if command.name == "doctor" else 2
        )  # it says what is to do, and goes on with the rest
        assert main([*words(command, tmp_path), "--dir", str(nowhere), "--lang", lang]) == to_do
        shown = capsys.readouterr()
        assert said in (shown.out + shown.err)
        assert "Traceback" not in shown.err
    assert not nowhere.exists()


NO_DATABASE = (
    "there is no database yet; `renewals import FILE` or `renewals run` makes it",
    ("データベースがまだありません。先に renewals import または renewals run を実行してください。"),
)
NO_ROUND = (
    "there is no database yet; the first round creates it: renewals sync hubspot",
    "データベースがまだありません。最初の同期で作られます：renewals sync hubspot",
)
"""Of what is about HubSpot alone."""


@pytest.mark.parametrize(
    "command",
    [c for c in COMMANDS if c.name not in (*NEEDS_NO_FOLDER, *NEEDS_NO_DATABASE)],
    ids=lambda command: command.name,
)
def test_without_a_database_it_says_in_one_line_what_makes_one(
    nowhere: Office, command: Command
) -> None:
    english, japanese = NO_ROUND if command.name == "sync hubspot status" else NO_DATABASE
    assert nowhere.refused(*words(command, nowhere.folder), as_of=None) == english
    assert nowhere.refused(*words(command, nowhere.folder), lang="ja", as_of=None) == japanese
    assert not (nowhere.folder / "data").exists()


def test_an_answer_on_an_empty_database_names_no_contract_it_does_not_have(nowhere: Office) -> None:
    nowhere.said("run", "--once", as_of=LOADED)
    assert (
        nowhere.refused("answer", "C-1", "seen")
        == "there is no contract C-1; `renewals deals` lists all of them"
    )
    assert (
        nowhere.refused("show", "C-1")
        == "there is no contract C-1; `renewals deals` lists all of them"
    )
