"""`renewals config schema`: the JSON Schema that editors use to complete and check
`config.toml`."""

import json
from functools import cache

from scheduler.cli.context import CommandContext


def schema(here: CommandContext) -> None:
    """Prints the schema; `renewals init` writes it beside config.toml as config.schema.json."""
    print(schema_text(), end="")


@cache
def schema_text() -> str:
    """The schema as a file holds it; made once, because it is always the same and takes a quarter
    of a second."""
    from scheduler.core.config.json_schema import config_schema
    from scheduler.system.docstrings import field_docstrings

    return json.dumps(config_schema(field_docstrings), ensure_ascii=False, indent=2) + "\n"
