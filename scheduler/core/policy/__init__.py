"""The policy that an admin writes: its milestones, how insistent it is, and the days it gives a
deal."""
