"""Contracts, people, pipelines, and a deal as a rule may read it. Values only."""
