"""`renewals health backtest` of a register that was worked out by hand: twenty lost and twenty
kept, and one of each kind that is counted otherwise."""

import csv
import io
import json
from typing import Any

import pytest

from tests.cli.office import Office
from tests.once import lived_once

HEAD = "contract,customer,starts on,ends on,closed on,amount,currency,stage\n"
STAGES = """\
source = "book"
[columns]
contract = "contract"
customer = "customer"
starts_on = "starts on"
ends_on = "ends on"
closed_on = "closed on"
amount = "amount"
currency = "currency"
stage = "stage"
[stages]
lost = { to = "existing/lost", after = "unknown" }
won = "existing/won"
open = "existing"
"""
HEALTH = """
[[health.measures]]
id = "logins"
label = { en = "logins", ja = "ログイン" }
signal = "logins"
weight = 3
bands = [{ below = 10, points = 0 }, { points = 100 }]

[[health.measures]]
id = "noise"
label = { en = "noise", ja = "雑音" }
signal = "noise"
bands = [{ below = 10, points = 0 }, { points = 100 }]
"""
IMPORTED, ASKED = "2027-04-10", "2027-05-01T12:00+00:00"
YEAR = ("2026-04-01", "2027-03-31")
LOST = [(f"L-{n:02}", *YEAR, "2027-03-31", 1000, "GBP", "lost") for n in range(1, 21)]
KEPT = [(f"K-{n:02}", *YEAR, "2027-03-31", 2000, "GBP", "won") for n in range(1, 21)]
OTHERS = [
    ("DECIDED", *YEAR, "2026-12-20", 50000, "GBP", "won"),  # 101 days before the end
    ("LATELY", "2027-02-01", "2027-03-31", "2027-03-31", 70000, "JPY", "lost"),
    ("MERGED", *YEAR, "", 9000, "GBP", "open"),
]
VOIDED = [("VOIDED", *YEAR, "2027-03-31", 8000, "GBP", "lost")]
EARLY, NEW_YEAR, FEBRUARY, MARCH = "2026-12-02", "2027-01-01 00:00", "2027-02-21", "2027-03-02"
MEASURED = [
    # 1 to 11 were known to log in little on 2 December, the twelfth just before the day was over
    *((f"L-{n:02}", "2026-12-01", 5, EARLY) for n in range(1, 12)),
    ("L-12", "2026-12-01", 5, "2026-12-31 23:59"),
    # the thirteenth just after; 14 and 15 logged in little in February
    ("L-13", "2026-12-01", 5, NEW_YEAR),
    *((f"L-{n:02}", "2026-12-01", 50, EARLY) for n in range(14, 21)),
    *((f"L-{n:02}", "2027-02-20", 5, FEBRUARY) for n in (14, 15)),
    ("L-13", "2026-11-01", 50, EARLY),
    # two of those who were kept had logged in little as well
    *((f"K-{n:02}", "2026-12-01", 5 if n < 3 else 50, EARLY) for n in range(1, 21)),
    ("VOIDED", "2026-12-01", 5, EARLY),
    ("DECIDED", "2026-12-01", 5, EARLY),
    ("MERGED", "2026-12-01", 5, EARLY),
]
CORRECTED = [("L-16", "2026-12-01", 5, MARCH)]
"""What was said of the sixteenth only 29 days before the end."""


def bring(office: Office, kind: tuple[str, ...], name: str, text: str, *more: str) -> str:
    """Imports a file; what the command says."""
    (office.folder / name).write_text(text, "utf-8")
    at = ASKED if kind[0] == "signals" else f"{IMPORTED}T12:00+00:00"
    return office.said(*kind, str(office.folder / name), *more, as_of=at)


def lines(rows: list[Any]) -> str:
    """The lines of a file."""
    return "".join(",".join(map(str, row)) + "\n" for row in rows)


