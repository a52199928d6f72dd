"""The database itself: its address, how it is opened, its tables, versions and copies, and its rows
as values of `core`."""
