"""The queries of digests."""
