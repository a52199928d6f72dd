"""The JSON Schema of `config.toml`, which editors use to complete and check it: `#:schema
./config.schema.json` in the file's first line.

Always holds: `renewals check` refuses whatever the schema refuses; every setting is described in
both languages.
"""

from typing import Any

from scheduler.core.config.tables.config import ConfigTable

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def config_schema() -> dict[str, Any]:
    """The schema of the whole file (JSON Schema, draft 2020-12)."""
    schema = ConfigTable.model_json_schema()
    for definition in schema["$defs"].values():
        if "enum" in definition:
            del definition["description"]
    tidy: dict[str, Any] = _tidy(schema)
    return {"$schema": _DRAFT, "title": "renewal-scheduler: config.toml", **tidy}


def _tidy(schema: Any) -> Any:
    """Removes what only makes sense in Python: class names, and null, which TOML does not have."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema if item != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    named, empty = isinstance(schema.get("title"), str), schema.get("default", ...) is None
    tidy = {
        key: _tidy(value)
        for key, value in schema.items()
        if not ((key == "title" and named) or (key == "default" and empty))
    }
    kinds = tidy.get("anyOf", [])
    if len(kinds) == 1:
        del tidy["anyOf"]
        return {**kinds[0], **tidy}
    return tidy
