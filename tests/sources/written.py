"""A register written out as every kind of file that can be read."""

import csv
import gzip
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from xml.sax.saxutils import escape

import xlsxwriter  # type: ignore[import-untyped]

HEADER = (
    "contract",
    "customer",
    "product",
    "starts_on",
    "ends_on",
    "auto_renew",
    "amount",
    "currency",
    "owner",
)
Row = tuple[str, str, str, date, date, bool, int, str, str]
"""A contract; the amount in minor units of a currency with two decimals."""


def cells(row: Row, day: Callable[[date], str] = date.isoformat, mark: str = ".") -> list[str]:
    """A contract as texts."""
    number, customer, product, starts_on, ends_on, renews, amount, currency, owner = row
    money = f"{amount // 100}{mark}{amount % 100:02d}"
    return [
        number,
        customer,
        product,
        day(starts_on),
        day(ends_on),
        "yes" if renews else "no",
        money,
        currency,
        owner,
    ]


def as_csv(
    rows: Sequence[Row],
    delimiter: str = ",",
    day: Callable[[date], str] = date.isoformat,
    mark: str = ".",
    before: str = "",
) -> str:
    """A CSV text."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerows([HEADER, *(cells(row, day, mark) for row in rows)])
    return before + out.getvalue()


def as_xlsx(rows: Sequence[Row], path: Path) -> None:
    """A workbook with typed cells."""
    with xlsxwriter.Workbook(path) as book:
        sheet, days = book.add_worksheet("contracts"), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_row(0, 0, HEADER)
        for n, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, bool):
                    sheet.write_boolean(n, column, value)
                elif isinstance(value, date):
                    sheet.write_datetime(
                        n,
                        column,
                        datetime(value.year, value.month, value.day),  # noqa: DTZ001
                        days,
                    )
                elif isinstance(value, int):
                    sheet.write_number(n, column, value / 100)
                else:
                    sheet.write_string(n, column, value)


def as_ods(rows: Sequence[Row], path: Path) -> None:
    """An OpenDocument sheet with typed cells."""

    def cell(value: object, column: int) -> str:
        if isinstance(value, bool):
            return (
                '<table:table-cell office:value-type="boolean" '
                f'office:boolean-value="{str(value).lower()}"><text:p/></table:table-cell>'
            )
        if isinstance(value, date):
            return (
                '<table:table-cell office:value-type="date" '
                f'office:date-value="{value}"><text:p>{value}</text:p></table:table-cell>'
            )
        if isinstance(value, int):
            return (
                '<table:table-cell office:value-type="float" '
                f'office:value="{value / 100}"><text:p>{value / 100}</text:p></table:table-cell>'
            )
        return (
            "<table:table-cell "
            f'office:value-type="string"><text:p>{escape(str(value))}</text:p></table:table-cell>'
        )

    body = "".join(
        f"<table:table-row>{''.join(cell(v, n) for n, v in enumerate(row))}</table:table-row>"
        for row in (HEADER, *rows)
    )
    write_ods(path, f'<table:table table:name="contracts">{body}</table:table>')


def write_ods(path: Path, tables: str, styles: str = "", common: str = "") -> None:
    """An OpenDocument sheet out of its XML: tables, the styles they name, those of the whole
    document."""
    names = " ".join(
        f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{home}:1.0"'
        for prefix, home in (
            *((name, name) for name in ("office", "table", "text", "style")),
            ("number", "datastyle"),
        )
    )
    content = (
        f'<?xml version="1.0"?><office:document-content {names}>'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    shared = (
        f'<?xml version="1.0"?><office:document-styles {names}>'
        f"<office:styles>{common}</office:styles></office:document-styles>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest '
        'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", content)
        packed.writestr("styles.xml", shared)
        packed.writestr("META-INF/manifest.xml", manifest)


def bytes_writer(
    encoding: str, *, packed: bool = False, **how: object
) -> Callable[[Sequence[Row], Path], None]:
    """A writer of CSV in an encoding."""

    def write(rows: Sequence[Row], path: Path) -> None:
        data = as_csv(rows, **how).encode(encoding)  # type: ignore[arg-type]
        path.write_bytes(gzip.compress(data) if packed else data)

    return write


WAYS: Mapping[str, Callable[[Sequence[Row], Path], None]] = {
    "CSV, UTF-8": bytes_writer("utf-8"),
    "CSV, UTF-8 with a byte order mark": bytes_writer("utf-8-sig"),
    "CSV, UTF-16": bytes_writer("utf-16"),
    "CSV, ISO-2022-JP": bytes_writer("iso2022_jp"),
    "CSV, CP932": bytes_writer("cp932"),
    "CSV, semicolons and decimal commas": bytes_writer("utf-8", delimiter=";", mark=","),
    "CSV, tabs": bytes_writer("utf-8", delimiter="\t"),
    "CSV, days as 31/12/2027": bytes_writer("utf-8", day=lambda d: f"{d:%d/%m/%Y}"),
    "CSV, days as 2027年12月31日": bytes_writer(
        "cp932", day=lambda d: f"{d.year}年{d.month}月{d.day}日"
    ),
    "CSV, `sep=;` first": bytes_writer("utf-8", delimiter=";", before="sep=;\r\n"),
    "CSV below other lines": bytes_writer(
        "utf-8", before="Contracts of CS\r\nas of,2026-10-01\r\n\r\n"
    ),
    "CSV, packed with gzip": bytes_writer("utf-8", packed=True),
    "Excel workbook (.xlsx)": as_xlsx,
    "OpenDocument sheet (.ods)": as_ods,
}
