"""Signals in SQL: whom they are about, which of several values counts, what is known."""
