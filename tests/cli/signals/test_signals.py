"""`renewals signals` as a user meets it: bringing in, entering, listing, taking back."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from scheduler.storage.database.engine import open_engine
from scheduler.storage.database.rows import metadata
from scheduler.storage.signals.reading import named_signals
from tests.cli.office import Office, rewrite

LONG = """\
contract,name,value,time,source
C-1,logins,42,2026-12-28,usage
C-1,logins,"1,234",2026-12-21,usage
c-2,Open tickets,3,2026-12-28T09:00:00+09:00,desk
C-9,logins,7,2026-12-28,usage
"""
WIDE = """\
Customer,Week,Logins,Seats used,NPS,Remark
Beta Ltd,2026-W52,12,5,-20,x
青葉商事,2026-W53,n/a,NaN,50,x
"""


def write(office: Office, text: str, name: str = "signals.csv") -> str:
    """A file in the folder."""
    (office.folder / name).write_text(text, "utf-8")
    return str(office.folder / name)


def values(office: Office, contract: int = 1) -> list[tuple[str, float]]:
    """What is believed of a contract."""
    engine = open_engine(f"sqlite:///{office.folder / 'data' / 'renewals.db'}", reading=True)
    with engine.connect() as connection:
        names = connection.scalars(select(metadata.tables["signals"].c.name).distinct()).all()
        known = named_signals(connection, [contract], names).get(contract, {})
    engine.dispose()
    return [(name, value) for name in sorted(known) for value in known[name].values]


def test_one_signal_a_row_comes_in_once(office: Office) -> None:
    file = write(office, LONG)
    said = office.said("signals", "import", file)
    assert "signals: 4 new, 0 corrected, 0 already known, 0 rejected" in said
    assert "contracts with new measurements: 2" in said
    assert values(office) == [("logins", 1234.0), ("logins", 42.0)]
    assert values(office, 2) == [("tickets_open", 3.0)]
    assert "0 new, 0 corrected, 4 already known" in office.said("signals", "import", file)


def test_one_column_a_measure_is_known_by_its_header(office: Office) -> None:
    code, said, told = office.run("signals", "import", write(office, WIDE))
    assert code == 0
    assert "signals: 4 new, 0 corrected, 0 already known, 1 rejected" in said
    assert "columns that are not used: Remark" in told
    assert values(office, 2) == [("logins", 12.0), ("nps", -20.0), ("seats_used", 5.0)]
    rejects = (office.folder / "signals.csv.rejects.csv").read_text("utf-8-sig").splitlines()
    assert rejects[1:] == [
        "3,Seats used,NaN,not a finite number; leave it empty where nothing was measured"
    ]


def test_what_is_not_known_here_is_kept_said_and_matched_later(office: Office) -> None:
    told = office.run("signals", "import", write(office, LONG))[2]
    assert "1 contract or customer is not known here" in told
    assert "C-9" in told
    assert "C-9" in office.said("signals", "list", "--unmatched")
    add = "contract add C-9 --customer Delta --starts 2026-12-01 --term".split()
    office.said(*add, "12 months", "--amount", "12000", "--currency", "GBP", "--yes")
    assert "no such signals" in office.said("signals", "list", "--unmatched")
    assert "Delta" in office.said("signals", "list", "--contract", "C-9")


def test_a_dry_run_keeps_nothing(office: Office) -> None:
    before = office.everything()
    said = office.said("signals", "import", write(office, LONG), "--dry-run")
    assert "a dry run" in said
    assert "4 new" in said
    assert office.everything() == before


def test_only_the_deals_concerned_wake_and_undo_takes_all_back(office: Office) -> None:
    office.change("UPDATE deals SET wake_at = '2027-02-01 00:00:00.000000'")
    said = office.run("signals", "import", write(office, LONG))
    woken = "SELECT contract_id FROM deals WHERE wake_at < '2027-02-01' ORDER BY 1"
    assert office.rows(woken) == [(1,), (2,)]
    assert "renewals undo 3" in said[2]
    office.change("UPDATE deals SET wake_at = '2027-02-01 00:00:00.000000'")
    assert "4 signals taken back" in office.said("undo", "3")
    assert values(office) == []
    assert office.rows(woken) == [(1,), (2,)]
    assert "4 new" in office.said("signals", "import", write(office, LONG))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("C-1,logins,-1,2026-12-28,", "logins cannot be negative"),
        ("C-1,nps,101,2026-12-28,", "nps must be between -100 and 100"),
        ("C-1,logins,inf,2026-12-28,", "not a finite number"),
        (f"C-1,anything,{'9' * 61},2026-12-28,", "too large (at most 1,000,000,000,000)"),
        ("C-1,anything,1e13,2026-12-28,", "too large (at most 1,000,000,000,000)"),
        ("C-1,logins,many,2026-12-28,", "not a number"),
        ("C-1,logins,,2026-12-28,", "not a number"),
        ("C-1,logins,1,2027-01-05,", "is in the future"),
        ("C-1,logins,1,1899-12-31,", "before 1990"),
        ("C-1,logins,1,2026-13-31,", "not a date that exists"),
        ("C-1,logins,1,,", "is empty but required"),
        ("C-1,---,1,2026-12-28,", "not a name for a measurement"),
        (",logins,1,2026-12-28,", "names neither a contract nor a customer"),
        ("合計,logins,1,2026-12-28,", "a total"),
    ],
)
def test_what_cannot_be_is_named_with_its_line_and_advice(
    office: Office, row: str, reason: str
) -> None:
    file = write(office, f"{LONG}{row}\n")
    said = office.said("signals", "import", file)
    assert "signals: 4 new, 0 corrected, 0 already known, 1 rejected" in said
    (reject,) = Path(f"{file}.rejects.csv").read_text("utf-8-sig").splitlines()[1:]
    assert reject.startswith("6,")
    assert reason in reject


def test_the_present_instant_is_not_the_future(office: Office) -> None:
    file = write(office, "contract,name,value,time\nC-1,logins,1,2027-01-04T12:00:00Z\n")
    assert "1 new" in office.said("signals", "import", file)


def test_signals_are_entered_and_corrected_by_hand(office: Office) -> None:
    added = "signals", "add", "C-1", "logins=41", "NPS=-5", "--at", "2026-12-30"
    assert "signals: 2 new" in office.said(*added, as_of="2027-01-04T12:00+00:00")
    corrected = "signals", "add", "C-1", "logins=43", "--at", "2026-12-30"
    assert "1 corrected" in office.said(*corrected, as_of="2027-01-04T13:00+00:00")
    assert values(office) == [("logins", 43.0), ("nps", -5.0)]
    entered = "signals", "add", "--customer", "Beta Ltd", "champion left=yes", "--source", "call"
    office.said(*entered)
    assert values(office, 2) == [("champion_left", 1.0)]
    listed = json.loads(office.said("signals", "list", "--json"))
    assert [(s["subject"], s["name"], s["source"]) for s in listed] == [
        ("Beta Ltd", "champion_left", "call"),
        ("C-1", "logins", "manual"),
        ("C-1", "nps", "manual"),
    ]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("C-1",), "then what was measured as NAME=VALUE"),
        (("logins=1",), "write a contract or --customer NAME"),
        (("C-1", "C-2", "logins=1"), "write a contract or --customer NAME"),
        (("C-1", "logins=-1"), "logins=-1: logins cannot be negative"),
        (("C-1", "logins=nan"), "not a finite number"),
        (("C-1", "logins=1", "--at", "2027-02-01"), "2027-02-01: is in the future"),
        (("C-1", "logins=1", "--at", "02/03/2026"), "not a date"),
    ],
)
def test_what_cannot_be_entered_is_refused(
    office: Office, words: tuple[str, ...], reason: str
) -> None:
    assert reason in office.refused("signals", "add", *words)


def test_a_list_as_csv_comes_in_again_as_it_is(office: Office) -> None:
    office.said("signals", "import", write(office, LONG))
    listed = office.said("signals", "list", "--format", "csv")
    assert "4 already known" in office.said("signals", "import", write(office, listed, "again.csv"))
    only = office.said(
        "signals", "list", "--contract", "C-1", "--name", "ログイン数", "--most", "1"
    )
    assert "42" in only
    assert "1234" not in only


def test_a_mapping_file_names_the_columns(office: Office) -> None:
    write(office, "acct;day;n\nBeta Ltd;03.04.2026;1.234,5\nBeta Ltd;04.04.2026;7\n", "own.csv")
    mapping = """\
