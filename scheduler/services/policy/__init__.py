"""The policy: which version is in force, what it does, and what an edit of it would do."""