def contracts(office: Office, name: str, rows: list[Any]) -> None:
    """A file of contracts, imported: number, customer of the same name, and what they are."""
    (office.folder / "book.toml").write_text(STAGES, "utf-8")
    text = HEAD + lines([(row[0], f"{row[0]} Ltd", *row[1:]) for row in rows])
    bring(office, ("import",), name, text, "--map", str(office.folder / "book.toml"))


def signals(office: Office, name: str, rows: list[Any]) -> None:
    """A file of signals, imported."""
    said = [
        (number, measure, at, "10" if measure == "noise" else value, received)
        for number, at, value, received in rows
        for measure in ("logins", "noise")
    ]
    bring(office, ("signals", "import"), name, "contract,name,time,value,received\n" + lines(said))


@pytest.fixture
def book(nowhere: Office, tmp_path_factory: pytest.TempPathFactory) -> Office:
    """The register, under a policy that measures two things: lived once, copied for every test."""
    lived_once(tmp_path_factory, "book", nowhere.folder, lambda: _live(nowhere))
    return nowhere


def _live(nowhere: Office) -> None:
    """Twenty lost and twenty kept, one put right, one undone, one merged; and what is measured."""
    config = nowhere.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + HEALTH, "utf-8")
    contracts(nowhere, "book.csv", LOST + KEPT + OTHERS)
    contracts(nowhere, "mistake.csv", VOIDED)
    nowhere.said("undo", "2", as_of=f"{IMPORTED}T13:00+00:00")
    nowhere.said(
        *("contract", "close", "MERGED", "--reason", "closed_merged", "--yes"),
        as_of="2027-04-11T10:00+00:00",
    )
    signals(nowhere, "signals.csv", MEASURED)
    signals(nowhere, "corrected.csv", CORRECTED)


def report(office: Office, *more: str) -> dict[str, Any]:
    """The back-test as JSON."""
    found: dict[str, Any] = json.loads(
        office.said("health", "backtest", *more, "--json", as_of=ASKED)
    )
    return found


def line(found: dict[str, Any], days: int, *of: str, currency: str | None = None) -> Any:
    """One of its lines: `of` is what is judged, which part of it, and from which state on."""
    judged, part, flag = (*of, "", "", "")[:3] if of else ("policy", "", "")
    return next(
        one
        for one in found["lines"]
        if (one["days"], one["judged"], one["part"], one["flag"], one["currency"])
        == (days, judged, part or None, flag or "at_risk", currency)
    )


def counts(found: Any) -> tuple[int, ...]:
    """(lost, assessed, flagged, kept, assessed, flagged)."""
    return tuple(
        found[group][name]
        for group in ("lost", "kept")
        for name in ("count", "assessed", "flagged")
    )


def test_the_register_is_what_was_worked_out(book: Office) -> None:
    found = report(book)
    early, late = line(found, 90), line(found, 30)
    assert counts(early) == (20, 20, 12, 20, 20, 2)
    assert counts(late) == (21, 20, 15, 20, 20, 2)
    assert (early["lost"]["rate"], early["kept"]["rate"]) == ("0.6000", "0.1000")
    assert early["lost"]["interval"] == [0.3866, 0.7812]
    assert (early["tells"], late["tells"]) == (True, True)
    out = found["left_out"]
    assert (out["merged"], out["without_end"]) == (1, 0)
    assert out["by_days"]["90"] == {"decided": 1, "unbegun": 1}
    assert out["by_days"]["30"] == {"decided": 1, "unbegun": 0}


def test_money_is_told_by_currency(book: Office) -> None:
    found = report(book)
    pounds, yen = (line(found, 30, currency=currency) for currency in ("GBP", "JPY"))
    assert (pounds["lost"]["minor"], pounds["lost"]["flagged_minor"]) == (2000000, 1500000)
    assert (pounds["kept"]["minor"], pounds["kept"]["flagged_minor"]) == (4000000, 400000)
    assert counts(yen) == (1, 0, 0, 0, 0, 0)
    assert line(found, 30)["lost"]["minor"] == 0