source = "crm"
[columns]
customer = "acct"
at = "day"
[signals]
usage = "n"
[dates]
at = "DD.MM.YYYY"
"""
    file = str(office.folder / "own.csv")
    said = office.said("signals", "import", file, "--map", write(office, mapping, "own.toml"))
    assert "2 new" in said
    assert values(office, 2) == [("usage", 1234.5), ("usage", 7.0)]


def test_everything_wrong_with_a_mapping_file_is_told_with_its_line(office: Office) -> None:
    mapping = '[columns]\nat = "time"\nowner = "x"\n[signals]\nvalue = "n"\n"A b" = "n"\n'
    said = office.refused(
        "signals", "import", write(office, LONG), "--map", write(office, mapping, "bad.toml")
    )
    assert "bad.toml:3" in said
    assert "signals.value: value cannot be the name of a measure" in said


def test_a_file_that_names_no_measure_is_refused(office: Office) -> None:
    file = write(office, "contract,time\nC-1,2026-12-28\n")
    assert "columns are missing: name, value" in office.refused("signals", "import", file)
    assert "the header was not recognised" in office.refused(
        "signals", "import", write(office, "a,b\n1,2\n")
    )


def test_days_with_two_readings_are_asked_about(office: Office) -> None:
    file = write(office, "contract,name,value,time\nC-1,logins,1,03/04/2026\n")
    assert "can be read in two ways" in office.refused("signals", "import", file)


@pytest.mark.parametrize("lang", ["ja", "en"])
def test_the_kinds_of_file_are_listed(office: Office, lang: str) -> None:
    said = office.said("signals", "import", "--profiles", lang=lang)
    assert [line.split()[0] for line in said.splitlines()] == (
        "signals champions meetings usage tickets surveys invoices".split()
    )


MEASURE = """
[[health.measures]]
id = "logins"
label = "logins"
signal = "logins"
reads = "latest"
expires = "45 days"
bands = [{ below = 10, points = 0 }, { points = 100 }]
"""


def test_it_is_said_when_health_follows_and_that_without_measures_it_does_not(
    office: Office,
) -> None:
    words = ("signals", "add", "C-1", "logins=42", "--at", "2027-01-04")
    _, _, without = office.run(*words)
    assert "config.toml has no [[health.measures]]" in without
    rewrite(office.folder / "config.toml", {"\n[machine]": f"\n{MEASURE}\n[machine]"})
    _, _, followed = office.run(*words[:3], "logins=43")
    assert "or with `renewals run --once`" in followed
    _, _, dry = office.run(*words[:3], "logins=44", "--dry-run")
    assert "renewals run --once" not in dry
