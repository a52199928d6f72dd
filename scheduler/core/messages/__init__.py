"""A message on its way: its states and outcomes, what a failure is about, the condition of a
channel, and the layout of a long text."""
