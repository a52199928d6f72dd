"""The queries of answers, and of the pages and lists where people give them."""
