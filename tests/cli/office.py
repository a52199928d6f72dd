"""A working folder as a small team has it, and its commands run in this process: Chika renews
青葉商事 in Tokyo, Ann renews Beta Ltd in London, Bob is the manager of both. The contracts were
brought in on 1 October 2026; the daemon has run on 28 December and on 4 January.

Unless a test asks for `insistent`, reminders do not repeat, and digests are due at the end of the
week only."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree

import pytest

from scheduler.cli.main import main

PEOPLE = """\
name,email,slack id,role,manager,zone,language,calendar
Ann Ito,ann@example.com,U0ANN,rep,bob@example.com,Europe/London,en,gb
Bob Hill,bob@example.com,,manager,,Europe/London,en,gb
千佳 田中,chika@example.jp,,rep,bob@example.com,Asia/Tokyo,ja,jp
"""
CONTRACTS = """\
contract,customer,product,starts on,ends on,notice,auto renew,amount,currency,owner,health
C-1,青葉商事,Pro,2026-04-01,2027-03-31,2 months,yes,"¥3,600,000",JPY,chika@example.jp,stable
C-2,Beta Ltd,Pro,2026-04-01,2027-03-31,30 days,no,12000,GBP,ann@example.com,stable
C-3,Gamma 100% Ltd,Lite,2026-07-01,2027-06-30,,no,900.50,GBP,,
"""
QUIET = {
    "repeat_every = 12": "repeat_every = 0",
    "last_call = true": "last_call = false",
    "one_question_days = 7": "one_question_days = 0",
    'digest_on = "mon"': 'digest_on = "sun"',
    'digest_at = "09:00"': 'digest_at = "17:59"',
}
"""What a quiet office says instead of what is shipped."""
INSISTENT = {
    "repeat_every = 12": "repeat_every = 3",
    "repeat_every = 0 # ": "repeat_every = 3 # ",
    "owner_repeats = 1": "owner_repeats = 2",
    "manager_repeats = 0": "manager_repeats = 2",
    "admin_repeats = 0": "admin_repeats = 1",
}
"""What an office says in which every question climbs."""

LOADED, TOKYO_MORNING, LONDON_NOON = "2026-10-01", "2026-12-28", "2027-01-04T12:00+00:00"
ENVIRONMENT = (
    "DATABASE_URL", "SLACK_BOT_TOKEN", "SLACK_API_URL", "SMTP_URL", "RENEWALS_DIR", "RENEWALS_LANG", "RENEWALS_USER", "LC_ALL", "NO_COLOR",
    "HUBSPOT_TOKEN", "HUBSPOT_TOKEN_FILE", "HUBSPOT_API_URL",
)  # fmt: skip


def of_no_machine(patch: pytest.MonkeyPatch) -> None:
    """An environment without anything of this machine's, in which rehearsals are allowed."""
    for name in ENVIRONMENT:
        patch.delenv(name, raising=False)
    patch.setenv("LANG", "en_US.UTF-8")
    patch.setenv("RENEWALS_ALLOW_TIME_TRAVEL", "1")


def make(folder: Path, *, insistent: bool = False) -> None:
    """The folder, loaded and run; `insistent` with reminders that climb, and the shipped
    digests."""
    assert main(["init", str(folder)]) == 0
    rmtree(folder / "stories")  # what an edit breaks is tests/cli/policy/test_stories.py's
    rewrite(folder / "config.toml", INSISTENT if insistent else QUIET)
    for name, text in (("people.csv", PEOPLE), ("contracts.csv", CONTRACTS)):
        (folder / name).write_text(text, "utf-8")
        assert main(["import", str(folder / name), "--dir", str(folder), "--as-of", LOADED]) == 0
    for at in (LOADED, TOKYO_MORNING, LONDON_NOON):
        assert main(["run", "--once", "--dir", str(folder), "--as-of", at]) == 0


def quieten(config: Path) -> None:
    """Puts QUIET into a configuration."""
    rewrite(config, QUIET)


def rewrite(config: Path, settings: Mapping[str, str]) -> None:
    """Puts other settings in the place of the shipped ones."""
    text = config.read_text("utf-8")
    for shipped, ours in settings.items():
        assert text.count(shipped) == 1
        text = text.replace(shipped, ours)
    config.write_text(text, "utf-8")


@dataclass(frozen=True)
class Office:
    """The folder, and what its commands say."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    def run(
        self, *words: str, lang: str = "en", as_of: str | None = LONDON_NOON
    ) -> tuple[int, str, str]:
        """Exit code, standard output, standard error of one command."""
        at = ["--as-of", as_of] if as_of else []
        self.capsys.readouterr()
        code = main([*words, "--dir", str(self.folder), "--lang", lang, *at])
        said = self.capsys.readouterr()
        return code, said.out, said.err

    def said(self, *words: str, lang: str = "en", as_of: str | None = LONDON_NOON) -> str:
        """What a command that succeeds prints."""
        code, out, err = self.run(*words, lang=lang, as_of=as_of)
        assert code == 0, err
        return out

    def refused(self, *words: str, lang: str = "en", as_of: str | None = LONDON_NOON) -> str:
        """What a command that the user must fix says; it prints no result."""
        code, out, err = self.run(*words, lang=lang, as_of=as_of)
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        return err.strip()

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database holds."""
        database = sqlite3.connect(self.folder / "data" / "renewals.db")
        try:
            return database.execute(query).fetchall()
        finally:
            database.close()

    def change(self, statement: str) -> None:
        """Changes the database behind the program's back."""
        database = sqlite3.connect(self.folder / "data" / "renewals.db")
        try:
            with database:
                database.execute(statement)
        finally:
            database.close()

    def everything(self) -> list[str]:
        """The whole database, as the statements that would make it again."""
        database = sqlite3.connect(self.folder / "data" / "renewals.db")
        try:
            return list(database.iterdump())
        finally:
            database.close()
