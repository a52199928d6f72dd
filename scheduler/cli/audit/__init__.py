"""Commands that say whether all is well, and keep copies."""
