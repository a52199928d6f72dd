"""Alembic revisions, run by scheduler.storage.database.schema."""
