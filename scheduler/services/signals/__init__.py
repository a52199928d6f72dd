"""Signals that come in: from files and by hand; what is known of a contract."""
