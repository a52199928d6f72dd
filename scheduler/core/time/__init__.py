"""Days, months, terms, working days and weeks; the two conversions between days and instants."""
