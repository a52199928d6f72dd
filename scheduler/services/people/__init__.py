"""The people: who is meant, who is away, who is who on Slack."""
