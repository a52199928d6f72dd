"""What is written as TOML reads back as the same, whatever it is, and stays on its line."""

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scheduler.core.config.toml.values import key_text, printable, toml_value

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        TEXT,
        st.booleans(),
        st.integers(-(2**63), 2**63 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
    ),
    lambda inside: st.one_of(
        st.lists(inside, max_size=3), st.dictionaries(TEXT, inside, max_size=3)
    ),
    max_leaves=6,
)


@given(TEXT, VALUES)
def test_what_is_written_is_read_back(key: str, value: Any) -> None:
    line = f"{key_text(key)} = {toml_value(value)}"
    assert line.isprintable()
    assert tomllib.loads(line) == {key: value}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("3か月前", '"3か月前"'),
        ("two\nlines", '"two\\nlines"'),
        ({"not": ["smb"]}, '{ not = ["smb"] }'),
        ({}, "{}"),
        ([], "[]"),
        (150.0, "150.0"),
        (False, "false"),
    ],
)
def test_it_is_written_as_people_write_it(value: object, written: str) -> None:
    assert toml_value(value) == written


def test_nothing_steers_the_terminal() -> None:
    assert printable("a\x1b[2Jb\u202e") == "a\\u001B[2Jb\\u202E"
