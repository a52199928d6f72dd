"""config.toml: the shape of its tables, its mistakes in words, and the Policy it becomes. Start
with `reading`."""
