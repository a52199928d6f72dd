"""Contracts, people, pipelines and deals, as rules may read them. Values only."""
