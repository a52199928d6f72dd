"""`renewals check` as people meet it: in both languages, on broken files, on nothing at all, with a
database and without."""

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.cli.main import main
from tests.cli.office import of_no_machine
from tests.servers.smtp import SmtpServer

PEOPLE = "name,email,role,manager,zone,language\nAnn Ito,ann@example.com,rep,,Europe/London,en\n"
CONTRACTS = (
    "contract,customer,product,starts on,ends on,notice,auto renew,amount,currency,owner\n"
    'C-1,青葉商事,Pro,2026-04-01,2027-03-31,3 months,yes,"¥3,600,000",JPY,ann@example.com\n'
)


@dataclass
class Checked:
    """What `check` said, and its exit code."""

    code: int
    lines: list[str]
    err: str


Check = Callable[..., Checked]


@pytest.fixture
def work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with the shipped configuration, and an environment without anything of the
    machine's."""
    of_no_machine(monkeypatch)
    folder = tmp_path / "work"
    folder.mkdir()
    (folder / "config.toml").write_text(own_config(), "utf-8")
    return folder


def own_config() -> str:
    """The shipped configuration with addresses of one's own."""
    return shipped_config().replace("@example.com", "@aoba.test")


@pytest.fixture
def check(work: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """Runs the command on the folder, or on another."""

    def run(*words: str, folder: Path = work) -> Checked:
        capsys.readouterr()
        code = main(["check", "--dir", str(folder), *words])
        shown = capsys.readouterr()
        return Checked(code, shown.out.replace(str(folder), "work").splitlines(), shown.err)

    return run


def edit(work: Path, old: str, new: str) -> None:
    """Saves the configuration with a change."""
    file = work / "config.toml"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def line_of(work: Path, text: str) -> int:
    content = (work / "config.toml").read_text("utf-8")
    return content[: content.index(text)].count("\n") + 1


NOT_CONFIGURED = (
    "note: no channel is configured (SLACK_BOT_TOKEN, SMTP_URL); messages stay in the database"
)
NO_DATABASE = "note: there is no database yet; `renewals import FILE` or `renewals run` makes it"


def test_a_fresh_folder_has_only_notes(check: Check) -> None:
    assert check() == Checked(0, [NOT_CONFIGURED, NO_DATABASE, "no problems"], "")
    assert check("--lang", "ja").lines == [
        (
            "注意：送信手段が未設定です(SLACK_BOT_TOKEN、SMTP_URL)。メッセージは送信されず、"
            "データベースに残ります。"
        ),
        (
            "注意：データベースがまだありません。先に renewals import または renewals run "
            "を実行してください。"
        ),
        "問題はありません。",
    ]


def test_every_mistake_of_the_file_stands_on_its_line(check: Check, work: Path) -> None:
    edit(work, "resend_after_move = 14", "resend_after_move = 2 weeks".replace("2 weeks", '"14"'))
    edit(work, 'offset = "-3 months"', 'offset = "3 moths"')
    first, second = line_of(work, "resend_after_move ="), line_of(work, '"3 moths"')
    assert check() == Checked(
        2,
        [
            (
                f'work/config.toml:{first}  resend_after_move: "14" is not possible; write a whole '
                "number"
            ),
            (
                f'work/config.toml:{second}  milestones[0].offset: "3 moths" is not an offset; '
                'write e.g. "-3 months"'
            ),
            (
                "note: channels, addresses and the database were not checked; fix the "
                "configuration and check again"
            ),
            "2 problems to fix",
        ],
        "",
    )
    assert check("--lang", "ja").lines == [
        f'work/config.toml:{first}  resend_after_move: "14" は使えません。整数を書いてください',
        (
            f'work/config.toml:{second}  milestones[0].offset: "3 moths" は期間として読めません。'
            '例："-3 months"、"3か月前"'
        ),
        "注意：送信手段・宛先・データベースは、設定を直してからもう一度点検してください。",
        "直すべき問題が2件あります。",
    ]


@pytest.mark.parametrize(
    ("spoil", "en", "ja"),
    [
        (
            lambda file: file.unlink(),
            (
                "there is no work/config.toml; name the working folder with --dir, or make one "
                "with `renewals init`"
            ),
            (
                "work/config.toml がありません。--dir で作業フォルダーを指定するか、renewals init "
                "で作ってください。"
            ),
        ),
        (
            lambda file: (file.unlink(), file.mkdir()),
            "cannot read work/config.toml: it is a folder, not a file; rename or remove it",
            (
                "work/config.toml を読めません：ファイルではなくフォルダーです。"
                "名前を変えるか消してください"
            ),
        ),
        (
            lambda file: file.write_bytes("language = 'ja'\n# 日本語\n".encode("cp932")),
            "work/config.toml:2  not UTF-8; save the file as UTF-8",
            "work/config.toml:2  UTF-8ではありません。UTF-8で保存してください",
        ),
        (
            lambda file: file.write_text(shipped_config(), "utf-16"),
            "work/config.toml:1  not UTF-8; save the file as UTF-8",
            "work/config.toml:1  UTF-8ではありません。UTF-8で保存してください",
        ),
        (
            lambda file: file.write_text("", "utf-8-sig"),
            (
                "work/config.toml  the file is empty; put your copy of it back (in a new folder: "
                "delete it and run `renewals init`)"
            ),
            (
                "work/config.toml  ファイルが空です。控えから戻してください(新しいフォルダーなら、"
                "このファイルを消してから renewals init)"
            ),
        ),
        (
            lambda file: file.write_text("language = ja"),
            (
                "work/config.toml:1  not valid TOML: text goes in quotation marks, e.g. language "
                '= "ja"'
            ),
            (
                "work/config.toml:1  "
                'TOMLとして読めません：文字列は引用符で囲んでください(例：language = "ja")'
            ),
        ),
    ],
    ids=["missing", "a folder", "cp932", "utf-16", "empty", "no TOML"],
)
def test_a_file_that_cannot_be_read_is_one_problem(
    check: Check, work: Path, spoil: Callable[[Path], object], en: str, ja: str
) -> None:
    spoil(work / "config.toml")
    for language, said in (("en", en), ("ja", ja)):
        found = check("--lang", language)
        assert (found.code, found.lines[0], found.err) == (2, said, "")
    assert check().lines[-1] == "1 problem to fix"


def test_a_byte_order_mark_and_line_ends_of_windows_do_no_harm(check: Check, work: Path) -> None:
    (work / "config.toml").write_bytes(
        b"\xef\xbb\xbf" + own_config().replace("\n", "\r\n").encode()
    )
    assert check().code == 0


def test_a_folder_that_is_not_there_and_one_that_is_a_file(check: Check, work: Path) -> None:
    assert check(folder=work / "nowhere").lines == [
        (
            "there is no folder work; name the working folder with --dir, or make one: renewals "
            "init work"
        ),
        "1 problem to fix",
    ]
    assert (
        check(folder=work / "config.toml").lines[0]
        == "work is not a folder; name the folder that holds config.toml with --dir"
    )


def test_the_folder_may_be_named_by_the_environment(
    check: Check, work: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("RENEWALS_DIR", str(work))
    monkeypatch.setenv("RENEWALS_LANG", "ja")
    assert main(["check"]) == 0
    assert capsys.readouterr().out.endswith("問題はありません。\n")


def test_for_machines_every_problem_has_its_place_and_both_languages(
    check: Check, work: Path
) -> None:
    edit(work, 'offset = "-3 months"', 'offset = "3 moths"')
    found = check("--json")
    said: dict[str, Any] = json.loads("\n".join(found.lines))
    assert found.code == 2
    assert said["problems"] == [
        {
            "file": "work/config.toml",
            "line": line_of(work, '"3 moths"'),
            "path": "milestones[0].offset",
            "text": {
                "ja": '"3 moths" は期間として読めません。例："-3 months"、"3か月前"',
                "en": '"3 moths" is not an offset; write e.g. "-3 months"',
            },
        }
    ]
    assert [set(note) for note in said["notes"]] == [{"ja", "en"}]


@pytest.mark.parametrize(
    "spoil",
    [
        shutil.rmtree,
        lambda w: (w / "config.toml").write_bytes(b"\xff"),
        lambda w: (w / ".env").write_text("x"),
    ],
)
def test_for_machines_there_is_json_whatever_is_wrong(
    check: Check, work: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(work)
    found = check("--json")
    assert (found.code, found.err) == (2, "")
    assert len(json.loads("\n".join(found.lines))["problems"]) == 1


def test_a_bad_environment_file_does_not_hide_the_mistakes_of_the_configuration(
    check: Check, work: Path
) -> None:
    (work / ".env").write_text("SLACK BOT TOKEN\n")
    edit(work, "resend_after_move = 14", "resend_after_move = -1")
    found = check()
    assert found.lines[1] == "work/.env:1  write NAME=value"
    assert found.lines[-1] == "2 problems to fix"


def test_a_template_that_is_a_folder_or_a_link_to_nothing_is_named(
    check: Check, work: Path
) -> None:
    texts = work / "templates" / "messages" / "en" / "renewal_3m"
    (texts / "opening.txt").mkdir(parents=True)
    (texts / "ask.txt").symlink_to("/nonexistent")
    (texts / ".#ask.txt").symlink_to("ann@machine.4711:1")
    (work / "shared.txt").write_text("Please write to the customer.\n")
    (texts / "answer.txt").symlink_to(work / "shared.txt")
    path = "work/templates/messages/en/renewal_3m"
    found = check()
    assert (found.code, found.lines[:2]) == (
        2,
        [
            (
                f"{path}/ask.txt  it is a link to /nonexistent, which is not a file that can be "
                "read; link it to the text, or remove it"
            ),
            f"{path}/opening.txt  it is a folder, not a file; rename or remove it",
        ],
    )
    assert found.lines[-1] == "2 problems to fix"


def test_a_text_for_a_milestone_that_does_not_exist_is_named(check: Check, work: Path) -> None:
    texts = work / "templates" / "messages" / "en"
    for milestone in ("renewal_9m", "renewal_3m", "ended", "default", "vip"):
        (texts / milestone).mkdir(parents=True)
        (texts / milestone / "ask.txt").write_text("Please decide.\n")
    (texts / "vip" / "body.txt").write_text('{% include "en/vip/ask.txt" %}\n')
    edit(work, '\nid = "renewal_1m"\n', '\nid = "renewal_1m"\ntemplate = "vip"\n')
    file = "work/templates/messages/en/renewal_9m/ask.txt"
    assert check().lines[:-3] == [
        (
            f'{file}  no message uses this text: there is no milestone "renewal_9m"; did you mean '
            '"renewal_3m"?'
        )
    ]
    (texts / "renewal_9m" / "ask.txt").unlink()
    assert check().code == 0


def test_templates_are_tried_even_if_the_configuration_has_mistakes(
    check: Check, work: Path
) -> None:
    own = work / "templates" / "messages" / "en" / "renewal_3m"
    own.mkdir(parents=True)
    (own / "ask.txt").write_text("\n{{ n.custmer }}")
    (own / "aks.txt").write_text("x")
    edit(work, "resend_after_move = 14", "resend_after_move = -1")
    form = (
        "<ja|en>/<name>/<subject.txt|body.txt|body.html|slack.txt|ask.txt|opening.txt|answer.txt>"
    )
    path = "work/templates/messages/en/renewal_3m"
    assert check().lines[1:3] == [
        f"{path}/aks.txt  nothing is made from this file; a template is {form}",
        f"{path}/ask.txt:2  nothing is known as custmer (did you mean customer?)",
    ]
    assert check("--lang", "ja").lines[1:3] == [
        f"{path}/aks.txt  このファイルはどのメッセージにも使われません。テンプレートは {form} です",
        f"{path}/ask.txt:2  custmer というものはありません。「customer」のことですか。",
    ]


def test_what_is_allowed_but_hardly_meant_is_noted(check: Check, work: Path) -> None:
    edit(work, 'tell = ["owner"]\nasks = true', "tell = []")
    edit(work, 'moves_to = "renewal_3m"\n', "")
    found = check()
    assert found.code == 0
    assert found.lines[:2] == [
        "note: pipelines[existing]: no milestone moves a deal to renewal_3m; only people will",
        "note: milestones[renewal_3m]: moves no deal and tells nobody; it is only recorded",
    ]


@pytest.mark.parametrize("command", ["check", "doctor"])
def test_a_mistyped_name_in_the_env_file_is_told(
    work: Path, capsys: pytest.CaptureFixture[str], command: str
) -> None:
    (work / ".env").write_text("SMPT_URL=smtp://ann:open-sesame@mail.aoba.test\nOTHER=1\n")
    assert main([command, "--dir", str(work)]) != 0
    said = "".join(capsys.readouterr())
    assert f"{work / '.env'}:1  nothing reads SMPT_URL; did you mean SMTP_URL?" in said
    assert "open-sesame" not in said
    assert "OTHER" not in said


def test_wrong_secrets_are_named_and_never_shown(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLACK_BOT_TOKEN", "open-sesame")
    monkeypatch.setenv("SMTP_URL", "mail://ann:open-sesame@x")
    for language in ("en", "ja"):
        found = check("--lang", language)
        assert found.code == 2
        assert [line[:9] for line in found.lines[:2]] == [
            "SLACK_BOT",
            "SMTP_URL " if language == "en" else "SMTP_URLは",
        ]
        assert "open-sesame" not in "\n".join(found.lines)


def test_the_mail_server_is_asked_unless_offline(
    check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    with SmtpServer() as server:
        monkeypatch.setenv("SMTP_URL", f"smtp://127.0.0.1:{server.port}")
        assert check().code == 0
        port = server.port
    away = check()
    assert (away.code, away.lines[0]) == (
        2,
        f"e-mail: mail server 127.0.0.1:{port}, connecting: Connection refused",
    )
    assert (
        check("--lang", "ja").lines[0].startswith("接続を確認できませんでした：e-mail: mail server")
    )
    assert check("--offline").code == 0


def test_an_address_without_a_way_is_told(
    check: Check, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1")
    edit(work, 'fallback = "email:renewals@aoba.test"', 'fallback = "slack:#renewals"')
    assert check("--offline").lines == [
        "config.toml  pipelines[existing].fallback: no way to slack:#renewals is configured",
        NO_DATABASE,
        "1 problem to fix",
    ]


def test_sample_addresses_are_refused_with_their_lines(
    check: Check, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "config.toml").write_text(shipped_config(), "utf-8")
    found = check()
    address = "email:renewals-admin@example.com"
    said = f"work/config.toml:{line_of(work, address)}  admins[0]: {address} is a sample address that reaches nobody; replace it with your own"
    assert (found.code, found.lines[0], found.lines[-1]) == (1, said, "3 problems to fix")
    assert "見本の宛先で、だれにも届きません" in check("--lang", "ja").lines[0]
    monkeypatch.setenv("SMTP_URL", "smtp://127.0.0.1")
    assert "machine.mail_from" in check("--offline").lines[3], "the sender too, once mails are sent"
    edit(work, "resend_after_move = 14", "resend_after_move = -1")
    assert check("--offline").code == 2


def test_people_with_sample_addresses_are_refused_but_for_a_rehearsal(
    check: Check, work: Path
) -> None:
    (work / "people.csv").write_text(PEOPLE, "utf-8")
    assert main(["import", str(work / "people.csv"), "--dir", str(work)]) == 0
    found = check()
    assert (
        found.code,
        found.lines[0].startswith(
            "people with sample addresses: 1 (Ann Ito <ann@example.com>); to correct one: renewals "
            "people edit"
        ),
    ) == (1, True)
    assert (
        main(["people", "edit", "ann", "--email", "ann@aoba.test", "--yes", "--dir", str(work)])
        == 0
    )
    assert check().code == 0


def test_in_a_rehearsal_sample_addresses_are_a_note(check: Check, loaded: Path) -> None:
    found = check()
    assert (
        found.code,
        "note: there are sample addresses (example.com …); replace them before you use this for "
        "real" in found.lines,
    ) == (0, True)


@pytest.fixture
def loaded(work: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """The folder with Ann and one contract whose notice ends three months before the end."""
    for name, text in (("people.csv", PEOPLE), ("contracts.csv", CONTRACTS)):
        (work / name).write_text(text, "utf-8")
        assert main(["import", str(work / name), "--dir", str(work), "--as-of", "2026-10-01"]) == 0
    return work


def test_a_database_is_looked_at_under_the_policy_of_the_file(check: Check, loaded: Path) -> None:
    assert (
        check().lines[1]
        == "note: this is a rehearsal database: messages go only to the preview and to this machine"
    )
    assert (
        '1 contract (¥3,600,000): "3 months before renewal" (renewal_3m) comes with fewer than '
        "5 working days"
    ) in check().lines[2]
    edit(loaded, 'offset = "-3 months"', 'offset = "-4 months"')
    assert check().lines[1] == (
        "note: the edit of config.toml is not in force yet (version 1 is); `renewals plan` "
        "shows what it would do"
    )
    assert "comes with fewer" not in "\n".join(check().lines)


MEASURED = """[health]
[[health.measures]]
id = "use"
label = "use"
signal = "logins"
bands = [{ points = 100 }]

[machine]
"""


def test_a_measure_whose_signal_has_never_come_in_is_named(check: Check, loaded: Path) -> None:
    edit(loaded, "[machine]\n", MEASURED)
    assert any(
        "note: no signals have been imported yet, so health" in said for said in check().lines
    )
    line = (loaded / "config.toml").read_text("utf-8").splitlines().index('signal = "logins"') + 1
    add = ["signals", "add", "C-1", "--dir", str(loaded), "--as-of", "2026-10-02"]
    for name, hint in (("login", "did you mean login?"), ("nps", "known signals: login, nps")):
        assert main([*add, f"{name}=4", "--at", "2026-10-01"]) == 0
        (said,) = [each for each in check().lines if "has been imported so far" in each]
        assert said.startswith(f"note: line {line}, health.measures[0].signal: no signal called")
        assert hint in said or name == "nps"
    assert main([*add, "logins=4", "--at", "2026-10-01"]) == 0
    assert not any("signal" in said for said in check().lines)


def test_checking_changes_nothing(check: Check, loaded: Path) -> None:
    def state() -> dict[str, bytes]:
        return {
            str(f): f.read_bytes()
            for f in sorted(loaded.rglob("*"))
            if f.is_file() and f.suffix not in (".db-shm", ".db-wal")
        }

    edit(loaded, 'offset = "-3 months"', 'offset = "-4 months"')
    before = state()
    check()
    assert state() == before


def test_an_old_copy_of_the_file_is_noted(check: Check, loaded: Path) -> None:
    edit(loaded, "resend_after_move = 14", "resend_after_move = 21")
    assert main(["run", "--once", "--dir", str(loaded), "--as-of", "2026-10-02"]) == 0
    edit(loaded, "resend_after_move = 21", "resend_after_move = 14")
    [note] = [line for line in check().lines if "version 2 stays in force" in line]
    assert note.startswith("note: config.toml is the same as the earlier version 1")
    assert note.endswith(
        "`renewals config rollback 1`; to keep version 2: `renewals config export > config.toml`"
    )
    [note] = [line for line in check("--lang", "ja").lines if "第2版のまま" in line]
    assert "renewals config rollback 1" in note


def test_a_database_that_cannot_be_used_is_a_problem(
    check: Check, work: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (work / "file").write_text("x" * 5000)
    for url, said in (
        (
            "mysql://localhost/renewals",
            "DATABASE_URL: mysql is not supported; use SQLite or PostgreSQL",
        ),
        (
            "nonsense",
            "DATABASE_URL is not a database address; write e.g. postgresql://user@host/renewals",
        ),
        (
            f"sqlite:///{work}/file/x.db",
            (
                "the database work/file/x.db cannot be written; check the permissions of the file "
                "and its folder"
            ),
        ),
        (
            f"sqlite:///{work}/file",
            (
                "that file is not a database; name another, or restore a backup "
                f"(sqlite:///{work.name}/file)"
            ),
        ),
        (
            "postgresql://renewals:open-sesame@127.0.0.1:1/renewals",
            (
                "cannot reach the database; is it running, and is DATABASE_URL right? "
                "(postgresql://renewals:***@127.0.0.1:1/renewals)"
            ),
        ),
    ):
        monkeypatch.setenv("DATABASE_URL", url)
        found = check()
        assert found.code == 2
        assert found.lines[0].startswith(said)
        assert "open-sesame" not in "\n".join(found.lines)


def test_an_empty_database_is_to_come_and_no_problem(
    fresh_database_url: str, check: Check, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", fresh_database_url)
    found = check()
    assert found.code == 0
    assert re.search(r"`renewals (import FILE|run)` or `renewals (run|import)`", found.lines[1])


def test_a_mistyped_option_is_the_users_to_mend(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--jsn"]) == 2
    assert "--json" in capsys.readouterr().err
