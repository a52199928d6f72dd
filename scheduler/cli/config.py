"""`renewals config schema`: the JSON Schema that editors use to complete and check `config.toml`."""

from scheduler.cli.context import Here


def schema(here: Here) -> None:
    """Prints the schema; `renewals init` writes it beside config.toml as config.schema.json."""
    from scheduler.wiring import shipped_schema

    print(shipped_schema(), end="")
