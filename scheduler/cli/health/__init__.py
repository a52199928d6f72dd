"""Commands about health."""
