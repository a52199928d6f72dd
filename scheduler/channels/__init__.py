"""Ways out: each channel hands one message to somebody else and says what became of it."""
