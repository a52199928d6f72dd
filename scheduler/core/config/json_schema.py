"""The JSON Schema of `config.toml`, with which editors complete and check it: `#:schema ./config.schema.json` in the file's first line.

Always holds: what the schema refuses, `renewals check` refuses too; every setting is described in both languages.
"""

import ast
from inspect import cleandoc, getsource
from itertools import pairwise
from typing import Any

from pydantic.fields import FieldInfo

from scheduler.core.config import tables
from scheduler.core.config.tables import ConfigTable

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """The schema of the whole file (JSON Schema, draft 2020-12)."""
    schema = _described(ConfigTable.model_json_schema())
    for definition in schema["$defs"].values():
        if "enum" in definition:
            del definition["description"]
    tidy: dict[str, Any] = _tidy(schema)
    return {"$schema": _DRAFT, "title": "renewal-scheduler: config.toml", **tidy}


def _described(schema: dict[str, Any]) -> dict[str, Any]:
    """With the docstrings of the settings (pydantic reads them when a class is made, from its source: nothing that every command should wait for)."""
    for table in (node for node in ast.parse(getsource(tables)).body if isinstance(node, ast.ClassDef)):
        known = schema if table.name == ConfigTable.__name__ else schema["$defs"].get(table.name, {})
        for setting, told in pairwise(table.body):
            match setting, told:
                case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                    known["properties"][_in_the_file(table.name, name)]["description"] = cleandoc(text)
    return schema


def _in_the_file(table: str, name: str) -> str:
    """What a setting is called in the file."""
    field: FieldInfo = getattr(tables, table).model_fields[name]
    return field.alias or name


def _tidy(schema: Any) -> Any:
    """Without what only Python knows: the names of its classes, and null, which TOML does not have."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    named, empty = isinstance(schema.get("title"), str), schema.get("default", ...) is None
    tidy = {key: _tidy(value) for key, value in schema.items() if not ((key == "title" and named) or (key == "default" and empty))}
    kinds = tidy.get("anyOf", [])
    if len(kinds) == 1:
        del tidy["anyOf"]
        return {**kinds[0], **tidy}
    return tidy
