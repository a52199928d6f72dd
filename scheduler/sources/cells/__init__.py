"""What one cell says, and what only a whole column can tell of it."""
