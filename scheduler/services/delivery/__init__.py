"""Messages: formed, sent, settled after a doubt, refreshed, held back and let go."""
