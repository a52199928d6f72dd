"""The line of each key in a TOML text: tomllib does not say, and a person who corrects a file needs
to know.

Always holds: for text that tomllib accepts, every key and every array item of its result has a
line, the one on which the key (or the item) begins; for a table that is the line of its header.
"""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r"""
      \"\"\" (?: \\. | [^\\] )*? \"{3,5}  # several lines, up to two quotation marks at the end
    | ''' .*? '{3,5}
    | \" (?: \\. | [^\"\\\n] )* \"
    | ' [^'\n]* '
    | \# [^\n]*                               # a comment
    | [\n\[\]{},=.]
    | [^\s\[\]{},=.\#\"']+                    # a bare key, a number, a date, true
    """,
    re.DOTALL | re.VERBOSE,
)


def key_lines(text: str) -> dict[Path, int]:
    """The line (from 1) of every key and array item in `text`.

    >>> key_lines('a = 1\\n[[m]]\\nid = "x"\\nl = { ja = "z" }')[("m", 0, "l", "ja")]
    4
    """
    reader = _Reader(list(tokens(text)))
    reader.document()
    return reader.lines


def tokens(text: str) -> Iterator[tuple[str, int]]:
    """The tokens of a text, even one that is not TOML, with their lines (from 1) and without
    comments."""
    line, counted = 1, 0
    for match in _TOKEN.finditer(text):
        line += text.count("\n", counted, match.start())
        counted = match.start()
        if not match.group().startswith("#"):
            yield match.group(), line


class _Reader:
    """Walks the tokens and notes where keys are."""

    def __init__(self, tokens: list[tuple[str, int]]) -> None:
        self._tokens = tokens
        self._at = 0
        self.lines: dict[Path, int] = {}
        self._last_items: dict[Path, int] = {}

    def _peek(self, ahead: int = 0) -> str:
        """A token ahead; empty at the end."""
        at = self._at + ahead
        return self._tokens[at][0] if at < len(self._tokens) else ""

    def _line(self) -> int:
        """The line of the token to come."""
        return self._tokens[min(self._at, len(self._tokens) - 1)][1]

    def _take(self) -> str:
        """Consumes and returns the next token."""
        token = self._peek()
        self._at += 1
        return token

    def _skip(self, *tokens: str) -> None:
        """Passes over these."""
        while self._peek() in tokens:
            self._at += 1

    def document(self) -> None:
        """The whole text: headers and the keys below them."""
        table: Path = ()
        self._skip("\n")
        while self._peek():
            if self._peek() == "[":
                table = self._header()
            else:
                self._assignment(table)
            self._skip("\n")

    def _header(self) -> Path:
        """Reads `[a.b]` or `[[a.b]]` and returns the path of the keys below it."""
        line, array = self._line(), self._peek(1) == "["
        self._skip("[")
        *around, last = self._keys()
        self._skip("]")
        path: Path = ()
        for key in around:
            path = (*path, key)
            self.lines.setdefault(path, line)
            if path in self._last_items:
                path = (*path, self._last_items[path])
        path = (*path, last)
        if not array:
            self.lines[path] = line
            return path
        self.lines.setdefault(path, line)
        self._last_items[path] = number = self._last_items.get(path, -1) + 1
        self.lines[*path, number] = line
        return (*path, number)

    def _keys(self) -> list[str]:
        """`a."b".c`."""
        keys = [_unquoted(self._take())]
        while self._peek() == ".":
            self._take()
            keys.append(_unquoted(self._take()))
        return keys

    def _assignment(self, table: Path) -> None:
        """`key = value`."""
        line, path = self._line(), table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self._skip("=")
        self._value(path)

    def _value(self, path: Path) -> None:
        """Reads a value: an array, an inline table, or a plain value up to the next separator."""
        if self._peek() == "[":
            self._array(path)
        elif self._peek() == "{":
            self._inline_table(path)
        else:
            while self._peek() not in ("\n", ",", "]", "}", ""):
                self._take()

    def _inline_table(self, path: Path) -> None:
        """`{ a = 1, b.c = 2 }`."""
        self._take()
        while self._peek() not in ("}", ""):
            self._assignment(path)
            self._skip(",", "\n")
        self._take()

    def _array(self, path: Path) -> None:
        """Reads `[a, b]`, on one line or several."""
        self._take()
        self._skip("\n")
        number = 0
        while self._peek() not in ("]", ""):
            self.lines[*path, number] = self._line()
            self._value((*path, number))
            number += 1
            self._skip(",", "\n")
        self._take()


@lru_cache(1000)
def _unquoted(token: str) -> str:
    """A key without quotation marks and escapes."""
    if token[:1] not in ("'", '"'):
        return token
    key: str = tomllib.loads(f"key = {token}")["key"]
    return key
