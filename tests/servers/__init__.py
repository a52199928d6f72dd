"""Servers on loopback that speak the protocols of the world outside, and misbehave on request."""
