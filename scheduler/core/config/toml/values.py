"""Values as written in a TOML file. Always holds: tomllib reads what is written here, on one line,
back as the same value."""

import json
import re
from collections.abc import Mapping
from typing import Any

_BARE = re.compile(r"[\w-]+", re.ASCII)


def toml_value(value: Any) -> str:
    """A text, a number, true or false, a list or an inline table of these; never shortened.

    >>> toml_value({"ja": "安定", "en": 'the "best"'}), toml_value(["owner", 3, True])
    ('{ ja = "安定", en = "the \\\\"best\\\\"" }', '["owner", 3, true]')
    """
    match value:
        case str():
            return _quoted(value)
        case bool():
            return str(value).lower()
        case Mapping():
            return (
                f"{{ {', '.join(f'{key_text(k)} = {toml_value(v)}' for k, v in value.items())} }}"
                if value
                else "{}"
            )
        case list() | tuple():
            return f"[{', '.join(toml_value(item) for item in value)}]"
    return str(value)


def key_text(key: str) -> str:
    """A key, in quotation marks if it needs them.

    >>> key_text("USD"), key_text("a b")
    ('USD', '"a b"')
    """
    return key if _BARE.fullmatch(key) else _quoted(key)


def printable(text: str) -> str:
    """The text on one line, with TOML escapes for what must not reach a terminal.

    >>> printable("a\\x1b[2Jb")
    'a\\\\u001B[2Jb'
    """
    return "".join(
        c if c.isprintable() else f"\\u{ord(c):04X}" if ord(c) < 0x10000 else f"\\U{ord(c):08X}"
        for c in text
    )


def _quoted(text: str) -> str:
    """A text in quotation marks, always on one line."""
    return printable(json.dumps(text, ensure_ascii=False))
