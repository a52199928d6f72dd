"""Commands that send, hold back and let go, and what reached people."""
