"""Days, months, terms, working days and weeks; the two crossings between days and instants."""
