"""How a machine does: whether its clock is to be believed, whether its daemon is healthy, what a
look at an installation finds."""
