"""The daemon: its loop, its jobs, its ticker, and what it is before it is ready."""
