"""Own history weighs by what was known of closed contracts 90 days before their end; what was
learned later is no sign of what is still open."""

import pytest

from tests.cli.office import Office
from tests.cli.reports.register import LOADED, PEOPLE, report

HEAD = "contract,customer,starts on,ends on,term,notice,auto renew,amount,currency,owner,health\n"
OF = "2026-04-01,2027-03-31,12 months,,no,1000.00,GBP,ann@example.com,stable\n"
REGISTER = HEAD + "".join(f"{number},{number} Ltd,{OF}" for number in ("LEFT", "STAYED", "OPEN"))
LATE = HEAD + f"BROUGHT,Late Ltd,{OF}"
END = "2027-03-20T12:00+00:00"
MARCH = ("--from", "2027-03-01", "--until", "2027-03-31")
LOST, WON = ("lost", "--reason", "budget"), ("won", "--amount", "1000", "--term", "12 months")


@pytest.fixture
def short(nowhere: Office) -> Office:
    """Three contracts of which two closed ones are enough to weigh the third."""
    config = nowhere.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + "\n[forecast]\nleast = 2\n", "utf-8")
    files = {"people.csv": PEOPLE, "register.csv": REGISTER, "late.csv": LATE}
    for name, text in files.items():
        (nowhere.folder / name).write_text(text, "utf-8")
    for name in ("people.csv", "register.csv"):
        nowhere.said("import", str(nowhere.folder / name), as_of=LOADED)
    return nowhere


def test_what_was_learned_after_the_checkpoint_does_not_weigh(short: Office) -> None:
    _answer(short, "2027-03-01", "LEFT", "health", "critical")
    _answer(short, "2027-03-01", "STAYED", "call", "renew")
    _close(short)
    assert _weight(short) == ("stable", "0.5000", "history", 1, 2)


def test_what_was_known_by_the_checkpoint_does(short: Office) -> None:
    _answer(short, "2026-12-01", "LEFT", "health", "critical")
    _answer(short, "2027-03-01", "LEFT", "health", "stable")
    _close(short)
    assert _weight(short) == ("stable", "0.8000", "configuration", 1, 1)


def test_what_was_decided_by_then_or_came_in_later_is_no_example(short: Office) -> None:
    _answer(short, "2026-12-10", "LEFT", *LOST)
    short.said("import", str(short.folder / "late.csv"), as_of="2027-02-01T10:00+00:00")
    _answer(short, "2027-03-10", "BROUGHT", *LOST)
    _answer(short, "2027-03-10", "STAYED", *WON)
    assert _weight(short) == ("stable", "0.8000", "configuration", 1, 1)


def _close(office: Office) -> None:
    """One was lost, one was renewed."""
    _answer(office, "2027-03-10", "LEFT", *LOST)
    _answer(office, "2027-03-10", "STAYED", *WON)


def _answer(office: Office, day: str, *words: str) -> None:
    """An answer on a day."""
    office.said("answer", *words, as_of=f"{day}T10:00+00:00")


def _weight(office: Office) -> tuple[str, str, str, int, int]:
    """What weighs the contract that is open."""
    [line] = report(office, "forecast", *MARCH, as_of=END)["lines"]
    return (
        line["health"],
        line["weight"],
        line["weighed_by"],
        line["closed_renewed"],
        line["closed"],
    )
