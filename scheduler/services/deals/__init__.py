"""Deals: swept, listed, explained, paused, reported on."""
