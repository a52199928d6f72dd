"""The tables: what is made of them when a command starts."""

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm.exc import UnmappedClassError

from scheduler.storage.database.rows import Row


@pytest.mark.parametrize("row", Row.__subclasses__(), ids=lambda row: row.__tablename__)
def test_a_row_describes_its_table_and_is_not_mapped(row: type[Row]) -> None:
    """Nothing needs it, and every command would wait until all of them are mapped."""
    assert row.__tablename__ in row.metadata.tables
    with pytest.raises(UnmappedClassError):
        inspect(row)
