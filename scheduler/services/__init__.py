"""Use cases. Each module names the store it needs as a Protocol and is told which channel, clock
and renderer to use."""
