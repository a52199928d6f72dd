"""The JSON Schema that editors use: it describes every setting in both languages, accepts what is
accepted and refuses what is misspelt.

`errors` knows the part of JSON Schema (draft 2020-12) that the schema uses, and fails on any word
it does not know.
"""

import re
import tomllib
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from scheduler.app.shipped import shipped_config
from scheduler.core.config.json_schema import config_schema
from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.config.tables.shape import fields_of
from scheduler.system.docstrings import field_docstrings
from tests.core.config.test_mistakes import FULL
from tests.core.config.test_reading import FILES

SCHEMA = config_schema(field_docstrings)
KINDS: dict[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}
WORDS = set(
    "$defs $schema $ref additionalProperties anyOf default description enum exclusiveMinimum items "
    "maximum minItems minLength minProperties minimum pattern "
    "patternProperties properties propertyNames required title type".split()
)


def errors(value: Any, schema: dict[str, Any]) -> list[str]:
    """What the schema has against a value."""
    assert set(schema) <= WORDS, set(schema) - WORDS
    if "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        return errors(value, SCHEMA["$defs"][name])
    if "anyOf" in schema:
        found = [errors(value, kind) for kind in schema["anyOf"]]
        return [] if any(not f for f in found) else found[0]
    kind = schema.get("type")
    if kind and (
        not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")
    ):
        return [f"{value!r} is no {kind}"]
    if "enum" in schema and value not in schema["enum"]:
        return [f"{value!r} is none of {schema['enum']}"]
    return [*_of_object(value, schema), *_of_list(value, schema), *_of_plain(value, schema)]


def _of_object(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if not isinstance(value, dict):
        return
    yield from (f"{key} is missing" for key in schema.get("required", []) if key not in value)
    if len(value) < schema.get("minProperties", 0):
        yield "too few"
    for key, inner in value.items():
        if "propertyNames" in schema:
            yield from errors(key, schema["propertyNames"])
        known = schema.get("properties", {})
        patterns = [s for p, s in schema.get("patternProperties", {}).items() if re.search(p, key)]
        other = schema.get("additionalProperties", not schema.get("patternProperties"))
        for part in [known[key]] if key in known else patterns or [other]:
            if part is False:
                yield f"{key} is unknown"
            elif part is not True:
                yield from errors(inner, part)


def _of_list(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            yield "too short"
        for item in value:
            yield from errors(item, schema.get("items", {}))


def _of_plain(value: Any, schema: dict[str, Any]) -> Iterator[str]:
    if isinstance(value, str):
        if len(value) < schema.get("minLength", 0) or not re.search(
            schema.get("pattern", ""), value
        ):
            yield f"{value!r} does not fit"
    elif isinstance(value, int | float):
        bounds = (
            value < schema.get("minimum", value),
            value > schema.get("maximum", value),
            value <= schema.get("exclusiveMinimum", value - 1),
        )
        if any(bounds):
            yield f"{value} is out of bounds"


def settings(schema: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every setting in the schema."""
    if isinstance(schema, dict):
        for key, inner in schema.get("properties", {}).items():
            yield f"{path}.{key}", inner
        for key, inner in schema.items():
            yield from settings(
                inner, f"{path}.{key}" if key not in ("properties", "$defs", "anyOf") else path
            )
    elif isinstance(schema, list):
        for inner in schema:
            yield from settings(inner, path)


def test_every_setting_is_described_in_both_languages() -> None:
    found = dict(settings(SCHEMA))
    assert len(found) > 60
    for path, setting in found.items():
        assert re.search("[A-Za-z]{2}", setting["description"]), path
        assert re.search("[ぁ-んァ-ヶ一-龠]", setting["description"]), path


def test_the_schema_knows_every_setting_of_the_shipped_file_and_no_more() -> None:
    assert set(SCHEMA["properties"]) == set(fields_of(ConfigTable))
    assert errors(tomllib.loads(shipped_config()), SCHEMA) == []
    assert errors(tomllib.loads(FULL), SCHEMA) == []


@pytest.mark.parametrize(
    "file", [f for f in FILES if f.stem.startswith(("fine_", "minimal"))], ids=lambda f: f.stem
)
def test_what_is_accepted_is_not_marked_in_an_editor(file: Any) -> None:
    assert errors(tomllib.loads(file.read_text("utf-8")), SCHEMA) == []


@pytest.mark.parametrize(
    "file",
    [f for f in FILES if f.stem.startswith(("unknown_", "missing_", "address_"))],
    ids=lambda f: f.stem,
)
def test_what_is_misspelt_or_missing_is_marked_in_an_editor(file: Any) -> None:
    assert errors(tomllib.loads(file.read_text("utf-8")), SCHEMA)


def test_nothing_of_python_is_in_it() -> None:
    text = str(SCHEMA)
    assert text.count("'title':") == 1
    assert "'null'" not in text
    assert "DESIGN" not in text


def test_the_check_of_this_test_notices_what_is_wrong() -> None:
    assert errors(date(2026, 1, 1), {"type": "string"})
    assert errors(0, {"exclusiveMinimum": 0}) == ["0 is out of bounds"]
    assert errors(61, {"maximum": 60})
    with pytest.raises(AssertionError):
        errors(1, {"multipleOf": 2})
