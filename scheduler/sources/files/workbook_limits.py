"""What a workbook may claim: looked at in its package before the library that reads sheets makes
room for it, which ends the program where there is none. (For OpenDocument the library itself
refuses what is too much.)

Always holds: a part is streamed, never held whole.
"""

import re
import zipfile

from scheduler.sources.files.workbook_errors import column_number, pieces

_MOST_BYTES = 4_000_000_000
_SOME_BYTES, _MOST_TIMES = 50_000_000, 200
"""A part of more than so many bytes that was packed to less than this fraction of them holds
nothing but repetitions; sheets of real contracts come to a tenth or a thirtieth."""
_SOME_CELLS = 20_000_000
_CELL = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,10})"')
_NO_SHEETS = ("xl/sharedStrings.xml", "xl/styles.xml")


def is_too_large(packed: zipfile.ZipFile) -> bool:
    """Whether a workbook unpacks to more than anybody's sheet."""
    parts = packed.infolist()
    return sum(part.file_size for part in parts) > _MOST_BYTES or any(
        part.file_size > max(_SOME_BYTES, _MOST_TIMES * part.compress_size) for part in parts
    )


def is_too_sparse(packed: zipfile.ZipFile) -> bool:
    """Whether a sheet of an .xlsx has more cells between its first and its last than it has
    letters: each of them, empty or not, takes room in memory."""
    return any(
        _claimed(packed, part.filename) > max(_SOME_CELLS, part.file_size)
        for part in packed.infolist()
        if part.filename.startswith("xl/") and part.filename not in _NO_SHEETS
    )


def _claimed(packed: zipfile.ZipFile, part: str) -> int:
    """How many cells lie between the first of a sheet and the last one that a part names."""
    columns, last = set[bytes](), 0
    for text in pieces(packed, part):
        if found := _CELL.findall(text):
            letters, rows = zip(*found, strict=True)
            columns.update(letters)
            last = max(last, *map(int, rows))
    return last * max((column_number(letters.decode()) + 1 for letters in columns), default=0)
