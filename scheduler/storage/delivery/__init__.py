"""The queries of messages on their way."""
