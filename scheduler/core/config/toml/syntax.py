"""Reads text into the tables of TOML, or says where it stops being TOML, why, and what to write
instead. tomllib says only where, and only in English.

Always holds: a sentence quotes at most one character of the text (it may hold a password); every
text gets an answer.
"""

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scheduler.core.config.toml.lines import Path, key_lines, tokens
from scheduler.core.words.labels import Label

_DEEPEST = 32
_LARGEST = 2**63
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_STRAIGHT: Mapping[str, str] = {
    **dict.fromkeys("“”„‟「」『』＂", '"'),
    **dict.fromkeys("‘’‚‛＇", "'"),
    "、": ",",
    "，": ",",
    "。": ".",
}
_ENGLISH = {
    **dict.fromkeys(("true", "yes", "on", "はい"), "true"),
    **dict.fromkeys(("false", "no", "off", "いいえ"), "false"),
}
_STATEMENT = re.compile(r"\s*(\[\[?[\w.\-\"' ]+\]\]?\s*(#.*)?$|[\w.\-\"']+\s*=)")

_TWICE = Label("this setting or table appears twice; keep only one")
_DATE = Label("there is no such date or time")
_ASSIGNMENT = Label("a setting is written name = value")
_NO_VALUE = Label("a value is missing here")
_TEXT = Label('text goes in quotation marks, e.g. language = "ja"')
_REST = Label(
    "there is something after the value; text goes in quotation marks, a comment begins with #"
)
_QUOTATION = Label("the closing quotation mark is missing")
_BACKSLASH = Label("write a backslash in \"…\" twice, or put the text into '…'")
_HEADER = Label("a table's heading is written [calendars.jp] or [[milestones]]")
_KEY = Label("the name of a setting is written in letters, digits, _ and -")
_MERGE = Label("a merge left its marks (<<<<<<<, =======, >>>>>>>); choose one of the two texts")
_CONTROL = Label("there is a control character, which is not allowed")
_LINE = Label("this line cannot be read")
_DEEP = Label("lists or tables are nested too deeply")
_LARGE = Label("a number is too large")

_KINDS = (
    (r"Cannot (overwrite|declare|redefine|mutate)|Duplicate", _TWICE),
    ("Invalid date", _DATE),
    ("Expected '='", _ASSIGNMENT),
    ("Expected newline or end of document", _REST),
    ("Unescaped|Invalid hex|Escaped character", _BACKSLASH),
    (r"""Unterminated|Expected ("'+"|'"+')|(Illegal|Found invalid) character '\\n'""", _QUOTATION),
    ("Illegal|Found invalid", _CONTROL),
    ("Expected ']", _HEADER),
    (r"Invalid initial character|Invalid statement", _KEY),
)
"""What tomllib says (the beginning of it), and what it means to a person."""


@dataclass(frozen=True, slots=True)
class NotToml:
    """Where a text stops being TOML, from line 1, and what is wrong there."""

    line: int
    text: Label


def not_utf8(error: UnicodeDecodeError) -> NotToml:
    """The line on which a file stops being UTF-8."""
    line = error.object[: error.start].count(b"\n") + 1
    return NotToml(line, Label("not UTF-8; save the file as UTF-8"))


def read_toml(text: str) -> dict[str, Any] | NotToml:
    """The tables, or the first place that is not TOML."""
    plain = text.replace("\r\n", "\n")
    try:
        raw = tomllib.loads(plain)
        wrong = next(_excessive(raw), None)
        return NotToml(key_lines(plain)[wrong[0]], _said(wrong[1])) if wrong else raw
    except tomllib.TOMLDecodeError as error:
        return _explained(str(error), plain)
    except RecursionError:
        return NotToml(0, _said(_DEEP))
    except ValueError:
        return NotToml(0, _said(_LARGE))


def _said(what: Label) -> Label:
    return Label("not valid TOML: {what}", what=what)


