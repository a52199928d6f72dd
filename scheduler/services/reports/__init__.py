"""Reports as use cases: facts read once, sums made by `core.reports`."""
