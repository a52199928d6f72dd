"""Small facts about this database, one row each. Always holds: `instance_id` is made once and never changes."""

from uuid import uuid4

from sqlalchemy import Connection, delete, insert, select, update

from scheduler.storage.rows import metadata

META = metadata.tables["meta"]
INSTANCE = "instance_id"
LAST_SWEEP = "last_sweep_at"


def get_fact(connection: Connection, key: str) -> str | None:
    """The fact, or None."""
    return connection.execute(select(META.c.value).where(META.c.key == key)).scalar()


def set_fact(connection: Connection, key: str, value: str | None) -> None:
    """Writes a fact; None removes it."""
    if value is None:
        connection.execute(delete(META).where(META.c.key == key))
    elif connection.execute(update(META).where(META.c.key == key).values(value=value)).rowcount == 0:
        connection.execute(insert(META), [{"key": key, "value": value}])


def instance_id(connection: Connection) -> str:
    """The identity of this database, made at the first look."""
    found = get_fact(connection, INSTANCE)
    if found is None:
        found = str(uuid4())
        set_fact(connection, INSTANCE, found)
    return found
