"""What a typed text or a row of a file says, and which contract and term it means."""
