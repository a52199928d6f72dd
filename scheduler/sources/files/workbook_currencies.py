"""The currencies that a sheet shows beside its numbers: in an .xlsx they stand in the cell's number
format ("$"#,##0.00, [$€-407], #,##0"円"), not in its value.

Always holds: nothing is guessed. What a format shows is given to the reader of amounts as if it
were typed; a format that names no currency says nothing. The sheet's XML is streamed.
"""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path
from xml.etree import ElementTree

from scheduler.core.imports.written_amounts import SIGNS, names_currency
from scheduler.sources.files.workbook_errors import MAIN, column_number, pieces, sheet_part

Signs = tuple[str, str]
"""What is shown before and behind a number."""

_BUILT_IN = dict.fromkeys(("5", "6", "7", "8", "42", "44"), '"$"#,##0.00')
"""The formats with a currency that programs name by their number alone (ECMA-376, 18.8.30). Excel
itself writes them out, because it shows the currency of whoever opens the file."""
_COUNTRIES = {
    "CNY": "804 CN",
    "CAD": "1009 C0C CA",
    "SGD": "1004 4809 SG",
    "AUD": "C09 AU",
    "NZD": "1409 NZ",
    "HKD": "C04 HK",
    "TWD": "404 TW",
    "MXN": "80A MX",
    "SEK": "41D SE",
    "NOK": "414 NO",
    "DKK": "406 DK",
    "ISK": "40F IS",
}
_OF_COUNTRY = {country: code for code, those in _COUNTRIES.items() for country in those.split()}
"""Whose $, ¥ or kr it is, by the country that the format names: its number in an .xlsx, its letters
in OpenDocument; others mean what they always do."""
_LONGEST = 255
"""No program keeps a longer format; the pattern tries each bracket of one to its end."""
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"|\\(?P<escaped>.)|\[\$(?P<sign>[^\]-]*)(?:-(?P<country>[^\],]*))?[^\]]*\]'
    r"|\[[^\]]*\]|[_*].|(?P<end>;)|(?P<digit>[0#?.,]|general)|(?P<percent>%)|(?P<other>.)",
    re.IGNORECASE | re.DOTALL,
)
_TIMES = re.compile(r"[十百千万億兆]+|[KM](?![A-Z])|(?<![A-Z])[KM]", re.IGNORECASE)


def currency_signs(path: Path, sheet: str) -> Mapping[tuple[int, int], Signs]:
    """What the formats of one sheet show beside each number that has a currency, by (row, column)
    from 0; empty for an OpenDocument sheet."""
    with zipfile.ZipFile(path) as packed:
        part, styles = sheet_part(packed, sheet), _styles(packed)
        if not part or not styles:
            return {}
        cell = re.compile(
            rb'<(?:\w+:)?c\b(?=[^<>]*\bs="(%s)")[^<>]*\br="([A-Z]{1,3})(\d+)"'
            % "|".join(styles).encode()
        )
        return {
            (int(found[3]) - 1, column_number(found[2].decode())): styles[found[1].decode()]
            for text in pieces(packed, part)
            for found in cell.finditer(text)
        }


def _styles(packed: zipfile.ZipFile) -> dict[str, Signs]:
    """The styles of cells whose format shows a currency, by their number."""
    if "xl/styles.xml" not in packed.namelist():
        return {}
    root = ElementTree.fromstring(packed.read("xl/styles.xml"))
    formats = _BUILT_IN | {
        e.get("numFmtId", ""): e.get("formatCode", "") for e in root.iter(f"{MAIN}numFmt")
    }
    styles = root.find(f"{MAIN}cellXfs")
    found = {
        str(n): signs_of(formats.get(style.get("numFmtId", ""), ""))
        for n, style in enumerate(() if styles is None else styles)
    }
    return {n: signs for n, signs in found.items() if any(signs)}


def signs_of(number_format: str) -> Signs:
    """What a format shows before and behind a number that is not negative; both empty where that is
    no currency. A factor stays (千円) unless the format itself divides by it.

    >>> signs_of('"$"#,##0.00'), signs_of("#,##0.00 [$€-407]"), signs_of("[$¥-804]#,##0")
    (('$', ''), ('', '€'), ('CNY', ''))
    >>> signs_of("_($* #,##0.00_);_($* (#,##0.00)"), signs_of("[$USD] 0"), signs_of('0"円"')
    (('$', ''), ('USD', ''), ('', '円'))
    >>> signs_of('#,##0"千円"'), signs_of('#,##0,"千円"'), signs_of('0"席"'), signs_of('0.0"%"')
    (('', '千円'), ('', '円'), ('', ''), ('', ''))
    """
    if len(number_format) > _LONGEST:
        return "", ""
    shown, places, last = ["", ""], "", 0
    for token in _TOKEN.finditer(number_format):
        if token["end"] or token["percent"]:
            break
        if token["digit"]:
            # what stands within the digits is no sign of a currency
            places, last = places + token["digit"], 1
        else:
            shown[last] += _shown(token)
    if not places or token["percent"]:
        return "", ""
    before, behind = (
        (_TIMES.sub("", each) if places.endswith(",") else each).strip() for each in shown
    )
    return (before, behind) if _is_currency(before, behind) else ("", "")


def _shown(token: re.Match[str]) -> str:
    """What one piece of a format shows beside the number."""
    sign = token["sign"]
    if sign in ("$", "¥", "￥", "kr", "kr."):
        return _OF_COUNTRY.get((token["country"] or "").upper().lstrip("0"), sign)
    return next(filter(None, (token["quoted"], token["escaped"], sign, token["other"])), "")


def _is_currency(before: str, behind: str) -> bool:
    """Whether the reader of amounts finds a currency there, or one that it has to ask about."""
    if (before or behind).upper().rstrip(".") in SIGNS:
        return True
    return names_currency(f"{before}1{behind}")
