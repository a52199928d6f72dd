"""Small facts about this database, one row each. Always holds: `instance_id` is made once and never
changes."""

from uuid import uuid4

from sqlalchemy import Connection, bindparam, delete, select

from scheduler.storage.database.engine import upsert
from scheduler.storage.database.rows import metadata

META = metadata.tables["meta"]
INSTANCE = "instance_id"
LAST_SWEEP = "last_sweep_at"
_FACT = select(META.c.value).where(META.c.key == bindparam("key"))
_FACT_LOCKED = _FACT.with_for_update()


def get_fact(connection: Connection, key: str, *, locked: bool = False) -> str | None:
    """The fact, or None. `locked`: nobody else changes it before the transaction ends."""
    return connection.execute(_FACT_LOCKED if locked else _FACT, {"key": key}).scalar()


def set_fact(connection: Connection, key: str, value: str | None) -> None:
    """Writes a fact; None removes it."""
    if value is None:
        connection.execute(delete(META).where(META.c.key == key))
    else:
        new = upsert(connection, META).values(key=key, value=value)
        connection.execute(
            new.on_conflict_do_update(
                index_elements=[META.c.key], set_={"value": new.excluded.value}
            )
        )


def instance_id(connection: Connection) -> str:
    """The identity of this database, made at the first look; two who look first at the same time
    see the same one."""
    found = get_fact(connection, INSTANCE)
    if found is None:
        connection.execute(
            upsert(connection, META)
            .values(key=INSTANCE, value=str(uuid4()))
            .on_conflict_do_nothing(index_elements=[META.c.key])
        )
        found = get_fact(connection, INSTANCE)
    return found or ""
