"""Commands that keep this program in step with another."""
