"""How a text from outside leaves by a way that would act on it: a terminal, a spreadsheet.

Always holds: what is harmless leaves as it is; what would act is still to be read, but does
nothing.
"""

import re

_STEERING = re.compile(
    "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u2028-\\u202e\\u2066-\\u2069\\ufeff]"
)
_BEGINS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
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
    """A cell of a CSV file for a spreadsheet: one that would begin a formula begins with an
    apostrophe; numbers stay (OWASP, "CSV Injection").

    >>> [escape_formula(cell) for cell in ('=HYPERLINK("http://x")', "-5", "+81 3-1234", "Ann")]
    ['\\'=HYPERLINK("http://x")', '-5', "'+81 3-1234", 'Ann']
    """
    return (
        f"'{cell}"
        if cell.lstrip("'").startswith(_BEGINS_FORMULA) and not _NUMBER.fullmatch(cell)
        else cell
    )


def unescape_formula(cell: str) -> str:
    """What `escape_formula` was given, for a cell that a file brings back.

    >>> [unescape_formula(cell) for cell in ("'=1+1", escape_formula("'=1+1"), "'tis", "-5")]
    ['=1+1', "'=1+1", "'tis", '-5']
    """
    return (
        cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_BEGINS_FORMULA) else cell
    )
