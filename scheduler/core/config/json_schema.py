"""The JSON Schema of `config.toml`, which editors use to complete and check it: `#:schema
./config.schema.json` in the file's first line.

Always holds: `renewals check` refuses whatever the schema refuses; every setting is described in
both languages.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from scheduler.core.config.tables.config import ConfigTable
from scheduler.core.config.tables.shape import Table, fields_of

_DRAFT = "https://json-schema.org/draft/2020-12/schema"


def config_schema(texts: Callable[[type], Mapping[str, str]]) -> dict[str, Any]:
    """The schema of the whole file (JSON Schema, draft 2020-12). `texts`: what stands below a
    class's own fields; whoever wants no schema need not wait until all of it is read."""
    schema = ConfigTable.model_json_schema()
    for definition in schema["$defs"].values():
        if "enum" in definition:
            del definition["description"]
    for table in _tables(Table):
        place = schema if table is ConfigTable else schema["$defs"].get(table.__name__)
        if place is not None:
            _describe(place["properties"], table, texts)
    tidy: dict[str, Any] = _tidy(schema)
    return {"$schema": _DRAFT, "title": "renewal-scheduler: config.toml", **tidy}


def _tables(base: type[Table]) -> Iterator[type[Table]]:
    """Every kind of table that is made of this one."""
    for table in base.__subclasses__():
        yield table
        yield from _tables(table)


def _describe(
    settings: Mapping[str, dict[str, Any]],
    table: type[Table],
    texts: Callable[[type], Mapping[str, str]],
) -> None:
    """Gives the settings of a table their texts, those it inherits too."""
    told: dict[str, str] = {}
    for base in reversed(table.__mro__[: table.__mro__.index(Table)]):
        told.update(texts(base))
    for alias, name in zip(fields_of(table), table.model_fields, strict=True):
        if name in told:
            settings[alias]["description"] = told[name]


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
