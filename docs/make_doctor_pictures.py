"""Makes docs/doctor.en.png and docs/doctor.ja.png: what `renewals doctor` says of an installation with some things to do, as a terminal shows it.

    python -m docs.make_doctor_pictures        needs Chromium (CHROMIUM names it where it is not on the path)

The installation is made up: a few contracts, a `.env` that everybody may read, a weak key, a paused contract, no daemon.
"""

import os
import shutil
import subprocess
import sys
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory

from rich.console import Console
from rich.text import Text

from docs.make_demo_picture import FLAGS, HERE, PAGE

COLUMNS = 118
CONTRACTS = """\
contract,customer,product,starts on,ends on,notice,auto renew,amount,currency,owner
C-1,青葉商事,Pro,2026-04-01,2027-03-31,2 months,yes,3600000,JPY,ann@example.com
C-2,Beta Ltd,Pro,2026-04-01,2027-03-31,30 days,no,12000,GBP,ann@example.com
"""
COMMANDS = (
    ("init",),
    ("import", "people.csv"),
    ("import", "contracts.csv"),
    ("pause", "contract", "C-2", "--because", "audit"),
    ("backup", "data/backups/renewals-2026-11-20.db"),
)


def shown(folder: Path, env: dict[str, str], *words: str) -> str:
    """What a command says."""
    command = [sys.executable, "-m", "scheduler", *words]
    done = subprocess.run(command, env=env | {"RENEWALS_DIR": str(folder)}, cwd=HERE.parent, capture_output=True, text=True, check=False)
    return done.stdout


def prepare(folder: Path, env: dict[str, str]) -> None:
    """The made-up installation."""
    for number, words in enumerate(COMMANDS):
        shown(folder, env, *(str(folder / word) if ("." in word and "/" not in word) or word.startswith("data/") else word for word in words))
        if number == 0:
            (folder / "people.csv").write_text("name,email,role\nAnn Ito,ann@example.com,rep\n", "utf-8")
            (folder / "contracts.csv").write_text(CONTRACTS, "utf-8")
            (folder / "data" / "backups").mkdir(parents=True)
    (folder / ".env").write_text("LINK_SECRET=changeme\n", "utf-8")
    (folder / ".env").chmod(0o644)


def draw(said: str, picture: Path) -> None:
    """A terminal with these lines."""
    lines = ["$ renewals doctor", *said.splitlines()]
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text.from_ansi("\n".join(lines)))
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or "chromium"
    with TemporaryDirectory() as folder:
        page = Path(folder) / "doctor.html"
        page.write_text(console.export_html(code_format=PAGE), "utf-8")
        size = f"--window-size=1060,{21 * len(lines) + 60}"
        subprocess.run([chromium, *FLAGS, f"--user-data-dir={folder}/chromium", size, f"--screenshot={picture}", page.as_uri()], check=True)


def main() -> None:
    """Draws both."""
    env = {"PATH": os.environ["PATH"], "COLUMNS": str(COLUMNS), "LANG": "en_US.UTF-8", "TERM": "xterm-256color"}
    with TemporaryDirectory() as parent:
        folder = Path(parent) / "renewals"
        folder.mkdir()
        prepare(folder, env)
        for language in ("en", "ja"):
            said = shown(folder, env, "doctor", "--lang", language).replace(str(folder), "/var/lib/renewals")
            draw(said, HERE / f"doctor.{language}.png")


if __name__ == "__main__":
    main()
