"""Alembic revisions, run by scheduler.storage.schema."""
