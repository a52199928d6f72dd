"""The policy that an admin writes: milestones, how insistent it is, and the days that follow from
it for a deal."""
