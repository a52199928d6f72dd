"""On which line of a TOML text each key stands: tomllib does not say, and a person who mends a file needs to know.

Always holds: for text that tomllib accepts, every key path of its result has a line; what stands inside an inline table or an array has the line on
which it is written.
"""

import re
from collections.abc import Iterator

Path = tuple[str | int, ...]

_TOKEN = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|\'\'\'[\s\S]*?\'{3,5}|"(?:\\.|[^"\\\n])*"|\'[^\'\n]*\'|#[^\n]*|\n|\[\[|\]\]|[\[\]{},=.]|[^\s\[\]{},=.#"\']+', re.S
)
_BARE = re.compile(r"^[A-Za-z0-9_-]+$")


def key_lines(text: str) -> dict[Path, int]:
    """The line, from 1, of every key and array item in `text`.

    >>> key_lines('a = 1\\n[[m]]\\nid = "x"\\nl = { ja = "z" }')[("m", 0, "l", "ja")]
    4
    """
    reader = _Reader(list(_tokens(text)))
    reader.document()
    return reader.lines


def _tokens(text: str) -> Iterator[tuple[str, int]]:
    """Tokens with their lines; comments left out."""
    line = 1
    for match in _TOKEN.finditer(text):
        token = match.group()
        if not token.startswith("#"):
            yield token, line
        line += token.count("\n")


class _Reader:
    """Walks the tokens and notes where keys are."""

    def __init__(self, tokens: list[tuple[str, int]]) -> None:
        self._tokens = tokens
        self._at = 0
        self.lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}

    def _peek(self) -> str:
        return self._tokens[self._at][0] if self._at < len(self._tokens) else ""

    def _take(self) -> tuple[str, int]:
        self._at += 1
        return self._tokens[self._at - 1] if self._at <= len(self._tokens) else ("", 0)

    def _skip(self, *tokens: str) -> None:
        while self._peek() in tokens and self._peek():
            self._take()

    def document(self) -> None:
        """The whole text: headers and the keys below them."""
        table: Path = ()
        while self._at < len(self._tokens):
            token = self._peek()
            if token == "\n":
                self._take()
            elif token in ("[", "[["):
                table = self._header(array=token == "[[")
            else:
                self._assignment(table)

    def _header(self, *, array: bool) -> Path:
        """`[a.b]` or `[[a.b]]`; the path it opens."""
        _, line = self._take()
        keys = self._keys()
        self._skip("]", "]]")
        path: Path = ()
        for key in keys[:-1]:
            path = self._into((*path, key), line)
        path = (*path, keys[-1]) if keys else path
        self.lines.setdefault(path, line)
        if array:
            number = self._counts.get(path, -1) + 1
            self._counts[path] = number
            path = (*path, number)
            self.lines[path] = line
        return path

    def _into(self, path: Path, line: int) -> Path:
        """A table on the way; the last item where it is an array of tables."""
        self.lines.setdefault(path, line)
        return (*path, self._counts[path]) if path in self._counts else path

    def _keys(self) -> list[str]:
        """`a."b".c`."""
        keys = []
        while True:
            keys.append(_unquoted(self._take()[0]))
            if self._peek() != ".":
                return keys
            self._take()

    def _assignment(self, table: Path) -> None:
        """`key = value`."""
        line = self._tokens[self._at][1]
        path = table
        for key in self._keys():
            path = (*path, key)
            self.lines.setdefault(path, line)
        if self._peek() == "=":
            self._take()
            self._value(path)

    def _value(self, path: Path) -> None:
        """A value: an array, an inline table, or something plain up to the next separator."""
        if self._peek() in ("[", "[["):
            self._array(path)
        elif self._peek() == "{":
            self._take()
            self._skip("\n", ",")
            while self._peek() not in ("}", ""):
                self._assignment(path)
                self._skip("\n", ",")
            self._take()
        else:
            while self._peek() not in ("\n", ",", "]", "]]", "}", ""):
                self._take()

    def _array(self, path: Path) -> None:
        """`[a, b]`, also where `[[` and `]]` were read as one token."""
        token, line = self._take()
        if token == "[[":
            self._tokens.insert(self._at, ("[", line))
        number = 0
        self._skip("\n", ",")
        while self._peek() not in ("]", "]]", ""):
            self.lines[(*path, number)] = self._tokens[self._at][1]
            self._value((*path, number))
            number += 1
            self._skip("\n", ",")
        token, line = self._take()
        if token == "]]":
            self._tokens.insert(self._at, ("]", line))


def _unquoted(token: str) -> str:
    """A key without its quotation marks."""
    return token if _BARE.match(token) else token.strip("\"'")
