"""Alembic's entry: migrates on the connection it is given."""

from alembic import context

from scheduler.storage.database.rows import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
)
context.run_migrations()
