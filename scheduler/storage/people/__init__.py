"""The queries of people."""
