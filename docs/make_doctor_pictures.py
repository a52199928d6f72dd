"""Makes docs/doctor.en.png and docs/doctor.ja.png: what `renewals doctor` says of an installation
with some things to do, as a terminal shows it.

    python -m docs.make_doctor_pictures        needs Chromium (CHROMIUM names it where it is not on
                                               the path)

The installation is made up: a few contracts, a `.env` that everybody may read, a weak key, a paused
contract, no daemon.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from docs.terminal_picture import HERE, draw, sent

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


def of(folder: Path, *words: str) -> str:
    """What a command on that folder says."""
    return sent(words, {"RENEWALS_DIR": str(folder)})


def prepare(folder: Path) -> None:
    """The made-up installation."""
    for number, words in enumerate(COMMANDS):
        of(
            folder,
            *(
                str(folder / word)
                if ("." in word and "/" not in word) or word.startswith("data/")
                else word
                for word in words
            ),
        )
        if number == 0:
            (folder / "people.csv").write_text(
                "name,email,role\nAnn Ito,ann@example.com,rep\n", "utf-8"
            )
            (folder / "contracts.csv").write_text(CONTRACTS, "utf-8")
            (folder / "data" / "backups").mkdir(parents=True)
    (folder / ".env").write_text("LINK_SECRET=changeme\n", "utf-8")
    (folder / ".env").chmod(0o644)


def main() -> None:
    """Draws both."""
    with TemporaryDirectory() as parent:
        folder = Path(parent)
        prepare(folder)
        for language in ("en", "ja"):
            said = of(folder, "doctor", "--lang", language).replace(
                str(folder), "/var/lib/renewals"
            )
            draw(["$ renewals doctor", *said.splitlines()], HERE / f"doctor.{language}.png")


if __name__ == "__main__":
    main()
