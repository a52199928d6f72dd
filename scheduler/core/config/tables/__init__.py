"""The shape of `config.toml`: pydantic models of its tables, a file for each part."""
