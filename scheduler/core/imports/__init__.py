"""What a typed text or a file's row means, and which contract and term it is about."""