def _excessive(value: Any, place: Path = ()) -> Iterator[tuple[Path, Label]]:
    """Finds numbers beyond what TOML guarantees, tables nested too deeply, and characters that no
    database, mail or terminal accepts."""
    if len(place) > _DEEPEST:
        yield place[:1], _DEEP
    elif isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _excessive(item, (*place, step))
            if isinstance(step, str) and _CONTROLS.search(step):
                yield (*place, step), _CONTROL
    elif isinstance(value, str) and _CONTROLS.search(value):
        yield place, _CONTROL
    elif isinstance(value, int) and not -_LARGEST <= value < _LARGEST:
        yield place, _LARGE


_NOT_SEEN = "\u00a0\u2002\u2003\u2007\u2009\u200b\u200c\u200d\u202f\u2060\ufeff"
"""What word processors and chats put in the place of a space, and nobody can see."""


def _explained(error: str, text: str) -> NotToml:
    """tomllib's error in words for a person, with the line."""
    said, _, place = error.rpartition(" (at ")
    at = re.match(r"line (\d+), column (\d+)", place)
    lines = text.split("\n")
    line, column = (int(at[1]), int(at[2])) if at else (len(lines), len(lines[-1]) + 1)
    offset = sum(len(earlier) + 1 for earlier in lines[: line - 1]) + column - 1
    here = text[offset : offset + 1]
    meant = _typed(here) if "Illegal" not in said else None
    what = (
        meant
        or _single(said, lines[line - 1])
        or _unclosed(said, text, offset, line, lines[line - 1])
        or _by_kind(said, text, offset)
    )
    return NotToml(line, _said(what))


def _single(said: str, content: str) -> Label | None:
    """Finds the second heading of a list of tables that is written with single brackets."""
    heading = re.match(r"\s*\[\s*(pipelines|milestones)\s*\]", content)
    if heading is None or not said.startswith("Cannot"):
        return None
    return Label("write the heading with two brackets: [[{heading}]]", heading=heading[1])


def _by_kind(said: str, text: str, offset: int) -> Label:
    """What tomllib's message means."""
    if re.match(r"<{7}|={7}|>{7}|\|{7}", text[offset:]):
        return _MERGE
    known = next((what for pattern, what in _KINDS if re.match(pattern, said)), None)
    if known is not None:
        return known
    word = re.match(r"[^\s,\]}#=]*", text[offset:])
    if said != "Invalid value" or word is None:
        return _LINE
    if not word[0]:
        return _NO_VALUE
    if word[0].lower() in _ENGLISH:
        return Label("write {english}", english=_ENGLISH[word[0].lower()])
    return _TEXT


def _typed(character: str) -> Label | None:
    """What to type instead of a character that only looks like the right one."""
    if character == "\u3000":
        return Label("there is a full-width space; type an ordinary one")
    if character and character in _NOT_SEEN:
        return Label("there is a space or mark that is not an ordinary one; delete it and type it")
    right = _STRAIGHT.get(character) or unicodedata.normalize("NFKC", character)
    if not character or right == character or len(right) != 1 or not right.isascii():
        return None
    return Label(
        "{character} is not the right character; type {right}", character=character, right=right
    )


def _unclosed(said: str, text: str, offset: int, line: int, content: str) -> Label | None:
    """Finds a list or an inline table that is not closed in time."""
    if not re.match("Unclosed|Invalid (value|statement|initial)|Expected '='", said):
        return None
    opened = _opened(text[:offset])
    if _STATEMENT.match(content):
        opened = [o for o in opened if o[1] < line] or opened
    if not opened or (
        said == "Invalid value" and not (_STATEMENT.match(content) and opened[-1][1] < line)
    ):
        return None
    bracket, at = opened[-1]
    if bracket == "{":
        return Label(
            (
                "the table {{ … }} of line {at} is not written correctly: put all of it on one "
                "line, with commas only between its settings"
            ),
            at=at,
        )
    return Label("a comma is missing before this, or the list [ of line {at} is not closed", at=at)


def _opened(text: str) -> list[tuple[str, int]]:
    """The brackets of values (not headings) that are still open at the end of a text, with their
    lines."""
    opened: list[tuple[str, int]] = []
    in_value = False
    for token, line in tokens(text):
        in_value = bool(opened) or token == "=" or (in_value and token != "\n")
        if token in ("[", "{") and in_value:
            opened.append((token, line))
        elif token in ("]", "}") and opened:
            opened.pop()
    return opened
