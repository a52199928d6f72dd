"""A register that was worked out by hand: every kind of renewal once, in a folder of its own.

Due in February and March 2027, imported on 1 October 2026; a year of the policy's own life is run
with the daemon, the rest is answered.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.cli.office import Office

LOADED = "2026-10-01T12:00+00:00"
PEOPLE = """\
name,email,role,manager,zone,language,calendar,team
Ann Ito,ann@example.com,rep,bob@example.com,Europe/London,en,gb,East
Bob Hill,bob@example.com,manager,,Europe/London,en,gb,
Cho Ray,cho@example.com,rep,bob@example.com,Europe/London,en,gb,West
"""
CONTRACTS = """\
contract,customer,starts on,ends on,term,notice,auto renew,amount,currency,owner,segment,health
DOWN,Aster,2026-04-01,2027-03-31,12 months,,no,12000.50,GBP,ann@example.com,smb,stable
UP,Birch,2026-04-01,2027-03-31,12 months,,no,10000.00,GBP,ann@example.com,smb,stable
AUTO,Cedar,2026-04-01,2027-03-31,12 months,2 months,yes,8000.25,GBP,cho@example.com,smb,stable
MERGER,Dill,2026-04-01,2027-03-31,12 months,,no,5000.00,GBP,cho@example.com,smb,stable
CHURN,Elder,2026-04-01,2027-03-31,12 months,,no,3900.00,GBP,cho@example.com,mid,critical
LATE,Fern,2026-03-01,2027-02-28,12 months,,no,5500.00,GBP,ann@example.com,mid,stable
UNDONE,Gorse,2026-04-01,2027-03-31,12 months,,no,7000.00,GBP,ann@example.com,smb,at_risk
AGAIN,Hazel,2026-04-01,2027-03-31,12 months,,no,3000.00,GBP,ann@example.com,smb,stable
DAYS,Iris,2027-01-01,2027-03-31,90 days,,no,1000.00,GBP,ann@example.com,smb,stable
UNSAID,Jute,2026-04-01,2027-03-31,12 months,,no,,GBP,ann@example.com,smb,stable
VOIDED,Kale,2026-04-01,2027-03-31,12 months,2 months,yes,9000.00,GBP,ann@example.com,mid,stable
THREE,青葉商事,2024-04-01,2027-03-31,36 months,,no,3600000,JPY,cho@example.com,enterprise,stable
TWO,Linden,2026-04-01,2027-03-31,12 months,,no,1200000,JPY,cho@example.com,,stable
"""
CORRECTED = """\
contract,customer,starts on,ends on,term,notice,auto renew,amount,currency,owner,segment,health
CHURN,Elder,2026-04-01,2027-03-31,12 months,,no,4000.10,GBP,cho@example.com,mid,critical
"""
TERM = ("--term", "12 months")
STEPS: tuple[tuple[str, ...], ...] = (
    ("2027-02-01", "answer", "UNDONE", "won", "--amount", "7500", *TERM),
    ("2027-02-05", "run", "--once"),
    ("2027-02-10", "answer", "UNDONE", "undo"),
    ("2027-02-11", "answer", "AGAIN", "lost", "--reason", "budget"),
    ("2027-02-12", "answer", "AGAIN", "undo"),
    ("2027-02-15", "contract", "edit", "LATE", "--amount", "6000", "--yes"),
    ("2027-02-18", "import", "corrected.csv"),
    ("2027-02-20", "answer", "AGAIN", "won", "--amount", "3000.01", *TERM),
    ("2027-02-21", "answer", "VOIDED", "undo"),
    ("2027-03-01", "answer", "DOWN", "won", "--amount", "9000.75", *TERM),
    ("2027-03-02", "answer", "UP", "won", "--amount", "12345.67", *TERM),
    ("2027-03-03", "answer", "MERGER", "lost", "--reason", "closed_merged"),
    ("2027-03-04", "answer", "CHURN", "lost", "--reason", "competitor"),
    ("2027-03-05", "answer", "DAYS", "won", "--amount", "4100", *TERM),
    ("2027-03-06", "answer", "UNSAID", "won", "--amount", "500", *TERM),
    ("2027-03-20", "answer", "LATE", "won", "--yes"),
    ("2027-03-21", "answer", "THREE", "won", "--amount", "1300000", *TERM),
    ("2027-04-02", "answer", "TWO", "won", "--amount", "2000000", "--term", "24 months"),
)
"""What happened on which day. The daemon renews AUTO and VOIDED by itself."""
PERIOD = ("--from", "2027-01-01", "--until", "2027-04-30")
END = "2027-04-10T12:00+00:00"


def live(office: Office, every_evening: Callable[[str], object] = str) -> None:
    """Lives the whole register in this folder; `every_evening` is called on each of its days."""
    files = {"people.csv": PEOPLE, "register.csv": CONTRACTS, "corrected.csv": CORRECTED}
    for name, text in files.items():
        (office.folder / name).write_text(text, "utf-8")
    for name in ("people.csv", "register.csv"):
        office.said("import", str(office.folder / name), as_of=LOADED)
    for day, *words in STEPS:
        told = [str(office.folder / w) if w.endswith(".csv") else w for w in words]
        office.said(*told, as_of=f"{day}T10:00+00:00")
        every_evening(day)


def report(office: Office, name: str, *more: str, as_of: str = END) -> dict[str, Any]:
    """A report of the whole period as JSON."""
    found: dict[str, Any] = json.loads(office.said("report", name, *more, "--json", as_of=as_of))
    return found
