"""How a customer does, from facts: signals, what is measured of them, the state that follows, and
when it would change by ageing alone."""
