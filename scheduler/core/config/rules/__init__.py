"""What the tables of `config.toml` must mean together: a file for each part, and `together`, which
checks them all."""
