"""A message on its way: its states, its outcomes, what a failure is about, how a channel does, how
a long text is laid out."""
