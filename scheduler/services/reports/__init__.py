"""Reports as use cases: facts read once, sums made by `core.reports`; those of
`passage` alone are made by the database."""
