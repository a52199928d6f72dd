"""The mark of tests that are lived on each database in turn."""

import pytest

ON_BOTH = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
"""For a test that says something to the database that no other test of the sync says: a statement
of its own, or values of other kinds."""
