"""Digests and the letters about handed-over deals."""
