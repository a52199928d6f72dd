"""What people are told: the facts of nudges and digests, what comes next and why, what each number
counts."""
