"""The queries of policy versions and plans."""
