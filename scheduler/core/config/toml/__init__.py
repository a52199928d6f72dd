"""TOML as people write it: where it is broken, the line of each key, values written back."""
