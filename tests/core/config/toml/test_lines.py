"""Every key of a TOML text is found on its line, however the text is laid out."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scheduler.core.config.toml.lines import Path, key_lines

BARE = st.text("abz019_-", min_size=1, max_size=4)
QUOTED = st.text('a.[]{}=#," \\日', min_size=1, max_size=5)
PLAIN = [
    "1", "1.5", "0x1F", "-inf", "true", "1979-05-27T07:32:00-08:00", '"[a] = {}, # no"', '"\\""', "'\\'", '"""\n[x]\ny = 1\n"""', "'''\n]\n'''",
    '""""two"" at the ends"""""', '""', "''",
]  # fmt: skip
Tree = dict[str, Any]


def values(inside: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """Arrays and inline tables of plain values and of each other."""
    return st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(st.one_of(BARE, QUOTED), inside, max_size=3)
    )


VALUES = st.recursive(st.sampled_from(PLAIN), values, max_leaves=6)


@dataclass
class Writer:
    """Writes a tree as TOML and notes on which line each key and item begins. `draw` decides about
    the layout."""

    draw: Any
    text: str = ""
    lines: dict[Path, int] = field(default_factory=dict)

    def chance(self) -> bool:
        return bool(self.draw(st.booleans()))

    def put(self, text: str) -> None:
        self.text += text

    def line(self) -> int:
        return self.text.count("\n") + 1

    def key(self, key: str) -> str:
        if all(c.isascii() and (c.isalnum() or c in "_-") for c in key) and self.chance():
            return key
        return (
            '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
            if '"' in key or "\\" in key or self.chance()
            else f"'{key}'"
        )

    def gap(self) -> None:
        """Blank lines and comments between statements."""
        for _ in range(self.draw(st.integers(0, 2))):
            self.put(self.draw(st.sampled_from(["\n", "# [no] = 1\n", "  # '''\n"])))

    def table(self, tree: Tree, path: Path) -> None:
        """A table's keys under its header."""
        for key, value in tree.items():
            self.gap()
            self.lines[*path, key] = self.line()
            self.put(f"{self.key(key)} = ")
            self.value(value, (*path, key))
            self.put(" # end\n" if self.chance() else "\n")

    def value(self, value: Any, path: Path, inline: bool = False) -> None:
        if isinstance(value, dict):
            self.put("{ ")
            for number, (key, inside) in enumerate(value.items()):
                self.put(", " if number else "")
                self.lines[*path, key] = self.line()
                self.put(f"{self.key(key)}=")
                self.value(inside, (*path, key))
            self.put(" }")
        elif isinstance(value, list):
            self.put("[")
            for number, inside in enumerate(value):
                self.put("\n  # next, ]\n" if self.chance() else "")
                self.lines[*path, number] = self.line()
                self.value(inside, (*path, number))
                self.put(", ")
            self.put("\n]" if self.chance() else "]")
        else:
            self.put(value)

    def document(self, plain: Tree, tables: dict[str, Tree], arrays: dict[str, list[Tree]]) -> None:
        self.table(plain, ())
        for name, tree in tables.items():
            self.gap()
            self.lines[name,] = self.line()
            self.put(f"[ {self.key(name)} ]\n" if self.chance() else f"[{self.key(name)}]\n")
            self.table(tree, (name,))
        for name, items in arrays.items():
            for number, tree in enumerate(items):
                self.gap()
                self.lines.setdefault((name,), self.line())
                self.lines[name, number] = self.line()
                self.put(f"[[{self.key(name)}]]\n")
                self.table(tree, (name, number))
                self.lines[name, number, "sub table"] = self.line()
                self.put(f'[{self.key(name)}."sub table"]\n')
                self.lines[name, number, "sub table", "k"] = self.line()
                self.put("k = 1\n")


@given(st.data())
@settings(max_examples=100)
def test_every_key_is_found_on_the_line_it_was_written_on(data: st.DataObject) -> None:
    names = data.draw(st.lists(st.one_of(BARE, QUOTED), max_size=6, unique=True))
    writer = Writer(data.draw)
    tree = st.dictionaries(st.one_of(BARE, QUOTED), VALUES, max_size=3)
    writer.document(
        {n: data.draw(VALUES) for n in names[:2]},
        {n: data.draw(tree) for n in names[2:4]},
        {n: data.draw(st.lists(tree, min_size=1, max_size=3)) for n in names[4:]},
    )
    assert set(paths(tomllib.loads(writer.text))) <= set(writer.lines), (
        "the writer's own record is complete"
    )
    assert key_lines(writer.text) == writer.lines


def paths(value: Any, path: Path = ()) -> Iterator[Path]:
    """Every place in what tomllib read."""
    if path:
        yield path
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for key, item in inside:
        yield from paths(item, (*path, key))


@pytest.mark.parametrize(
    ("text", "path", "line"),
    [
        ("[a.b]\n[a]\nx=1", ("a",), 2),
        ("[[a]]\n\n[[a.b]]\nc=1\n[[a]]\n[[a.b]]\nd=2", ("a", 1, "b", 0, "d"), 7),
        ("a.b.c = 1", ("a", "b"), 1),
        ("x = [[1, 2],\n [3]]", ("x", 1, 0), 2),
        ("x = [\n { a = 1 },\n { a = [\n2] } ]", ("x", 1, "a", 0), 4),
        ("x = '''\n\n'''\ny = 1", ("y",), 4),
        ('"\\u3042" = 1\r\nb = 2', ("あ",), 1),
        ("a = 1\r\nb = 2\r\n", ("b",), 2),
        ("a = 1 # x\nb = '#'\nc = 3", ("c",), 3),
        ("a . b = 1.5\nc = 2", ("c",), 2),
    ],
)
def test_lines_of_layouts_that_have_their_own_rule(text: str, path: Path, line: int) -> None:
    assert key_lines(text)[path] == line
    assert set(paths(tomllib.loads(text))) == set(key_lines(text))


def test_every_place_in_the_shipped_file_has_the_line_it_stands_on() -> None:
    text = (File(__file__).parents[4] / "config.toml").read_text("utf-8")
    lines, written = key_lines(text), text.splitlines()
    for path in paths(tomllib.loads(text)):
        key = next(p for p in reversed(path) if isinstance(p, str))
        assert key in written[lines[path] - 1] or isinstance(path[-1], int)
