"""The queries of answers and of the pages and lists on which they are given."""
