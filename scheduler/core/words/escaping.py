"""How a text from outside leaves by a way that would act on it: a terminal, a spreadsheet.

Always holds: what is harmless leaves as it is; what would act is still to be read, but does
nothing.
"""

import re

_STEERING = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]"
)
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SIGNS = "=+\\-@＝＋－＠"
_WITHIN = re.compile(rf"([;\t\r\n])('*[{_SIGNS}])")
"""A formula behind what a spreadsheet of another country, or another program, takes for the end of
a cell or a row."""
_KEPT_WITHIN = re.compile(rf"([;\t\r\n])'('*[{_SIGNS}])")
_NUMBER = re.compile(r"[-+]?\d{1,30}(?:[.,]\d{1,30}){0,10}%?")


def escape_terminal(text: str) -> str:
    r"""`text` for a terminal: what would steer it (control characters, marks that turn the
    direction of writing) is spelled out. Ends of lines stay.

    >>> print(escape_terminal("Grey\x1b[2J\u202e Ltd"))
    Grey\x1b[2J\u202e Ltd
    """
    return _STEERING.sub(_spelled, text)


def _spelled(found: re.Match[str]) -> str:
    r"""A character as Python writes it: `\x1b`, `\u202e`."""
    number = ord(found[0])
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"


def escape_formula(cell: str) -> str:
    """A cell of a CSV file for a spreadsheet: what would begin a formula has an apostrophe before
    it, also within the cell behind a semicolon, a tab or the end of a line, where some spreadsheets
    begin another cell; numbers stay (OWASP, "CSV Injection").

    >>> [escape_formula(cell) for cell in ('=HYPERLINK("http://x")', "-5", "+81 3-1234", "Ann")]
    ['\\'=HYPERLINK("http://x")', '-5', "'+81 3-1234", 'Ann']
    >>> escape_formula("Ann;=1+1")
    "Ann;'=1+1"
    """
    begun = cell.lstrip("'").startswith(_BEGINS_FORMULA) and not _NUMBER.fullmatch(cell)
    within = _WITHIN.sub(r"\1'\2", cell)
    return f"'{within}" if begun else within


def unescape_formula(cell: str) -> str:
    """What `escape_formula` was given, for a cell that a file brings back.

    >>> [unescape_formula(cell) for cell in ("'=1+1", escape_formula("'=1+1"), "'tis", "-5")]
    ['=1+1', "'=1+1", "'tis", '-5']
    """
    begun = cell.startswith("'") and cell.lstrip("'").startswith(_BEGINS_FORMULA)
    return _KEPT_WITHIN.sub(r"\1\2", cell[1:] if begun else cell)
