"""What people can answer to a nudge, and what an answer changes."""
