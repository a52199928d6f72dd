"""`renewals config schema`: the JSON Schema that editors use to complete and check
`config.toml`."""

import json

from scheduler.cli.context import CommandContext


def schema(here: CommandContext) -> None:
    """Prints the schema; `renewals init` writes it beside config.toml as config.schema.json."""
    print(schema_text(), end="")


def schema_text() -> str:
    """The schema as a file holds it."""
    from scheduler.core.config.json_schema import config_schema
    from scheduler.system.docstrings import field_docstrings

    return json.dumps(config_schema(field_docstrings), ensure_ascii=False, indent=2) + "\n"
