"""The database itself: where it is, how it is opened, its tables, its versions, its copies, and
rows as values of `core`."""
