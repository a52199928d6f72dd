"""The queries of imports and edits."""
