"""What comes in: files of contracts and people, edits by hand, and undoing either."""