def test_each_measure_is_told_alone_and_left_out(book: Office) -> None:
    found = report(book)
    assert counts(line(found, 90, "alone", "logins")) == (20, 20, 12, 20, 20, 2)
    assert counts(line(found, 90, "alone", "noise")) == (20, 20, 0, 20, 20, 0)
    assert line(found, 90, "without", "logins")["adds"] == {"by": "0.5000", "beyond_chance": True}
    assert line(found, 90, "without", "noise")["adds"] == {"by": "0.0000", "beyond_chance": False}
    assert found["added_nothing"] == ["noise"]


def test_another_file_is_judged_by_the_same_terms(book: Office) -> None:
    draft = book.folder / "draft.toml"
    text = (book.folder / "config.toml").read_text("utf-8")
    draft.write_text(
        text.replace("weight = 3\nbands = [{ below = 10,", "weight = 3\nbands = [{ below = 3,"),
        "utf-8",
    )
    assert counts(line(report(book, "--config", str(draft)), 90)) == (20, 20, 0, 20, 20, 0)
    assert counts(line(report(book), 90)) == (20, 20, 12, 20, 20, 2)


def test_of_a_few_no_share_is_given(book: Office) -> None:
    found = report(book, "--currency", "JPY")
    assert line(found, 30)["enough"] is False
    assert (line(found, 30)["lost"]["rate"], line(found, 30)["tells"]) == (None, None)
    said = book.said("health", "backtest", "--currency", "JPY", as_of=ASKED)
    assert "Too few to tell: at least 20 lost and 20 kept terms must have been assessed." in said
    assert "%" not in said


def test_people_read_it_and_are_told_what_added_nothing(book: Office) -> None:
    said = book.said("health", "backtest", as_of=ASKED)
    row = next(x for x in said.splitlines() if x.startswith("policy") and "At risk" in x)
    assert "12 of 20" in row
    assert "60.0% (39%–78%)" in row
    assert "£12,000" in row
    assert "£4,000" in row
    assert "Made no difference beyond chance: noise." in said
    assert "The policy flags lost terms more often than kept ones, beyond chance." in said
    assert "Not judged: 1 whose customer closed down or merged, 0 without an end." in said
    assert "雑音" in book.said("health", "backtest", lang="ja", as_of=ASKED)


def test_files_hold_every_line(book: Office) -> None:
    said = book.said("health", "backtest", "--format", "csv", as_of=ASKED)
    rows = list(csv.DictReader(io.StringIO(said)))
    row = next(r for r in rows if r["judged"] == "policy" and r["currency"] == "GBP")
    assert (row["days"], row["lost_flagged"], row["lost_flagged_amount"]) == (
        "90",
        "12",
        "12000.00",
    )
    assert {(r["judged"], r["part"]) for r in rows} == {
        ("policy", ""),
        *((judged, part) for judged in ("alone", "without") for part in ("logins", "noise")),
    }


def test_the_curve_is_drawn(book: Office) -> None:
    file = book.folder / "curve.svg"
    assert book.run("health", "backtest", "--chart", str(file), as_of=ASKED)[0] == 0
    assert file.read_text("utf-8").startswith("<?xml")


def test_signals_that_came_in_without_their_day_are_named(nowhere: Office) -> None:
    config = nowhere.folder / "config.toml"
    config.write_text(config.read_text("utf-8") + HEALTH, "utf-8")
    contracts(nowhere, "book.csv", LOST)
    text = "contract,name,time,value\nL-01,logins,2026-12-01,5\n"
    bring(nowhere, ("signals", "import"), "signals.csv", text)
    said = nowhere.said("health", "backtest", as_of=ASKED)
    assert (
        "became known only afterwards: 1. In files with past values, add a column `received`"
        in said
    )


def test_a_policy_that_measures_nothing_is_refused(nowhere: Office) -> None:
    contracts(nowhere, "book.csv", LOST)
    assert "measures nothing" in nowhere.refused("health", "backtest", as_of=ASKED)
