"""The policy: which version is in force, what it does, what an edit of it would do."""
