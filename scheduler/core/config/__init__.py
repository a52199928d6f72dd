"""config.toml: the shape of its tables, every mistake in it in words, and the Policy that comes of
it. Read from the top by `reading`."""
