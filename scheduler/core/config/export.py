"""A version of the policy as the text of a `config.toml`: as it was written, with its comments, or
from the stored document.

Always holds: the text reads back as the same policy; the machine's own settings come from the
present file.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from scheduler.core.config.toml.values import key_text, toml_value

_HEADER = re.compile(r"^\s*\[{1,2}\s*([\w.-]+|\"[^\"]*\")", re.ASCII)
_MACHINE = "machine"


def exported(policy: Mapping[str, Any], text: str, present: str) -> str:
    """The file of a version. `text`: as it was written then, empty if it was not kept; `present`:
    the present file."""
    before, machine, after = _parts(text or written(policy))
    own = _parts(present)[1] or machine
    gap = "" if machine or not own else "\n"
    return before + gap + own + after


def _parts(text: str) -> tuple[str, str, str]:
    """The text before the machine's table, the table itself, and the text after it."""
    before: list[str] = []
    machine: list[str] = []
    after: list[str] = []
    place = before
    for line in text.splitlines(keepends=True):
        header = _HEADER.match(line)
        if header:
            of_machine = header[1].split(".")[0] == _MACHINE
            place = machine if of_machine else after if machine else before
        place.append(line)
    return "".join(before), "".join(machine), "".join(after)


def written(policy: Mapping[str, Any]) -> str:
    """A policy as TOML, without comments.

    >>> milestones = [{"id": "a", "tell": ["owner"]}]
    >>> policy = {"zone": "Asia/Tokyo", "rates": {"USD": 150.0}, "milestones": milestones}
    >>> print(written(policy), end="")
    zone = "Asia/Tokyo"
    <BLANKLINE>
    [rates]
    USD = 150.0
    <BLANKLINE>
    [[milestones]]
    id = "a"
    tell = ["owner"]
    """
    return "".join(_table(policy, "")).lstrip("\n")


def _table(table: Mapping[str, Any], path: str) -> Iterator[str]:
    """The lines of a table: its own values first, then the tables in it."""
    inner = {key: value for key, value in table.items() if _is_table(value)}
    yield from (
        f"{key_text(key)} = {toml_value(value)}\n"
        for key, value in table.items()
        if key not in inner
    )
    for key, value in inner.items():
        name = f"{path}{key_text(key)}"
        for item in value if isinstance(value, list) else [value]:
            brackets = f"[[{name}]]" if isinstance(value, list) else f"[{name}]"
            yield f"\n{brackets}\n"
            yield from (
                _table(item, f"{name}.")
                if not isinstance(value, list)
                else (f"{key_text(k)} = {toml_value(v)}\n" for k, v in item.items())
            )


def _is_table(value: Any) -> bool:
    """Whether a value is written as a table of its own rather than on one line."""
    if isinstance(value, Mapping):
        return True
    return (
        isinstance(value, list) and bool(value) and all(isinstance(item, Mapping) for item in value)
    )
