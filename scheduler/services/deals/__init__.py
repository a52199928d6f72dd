"""Deals: swept, listed, explained, paused."""
