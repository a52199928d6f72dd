"""Reading 100,000 contracts out of an Excel workbook, against the library's bare reading of the
same sheet.

    python -m benchmarks.workbooks [rows]

Ours opens the sheet, looks it through (dates, decimal signs, doubled numbers) and makes a checked
record of every row; the baseline only walks over the library's rows. Both are processor time. The
goal is a ratio of at most 3.
"""

import sys
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from time import process_time

import xlsxwriter  # type: ignore[import-untyped]
from python_calamine import load_workbook

from benchmarks.importing import COLUMNS, NOTICES, policy
from scheduler.sources.contracts import open_contracts


def write_book(path: Path, rows: int) -> None:
    """The contracts of `benchmarks.importing` as typed cells."""
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        sheet, day = book.add_worksheet("contracts"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, COLUMNS)
        for n in range(rows):
            starts_on = date(2025, 1, 1) + timedelta(days=n * 37 % 700)
            ends_on = starts_on + timedelta(days=364)
            notice = NOTICES[n % 4]
            sheet.write_row(n + 1, 0, [f"C-{n}", f"顧客{n // 4}", f"Plan {n % 3}", f"Contract {n}"])
            for column, on in ((4, starts_on), (5, ends_on)):
                sheet.write_datetime(n + 1, column, datetime(on.year, on.month, on.day), day)  # noqa: DTZ001  (sheets know no zones)
            sheet.write_row(
                n + 1,
                6,
                [notice, "yes" if notice else "no", 100_000 + n, "JPY", f"Owner {n % 200}"],
            )


def ours(path: Path) -> int:
    """Every row as a record."""
    return sum(1 for _ in open_contracts(path, policy()).records())


def bare(path: Path) -> int:
    """Every row as the library gives it."""
    return sum(1 for _ in load_workbook(path).get_sheet_by_index(0).iter_rows())


def main(rows: int) -> None:
    """Both in turn, three times; the best of each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "contracts.xlsx"
        write_book(path, rows)
        took: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(3):
            for name, work in (("ours", ours), ("bare", bare)):
                began = process_time()
                work(path)
                took[name].append(process_time() - began)
        mine, base = min(took["ours"]), min(took["bare"])
        print(
            f"{rows:,} rows of a workbook: {mine:.2f} s, the library's bare reading {base:.2f} "
            f"s, ratio {mine / base:.2f} (goal ≤ 3)"
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
