"""Files of signals as teams have them: which kind they are, whom and what they measure, what is
refused of them."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import xlsxwriter  # type: ignore[import-untyped]

from scheduler.core.imports.signals import SignalLine
from scheduler.core.imports.texts import ImportRefusedError, Reject
from scheduler.sources.signals import BATCH, open_signals
from tests.import_cast import POLICY

EXAMPLES = Path(__file__).parents[2] / "docs" / "examples"
POLICY_ZONE = ZoneInfo(POLICY.zone)
NOW = datetime(2026, 11, 24, tzinfo=UTC)


def read(path: Path) -> tuple[list[SignalLine], list[Reject]]:
    """Everything a file says."""
    batches = list(open_signals(path, POLICY, NOW).batches())
    return [n for b in batches for n in b.lines], [r for b in batches for r in b.rejects]


@pytest.mark.parametrize(
    ("kind", "names", "subjects"),
    [
        (
            "signals_usage",
            {"logins", "active_users", "seats_used", "seats"},
            {"beta ltd", "gamma gmbh"},
        ),
        ("signals_tickets", {"tickets_open", "tickets_severe", "ticket_age"}, {"c-1", "c-2"}),
        ("signals_surveys", {"nps", "csat"}, {"beta ltd", "gamma gmbh"}),
        ("signals_invoices", {"invoices_overdue", "days_overdue"}, {"cus_1", "cus_2"}),
        ("signals_champions", {"champion_left"}, {"beta ltd"}),
        ("signals_meetings", {"meetings"}, {"青葉商事"}),
        ("signals", {"logins", "nps", "champion_left"}, {"c-1", "beta ltd"}),
    ],
)
def test_the_example_of_each_kind_is_read_whole(
    kind: str, names: set[str], subjects: set[str]
) -> None:
    lines, rejects = read(EXAMPLES / f"{kind}.csv")
    assert rejects == []
    assert {line.name for line in lines} == names
    assert {line.key for line in lines} == subjects
    assert {line.source for line in lines} <= {
        kind.removeprefix("signals_"), "usage", "survey", "call",
    }  # fmt: skip


def test_memory_holds_one_batch_of_a_long_file(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    rows = "".join(f"C-{n},logins,{n},2026-11-20\n" for n in range(2 * BATCH + 1))
    file.write_text(f"contract,name,value,time\n{rows}")
    assert [len(b.lines) for b in open_signals(file, POLICY, NOW).batches()] == [BATCH, BATCH, 1]


def test_a_time_without_an_offset_is_on_the_folders_clock(tmp_path: Path) -> None:
    file = tmp_path / "times.csv"
    times = "2026-11-20", "2026-11-20 09:30", "2026-11-20T00:00:00Z", "20.11.2026 09:30"
    file.write_text("contract,name,value,time\n" + "".join(f"C-1,logins,1,{at}\n" for at in times))
    midnight = datetime(2026, 11, 20, tzinfo=POLICY_ZONE)
    assert [line.at for line in read(file)[0]] == [
        midnight,
        midnight.replace(hour=9, minute=30),
        datetime(2026, 11, 20, tzinfo=UTC),
        midnight.replace(hour=9, minute=30),
    ]


@pytest.mark.parametrize(
    ("values", "read_as"),
    [
        (["12.5", "12.500"], [12.5, 12.5]),
        (["1.234,5", "12.500"], [1234.5, 12500.0]),
        (["1,234"], [1234.0]),
        (["80%", "▲3", "(4)", "１２"], [80.0, -3.0, -4.0, 12.0]),
    ],
)
def test_the_whole_column_says_what_begins_the_decimals(
    tmp_path: Path, values: list[str], read_as: list[float]
) -> None:
    file = tmp_path / "values.csv"
    rows = "".join(f'C-1,index,"{value}",2026-11-20\n' for value in values)
    file.write_text(f"contract,name,value,time\n{rows}")
    assert [line.value for line in read(file)[0]] == read_as


@pytest.mark.parametrize(
    ("values", "said"), [(["12.500"], "two ways"), (['"1.234,5"', "1.5"], "mixes")]
)
def test_what_can_be_read_in_two_ways_is_asked_about(
    tmp_path: Path, values: list[str], said: str
) -> None:
    file = tmp_path / "values.csv"
    file.write_text("contract,time,usage\n" + "".join(f"C-1,2026-11-20,{v}\n" for v in values))
    with pytest.raises(ImportRefusedError, match=said):
        read(file)


def test_a_workbook_is_read_with_its_types(tmp_path: Path) -> None:
    file = tmp_path / "usage.xlsx"
    with xlsxwriter.Workbook(file) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Customer", "Week", "Logins", "Champion left"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(1, 0, ["Beta Ltd"])
        sheet.write_datetime(1, 1, datetime(2026, 11, 20), day)  # noqa: DTZ001
        sheet.write_number(1, 2, 12.5)
        sheet.write_boolean(1, 3, True)
    lines, rejects = read(file)
    assert rejects == []
    assert [(n.name, n.value, n.at) for n in lines] == [
        ("logins", 12.5, datetime(2026, 11, 20, tzinfo=POLICY_ZONE)),
        ("champion_left", 1.0, datetime(2026, 11, 20, tzinfo=POLICY_ZONE)),
    ]


def test_what_was_known_before_it_was_measured_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "known.csv"
    file.write_text(
        "contract,time,received,logins\nC-1,2026-11-20,2026-11-21,1\nC-1,2026-11-20,2026-11-19,2\n"
    )
    lines, rejects = read(file)
    assert [(line.value, line.received_at) for line in lines] == [
        (1.0, datetime(2026, 11, 21, tzinfo=POLICY_ZONE))
    ]
    assert [(r.line, r.column, r.problem.code) for r in rejects] == [
        (3, "received", "received_first")
    ]


@pytest.mark.parametrize("column", ["contract", "customer", "source"])
def test_whom_or_where_from_that_no_index_takes_stays_out(tmp_path: Path, column: str) -> None:
    whom = {"contract": "C-1"} if column == "source" else {}
    row = whom | {"name": "logins", "value": "1", "time": "2026-11-20", column: "a" * 1501}
    file = tmp_path / "long.csv"
    file.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    lines, rejects = read(file)
    assert (lines, [(r.column, r.problem.code) for r in rejects]) == ([], [(column, "too_long")])
