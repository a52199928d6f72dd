"""The state of a machine: whether its clock can be trusted, whether its daemon is healthy, and what
a check of an installation finds."""
