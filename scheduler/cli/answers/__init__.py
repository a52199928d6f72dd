"""Commands for what people say about a renewal."""
