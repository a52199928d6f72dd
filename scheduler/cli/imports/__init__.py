"""Commands that take files in, and take back what came in."""
