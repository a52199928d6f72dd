"""A working folder, as tests of the commands have it."""

from tests.cli.conftest import nowhere

__all__ = ["nowhere"]
