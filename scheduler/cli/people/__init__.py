"""Commands about colleagues: who they are, who is away, where they hear."""
